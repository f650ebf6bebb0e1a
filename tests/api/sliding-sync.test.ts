// SPDX-License-Identifier: EUPL-1.2
// Simplified sliding sync (MSC4186) as deployed clients speak it: one test for each of the twenty
// points that the proposal's servers are tried by, then hostile requests.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { DeviceKeys } from './src/signing.ts';
import { ask, bodies, Connection, keysOf, list, SLIDING } from './src/sliding.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { atOnce, bodiesOf, type User, unique } from './src/user.ts';

const t = stage();
const ids = (answer: Any): string[] => Object.keys(answer.rooms).sort();
const make = async (user: User, count: number): Promise<string[]> => {
  const rooms: string[] = [];
  for (let i = 0; i < count; i++) rooms.push(await user.createRoom({ name: `Salon ${i}` }));
  return rooms;
};
const member = (user: User) => `m.room.member|${user.id}`;

test('1. the first request gives the newest 20 of 50 rooms, initial, and counts all', async () => {
  const user = await t.user();
  const rooms = await make(user, 50);
  const answer = await ask(user, { conn_id: 'room-list', lists: { all: list([0, 19]) } });
  expect(ids(answer)).toEqual(rooms.slice(30).sort());
  expect(answer.lists).toEqual({ all: { count: 50 } });
  for (const room of Object.values<Any>(answer.rooms)) {
    expect(room.initial).toBe(true);
    expect(room.timeline.length).toBe(1);
    expect(room).toMatchObject({
      limited: true,
      num_live: 0,
      joined_count: 1,
      invited_count: 0,
      is_dm: false,
    });
    expect(typeof room.bump_stamp).toBe('number');
  }
  expect(answer.rooms[rooms[49]].name).toBe('Salon 49');
  const older = await user.messages(rooms[49], { from: answer.rooms[rooms[49]].prev_batch });
  expect(older.chunk.at(-1).type).toBe('m.room.create');
  const { room_id, ...last } = older.chunk[0];
  expect(room_id).toBe(rooms[49]);
  expect(last.event_id).not.toBe(answer.rooms[rooms[49]].timeline[0].event_id);
});

test('2. a window that grows brings the new rooms alone', async () => {
  const user = await t.user();
  const rooms = await make(user, 12);
  const c = new Connection(user, { lists: { all: list([0, 3]) } });
  await c.next();
  c.body = { lists: { all: list([0, 11]) } };
  const grown = await c.next();
  expect(ids(grown)).toEqual(rooms.slice(0, 8).sort());
  expect(Object.values<Any>(grown.rooms).every((room) => room.initial)).toBe(true);
  expect((await c.next()).rooms).toEqual({});
});

test('3. a message wakes the poll, and brings its room into the window', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const rooms: string[] = [];
  for (let i = 0; i < 5; i++) rooms.push(await alice.roomWith([bob], { name: `R${i}` }));
  const c = new Connection(bob, { lists: { all: list([0, 1]) } });
  expect(ids(await c.next())).toEqual(rooms.slice(3).sort());
  let waiting = c.until((a) => rooms[4] in a.rooms);
  await alice.send(rooms[4], 'visible');
  const inside = (await waiting).rooms[rooms[4]];
  expect(bodies(inside)).toEqual(['visible']);
  expect(inside).toMatchObject({ num_live: 1, limited: false });
  expect(inside.initial).toBeUndefined();
  waiting = c.until((a) => rooms[0] in a.rooms);
  await alice.send(rooms[0], 'de loin');
  const entered = (await waiting).rooms[rooms[0]];
  expect(entered.initial).toBe(true);
  expect(bodies(entered)).toEqual(['de loin']);
  // Room 3 has left the window: what comes in it is not told, until it is back.
  await alice.send(rooms[3], 'trois');
  await alice.send(rooms[4], 'quatre');
  const back = await c.until((a) => rooms[4] in a.rooms);
  expect(bodies(back.rooms[rooms[4]])).toEqual(['quatre']);
});

test('3. what comes while a room is outside its window is told when it is back, once', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [one, two] = [await alice.roomWith([bob]), await alice.roomWith([bob])];
  const c = new Connection(bob, { lists: { all: list([0, 0], { timeline_limit: 10 }) } });
  await c.next();
  await alice.send(one, 'a1');
  expect(bodies((await c.next()).rooms[one])).toEqual(['a1']);
  await alice.send(two, 'b1');
  expect(bodies((await c.next()).rooms[two])).toEqual(['b1']);
  await alice.send(one, 'a2');
  await alice.send(two, 'b2');
  expect(ids(await c.next())).toEqual([two]);
  await alice.send(one, 'a3');
  const back = (await c.next()).rooms[one];
  expect(back.initial).toBeUndefined();
  expect(bodies(back)).toEqual(['a2', 'a3']);
});

