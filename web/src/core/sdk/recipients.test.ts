// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import { LocalTrust } from '@matrix-org/matrix-sdk-crypto-wasm';
import { ConnectionError, type MatrixClient, MatrixError, MatrixEvent, type Room } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { type DeviceIsolationMode, DeviceIsolationModeKind } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { expect, test, vi } from 'vitest';
import { heldBy, Recipients } from './recipients.ts';

const ME = '@camille:x';
const ALIX = '@alix:x';
const ROBOT = '@robot:x';

interface Devices {
  devices: string[];
  /** Is not who they were, and nobody has said that it is well. */
  changed?: boolean;
  /** Of them, those that their owner has confirmed. */
  signed?: string[];
  identity?: boolean;
}

/** A cryptography that says with which way of sharing each message was encrypted. */
function scene(people: Record<string, Devices>, standing: 'new' | 'confirmed' | 'lost' = 'confirmed') {
  const own = { standing: async () => standing };
  let mode: DeviceIsolationMode | undefined;
  const shared: [string, string][] = [];
  /** By device: which get the key where it goes to those that are marked. */
  const marks = new Map<string, LocalTrust>();
  const deviceOf = (userId: string, deviceId: string) => ({
    get localTrustState() {
      return marks.get(deviceId) ?? LocalTrust.Unset;
    },
    setLocalTrust: async (trust: LocalTrust) => void marks.set(deviceId, trust),
    isCrossSignedByOwner: () => people[userId]?.signed?.includes(deviceId) === true,
    free: () => {},
  });
  const getUserDevices = vi.fn(async (...[user]: [{ toString(): string }, number]) => ({
    devices: () => people[String(user)]?.devices.map((id) => deviceOf(String(user), id)) ?? [],
    free: () => {},
  }));
  const getUserDeviceInfo = vi.fn(
    async (...[ids]: [string[], boolean]) =>
      new Map(
        ids.map((id) => [
          id,
          new Map((people[id]?.devices ?? []).map((deviceId) => [deviceId, { deviceId, dehydrated: false }])),
        ]),
      ),
  );
  /** What the server answers when it is asked who people are. */
  const answer = vi.fn(async (...[_ids]: [string[]]): Promise<void> => {});
  const olmMachine = {
    getUserDevices,
    queryKeysForUsers: (users: { toString(): string }[]) => ({ id: '1', type: 1, body: users.map(String) }),
    markRequestAsSent: async () => true,
  };
  /** While keys are on their way. */
  const during = vi.fn(async () => {});
  const crypto = {
    globalBlacklistUnverifiedDevices: false,
    olmMachine,
    processSyncChanges: vi.fn(async () => {}),
    forceDiscardSession: vi.fn(async () => {}),
    setDeviceIsolationMode: (next: DeviceIsolationMode) => {
      mode = next;
    },
    getDeviceVerificationStatus: async (userId: string, deviceId: string) => ({
      signedByOwner: people[userId]?.signed?.includes(deviceId) === true,
    }),
    getUserVerificationStatus: async (userId: string) => ({
      needsUserApproval: people[userId]?.changed === true,
    }),
    userHasCrossSigningKeys: async (userId: string) => people[userId]?.identity === true,
    getUserDeviceInfo,
    encryptEvent: async (...[event]: [MatrixEvent, Room]) => {
      const confirmed = mode?.kind === DeviceIsolationModeKind.OnlySignedDevicesIsolationMode;
      const to = confirmed ? 'confirmed' : crypto.globalBlacklistUnverifiedDevices ? 'marked' : 'all';
      shared.push([String(event.getContent().body), to]);
      await during();
      event.makeEncrypted('m.room.encrypted', { ciphertext: '…' }, 'curve', 'ed');
    },
  };
  const http = {
    authedRequest: async (..._: [string, string, undefined, string[]]) => {
      await answer(_[3]);
      return '{}';
    },
  };
  const client = Object.assign(new EventEmitter(), {
    getCrypto: () => crypto,
    getSafeUserId: () => ME,
    http,
  });
  Recipients.choose(client as unknown as MatrixClient, own);
  /** The type of what would go to the server. */
  const sendIn = async (room: Room, word: string): Promise<string> => {
    const event = eventOf(word);
    await crypto.encryptEvent.call(crypto, event, room);
    return event.getWireType();
  };
  const send = (word: string, ...members: string[]) => sendIn(roomOf(...members), word);
  const marked = () => [...marks].flatMap(([id, trust]) => (trust === LocalTrust.Ignored ? [id] : []));
  return {
    answer,
    during,
    client,
    crypto,
    marked,
    getUserDevices,
    own,
    people,
    shared,
    send,
    sendIn,
    getUserDeviceInfo,
    reading: () => mode?.kind,
  };
}

