// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import {
  ClientEvent,
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
  RoomEvent,
} from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { EventShieldReason } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { expect, test, vi } from 'vitest';
import { Doubts } from './doubts.ts';
import { EncryptedRooms } from './encrypted.ts';

const ALIX = '@alix:example.org';

interface Parts {
  id?: string;
  ciphertext?: string;
  encrypted?: boolean;
  session?: string;
  status?: EventStatus | null;
  state?: boolean;
  redacted?: boolean;
  edit?: MatrixEvent;
}

let count = 0;

function eventOf({ encrypted = true, session = 's', edit, ...more }: Parts = {}): MatrixEvent {
  const { id = `$${count++}`, ciphertext } = more;
  return {
    getId: () => id,
    getRoomId: () => '!r',
    status: more.status ?? null,
    getSender: () => ALIX,
    isState: () => more.state === true,
    isRedacted: () => more.redacted === true,
    isEncrypted: () => encrypted,
    isDecryptionFailure: () => false,
    getClearContent: () => (encrypted ? {} : null),
    getWireContent: () => ({ session_id: session, ciphertext }),
    replacingEvent: () => edit ?? null,
  } as unknown as MatrixEvent;
}

/** `reasons`: what the cryptography says, one after the other; the last for ever. */
function scene(
  reasons: (EventShieldReason | null)[],
  room: { encrypted?: boolean; learnt?: boolean; known?: boolean; vault?: Map<string, unknown> } = {},
) {
  const { known = true, vault = new Map<string, unknown>() } = room;
  const getEncryptionInfoForEvent = vi.fn(async () => ({
    shieldColour: 0,
    shieldReason: (reasons.length > 1 ? reasons.shift() : reasons[0]) ?? null,
  }));
  const crypto = {
    getEncryptionInfoForEvent,
    getUserDeviceInfo: vi.fn(async () => new Map()),
    isEncryptionEnabledInRoom: async () => room.learnt === true,
  };
  const sdkRoom = {
    roomId: '!r',
    hasEncryptionStateEvent: () => room.encrypted ?? true,
    getMyMembership: () => membership,
  } as unknown as Room;
  let membership = 'join';
  const client = Object.assign(new EventEmitter(), { getCrypto: () => crypto, getRoom: () => sdkRoom });
  const sdk = client as unknown as MatrixClient;
  const doubts = new Doubts({
    client: sdk,
    rooms: new EncryptedRooms(sdk),
    own: { isKnown: async () => known },
    vault: {
      read: async <T>(name: string) => vault.get(name) as T | undefined,
      write: async (name, value) => void vault.set(name, value),
    },
  });
  const told = vi.fn();
  doubts.onChange(told);
  /** Comes in a sync, and can be read. */
  const come = async (event: MatrixEvent, live = true) => {
    client.emit(RoomEvent.Timeline, event, sdkRoom, false, false, { liveEvent: live });
    await settled();
    client.emit(MatrixEventEvent.Decrypted, event);
    await doubts.settle(sdkRoom, []);
    return event;
  };
  const sync = () => client.emit(ClientEvent.Sync, 'SYNCING', null);
  const enter = (how: string) => {
    membership = how;
  };
  return { client, crypto, doubts, told, room: sdkRoom, come, sync, enter, vault };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('in an encrypted room what came in clear is doubted, at once and without asking', () => {
  const { doubts, room, crypto } = scene([null]);
  expect(doubts.of(room, eventOf({ encrypted: false }))).toBe('clear');
  expect(doubts.of(room, eventOf({ encrypted: false, status: EventStatus.SENDING }))).toBeUndefined();
  expect(doubts.of(room, eventOf({ encrypted: false, state: true }))).toBeUndefined();
  expect(doubts.of(room, eventOf({ encrypted: false, redacted: true }))).toBeUndefined();
  expect(crypto.getEncryptionInfoForEvent).not.toHaveBeenCalled();
});

test('a room that is not encrypted doubts nothing, unless this device has learnt that it was', async () => {
  const open = scene([null], { encrypted: false });
  await open.doubts.settle(open.room, [eventOf({ encrypted: false })]);
  expect(open.doubts.of(open.room, eventOf({ encrypted: false }))).toBeUndefined();
  const stripped = scene([null], { encrypted: false, learnt: true });
  await stripped.doubts.settle(stripped.room, [eventOf({ encrypted: false })]);
  expect(stripped.doubts.of(stripped.room, eventOf({ encrypted: false }))).toBe('clear');
});

test('an edit in clear of an encrypted message is one', async () => {
  const { doubts, room } = scene([null]);
  const edited = eventOf({ edit: eventOf({ encrypted: false }) });
  await doubts.settle(room, [edited]);
  expect(doubts.of(room, edited)).toBe('clear');
});

test('what came with one key is asked for once, and told once', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  const events = [1, 2, 3].map(() => eventOf());
  for (const event of events) expect(doubts.of(room, event)).toBeUndefined();
  await doubts.settle(room, [events[0]!]);
  for (const event of events) expect(doubts.of(room, event)).toBe('device');
  expect(told).toHaveBeenCalledOnce();
  // A doubt is looked at twice.
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(2);
  await doubts.settle(room, [eventOf({ session: 'other' })]);
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(4);
});