test('4. the same pos gives the same or more, an older one is unknown', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const c = new Connection(bob);
  const first = await c.next();
  await alice.send(room, 'un');
  const lost = await c.next();
  await alice.send(room, 'deux');
  const again = await c.next(0, { pos: first.pos });
  expect(bodies(lost.rooms[room])).toEqual(['un']);
  expect(again.rooms[room].timeline.at(-1).content.body).toBe('deux');
  expect(again.rooms[room]).toMatchObject({ limited: true, num_live: 1 });
  await c.next(0, { pos: lost.pos, expect: [400, 'M_UNKNOWN_POS'] }).catch(() => undefined);
  await alice.send(room, 'trois');
  expect(bodies((await c.next(0, { pos: again.pos })).rooms[room])).toEqual(['trois']);
  await ask(bob, c.body, { pos: first.pos, expect: [400, 'M_UNKNOWN_POS'] });
});

test('5. connections of one device do not disturb one another', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const body = (conn_id?: string) => ({ conn_id, lists: { all: list([0, 9]) } });
  const all = ['room-list', 'notifications', undefined].map((id) => new Connection(bob, body(id)));
  for (const c of all) expect(ids(await c.next())).toEqual([room]);
  await alice.send(room, 'pour tous');
  for (const c of all) expect(bodies((await c.next()).rooms[room])).toEqual(['pour tous']);
  for (const c of all) expect((await c.next()).rooms).toEqual({});
});

test('6. the pos of another user or device is refused', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const { pos } = await ask(alice, {});
  for (const other of [bob, await alice.login()]) {
    await ask(other, {}, { pos, expect: [400, 'M_UNKNOWN_POS'] });
    await ask(other, {});
    await ask(other, {}, { pos, expect: [400, 'M_UNKNOWN_POS'] });
  }
  await ask(alice, { conn_id: 'another' }, { pos, expect: [400, 'M_UNKNOWN_POS'] });
  for (const pos of ['x', 'p1', 'p0_s1_2_3_4_5', 's1_2_3_4_5', '0', '%00', 'p9999999999999999999_s1_1_1_1_1'])
    await ask(alice, {}, { pos, expect: [400, 'M_UNKNOWN_POS'] });
  await ask(alice, {}, { pos });
});

test('7. a larger timeline_limit sends the last events again, at once, and says so', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  for (let i = 0; i < 10; i++) await user.send(room, `m${i}`);
  const c = new Connection(user, { lists: { all: list([0, 9]) } });
  expect(bodies((await c.next()).rooms[room])).toEqual(['m9']);
  const subscribe = (limit: number) => ({
    lists: { all: list([0, 9]) },
    room_subscriptions: { [room]: { timeline_limit: limit, required_state: [] } },
  });
  c.body = subscribe(5);
  const more = (await c.next(30_000)).rooms[room];
  expect(bodies(more)).toEqual(['m5', 'm6', 'm7', 'm8', 'm9']);
  expect(more).toMatchObject({ unstable_expanded_timeline: true, limited: true, num_live: 0 });
  expect(more.initial).toBeUndefined();
  await user.send(room, 'm10');
  const live = (await c.next()).rooms[room];
  expect(bodies(live)).toEqual(['m10']);
  expect(live.unstable_expanded_timeline).toBeUndefined();
  c.body = subscribe(3);
  expect((await c.next()).rooms).toEqual({});
  c.body = subscribe(6); // m5 to m10 are there already
  expect((await c.next()).rooms).toEqual({});
  c.body = subscribe(100);
  const whole = (await c.next()).rooms[room];
  expect(whole.timeline[0].type).toBe('m.room.create');
  expect(whole).toMatchObject({ unstable_expanded_timeline: true, limited: false });
});

test('8. required_state: $ME, $LAZY, everything, and pairs that narrow it', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob, carol], { name: 'État' });
  await alice.setState(room, 'org.example.a', { n: 1 }, 'one');
  await alice.setState(room, 'org.example.a', { n: 2 }, 'two');
  await carol.send(room, 'bonjour');
  let conn = 0;
  const state = async (required_state: string[][]) => {
    const lists = { all: list([0, 9], { required_state }) };
    const answer = await ask(bob, { conn_id: `c${conn++ % 4}`, lists });
    return keysOf(answer.rooms[room].required_state);
  };
  expect(await state([])).toEqual([]);
  expect(await state([['m.room.name', '']])).toEqual(['m.room.name|']);
  expect(
    await state([
      ['m.room.name', 'x'],
      ['m.nothing', ''],
    ]),
  ).toEqual([]);
  expect(await state([['m.room.member', '$ME']])).toEqual([member(bob)]);
  expect(await state([['m.room.member', '$LAZY']])).toEqual([member(carol)]);
  expect(
    await state([
      ['m.room.member', '$LAZY'],
      ['m.room.member', '$ME'],
    ]),
  ).toEqual([member(bob), member(carol)].sort());
  expect(await state([['org.example.a', '*']])).toEqual(['org.example.a|one', 'org.example.a|two']);
  expect(await state([['*', 'one']])).toEqual(['org.example.a|one']);
  const all = keysOf(await bob.allState(room));
  expect(await state([['*', '*']])).toEqual(all);
  expect(
    await state([
      ['*', '*'],
      ['org.example.a', 'two'],
    ]),
  ).toEqual(all.filter((key) => key !== 'org.example.a|one'));
  expect(
    await state([
      ['*', '*'],
      ['m.room.member', '$LAZY'],
      ['m.room.member', '$ME'],
    ]),
  ).toEqual(all.filter((key) => key !== member(alice)));
});

