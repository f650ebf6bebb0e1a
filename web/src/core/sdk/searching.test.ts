// SPDX-License-Identifier: EUPL-1.2
import 'fake-indexeddb/auto';
import { EventEmitter } from 'node:events';
import { type MatrixClient, MatrixError, MatrixEvent } from 'matrix-js-sdk';
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