const eventOf = (body: string) => new MatrixEvent({ type: 'm.room.message', content: { body } });

const roomOf = (...members: string[]) =>
  ({
    roomId: '!a',
    getEncryptionTargetMembers: async () => [ME, ...members].map(joined),
  }) as unknown as Room;

const joined = (userId: string) => ({ userId, membership: 'join' });

const confirms = (...signed: string[]): Devices => ({
  devices: [...signed, 'ROGUE'],
  signed,
  identity: true,
});
const HERE = { [ME]: confirms('HERE') };

test('a key goes to confirmed devices alone; what is read goes by no such rule', async () => {
  const { send, shared, reading } = scene({ ...HERE, [ALIX]: confirms('A') });
  await send('un', ALIX);
  expect(shared).toEqual([['un', 'confirmed']]);
  expect(reading()).toBe(DeviceIsolationModeKind.AllDevicesIsolationMode);
});

test('where somebody’s client knows no confirming, theirs get it too, and all devices of nobody else', async () => {
  const { client, crypto, people, marked, send, shared, getUserDeviceInfo } = scene({
    ...HERE,
    [ALIX]: confirms('A'),
    [ROBOT]: { devices: ['R'] },
  });
  await send('un', ALIX, ROBOT);
  await send('deux', ALIX);
  await send('trois', ALIX, ROBOT);
  expect(marked()).toEqual(['HERE', 'A', 'R']);
  expect(crypto.globalBlacklistUnverifiedDevices).toBe(false);
  people[ROBOT] = confirms('R');
  client.emit(CryptoEvent.DevicesUpdated, [ROBOT]);
  await send('quatre', ALIX, ROBOT);
  expect(shared.map(([, to]) => to)).toEqual(['marked', 'confirmed', 'marked', 'confirmed']);
  // Nobody is asked about twice for nothing.
  expect(getUserDeviceInfo.mock.calls.map(([ids]) => ids)).toEqual([[ME, ALIX, ROBOT], [ROBOT]]);
});

test('whoever has an identity and no confirmed device gets none; who has no device is no reason', async () => {
  const { send, shared } = scene({
    ...HERE,
    [ALIX]: { devices: ['ROGUE'], identity: true },
    '@nobody:x': { devices: [] },
  });
  await send('un', ALIX, '@nobody:x');
  expect(shared).toEqual([['un', 'confirmed']]);
});

test('a device that is not confirmed yet writes to all', async () => {
  const { send, shared } = scene({ ...HERE, [ALIX]: confirms('A') }, 'new');
  await send('un', ALIX);
  expect(shared).toEqual([['un', 'all']]);
});

test('a device that was confirmed and is no more writes to nobody, until it is again', async () => {
  const { own, send, shared } = scene({ ...HERE, [ALIX]: confirms('A') });
  await send('un', ALIX);
  own.standing = async () => 'lost';
  const refused = await send('deux', ALIX).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'IDENTITY_REPLACED' });
  expect(heldBy(refused)).toBe('self');
  own.standing = async () => 'confirmed';
  await send('trois', ALIX);
  expect(shared).toEqual([
    ['un', 'confirmed'],
    ['trois', 'confirmed'],
  ]);
});

test.each(['new', 'confirmed'] as const)(
  'among few, a message waits while somebody is not who they were (this device: %s)',
  async (standing) => {
    const { people, send, shared } = scene(
      { ...HERE, [ALIX]: confirms('A'), [ROBOT]: { devices: ['R'] } },
      standing,
    );
    people[ALIX]!.changed = true;
    for (const others of [[], [ROBOT]]) {
      const refused = await send('un', ALIX, ...others).catch((error: unknown) => error);
      expect(heldBy(refused)).toBe('people');
    }
    // Elsewhere, and among many, it leaves.
    await send('deux', ROBOT);
    await send('trois', ALIX, ...Array.from({ length: 30 }, (_, i) => `@u${i}:x`));
    people[ALIX]!.changed = false;
    await send('quatre', ALIX);
    expect(shared.map(([word]) => word)).toEqual(['deux', 'trois', 'quatre']);
  },
);