test('8. lazy members: once, again after a gap, and every change without one; what is asked later comes', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob, carol], { name: 'Paresse' });
  const lazy = [['m.room.member', '$LAZY']];
  const c = new Connection(bob, {
    lists: { all: list([0, 9], { required_state: lazy, timeline_limit: 2 }) },
  });
  await alice.send(room, 'a');
  await alice.send(room, 'b');
  expect(keysOf((await c.next()).rooms[room].required_state)).toEqual([member(alice)]);
  await alice.send(room, 'c');
  await carol.send(room, 'd');
  expect(keysOf((await c.next()).rooms[room].required_state)).toEqual([member(carol)]);
  await alice.send(room, 'e');
  expect(keysOf((await c.next()).rooms[room].required_state)).toEqual([]);
  await carol.put(path`/v3/profile/${carol.id}/displayname`, { displayname: 'Carole' });
  const renamed = await c.until((a) => room in a.rooms);
  expect(renamed.rooms[room].required_state.map((e: Any) => e.content.displayname)).toEqual(['Carole']);
  for (let i = 0; i < 4; i++) await alice.send(room, `f${i}`);
  const gap = (await c.next()).rooms[room];
  expect(gap.limited).toBe(true);
  expect(keysOf(gap.required_state)).toEqual([member(alice)]);
  c.body = {
    lists: { all: list([0, 9], { required_state: [...lazy, ['m.room.name', '']], timeline_limit: 2 }) },
  };
  expect(keysOf((await c.next()).rooms[room].required_state)).toEqual(['m.room.name|']);
  expect((await c.next()).rooms).toEqual({});
});

test('9. an invitation is stripped state alone; joining makes the room initial', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const c = new Connection(bob, { lists: { all: list([0, 9], { required_state: [['m.room.name', '']] }) } });
  await c.next();
  const room = await alice.createRoom({ name: 'Invitation', invite: [bob.id] });
  const invited = (await c.until((a) => room in a.rooms)).rooms[room];
  expect(Object.keys(invited).sort()).toEqual(['bump_stamp', 'initial', 'invite_state']);
  expect(keysOf(invited.invite_state)).toContain(member(bob));
  expect(invited.invite_state.find((e: Any) => e.type === 'm.room.name').content.name).toBe('Invitation');
  expect((await c.next()).rooms).toEqual({});
  await bob.join(room);
  const joined = (await c.until((a) => room in a.rooms)).rooms[room];
  expect(joined).toMatchObject({ initial: true, name: 'Invitation', joined_count: 2 });
  expect(keysOf(joined.required_state)).toEqual(['m.room.name|']);
});

test('9. a knock is stripped state too; invitations of the ignored are not listed', async () => {
  const [alice, bob, mallory] = await t.users('alice', 'bob', 'mallory');
  const room = await alice.createRoom({
    name: 'Porte',
    initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }],
  });
  await bob.accountData('m.ignored_user_list', { ignored_users: { [mallory.id]: {} } });
  await mallory.createRoom({ invite: [bob.id] });
  await bob.post(path`/v3/knock/${room}`);
  const answer = await ask(bob, { lists: { all: list([0, 9]) } });
  expect(ids(answer)).toEqual([room]);
  expect(answer.lists.all.count).toBe(1);
  expect(Object.keys(answer.rooms[room]).sort()).toEqual(['bump_stamp', 'initial', 'invite_state']);
});

test('10. a kick is told, and nothing after it; the room stays listed', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { name: 'Dehors' });
  const wish = {
    required_state: [
      ['m.room.name', ''],
      ['m.room.member', '$ME'],
    ],
    timeline_limit: 5,
  };
  const c = new Connection(bob, { lists: { all: list([0, 9], wish) } });
  await c.next();
  await alice.send(room, 'avant');
  await alice.kick(room, bob.id);
  await alice.send(room, 'après');
  await alice.setState(room, 'm.room.name', { name: 'Secret' });
  const told = (await c.until((a) => room in a.rooms)).rooms[room];
  expect(bodies(told)).toEqual(['avant']);
  expect(told.timeline.at(-1)).toMatchObject({ state_key: bob.id, content: { membership: 'leave' } });
  expect(keysOf(told.required_state)).toEqual([member(bob)]);
  expect(told.name).toBeUndefined();
  expect((await c.next()).rooms).toEqual({});
  const anew = await ask(bob, { conn_id: 'anew', lists: { all: list([0, 9], wish) } });
  expect(anew.rooms[room].name).toBe('Dehors');
  expect(anew.rooms[room].joined_count).toBeUndefined();
  expect(bodies(anew.rooms[room])).toEqual(['avant']);
  await alice.ban(room, bob.id);
  const banned = (await c.until((a) => room in a.rooms)).rooms[room];
  expect(banned.required_state.map((e: Any) => e.content.membership)).toEqual(['ban']);
  expect(JSON.stringify(banned)).not.toContain('Secret');
});

