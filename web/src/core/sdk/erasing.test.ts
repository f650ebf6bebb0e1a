// SPDX-License-Identifier: EUPL-1.2
import type { MatrixClient } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { Erasing } from './erasing.ts';
import type { Configuration } from './retention.ts';

const NOW = 1_000_000;
const DAYS: Configuration = { policies: {}, limits: { max_lifetime: { min: 0, max: null } } };

/** `said`: what the room says; `oldest`: of the index; `first`: the oldest that the server has. */
function scene(
  configuration: Configuration,
  { said, oldest, first }: { said?: object; oldest?: number; first?: number },
) {
  const asked: string[] = [];
  const dropBefore = vi.fn(async () => {});
  const state = said && { getContent: () => said };
  const client = {
    getRoom: () => ({ currentState: { getStateEvents: () => state ?? null } }),
    http: {
      authedRequest: async (_: string, path: string) => {
        asked.push(path);
        if (path.startsWith('/retention')) return configuration;
        return { chunk: first === undefined ? [] : [{ origin_server_ts: first }] };
      },
    },
  } as unknown as MatrixClient;
  const erasing = new Erasing(client, { roomIds: ['!a'], oldest: () => oldest, dropBefore });
  return { sweep: () => erasing.sweep(NOW), dropBefore, asked };
}

test('what the server has erased goes from the index, and nothing younger', async () => {
  const some = scene(DAYS, { said: { max_lifetime: 1000 }, oldest: NOW - 5000, first: NOW - 400 });
  await some.sweep();
  expect(some.dropBefore).toHaveBeenCalledExactlyOnceWith('!a', NOW - 1000);
  const all = scene(DAYS, { said: { max_lifetime: 1000 }, oldest: NOW - 5000 });
  await all.sweep();
  expect(all.dropBefore).toHaveBeenCalledExactlyOnceWith('!a', NOW - 1000);
});

test('what the server still has, held for a court or not yet erased, stays', async () => {
  const { sweep, dropBefore } = scene(DAYS, {
    said: { max_lifetime: 1000 },
    oldest: NOW - 5000,
    first: NOW - 5000,
  });
  await sweep();
  expect(dropBefore).not.toHaveBeenCalled();
});

test.each([
  ['a server that erases nothing', {}, { said: { max_lifetime: 1 } }],
  ['a room that keeps for ever', DAYS, { said: {} }],
  ['a room that says nothing, without a default', DAYS, {}],
  ['a room whose messages are young', DAYS, { said: { max_lifetime: 9000 } }],
  [
    'a room that the server lets keep for longer',
    { limits: { max_lifetime: { min: 9000 } } },
    { said: { max_lifetime: 1 } },
  ],
])('%s is asked nothing of', async (_, configuration, room) => {
  const { sweep, asked, dropBefore } = scene(configuration, { ...room, oldest: NOW - 5000, first: NOW });
  await sweep();
  expect(asked).toEqual(['/retention/configuration']);
  expect(dropBefore).not.toHaveBeenCalled();
});

test.each([
  ['the operator’s default', { ...DAYS, policies: { '*': { max_lifetime: 1000 } } }, {}],
  ['the longest that the operator allows', { limits: { max_lifetime: { max: 1000 } } }, { said: {} }],
])('%s counts where the room says nothing else', async (_, configuration, room) => {
  const { sweep, dropBefore } = scene(configuration, { ...room, oldest: NOW - 5000, first: NOW });
  await sweep();
  expect(dropBefore).toHaveBeenCalledExactlyOnceWith('!a', NOW - 1000);
});
