// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { inLine, Line } from './line.ts';

const settled = async (promise: Promise<unknown>) => {
  let state = 'waits';
  promise.then(
    () => (state = 'goes'),
    () => (state = 'stopped'),
  );
  await new Promise((resolve) => setTimeout(resolve));
  return state;
};

test('[UX-15] one waits for those written before it in its room, and is stopped with what the network stops', async () => {
  const line = new Line();
  for (const txnId of ['un', 'deux', 'trois']) line.enter('!a', txnId);
  line.enter('!b', 'ailleurs');
  expect(await settled(line.turn('un'))).toBe('goes');
  expect(await settled(line.turn('ailleurs'))).toBe('goes');
  const two = line.turn('deux');
  expect(await settled(two)).toBe('waits');
  line.stop('un', 'cut');
  expect(await settled(two)).toBe('stopped');
  line.stop('deux', 'cut');
  // Again, in order.
  line.enter('!a', 'un');
  expect(await settled(line.turn('un'))).toBe('goes');
  expect(await settled(line.turn('trois'))).toBe('waits');
  line.leave('un');
  line.enter('!a', 'deux');
  expect(await settled(line.turn('deux'))).toBe('goes');
});

test('one that is refused, or given up, keeps nobody back', async () => {
  const line = new Line();
  line.enter('!a', 'un');
  line.enter('!a', 'deux');
  line.stop('un', 'refused');
  expect(await settled(line.turn('deux'))).toBe('goes');
  expect(await settled(line.turn('of nobody'))).toBe('goes');
});

test('only messages are held, by the transaction in their address', async () => {
  const line = new Line();
  line.enter('!a', 'un');
  line.enter('!a', 'm1/2');
  const asked: string[] = [];
  const fetch = inLine(async (input) => {
    asked.push(String(input));
    return new Response('{}');
  }, line);
  const base = 'https://own.example/_matrix/client/v3';
  const held = fetch(`${base}/rooms/!a/send/m.room.encrypted/m1%2F2`, { method: 'PUT' });
  await fetch(`${base}/sync?since=1`, { method: 'GET' });
  await fetch(`${base}/rooms/!a/typing/@a:b`, { method: 'PUT' });
  expect(asked).toHaveLength(2);
  line.leave('un');
  await held;
  expect(asked).toHaveLength(3);
});