test('10. leaving oneself is told once, then the room is gone, but for who subscribes', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { name: 'Adieu' });
  const c = new Connection(bob);
  expect((await c.next()).lists.all.count).toBe(1);
  await bob.leave(room);
  const told = await c.until((a) => room in a.rooms);
  expect(told.rooms[room].timeline.at(-1).content.membership).toBe('leave');
  await alice.send(room, 'après');
  const after = await c.next();
  expect(after.rooms).toEqual({});
  expect(after.lists.all.count).toBe(0);
  const fresh = await ask(bob, { conn_id: 'fresh', lists: { all: list([0, 9]) } });
  expect(fresh.rooms).toEqual({});
  const wish = { timeline_limit: 3, required_state: [] };
  const asked = await ask(bob, { conn_id: 'fresh', room_subscriptions: { [room]: wish } });
  expect(asked.rooms[room].timeline.at(-1).content.membership).toBe('leave');
  await bob.join(room, { expect: 'any' });
  await alice.invite(room, bob.id);
  await bob.join(room);
  expect((await c.until((a) => a.rooms[room]?.initial)).rooms[room].name).toBe('Adieu');
});

test('10. who was banned without ever having been inside is not told', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ name: 'Jamais' });
  await alice.ban(room, bob.id);
  const wish = { timeline_limit: 3, required_state: [['*', '*']] };
  const answer = await ask(bob, { lists: { all: list([0, 9]) }, room_subscriptions: { [room]: wish } });
  expect(answer.lists.all.count).toBe(0);
  expect(JSON.stringify(answer)).not.toContain('Jamais');
});

test('11. filters: invitations, direct, encrypted, types, tags and spaces', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const plain = await bob.createRoom();
  const direct = await bob.createRoom({ is_direct: true });
  const secret = await bob.createRoom({
    initial_state: [
      { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    ],
  });
  const space = await bob.createRoom({ creation_content: { type: 'm.space' } });
  const invited = await alice.createRoom({ invite: [bob.id] });
  await bob.accountData('m.direct', { [alice.id]: [direct] });
  await bob.accountData('m.tag', { tags: { 'm.favourite': {} } }, plain);
  await bob.setState(space, 'm.space.child', { via: ['localhost'] }, secret);
  await bob.setState(space, 'm.space.child', {}, plain);
  const with_ = async (filters: object) => {
    const answer = await ask(bob, { lists: { all: list([0, 99], { filters }) } });
    expect(answer.lists.all.count).toBe(ids(answer).length);
    return ids(answer);
  };
  const but = (...not: string[]) =>
    [plain, direct, secret, space, invited].filter((room) => !not.includes(room)).sort();
  expect(await with_({})).toEqual(but());
  expect(await with_({ is_invite: true })).toEqual([invited]);
  expect(await with_({ is_invite: false })).toEqual(but(invited));
  expect(await with_({ is_dm: true })).toEqual([direct]);
  expect(await with_({ is_dm: false })).toEqual(but(direct));
  expect(await with_({ is_encrypted: true })).toEqual([secret]);
  expect(await with_({ room_types: [null] })).toEqual(but(space));
  expect(await with_({ room_types: ['m.space'] })).toEqual([space]);
  expect(await with_({ not_room_types: ['m.space'] })).toEqual(but(space));
  expect(await with_({ room_types: ['m.space'], not_room_types: ['m.space'] })).toEqual([]);
  expect(await with_({ tags: ['m.favourite', 'u.x'] })).toEqual([plain]);
  expect(await with_({ not_tags: ['m.favourite'] })).toEqual(but(plain));
  expect(await with_({ spaces: [space, '!unknown:x', invited] })).toEqual([secret]);
  expect(await with_({ is_dm: false, is_invite: false, room_types: [null] })).toEqual([plain, secret].sort());
});

test('11. a room that becomes direct is told so', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  const c = new Connection(user, {
    lists: { all: list([0, 9]), dm: list([0, 9], { filters: { is_dm: true } }) },
  });
  expect((await c.next()).rooms[room].is_dm).toBe(false);
  await user.accountData('m.direct', { '@x:y': [room] });
  const told = await c.until((a) => room in a.rooms);
  expect(told.rooms[room]).toEqual({ is_dm: true, required_state: [], timeline: [] });
  expect(told.lists.dm.count).toBe(1);
});

