// SPDX-License-Identifier: EUPL-1.2
// What /sync took the place of, for clients of before r0.1.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { bodiesOf } from './src/user.ts';

const t = stage();

test('an event by its id alone, to who may see it', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  for (const room_version of ['12', '3']) {
    const room = await alice.createRoom({ room_version });
    const event = await alice.send(room, 'seul');
    expect((await alice.get(path`/v3/events/${event}`)).room_id).toBe(room);
    await bob.get(path`/v3/events/${event}`, { expect: [404, 'M_NOT_FOUND'] });
  }
  const visibility = { history_visibility: 'invited' };
  const room = await alice.createRoom({
    invite: [bob.id],
    initial_state: [{ type: 'm.room.history_visibility', state_key: '', content: visibility }],
  });
  const event = await alice.send(room, 'pas encore');
  await bob.get(path`/v3/events/${event}`, { expect: [404, 'M_NOT_FOUND'] });
  for (const id of ['$nothing', 'x', '$']) await alice.get(path`/v3/events/${id}`, { expect: 404 });
});

test('rooms as they are: messages, state, account data, membership', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { name: 'Vieux' });
  for (let i = 0; i < 5; i++) await alice.send(room, `${i}`);
  await bob.accountData('org.example.note', { n: 1 }, room);
  await bob.accountData('org.example.own', { n: 2 });
  const one = await bob.get(path`/v3/rooms/${room}/initialSync`, { query: { limit: 3 } });
  expect(bodiesOf(one.messages.chunk)).toEqual(['2', '3', '4']);
  expect(one.membership).toBe('join');
  expect(one.visibility).toBe('private');
  expect(one.account_data).toEqual([{ type: 'org.example.note', content: { n: 1 } }]);
  expect(one.state.find((e: Any) => e.type === 'm.room.name').content.name).toBe('Vieux');
  const older = await bob.messages(room, { from: one.messages.start, limit: 2 });
  expect(bodiesOf(older.chunk)).toEqual(['1', '0']);
  const all = await bob.get('/v3/initialSync', { query: { limit: 2 } });
  expect(all.rooms.map((r: Any) => r.room_id)).toEqual([room]);
  expect(bodiesOf(all.rooms[0].messages.chunk)).toEqual(['3', '4']);
  expect(all.account_data).toContainEqual({ type: 'org.example.own', content: { n: 2 } });
  const stranger = await t.user();
  await stranger.get(path`/v3/rooms/${room}/initialSync`, { expect: [403, 'M_FORBIDDEN'] });
  await bob.leave(room);
  await alice.send(room, 'apres');
  const left = await bob.get(path`/v3/rooms/${room}/initialSync`);
  expect(bodiesOf(left.messages.chunk)).not.toContain('apres');
  expect((await bob.get('/v3/initialSync')).rooms).toEqual([]);
});

test('the stream goes on from a token, and waits', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const { end } = await bob.get('/v3/initialSync');
  expect((await bob.get('/v3/events', { query: { from: end } })).chunk).toEqual([]);
  const waiting = bob.get('/v3/events', { query: { from: end, timeout: 60_000 } });
  const event = await alice.send(room, 'au fil');
  const came = await waiting;
  expect(came.start).toBe(end);
  expect(came.chunk.map((e: Any) => [e.event_id, e.room_id])).toEqual([[event, room]]);
  expect((await bob.get('/v3/events', { query: { from: came.end } })).chunk).toEqual([]);
  const now = await bob.get('/v3/events');
  expect(now.chunk).toEqual([]);
  await bob.get('/v3/events', { query: { from: 'x' }, expect: 400 });
});
