// SPDX-License-Identifier: EUPL-1.2
import 'fake-indexeddb/auto';
import { EventEmitter } from 'node:events';
import {
  ClientEvent,
  ConnectionError,
  type MatrixClient,
  MatrixError,
  MatrixEvent,
  SyncState,
} from 'matrix-js-sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { MemoryVault } from '../vault.ts';
import { SdkSearch } from './searching.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** What the clock of the page says goes by while one waits; what takes real time has some. */
async function untilThat(isSo: () => boolean): Promise<void> {
  const real = setTimeout;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  for (let i = 0; i < 5000 && !isSo(); i++) {
    await new Promise((resolve) => real(resolve, 1));
    await vi.advanceTimersByTimeAsync(500);
  }
  vi.useRealTimers();
}

const room = (roomId: string) => ({
  roomId,
  getMyMembership: () => 'join',
  getLiveTimeline: () => ({ getEvents: () => [] }),
  currentState: { setUnknownStateEvents: () => {} },
});

test('a room whose pages are refused for good holds up no other, and is asked ever more rarely', async () => {
  const asked: string[] = [];
  const rooms = ['!bad', '!good', '!better'].map(room);
  const client = Object.assign(new EventEmitter(), {
    getRooms: () => rooms,
    getRoom: (id: string) => rooms.find(({ roomId }) => roomId === id),
    getEventMapper: () => (raw: object) => new MatrixEvent(raw),
    decryptEventIfNeeded: async () => {},
    createMessagesRequest: async (roomId: string) => {
      asked.push(roomId);
      if (roomId === '!bad') throw new MatrixError({ errcode: 'M_UNKNOWN' }, 500);
      return { chunk: [], state: [] };
    },
  }) as unknown as MatrixClient;
  const search = new SdkSearch(client, new MemoryVault());
  const begun = search.begin();
  await untilThat(() => asked.filter((id) => id === '!bad').length === 3);
  await begun;
  search.stop();
  expect(asked).toEqual(['!bad', '!good', '!better', '!bad', '!bad']);
});

test('a network that is gone makes no room wait longer each time, and its return begins at once', async () => {
  const asked: string[] = [];
  let offline = true;
  const rooms = ['!one', '!two'].map(room);
  const client = Object.assign(new EventEmitter(), {
    getRooms: () => rooms,
    getRoom: (id: string) => rooms.find(({ roomId }) => roomId === id),
    getEventMapper: () => (raw: object) => new MatrixEvent(raw),
    decryptEventIfNeeded: async () => {},
    createMessagesRequest: async (roomId: string) => {
      asked.push(roomId);
      if (offline) throw new ConnectionError('gone');
      return { chunk: [], state: [] };
    },
  });
  const search = new SdkSearch(client as unknown as MatrixClient, new MemoryVault());
  const begun = search.begin();
  await untilThat(() => asked.filter((id) => id === '!one').length === 12);
  await begun;
  expect(asked.filter((id) => id === '!one')).toHaveLength(12);
  // The page's clock stands still from here on: nothing but the connection wakes it.
  offline = false;
  const before = asked.length;
  client.emit(ClientEvent.Sync, SyncState.Syncing, SyncState.Reconnecting);
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before), { timeout: 10_000 });
  search.stop();
});