test('12. to-device messages: again with the same since, gone after the next, two connections', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const send = (n: number) =>
    alice.put(path`/v3/sendToDevice/org.example.n/${unique('x')}`, {
      messages: { [bob.id]: { [bob.device]: { n } } },
    });
  for (const n of [1, 2, 3]) await send(n);
  const inbox = async (conn_id: string, since?: string, limit?: number) => {
    const extensions = { to_device: { enabled: true, since, limit } };
    const answer = await ask(bob, { conn_id, extensions });
    expect(answer.rooms).toEqual({});
    const { events, next_batch } = answer.extensions.to_device;
    return { n: events.map((e: Any) => e.content.n), next_batch };
  };
  const first = await inbox('encryption');
  expect(first.n).toEqual([1, 2, 3]);
  expect((await inbox('encryption')).n).toEqual([1, 2, 3]);
  const page = await inbox('other', undefined, 2);
  expect(page.n).toEqual([1, 2]);
  expect((await inbox('other', page.next_batch, 2)).n).toEqual([3]);
  expect((await inbox('encryption', first.next_batch)).n).toEqual([]);
  await send(4);
  const fourth = await inbox('other', first.next_batch);
  expect(fourth.n).toEqual([4]);
  expect((await inbox('encryption', first.next_batch)).n).toEqual([4]);
  await expect.poll(async () => (await inbox('encryption')).n).toEqual([4]);
  const ahead = await inbox('encryption', 'd999999999999');
  expect(ahead).toEqual({ n: [], next_batch: 'd999999999999' });
  for (const since of ['x', 'd', 'd-1', 's1_2_3_4_5', 'd99999999999999999999'])
    await ask(
      bob,
      { extensions: { to_device: { enabled: true, since } } },
      { expect: [400, 'M_INVALID_PARAM'] },
    );
});

test('12. a to-device message wakes the poll of its device', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const c = new Connection(bob, {
    conn_id: 'encryption',
    extensions: { to_device: { enabled: true }, e2ee: { enabled: true } },
  });
  const since = (await c.next()).extensions.to_device.next_batch;
  c.body.extensions.to_device.since = since;
  const waiting = c.next(30_000);
  await alice.put(path`/v3/sendToDevice/org.example.n/${unique('x')}`, {
    messages: { [bob.id]: { '*': { n: 7 } } },
  });
  expect((await waiting).extensions.to_device.events.map((e: Any) => e.content.n)).toEqual([7]);
  // Not acknowledged: it comes again.
  expect((await c.next(30_000)).extensions.to_device.events.map((e: Any) => e.content.n)).toEqual([7]);
});

test('13. counts of keys are in each answer, and a used fallback key is an empty list', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const keys = new DeviceKeys(bob);
  const c = new Connection(bob, { conn_id: 'encryption', extensions: { e2ee: { enabled: true } } });
  expect((await c.next()).extensions.e2ee).toEqual({
    device_one_time_keys_count: { signed_curve25519: 0 },
    device_unused_fallback_key_types: [],
  });
  await bob.post('/v3/keys/upload', {
    device_keys: keys.deviceKeys,
    fallback_keys: { 'signed_curve25519:F': keys.oneTimeKey(true) },
  });
  const uploaded = await c.until((a) => a.extensions.e2ee.device_unused_fallback_key_types.length > 0);
  expect(uploaded.extensions.e2ee.device_unused_fallback_key_types).toEqual(['signed_curve25519']);
  await alice.post('/v3/keys/claim', { one_time_keys: { [bob.id]: { [bob.device]: 'signed_curve25519' } } });
  const used = await c.until((a) => a.extensions.e2ee.device_unused_fallback_key_types.length === 0);
  expect(used.extensions.e2ee.device_one_time_keys_count).toEqual({ signed_curve25519: 0 });
});

test('13. device lists come after the first answer only', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await alice.roomWith([bob], {
    initial_state: [
      { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    ],
  });
  const c = new Connection(bob, { extensions: { e2ee: { enabled: true } } });
  expect((await c.next()).extensions.e2ee.device_lists).toBeUndefined();
  await alice.post('/v3/keys/upload', { device_keys: new DeviceKeys(alice).deviceKeys });
  const changed = await c.until((a) => a.extensions.e2ee.device_lists !== undefined);
  expect(changed.extensions.e2ee.device_lists.changed).toEqual([alice.id]);
});

test('14. receipts: private ones of others are never told, one’s own come with a room', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob, carol]);
  const old = await alice.send(room, 'vieux');
  const last = await alice.send(room, 'neuf');
  await bob.receipt(room, old, 'm.read.private');
  await carol.receipt(room, old);
  await carol.receipt(room, last, 'm.read.private');
  await alice.receipt(room, last);
  const c = new Connection(bob, {
    lists: { all: list([0, 9]) },
    extensions: { receipts: { enabled: true, rooms: ['*'] } },
  });
  const first = (await c.next()).extensions.receipts.rooms[room];
  expect(first.type).toBe('m.receipt');
  // Of the one event shown, and one's own; carol's at the older event is for who has that event.
  expect(Object.keys(first.content).sort()).toEqual([old, last].sort());
  expect(Object.keys(first.content[last]['m.read'])).toEqual([alice.id]);
  expect(Object.keys(first.content[old])).toEqual(['m.read.private']);
  expect(JSON.stringify(first)).not.toContain(carol.id);
  const next = await carol.send(room, 'encore');
  await carol.receipt(room, next, 'm.read.private');
  await alice.receipt(room, next);
  const later = await c.until((a) => a.extensions.receipts?.rooms?.[room]?.content[next] !== undefined);
  expect(Object.keys(later.extensions.receipts.rooms[room].content[next])).toEqual(['m.read']);
  expect(JSON.stringify(later.extensions)).not.toContain('private');
});

