// SPDX-License-Identifier: EUPL-1.2
// Client-server API, "Presence", where it is on: docs/design/presence.md. (Off: personal.test.ts.)
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, timelineOf, type User } from './src/user.ts';

const t = stage({ set: { presence: 'on' } });

const status = (reader: User, of: User, expect?: [number, string]) =>
  reader.get(path`/v3/presence/${of.id}/status`, { expect });
const say = (user: User, body: object, expect?: [number, string]) =>
  user.put(path`/v3/presence/${user.id}/status`, body, { expect });
const toldOf = (sync: Any, user: User): Any =>
  sync.presence?.events?.find((e: Any) => e.sender === user.id && e.type === 'm.presence')?.content;

test('who syncs is there, to those who share a room alone, and says more of oneself', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  await alice.roomWith([bob]);
  expect(await status(bob, alice)).toEqual({ presence: 'offline' });
  await alice.sync();
  const there = await status(bob, alice);
  expect(there).toMatchObject({ presence: 'online', currently_active: true });
  expect(there.last_active_ago).toBeGreaterThanOrEqual(0);
  await status(carol, alice, [403, 'M_FORBIDDEN']);
  await status(alice, alice);
  await say(alice, { presence: 'unavailable', status_msg: 'En réunion' });
  expect(await status(bob, alice)).toMatchObject({ presence: 'unavailable', status_msg: 'En réunion' });
  await say(alice, { presence: 'online' });
  expect((await status(bob, alice)).status_msg).toBeUndefined();
  await say(alice, { presence: 'asleep' }, [400, 'M_INVALID_PARAM']);
  await bob.put(
    path`/v3/presence/${alice.id}/status`,
    { presence: 'online' },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  // Gone from the room, gone from sight.
  const room = await alice.roomWith([carol]);
  await status(carol, alice);
  await carol.leave(room);
  await status(carol, alice, [403, 'M_FORBIDDEN']);
});

test('set_presence of a sync is what it says: nothing, or idle', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await alice.roomWith([bob]);
  await alice.sync({ set_presence: 'offline' });
  expect((await status(bob, alice)).presence).toBe('offline');
  await alice.sync({ set_presence: 'unavailable' });
  expect((await status(bob, alice)).presence).toBe('unavailable');
  await alice.post('/unstable/org.matrix.simplified_msc3575/sync', {}, { query: { set_presence: 'online' } });
  expect((await status(bob, alice)).presence).toBe('online');
  await alice.post('/v4/sync', { set_presence: 'unavailable' });
  expect((await status(bob, alice)).presence).toBe('unavailable');
  await alice.sync({ set_presence: 'asleep', expect: [400, 'M_INVALID_PARAM'] });
});

test('a sync tells of those one shares a room with, merged, and of nobody else', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  await alice.roomWith([bob]);
  await carol.sync();
  await bob.sync();
  const first = await alice.sync();
  expect(toldOf(first, bob)).toMatchObject({ presence: 'online' });
  expect(toldOf(first, carol)).toBeUndefined();
  for (const status_msg of ['un', 'deux', 'trois']) await say(bob, { presence: 'online', status_msg });
  const second = await alice.sync({ since: first.next_batch });
  const events = second.presence.events.filter((e: Any) => e.sender === bob.id);
  expect(events).toHaveLength(1);
  expect(events[0].content.status_msg).toBe('trois');
  const third = await alice.sync({ since: second.next_batch });
  expect(toldOf(third, bob)).toBeUndefined();
  await say(bob, { presence: 'online', status_msg: 'quatre' });
  const filter = { presence: { not_senders: [bob.id] } };
  expect(toldOf(await alice.sync({ since: third.next_batch, filter }), bob)).toBeUndefined();
  const none = { presence: { types: [] } };
  expect((await alice.sync({ since: first.next_batch, filter: none })).presence).toBeUndefined();
});

test('presence wakes no poll, and is told with what does', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await bob.sync();
  const { next_batch } = await alice.syncUntil((s) => toldOf(s, bob) !== undefined);
  let answered = false;
  const parked = alice.sync({ since: next_batch, timeout: 60_000 }).then((answer) => {
    answered = true;
    return answer;
  });
  await say(bob, { presence: 'unavailable', status_msg: 'parti' });
  // Other requests of the same client, and of others, are answered meanwhile.
  for (let i = 0; i < 20; i++) await status(alice, bob);
  expect(answered).toBe(false);
  await bob.send(room, 'me revoilà');
  const answer = await parked;
  expect(bodiesOf(timelineOf(answer, room))).toEqual(['me revoilà']);
  expect(toldOf(answer, bob)).toMatchObject({ presence: 'unavailable', status_msg: 'parti' });
});
