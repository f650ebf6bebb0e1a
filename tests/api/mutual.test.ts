// SPDX-License-Identifier: EUPL-1.2
// Rooms that two people share.
import { expect, test } from 'vitest';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const t = stage();

const mutual = (user: User, user_id: string | undefined, from?: string, expectation?: [number, string]) =>
  user.get('/v1/mutual_rooms', { query: { user_id, from }, expect: expectation });

test('rooms where both have joined, and no others, in pages', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  expect(await mutual(alice, bob.id)).toEqual({ count: 0, joined: [] });
  const shared = [await alice.roomWith([bob]), await bob.roomWith([alice])];
  await alice.createRoom();
  await alice.createRoom({ invite: [bob.id] });
  const left = await alice.roomWith([bob]);
  await bob.leave(left);
  const both = await mutual(alice, bob.id);
  expect(both.joined.toSorted()).toEqual(shared.toSorted());
  expect(both.count).toBe(2);
  expect(both.next_batch).toBeUndefined();
  for (let i = 0; i < 100; i++) shared.push(await alice.roomWith([bob]));
  const first = await mutual(bob, alice.id);
  expect(first.joined).toHaveLength(100);
  const rest = await mutual(bob, alice.id, first.next_batch);
  expect(rest.count).toBe(102);
  expect([...first.joined, ...rest.joined].toSorted()).toEqual(shared.toSorted());
});

test('oneself, nobody, what is no user id and what is no token are refused', async () => {
  const alice = await t.user();
  for (const id of [undefined, '', 'alice', '#alice:localhost', alice.id])
    await mutual(alice, id, undefined, [400, 'M_INVALID_PARAM']);
  for (const token of ['x', 'm', 'm-1', '1'])
    await mutual(alice, '@nobody-here:localhost', token, [400, 'M_INVALID_PARAM']);
  expect((await mutual(alice, '@nobody-here:localhost')).count).toBe(0);
});