test('14. account data: all of it first, then what changes; rooms when they come into scope', async () => {
  const user = await t.user();
  const [one, two] = [await user.createRoom(), await user.createRoom()];
  await user.accountData('org.example.g', { n: 1 });
  await user.accountData('m.tag', { tags: { 'm.favourite': {} } }, one);
  await user.accountData('org.example.r', { n: 2 }, two);
  const c = new Connection(user, {
    lists: { all: list([0, 0]) },
    extensions: { account_data: { enabled: true } },
  });
  const first = (await c.next()).extensions.account_data;
  const types = (events: Any[]) => events.map((e) => e.type).sort();
  expect(types(first.global)).toEqual(['m.push_rules', 'org.example.g']);
  expect(Object.keys(first.rooms)).toEqual([two]);
  await user.accountData('org.example.g', { n: 3 });
  const changed = (await c.next()).extensions.account_data;
  expect(changed.global).toEqual([{ type: 'org.example.g', content: { n: 3 } }]);
  expect(changed.rooms).toEqual({});
  c.body = { ...c.body, lists: { all: list([0, 1]) } };
  expect((await c.next()).extensions.account_data.rooms).toEqual({
    [one]: [{ type: 'm.tag', content: { tags: { 'm.favourite': {} } } }],
  });
  c.body = { ...c.body, extensions: {} };
  await user.accountData('org.example.h', { n: 4 });
  expect((await c.next()).extensions).toEqual({});
  c.body = { ...c.body, extensions: { account_data: { enabled: true } } };
  expect((await c.next()).extensions.account_data.global).toEqual([
    { type: 'org.example.h', content: { n: 4 } },
  ]);
});

test('15. typing ends the poll, without rooms; who is not inside does not see it', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const type = (typing: boolean) =>
    alice.put(path`/v3/rooms/${room}/typing/${alice.id}`, { typing, timeout: 30_000 });
  const c = new Connection(bob, { lists: { all: list([0, 9]) }, extensions: { typing: { enabled: true } } });
  await c.next();
  const waiting = c.next(30_000);
  await type(true);
  const answer = await waiting;
  expect(answer.rooms).toEqual({});
  const users = (a: Any) => a.extensions.typing.rooms[room].content.user_ids;
  expect(users(answer)).toEqual([alice.id]);
  const fresh = await ask(bob, { conn_id: 'fresh', ...c.body });
  expect(users(fresh)).toEqual([alice.id]);
  await type(false);
  expect(users(await c.next(30_000))).toEqual([]);
  await alice.kick(room, bob.id);
  await c.until((a) => room in a.rooms);
  await type(true);
  expect((await c.next()).extensions).toEqual({});
});

test('16. state that no event of the timeline tells reaches required_state', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { name: 'Un' });
  const wish = {
    required_state: [
      ['m.room.name', ''],
      ['m.room.topic', ''],
    ],
    timeline_limit: 1,
  };
  const c = new Connection(bob, { lists: { all: list([0, 9], wish) } });
  await c.next();
  await alice.setState(room, 'm.room.name', { name: 'Deux' });
  await alice.setState(room, 'm.room.topic', { topic: 'Sujet' });
  await alice.send(room, 'x');
  const told = (await c.next()).rooms[room];
  expect(bodies(told)).toEqual(['x']);
  expect(told).toMatchObject({ limited: true, name: 'Deux' });
  expect(keysOf(told.required_state)).toEqual(['m.room.name|', 'm.room.topic|']);
});

test('17. no timeout, timeout 0 and a long one; a client that goes away is waited for no more', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const c = new Connection(bob);
  const first = await c.next(600_000); // without pos: at once
  expect((await ask(bob, c.body, { pos: first.pos })).rooms).toEqual({});
  expect((await c.next(0)).rooms).toEqual({});
  expect((await c.next(20)).rooms).toEqual({});
  const gone = new AbortController();
  const lost = c.next(60_000, { signal: gone.signal });
  gone.abort();
  await expect(lost).rejects.toThrow();
  const waiting = c.next(60_000);
  await alice.send(room, 'réveil');
  expect(bodies((await waiting).rooms[room])).toEqual(['réveil']);
  await ask(bob, c.body, { timeout: -1, expect: [400, 'M_INVALID_PARAM'] });
});

test('18. too many lists and subscriptions; unknown fields and extensions are passed over', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  const wish = { timeline_limit: 1, required_state: [] };
  const many = (n: number, key: (i: number) => string, value: object) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [key(i), value]));
  const refuse = (body: object) => ask(user, body, { expect: [400, 'M_INVALID_PARAM'] });
  await ask(user, { lists: many(100, (i) => `l${i}`, list([0, 9])) });
  await refuse({ lists: many(101, (i) => `l${i}`, list([0, 9])) });
  await ask(user, { room_subscriptions: many(500, (i) => `!r${i}:x`, wish) });
  await refuse({ room_subscriptions: many(501, (i) => `!r${i}:x`, wish) });
  const answer = await ask(user, {
    txn_id: 'echo',
    unknown: [1],
    lists: {
      all: list([0, 9], {
        sort: ['by_recency'],
        bump_event_types: ['m.room.message'],
        filters: { unknown: 1 },
      }),
    },
    extensions: {
      'org.example.unknown': { enabled: true, x: 1 },
      'org.matrix.msc4262.profiles': { enabled: true },
    },
  });
  expect(ids(answer)).toEqual([room]);
  expect(answer.txn_id).toBe('echo');
  expect(answer.extensions).toEqual({});
});

