// SPDX-License-Identifier: EUPL-1.2
// Simplified sliding sync in the shape that was merged into the specification (MSC4186, v4): what it
// does otherwise than the deployed one.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { keysOf } from './src/sliding.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const t = stage();
const V4 = '/v4/sync';
const ask = (user: User, body: unknown): Promise<Any> => user.post(V4, body);
const wish = (more: object = {}) => ({ timeline_limit: 3, required_state: {}, ...more });

test('pos, timeout and presence are in the body, and a range is one pair or none', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const one = await alice.roomWith([bob], { name: 'Un' });
  const two = await alice.roomWith([bob], { name: 'Deux' });
  const all = await ask(bob, { set_presence: 'offline', lists: { all: wish() } });
  expect(Object.keys(all.rooms).sort()).toEqual([one, two].sort());
  expect(all.rooms[two]).toMatchObject({ initial: true, name: 'Deux', membership: 'join', lists: ['all'] });
  expect(all.rooms[two].notification_count).toBeUndefined();
  const last = await ask(bob, { conn_id: 'x', lists: { last: wish({ range: [0, 0] }) } });
  expect(Object.keys(last.rooms)).toEqual([two]);
  const waiting = ask(bob, { pos: all.pos, timeout: 30_000, lists: { all: wish() } });
  await alice.send(one, 'réveil');
  expect((await waiting).rooms[one].timeline.at(-1).content.body).toBe('réveil');
  const refuse = (body: object, errcode: string) => bob.post(V4, body, { expect: [400, errcode] });
  await refuse({ set_presence: 'asleep' }, 'M_INVALID_PARAM');
  await refuse({ timeout: -1 }, 'M_INVALID_PARAM');
  await refuse({ pos: 'x' }, 'M_UNKNOWN_POS');
  await refuse({ lists: { all: wish({ range: [3, 1] }) } }, 'M_INVALID_PARAM');
  await refuse({ lists: { all: wish({ required_state: [] }) } }, 'M_INVALID_PARAM');
  const rooms = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`!r${i}:x`, wish()]));
  await ask(bob, { room_subscriptions: rooms(100) });
  await refuse({ room_subscriptions: rooms(101) }, 'M_INVALID_PARAM');
});

test('required_state: elements that leave out a member are wider, and what is excluded wins', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { name: 'État' });
  await alice.setState(room, 'org.example.a', {}, 'x');
  await alice.send(room, 'bonjour');
  const state = async (required_state: object) => {
    const answer = await ask(bob, { lists: { all: { timeline_limit: 1, required_state } } });
    return keysOf(answer.rooms[room].required_state);
  };
  const all = keysOf(await bob.allState(room));
  expect(await state({ include: [{}] })).toEqual(all);
  expect(await state({ include: [{ type: 'org.example.a' }] })).toEqual(['org.example.a|x']);
  expect(await state({ include: [{ state_key: 'x' }] })).toEqual(['org.example.a|x']);
  expect(await state({ include: [{}], exclude: [{ type: 'm.room.member' }] })).toEqual(
    all.filter((key) => !key.startsWith('m.room.member|')),
  );
  expect(await state({ exclude: [{ type: 'm.room.member' }], lazy_members: true })).toEqual([
    `m.room.member|${alice.id}`,
  ]);
});

test('an invitation has stripped_state, a larger timeline expanded_timeline, a lost name null', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ name: 'Nom', invite: [bob.id] });
  const lists = { all: wish({ timeline_limit: 1 }) };
  const invited = await ask(bob, { lists: { all: wish({ filters: { is_invited: true } }) } });
  expect(Object.keys(invited.rooms[room]).sort()).toEqual([
    'bump_stamp',
    'lists',
    'membership',
    'stripped_state',
  ]);
  await bob.join(room);
  await alice.send(room, 'x');
  const first = await ask(bob, { lists });
  const subscribed = { lists, room_subscriptions: { [room]: wish() } };
  const more = await ask(bob, { pos: first.pos, ...subscribed });
  expect(more.rooms[room]).toMatchObject({ expanded_timeline: true });
  expect(more.rooms[room].timeline.length).toBe(3);
  await alice.setState(room, 'm.room.name', {});
  const unnamed = (await ask(bob, { pos: more.pos, ...subscribed })).rooms[room];
  expect(unnamed.name).toBeNull();
  expect(unnamed.heroes.map((h: Any) => h.user_id)).toEqual([alice.id]);
});

test('extensions have the prefixes of their proposals, and an empty list of rooms is none', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await alice.put(path`/v3/rooms/${room}/typing/${alice.id}`, { typing: true, timeout: 30_000 });
  const typing = async (more: object) => {
    const extensions = { 'org.matrix.msc4508.typing': { enabled: true, ...more }, typing: { enabled: true } };
    const answer = await ask(bob, {
      lists: { all: wish(), none: wish({ filters: { is_dm: true } }) },
      extensions,
    });
    return answer.extensions['org.matrix.msc4508.typing']?.rooms[room].content.user_ids;
  };
  expect(await typing({})).toEqual([alice.id]);
  expect(await typing({ lists: ['all'] })).toEqual([alice.id]);
  expect(await typing({ lists: ['none'] })).toBeUndefined();
  expect(await typing({ lists: [], rooms: [] })).toBeUndefined();
  expect(await typing({ lists: ['*'] })).toBeUndefined();
  const keys = await ask(bob, {
    extensions: {
      'org.matrix.msc3884.e2ee': { enabled: true },
      'org.matrix.msc3885.to_device': { enabled: true },
    },
  });
  expect(keys.extensions['org.matrix.msc3885.to_device'].events).toEqual([]);
  expect(keys.extensions['org.matrix.msc3884.e2ee'].device_one_time_keys_count).toEqual({
    signed_curve25519: 0,
  });
});