test('a device that is not known yet is waited for before it is doubted', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNKNOWN_DEVICE, null]);
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBeUndefined();
  expect(crypto.getUserDeviceInfo).toHaveBeenCalledWith([ALIX]);
  expect(told).not.toHaveBeenCalled();
});

test.each([EventShieldReason.AUTHENTICITY_NOT_GUARANTEED, EventShieldReason.UNVERIFIED_IDENTITY, null])(
  'reason %s, of every message from the backup or of people one has not compared with, is no doubt',
  async (reason) => {
    const { doubts, room } = scene([reason]);
    await doubts.settle(room, [eventOf()]);
    expect(doubts.of(room, eventOf())).toBeUndefined();
  },
);

test.each([EventShieldReason.UNKNOWN_DEVICE, EventShieldReason.MISMATCHED_SENDER])(
  'reason %s: nothing says who has written it',
  async (reason) => {
    const { doubts, room } = scene([reason]);
    await doubts.settle(room, [eventOf()]);
    expect(doubts.of(room, eventOf())).toBe('author');
  },
);

test('a doubt stands until its answer is another, which is asked for once its sender’s devices change', async () => {
  const { UNSIGNED_DEVICE } = EventShieldReason;
  const { client, doubts, room, crypto, told } = scene([UNSIGNED_DEVICE, UNSIGNED_DEVICE, null]);
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBe('device');
  client.emit(CryptoEvent.DevicesUpdated, ['@paul:example.org']);
  expect(told).toHaveBeenCalledTimes(1);
  client.emit(CryptoEvent.DevicesUpdated, [ALIX]);
  expect(told).toHaveBeenCalledTimes(2);
  expect(doubts.of(room, eventOf())).toBe('device');
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBeUndefined();
  expect(told).toHaveBeenCalledTimes(3);
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(3);
});

test('a message that is deleted while it is asked about clears none of those that came with its key', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  const deleted = { ...eventOf(), isRedacted: () => gone } as MatrixEvent;
  let gone = false;
  crypto.getUserDeviceInfo.mockImplementationOnce(async () => {
    gone = true;
    crypto.getEncryptionInfoForEvent.mockResolvedValueOnce(null as never);
    return new Map();
  });
  await doubts.settle(room, [deleted]);
  expect(doubts.of(room, eventOf())).toBe('device');
  expect(told).toHaveBeenCalled();
  // It was no answer: the next one is asked about, and what is said of it holds.
  await doubts.settle(room, [eventOf()]);
  expect(crypto.getEncryptionInfoForEvent).toHaveBeenCalledTimes(4);
  expect(doubts.of(room, eventOf())).toBe('device');
});

test('one that is deleted before it could be asked about leaves the question to the others', async () => {
  const { doubts, room, crypto, told } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  let gone = false;
  const deleted = { ...eventOf(), isRedacted: () => gone } as MatrixEvent;
  crypto.getEncryptionInfoForEvent.mockImplementationOnce(async () => {
    gone = true;
    return null as never;
  });
  const other = eventOf();
  expect(doubts.of(room, deleted)).toBeUndefined();
  await doubts.settle(room, [other]);
  // Those that stand on the screen are looked at again.
  expect(told).toHaveBeenCalledOnce();
  await doubts.settle(room, [other]);
  expect(doubts.of(room, other)).toBe('device');
});