test('19. a connection that was dropped is told so, and starts over', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  const c = new Connection(user, { conn_id: 'old', lists: { all: list([0, 9]) } });
  await c.next();
  for (let i = 0; i < 8; i++) await ask(user, { conn_id: `c${i}` });
  await c.next(0, { expect: [400, 'M_UNKNOWN_POS'] });
  c.pos = undefined;
  expect((await c.next()).rooms[room].initial).toBe(true);
});

test('20. a redacted message, people without a name, a name that is taken away', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  await carol.put(path`/v3/profile/${carol.id}/displayname`, { displayname: 'Carole' });
  const room = await alice.roomWith([bob, carol], { name: 'Nom' });
  const wish = { required_state: [['m.room.name', '']] };
  const c = new Connection(bob, { lists: { all: list([0, 9], wish) } });
  const event = await alice.send(room, 'à effacer');
  const first = (await c.next()).rooms[room];
  expect(first.name).toBe('Nom');
  expect(first.heroes).toBeUndefined();
  await alice.redact(room, event);
  const redacted = (await c.next()).rooms[room];
  expect(redacted.timeline.map((e: Any) => e.type)).toEqual(['m.room.redaction']);
  expect(redacted.bump_stamp).toBeUndefined();
  const anew = await ask(bob, { conn_id: 'anew', lists: { all: list([0, 9], { timeline_limit: 5 }) } });
  expect(anew.rooms[room].bump_stamp).toBe(first.bump_stamp);
  expect(JSON.stringify(anew)).not.toContain('à effacer');
  await alice.setState(room, 'm.room.name', {});
  const unnamed = (await c.next()).rooms[room];
  expect(unnamed.name).toBeUndefined();
  expect(unnamed.heroes.map((h: Any) => h.user_id).sort()).toEqual([alice.id, carol.id].sort());
  expect(unnamed.heroes.find((h: Any) => h.user_id === carol.id).displayname).toBe('Carole');
  await alice.setState(room, 'm.room.avatar', { url: 'mxc://x/y' });
  expect((await c.next()).rooms[room].avatar).toBe('mxc://x/y');
  await alice.setState(room, 'm.room.avatar', {});
  expect((await c.next()).rooms[room].avatar).toBeNull();
});

test('unread counts are those of /sync, and change with a receipt alone', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const c = new Connection(bob);
  await c.next();
  await alice.send(room, 'un');
  const last = await alice.send(room, {
    msgtype: 'm.text',
    body: 'deux',
    'm.mentions': { user_ids: [bob.id] },
  });
  expect((await c.next()).rooms[room]).toMatchObject({ notification_count: 2, highlight_count: 1 });
  await (await bob.login()).receipt(room, last);
  const read = await c.until((a) => room in a.rooms);
  expect(read.rooms[room]).toEqual({
    notification_count: 0,
    highlight_count: 0,
    required_state: [],
    timeline: [],
  });
});

test('a request on a connection ends the one that waits there, and loses nothing', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const c = new Connection(bob);
  const { pos } = await c.next();
  const first = ask(bob, c.body, { pos, timeout: 60_000 });
  const second = ask(bob, c.body, { pos, timeout: 60_000 });
  const ended = await Promise.race([first, second]);
  expect(ended).toMatchObject({ rooms: {}, pos });
  await alice.send(room, 'entre deux');
  const answers = await Promise.all([first, second]);
  expect(answers.flatMap((a) => bodies(a.rooms[room]))).toEqual(['entre deux']);
  expect(bodies((await ask(bob, c.body, { pos })).rooms[room])).toEqual(['entre deux']);
});

test('a room of many members, many events and a large answer leave whole', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const long = 'é'.repeat(20_000);
  for (let i = 0; i < 12; i++) await alice.send(room, `${i} ${long}`);
  const c = new Connection(bob, {
    lists: { all: list([0, 9], { timeline_limit: 100, required_state: [['*', '*']] }) },
  });
  const answer = await c.next();
  expect(bodies(answer.rooms[room]).map((body) => body.split(' ')[0])).toEqual(
    Array.from({ length: 12 }, (_, i) => `${i}`),
  );
  expect(keysOf(answer.rooms[room].required_state)).toEqual(keysOf(await bob.allState(room)));
  expect((await c.next()).rooms).toEqual({});
});