test('a device that is new, confirmed, or confirmed no more is marked so with the next message', async () => {
  const { client, people, marked, send, getUserDevices } = scene({
    ...HERE,
    [ALIX]: confirms('A'),
    [ROBOT]: { devices: ['R'] },
  });
  await send('un', ALIX, ROBOT);
  const asked = getUserDevices.mock.calls.length;
  await send('deux', ALIX, ROBOT);
  expect(getUserDevices).toHaveBeenCalledTimes(asked);
  people[ROBOT] = { devices: ['R', 'R2'] };
  people[ALIX] = confirms('A2');
  people[ALIX].devices.push('A');
  client.emit(CryptoEvent.DevicesUpdated, [ROBOT, ALIX]);
  await send('trois', ALIX, ROBOT);
  expect(marked().toSorted()).toEqual(['A2', 'HERE', 'R', 'R2']);
});

test('where devices cannot be marked, or are too many, a robot reads all the same', async () => {
  const { send, shared, getUserDevices } = scene({ ...HERE, [ROBOT]: { devices: ['R'] } });
  getUserDevices.mockRejectedValueOnce(new Error('busy'));
  await send('un', ROBOT);
  await send('deux', ROBOT, ...Array.from({ length: 100 }, (_, i) => `@u${i}:x`));
  await send('trois', ROBOT);
  expect(shared.map(([, to]) => to)).toEqual(['all', 'all', 'marked']);
});

test('in a very large room nobody is asked', async () => {
  const { send, shared, getUserDeviceInfo } = scene({ ...HERE, [ROBOT]: { devices: ['R'] } });
  const many = Array.from({ length: 1000 }, (_, i) => `@u${i}:x`);
  await send('un', ROBOT);
  await send('deux', ...many);
  expect(shared).toEqual([
    ['un', 'marked'],
    ['deux', 'confirmed'],
  ]);
  expect(getUserDeviceInfo).toHaveBeenCalledTimes(1);
});

test('in a room the order of what is written stays; a room whose people are not known yet holds no other', async () => {
  const { shared, sendIn } = scene({ ...HERE, [ALIX]: confirms('A') });
  const members = Promise.withResolvers<{ userId: string }[]>();
  const slow = { getEncryptionTargetMembers: () => members.promise } as unknown as Room;
  const first = sendIn(slow, 'un');
  const second = sendIn(slow, 'deux');
  await sendIn(roomOf(ALIX), 'trois');
  expect(shared.map(([word]) => word)).toEqual(['trois']);
  members.resolve([joined(ME)]);
  await Promise.all([first, second]);
  expect(shared.map(([word]) => word)).toEqual(['trois', 'un', 'deux']);
});

test('what changes of somebody while they are asked about is not missed', async () => {
  const { client, people, send, shared, getUserDeviceInfo } = scene({ ...HERE, [ALIX]: { devices: ['A'] } });
  getUserDeviceInfo.mockImplementationOnce(async () => {
    const seen = new Map([[ALIX, new Map([['A', { deviceId: 'A', dehydrated: false }]])]]);
    // Their first device is confirmed a moment later, and that is told before the question is answered.
    client.emit(CryptoEvent.DevicesUpdated, [ALIX]);
    return seen;
  });
  await send('un', ALIX);
  people[ALIX] = confirms('A');
  await send('deux', ALIX);
  expect(shared).toEqual([
    ['un', 'marked'],
    ['deux', 'confirmed'],
  ]);
});

/** The server says that somebody's keys have changed. */
const told = (crypto: { processSyncChanges: (changes: object) => unknown }, ...changed: string[]) =>
  crypto.processSyncChanges({ deviceLists: { changed } });

test('a change that the server has told of is asked for before anything is encrypted', async () => {
  const { answer, crypto, people, send, shared } = scene({ ...HERE, [ALIX]: confirms('A') });
  expect(await send('un', ALIX)).toBe('m.room.encrypted');
  await send('deux', ALIX);
  // Once, as long as nothing is said to have changed.
  expect(answer.mock.calls).toEqual([[[ME, ALIX]]]);
  answer.mockImplementation(async () => {
    people[ALIX]!.changed = true;
  });
  await told(crypto, ALIX);
  const refused = await send('trois', ALIX).catch((error: unknown) => error);
  expect(heldBy(refused)).toBe('people');
  expect(answer.mock.calls[1]).toEqual([[ALIX]]);
  expect(shared.map(([word]) => word)).toEqual(['un', 'deux']);
});