test('what could not be answered is asked for again', async () => {
  const { doubts, room, crypto } = scene([EventShieldReason.UNSIGNED_DEVICE]);
  crypto.getEncryptionInfoForEvent.mockRejectedValueOnce(new Error('busy'));
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBeUndefined();
  await doubts.settle(room, [eventOf()]);
  expect(doubts.of(room, eventOf())).toBe('device');
});

const { AUTHENTICITY_NOT_GUARANTEED } = EventShieldReason;

test('what comes while this device looks on and needs the backup to be read has no author', async () => {
  const { doubts, room, come, sync, told } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  sync();
  const message = await come(eventOf());
  expect(told).toHaveBeenCalled();
  expect(doubts.of(room, message)).toBe('author');
  // Of the same key, what is fetched from before is none that should have come with it.
  expect(doubts.of(room, eventOf())).toBeUndefined();
});

test.each([
  ['in the first sync', {}, false, 'join', true],
  ['by which one comes into the room', {}, true, 'invite', true],
  ['from what the last visit left', {}, true, 'join', false],
  ['before others know that this device is confirmed', { known: false }, true, 'join', true],
] as const)('what comes %s may need the backup', async (_, parts, synced, membership, live) => {
  const { doubts, room, come, sync, enter } = scene([AUTHENTICITY_NOT_GUARANTEED], parts);
  if (synced) sync();
  enter(membership);
  const message = await come(eventOf(), live);
  await doubts.settle(room, [message]);
  expect(doubts.of(room, message)).toBeUndefined();
});

test('a key that was on its way takes the doubt away', async () => {
  const { doubts, room, come, sync, told } = scene([AUTHENTICITY_NOT_GUARANTEED, null]);
  sync();
  const message = await come(eventOf());
  expect(doubts.of(room, message)).toBe('author');
  told.mockClear();
  sync();
  expect(told).toHaveBeenCalledOnce();
  await doubts.settle(room, [message]);
  expect(doubts.of(room, message)).toBeUndefined();
  expect(told).toHaveBeenCalledTimes(2);
});

test('one that never comes is not asked for without end, and the doubt is there at the next visit', async () => {
  const { doubts, room, come, sync, told, vault } = scene([AUTHENTICITY_NOT_GUARANTEED]);
  sync();
  const message = await come(eventOf());
  for (let i = 0; i < 50; i++) {
    sync();
    await doubts.settle(room, [message]);
  }
  expect(doubts.of(room, message)).toBe('author');
  expect(told.mock.calls.length).toBeLessThan(30);
  const later = scene([AUTHENTICITY_NOT_GUARANTEED], { vault });
  await later.doubts.settle(later.room, [message]);
  expect(later.doubts.of(later.room, message)).toBe('author');
});

/** As a message of that number begins. */
const ciphertextOf = (...number: number[]) =>
  btoa(String.fromCharCode(3, 8, ...number, 18, 32, 1, 2, 3, 4, 5));

test('what was written once and comes under two names is told of both', async () => {
  const { doubts, room, told } = scene([null]);
  const first = eventOf({ ciphertext: ciphertextOf(200, 1) });
  const other = eventOf({ ciphertext: ciphertextOf(72) });
  const elsewhere = eventOf({ ciphertext: ciphertextOf(200, 1), session: 'other' });
  await doubts.settle(room, [first, other, elsewhere]);
  for (const event of [first, other, elsewhere, first]) expect(doubts.of(room, event)).toBeUndefined();
  const again = eventOf({ ciphertext: ciphertextOf(200, 1) });
  expect(doubts.of(room, again)).toBe('twice');
  expect(doubts.of(room, first)).toBe('twice');
  expect(doubts.of(room, other)).toBeUndefined();
  await settled();
  expect(told).toHaveBeenCalledOnce();
});

test.each(['', '!', btoa('\u0003'), btoa('\u0004\u0008\u0001'), btoa(`\u0003\u0008${'\u00ff'.repeat(10)}`)])(
  'a message of no number (%j) is like none',
  async (ciphertext) => {
    const { doubts, room } = scene([null]);
    const events = [eventOf({ ciphertext }), eventOf({ ciphertext })];
    await doubts.settle(room, events);
    for (const event of events) expect(doubts.of(room, event)).toBeUndefined();
  },
);