test('an answer that is cut in the middle is not taken for told', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const c = new Connection(bob, { lists: { all: list([0, 9], { timeline_limit: 100 }) } });
  await c.next();
  const long = 'x'.repeat(50_000);
  for (let i = 0; i < 40; i++) await alice.send(room, `${i} ${long}`);
  // Some 2 MB, of which the first bytes are read.
  const response = await fetch(`${t.server.url}/_matrix/client${SLIDING}?pos=${c.pos}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bob.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(c.body),
  });
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  await reader?.cancel();
  const whole = (await c.next()).rooms[room];
  expect(bodies(whole).map((body) => body.split(' ')[0])).toEqual(
    Array.from({ length: 40 }, (_, i) => `${i}`),
  );
  await alice.send(room, 'ensuite');
  expect(bodies((await c.next()).rooms[room])).toEqual(['ensuite']);
});

test('pos serves as a token of messages', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  await user.send(room, 'avant');
  const { pos } = await ask(user, { lists: { all: list([0, 9]) } });
  await user.send(room, 'après');
  const before = await user.messages(room, { from: pos });
  expect(bodiesOf(before.chunk)).toEqual(['avant']);
});

test('what is not well formed is refused: ranges, required_state, filters, names, kinds', async () => {
  const user = await t.user();
  const refuse = (body: unknown, errcode = 'M_INVALID_PARAM') =>
    user.call('POST', SLIDING, { body, expect: [400, errcode] });
  const one = (more: object) => ({ lists: { all: list([0, 9], more) } });
  for (const ranges of [
    [[1, 0]],
    [[-1, 5]],
    [[0]],
    [[0, 1, 2]],
    [['0', '9']],
    [[0, 1.5]],
    [0, 9],
    Array(101).fill([0, 1]),
  ])
    await refuse(one({ ranges }));
  for (const required_state of [
    [['a']],
    [['a', 'b', 'c']],
    [[1, '']],
    'x',
    { include: [] },
    Array(201).fill(['a', '']),
  ])
    await refuse(one({ required_state }));
  for (const timeline_limit of [-1, 1001]) await refuse(one({ timeline_limit }));
  await refuse(one({ timeline_limit: 'x' }), 'M_BAD_JSON');
  for (const filters of [
    { is_dm: 1 },
    { room_types: [1] },
    { tags: [null] },
    { spaces: [[]] },
    { tags: Array(33).fill('x') },
  ])
    await refuse(one({ filters }));
  const spaces = (n: number) => list([0, 9], { filters: { spaces: Array(n).fill('!s:x') } });
  await ask(user, { lists: { a: spaces(16), b: spaces(16) } });
  await refuse({ lists: { a: spaces(16), b: spaces(17) } });
  await refuse({ lists: { ['x'.repeat(65)]: list([0, 9]) } });
  await refuse({ lists: { all: { ranges: [[0, 9]] } } }, 'M_MISSING_PARAM');
  await refuse({ conn_id: 'x'.repeat(256) });
  for (const body of [[], 'x', 1, null]) await refuse(body, 'M_BAD_JSON');
  for (const key of ['lists', 'room_subscriptions', 'extensions', 'conn_id'])
    await refuse({ [key]: 7 }, 'M_BAD_JSON');
  await refuse({ extensions: { typing: { enabled: true, rooms: [1] } } });
  await refuse({ extensions: { to_device: { enabled: true, limit: 0 } } });
  await user.call('POST', SLIDING, {
    body: {},
    query: { set_presence: 'asleep' },
    expect: [400, 'M_INVALID_PARAM'],
  });
  await user.call('POST', SLIDING, {
    raw: '{',
    headers: { 'content-type': 'application/json' },
    expect: [400, 'M_NOT_JSON'],
  });
  const wide = await ask(user, one({ ranges: [[0, 9007199254740991]] }));
  expect(wide.lists.all.count).toBe(0);
});

test('thousands of conn_ids of one device leave a few, and the other devices theirs', async () => {
  const [mallory, bob] = await t.users('mallory', 'bob');
  const c = new Connection(bob, { lists: { all: list([0, 9]) } });
  await c.next();
  await atOnce(2000, (i) => ask(mallory, { conn_id: `c${i}` }));
  expect((await c.next()).rooms).toEqual({});
});

test('kinds of required_state without end on one connection end it', async () => {
  const user = await t.user();
  const rooms = await make(user, 70);
  const c = new Connection(user, {});
  let ended = false;
  for (let i = 0; i < 70 && !ended; i++) {
    c.body = { lists: { all: list([i, i], { required_state: [['x', `${i}`]] }) } };
    const answer = await user.call('POST', SLIDING, { body: c.body, query: { pos: c.pos }, expect: 'any' });
    ended = answer.status === 400;
    if (ended) expect(answer.body.errcode).toBe('M_UNKNOWN_POS');
    else c.pos = answer.body.pos;
  }
  expect(ended).toBe(true);
  expect(rooms.length).toBe(70);
});

test('[ACL-02] history that /messages hides is hidden here', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({
    invite: [bob.id],
    initial_state: [
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
    ],
  });
  await alice.send(room, 'avant');
  await bob.join(room);
  await alice.send(room, 'dedans');
  const answer = await ask(bob, { lists: { all: list([0, 9], { timeline_limit: 50 }) } });
  expect(bodies(answer.rooms[room])).toEqual(['dedans']);
  expect(bodiesOf((await bob.messages(room)).chunk)).toEqual(['dedans']);
});
