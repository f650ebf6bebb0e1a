// SPDX-License-Identifier: EUPL-1.2
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paced } from './pace.ts';

const SYNC = 'https://own.example/_matrix/client/v3/sync?timeout=30000';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server whose answers take that long; when it was asked. */
function world(takes: number) {
  const begun = performance.now();
  const server = { takes, status: 200, asked: [] as number[] };
  const fetch = paced(async () => {
    server.asked.push(Math.round(performance.now() - begun));
    await new Promise((resolve) => setTimeout(resolve, server.takes));
    return Response.json({}, { status: server.status });
  });
  return { server, fetch };
}

test('a stream of syncs is taken at a pace; the first of it, and what comes alone, at once', async () => {
  const { server, fetch } = world(10);
  const stream = (async () => {
    for (let i = 0; i < 3; i++) await fetch(SYNC);
    server.takes = 1000;
    for (let i = 0; i < 3; i++) await fetch(SYNC);
  })();
  await vi.runAllTimersAsync();
  await stream;
  expect(server.asked).toEqual([0, 260, 520, 780, 1780, 2780]);
});

test('other requests do not wait, nor for a sync; a sync that is given up while it waits is not asked for', async () => {
  const { server, fetch } = world(10);
  const first = fetch(SYNC);
  await vi.advanceTimersByTimeAsync(10);
  await first;
  const leaving = new AbortController();
  const second = expect(fetch(SYNC, { signal: leaving.signal })).rejects.toThrow('left');
  const other = fetch('https://own.example/_matrix/client/v3/sync/other');
  leaving.abort(new Error('left'));
  await second;
  await vi.runAllTimersAsync();
  await other;
  expect(server.asked).toEqual([0, 10]);
});

test('after a failure nothing waits here: the SDK has a pace of its own for that', async () => {
  const { server, fetch } = world(10);
  await Promise.all([fetch(SYNC), vi.runAllTimersAsync()]);
  server.status = 502;
  for (let i = 0; i < 3; i++) await Promise.all([fetch(SYNC), vi.runAllTimersAsync()]);
  expect(server.asked).toEqual([0, 260, 270, 280]);
});