test('a change while a message is encrypted stops it before it leaves, and its key is used for nothing more', async () => {
  const { crypto, during, people, sendIn } = scene({ ...HERE, [ALIX]: confirms('A') });
  const event = eventOf('un');
  during.mockImplementationOnce(async () => {
    people[ALIX]!.changed = true;
  });
  const sending = crypto.encryptEvent.call(crypto, event, roomOf(ALIX)).catch((error: unknown) => error);
  expect(heldBy(await sending)).toBe('people');
  expect(crypto.forceDiscardSession).toHaveBeenCalledWith('!a');
  // As it is not encrypted, it is when it is sent again.
  expect(event.getWireType()).toBe('m.room.message');
  people[ALIX]!.changed = false;
  expect(await sendIn(roomOf(ALIX), 'deux')).toBe('m.room.encrypted');
});

test('who changes while a message is encrypted, and changes back, gets nothing to read with the key', async () => {
  const { client, crypto, during, send } = scene({ ...HERE, [ALIX]: confirms('A') });
  during.mockImplementationOnce(async () => {
    client.emit(CryptoEvent.UserTrustStatusChanged, ALIX, { needsUserApproval: true });
    client.emit(CryptoEvent.UserTrustStatusChanged, ALIX, { needsUserApproval: false });
  });
  await expect(send('un', ALIX)).rejects.toMatchObject({ code: 'OFFLINE' });
  expect(crypto.forceDiscardSession).toHaveBeenCalledWith('!a');
  expect(await send('deux', ALIX)).toBe('m.room.encrypted');
  expect(crypto.forceDiscardSession).toHaveBeenCalledOnce();
});

test.each([
  ['no network', new ConnectionError('gone')],
  ['a server that fails', new MatrixError({ errcode: 'M_UNKNOWN' }, 500)],
])('while nobody says who the people of a room are, nothing leaves: %s', async (_, error) => {
  const { answer, send, sendIn, shared } = scene({ ...HERE, [ALIX]: confirms('A') });
  answer.mockRejectedValueOnce(error);
  await expect(send('un', ALIX)).rejects.toMatchObject({ code: 'OFFLINE' });
  const silent = { getEncryptionTargetMembers: () => Promise.reject(error) } as unknown as Room;
  await expect(sendIn(silent, 'deux')).rejects.toMatchObject({ code: 'OFFLINE' });
  expect(shared).toEqual([]);
  await send('trois', ALIX);
  expect(shared).toHaveLength(1);
});

test('what this device cannot read of its own lets nothing leave, and says so', async () => {
  const { own, crypto, send, shared } = scene({ ...HERE, [ALIX]: confirms('A') });
  own.standing = () => Promise.reject(new Error('broken'));
  await expect(send('un', ALIX)).rejects.toMatchObject({ code: 'STORAGE' });
  own.standing = async () => 'confirmed';
  const status = vi.spyOn(crypto, 'getUserVerificationStatus').mockRejectedValueOnce(new Error('broken'));
  await expect(send('deux', ALIX)).rejects.toMatchObject({ code: 'STORAGE' });
  expect(shared).toEqual([]);
  status.mockRestore();
});

test('inviting many ends no waiting', async () => {
  const { people, sendIn, shared } = scene({ ...HERE, [ALIX]: confirms('A') });
  people[ALIX]!.changed = true;
  const guests = Array.from({ length: 30 }, (_, i) => ({ userId: `@u${i}:x`, membership: 'invite' }));
  const room = {
    roomId: '!a',
    getEncryptionTargetMembers: async () => [joined(ME), joined(ALIX), ...guests],
  } as unknown as Room;
  expect(heldBy(await sendIn(room, 'un').catch((error: unknown) => error))).toBe('people');
  expect(shared).toEqual([]);
});

test('a server that is slow about everybody’s devices is waited for once', async () => {
  const { send, shared, getUserDevices } = scene({
    ...HERE,
    [ALIX]: confirms('A'),
    [ROBOT]: { devices: ['R'] },
  });
  const answer = Promise.withResolvers<void>();
  const at = getUserDevices.getMockImplementation()!;
  getUserDevices.mockImplementation(async (...asked) => {
    await answer.promise;
    return at(...asked);
  });
  const sending = send('un', ALIX, ROBOT);
  await vi.waitFor(() => expect(getUserDevices).toHaveBeenCalledTimes(3));
  answer.resolve();
  await sending;
  expect(shared).toEqual([['un', 'marked']]);
});
