// SPDX-License-Identifier: EUPL-1.2
// For tests alone: a client as Doubts sees it, of one room.
import { EventEmitter } from 'node:events';
import {
  ClientEvent,
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
} from 'matrix-js-sdk';
import { EventShieldReason } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { vi } from 'vitest';
import { Doubts } from './doubts.ts';
import { EncryptedRooms } from './encrypted.ts';

export const ME = '@camille:example.org';
export const ALIX = '@alix:example.org';
export const PAUL = '@paul:example.org';

interface Parts {
  id?: string;
  sender?: string;
  ciphertext?: string;
  encrypted?: boolean;
  session?: string;
  status?: EventStatus | null;
  state?: boolean;
  redacted?: boolean;
  edit?: MatrixEvent;
}

let count = 0;

export function eventOf({ encrypted = true, session = 's', edit, ...more }: Parts = {}): MatrixEvent {
  const { id = `$${count++}`, ciphertext } = more;
  return {
    getId: () => id,
    getRoomId: () => '!r',
    status: more.status ?? null,
    getSender: () => more.sender ?? ALIX,
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
export function scene(
  reasons: (EventShieldReason | null)[],
  room: {
    encrypted?: boolean;
    learnt?: boolean;
    known?: boolean;
    vault?: Map<string, unknown>;
    broken?: boolean;
  } = {},
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
  const client = Object.assign(new EventEmitter(), {
    getCrypto: () => crypto,
    getRoom: () => sdkRoom,
    getSafeUserId: () => ME,
  });
  const sdk = client as unknown as MatrixClient;
  const own = { isKnown: vi.fn(async () => known) };
  const doubts = new Doubts({
    client: sdk,
    rooms: new EncryptedRooms(sdk),
    own,
    vault: {
      read: async <T>(name: string) => {
        if (room.broken) throw new Error('closed');
        return vault.get(name) as T | undefined;
      },
      write: async (name, value) => void vault.set(name, value),
    },
  });
  const told = vi.fn();
  doubts.onChange(told);
  /** They come in a sync, `more` of their room with them. */
  const news = (events: readonly MatrixEvent[], more: object = {}) => {
    const timeline = events.map((event) => ({ type: 'm.room.encrypted', event_id: event.getId() }));
    return doubts.take({ rooms: { join: { '!r': { timeline: { events: timeline }, ...more } } } } as never);
  };
  /** Comes in a sync, and can be read. */
  const come = async (event: MatrixEvent, more?: object) => {
    await news([event], more);
    client.emit(MatrixEventEvent.Decrypted, event);
    await doubts.settle(sdkRoom, []);
    return event;
  };
  const sync = async (answer: object = {}) => {
    await doubts.take(answer);
    client.emit(ClientEvent.Sync, 'SYNCING', null);
  };
  const enter = (how: string) => {
    membership = how;
  };
  return { client, crypto, doubts, told, room: sdkRoom, own, news, come, sync, enter, vault, reasons };
}

export const settled = () => new Promise((resolve) => setTimeout(resolve));
