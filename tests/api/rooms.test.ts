// SPDX-License-Identifier: EUPL-1.2
// Creating rooms, aliases, upgrades, knocks, restricted joins, directory, spaces, reports.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { type Event, type User, unique } from './src/user.ts';

const t = stage();

const stateOf = (events: Event[], type: string, key = '') =>
  events.find((e) => e.type === type && e.state_key === key);

test('[R03] each preset sets join rule, history visibility and guest access', async () => {
  const user = await t.user();
  const table: Record<string, [string, string, string]> = {
    private_chat: ['invite', 'shared', 'can_join'],
    trusted_private_chat: ['invite', 'shared', 'can_join'],
    public_chat: ['public', 'shared', 'forbidden'],
  };
  for (const [preset, [rule, visibility, guests]] of Object.entries(table)) {
    const state = await user.allState(await user.createRoom({ preset }));
    expect(stateOf(state, 'm.room.join_rules')?.content.join_rule, preset).toBe(rule);
    expect(stateOf(state, 'm.room.history_visibility')?.content.history_visibility, preset).toBe(visibility);
    expect(stateOf(state, 'm.room.guest_access')?.content.guest_access ?? 'forbidden', preset).toBe(guests);
  }
  // Without preset the visibility chooses.
  for (const [visibility, rule] of [
    ['public', 'public'],
    ['private', 'invite'],
  ]) {
    const state = await user.allState(await user.createRoom({ visibility }));
    expect(stateOf(state, 'm.room.join_rules')?.content.join_rule).toBe(rule);
  }
});

test('[R03] events come in the order of the specification', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const alias = unique('ordre');
  const room = await alice.createRoom({
    preset: 'public_chat',
    room_alias_name: alias,
    name: 'Nom',
    topic: 'Sujet',
    invite: [bob.id],
    initial_state: [{ type: 'org.example.first', content: { n: 1 } }],
  });
  const { chunk } = await alice.messages(room, { dir: 'f' });
  const order = chunk.map((e: Event) =>
    e.type === 'm.room.member' ? `${e.type}:${e.content.membership}` : e.type,
  );
  expect(order.slice(0, 3)).toEqual(['m.room.create', 'm.room.member:join', 'm.room.power_levels']);
  const places = [
    'm.room.power_levels',
    'm.room.canonical_alias',
    'm.room.join_rules',
    'org.example.first',
    'm.room.name',
    'm.room.member:invite',
  ].map((type) => order.indexOf(type));
  expect(places.every((p) => p >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(order.indexOf('m.room.topic')).toBeGreaterThan(order.indexOf('org.example.first'));
  expect(order.indexOf('m.room.topic')).toBeLessThan(order.indexOf('m.room.member:invite'));
  expect((await alice.getState(room, 'm.room.canonical_alias')).alias).toBe(`#${alias}:localhost`);
  expect((await alice.getState(room, 'm.room.topic')).topic).toBe('Sujet');
});

test('[R03] version 12: the room id is the hash of its create event, creators stand above the levels', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ preset: 'trusted_private_chat', invite: [bob.id] });
  expect(room).toMatch(/^![A-Za-z0-9_-]{43}$/);
  const state = await alice.allState(room);
  const create = stateOf(state, 'm.room.create');
  expect(create?.event_id.slice(1)).toBe(room.slice(1));
  expect(create?.content.room_version).toBe('12');
  expect(create?.content.additional_creators).toEqual([bob.id]);
  const levels = stateOf(state, 'm.room.power_levels')?.content;
  expect(levels.users?.[alice.id]).toBeUndefined();
  expect(levels.users?.[bob.id]).toBeUndefined();
  expect(levels.events['m.room.tombstone']).toBeGreaterThan(levels.state_default ?? 50);
});

test('[R03] before version 12 trusted_private_chat gives everyone invited the level of the creator', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({
    room_version: '10',
    preset: 'trusted_private_chat',
    invite: [bob.id],
    is_direct: true,
  });
  expect(room).toMatch(/^![^:]+:localhost$/);
  const levels = await alice.getState(room, 'm.room.power_levels');
  expect(levels.users).toMatchObject({ [alice.id]: 100, [bob.id]: 100 });
  expect((await alice.getState(room, 'm.room.member', bob.id)).is_direct).toBe(true);
});

test('[R03] every room version offered can be created and written to; an unknown one is refused', async () => {
  const user = await t.user();
  const { capabilities } = await user.get('/v3/capabilities');
  for (const version of Object.keys(capabilities['m.room_versions'].available)) {
    const room = await user.createRoom({ room_version: version, preset: 'public_chat' });
    await user.send(room, `version ${version}`);
    expect((await user.getState(room, 'm.room.create')).room_version ?? '1').toBe(version);
  }
  await user.post('/v3/createRoom', { room_version: '999' }, { expect: [400, 'M_UNSUPPORTED_ROOM_VERSION'] });
});

test('[R04] creator and room_version of creation_content are overwritten, the rest stays', async () => {
  const user = await t.user();
  const creation_content = {
    creator: '@evil:example.org',
    room_version: '1',
    'm.federate': false,
    type: 'm.space',
    extra: 7,
  };
  for (const room_version of ['10', '12']) {
    const create = await user.getState(
      await user.createRoom({ room_version, creation_content }),
      'm.room.create',
    );
    expect(create).toMatchObject({ room_version, 'm.federate': false, type: 'm.space', extra: 7 });
    if (room_version === '10') expect(create.creator).toBe(user.id);
    else expect([undefined, user.id]).toContain(create.creator);
  }
});

test('[R04] power_level_content_override replaces whole top-level keys', async () => {
  const user = await t.user();
  const override = { events: { 'm.room.name': 77 }, events_default: 12 };
  const room = await user.createRoom({ room_version: '11', power_level_content_override: override });
  const levels = await user.getState(room, 'm.room.power_levels');
  expect(levels.events).toEqual({ 'm.room.name': 77 });
  expect(levels.events_default).toBe(12);
  expect(levels.users[user.id]).toBe(100);
});

test('a room that cannot be made leaves nothing behind', async () => {
  const user = await t.user();
  const before = (await user.get('/v3/joined_rooms')).joined_rooms.length;
  const alias = unique('taken');
  await user.createRoom({ room_alias_name: alias });
  await user.post('/v3/createRoom', { room_alias_name: alias }, { expect: [400, 'M_ROOM_IN_USE'] });
  await user.post('/v3/createRoom', { invite: ['not a user'] }, { expect: 400 });
  await user.post('/v3/createRoom', { preset: 'imperial_chat' }, { expect: 400 });
  await user.post('/v3/createRoom', { visibility: 'maybe' }, { expect: 400 });
  await user.post(
    '/v3/createRoom',
    { initial_state: [{ type: 'm.room.power_levels', content: { users: [] } }] },
    { expect: 400 },
  );
  expect((await user.get('/v3/joined_rooms')).joined_rooms).toHaveLength(before + 1);
});

test('[R05] the empty state key is written and read with and without its slash', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  const base = path`/v3/rooms/${room}/state/m.room.name`;
  await user.put(base, { name: 'sans' });
  expect((await user.get(`${base}/`)).name).toBe('sans');
  const event_id = (await user.put(`${base}/`, { name: 'avec' })).event_id;
  expect(await user.get(base)).toEqual({ name: 'avec' });
  const whole = await user.get(base, { query: { format: 'event' } });
  expect(whole).toMatchObject({
    event_id,
    type: 'm.room.name',
    state_key: '',
    sender: user.id,
    content: { name: 'avec' },
  });
  await user.getState(room, 'm.room.topic', '', { expect: [404, 'M_NOT_FOUND'] });
  await user.setState(room, 'org.example.keyed', { a: 1 }, 'une clé/avec#signes');
  expect(await user.getState(room, 'org.example.keyed', 'une clé/avec#signes')).toEqual({ a: 1 });
});

test('[R17] an upgrade copies the state, moves the alias, closes the old room', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const alias = unique('ancien');
  const old = await alice.createRoom({
    room_version: '10',
    preset: 'public_chat',
    visibility: 'public',
    room_alias_name: alias,
    name: 'Ancien',
    topic: 'Sujet',
  });
  await bob.join(old);
  await alice.setState(old, 'm.room.server_acl', { allow: ['*'], deny: ['evil.example'] });
  await bob.post(path`/v3/rooms/${old}/upgrade`, { new_version: '12' }, { expect: [403, 'M_FORBIDDEN'] });
  await alice.post(
    path`/v3/rooms/${old}/upgrade`,
    { new_version: '999' },
    { expect: [400, 'M_UNSUPPORTED_ROOM_VERSION'] },
  );
  const { replacement_room: next } = await alice.post(path`/v3/rooms/${old}/upgrade`, { new_version: '12' });
  expect((await alice.getState(old, 'm.room.tombstone')).replacement_room).toBe(next);
  const create = await alice.getState(next, 'm.room.create');
  expect(create).toMatchObject({ room_version: '12', predecessor: { room_id: old } });
  expect((await alice.getState(next, 'm.room.name')).name).toBe('Ancien');
  expect((await alice.getState(next, 'm.room.topic')).topic).toBe('Sujet');
  expect((await alice.getState(next, 'm.room.join_rules')).join_rule).toBe('public');
  expect((await alice.getState(next, 'm.room.server_acl')).deny).toEqual(['evil.example']);
  const found = await alice.get(path`/v3/directory/room/${`#${alias}:localhost`}`);
  expect(found.room_id).toBe(next);
  expect((await alice.get(path`/v3/directory/list/room/${next}`)).visibility).toBe('public');
  expect((await alice.get(path`/v3/directory/list/room/${old}`)).visibility).toBe('private');
  const levels = await alice.getState(old, 'm.room.power_levels');
  expect(levels.events_default).toBeGreaterThanOrEqual(50);
  expect(levels.invite).toBeGreaterThanOrEqual(50);
  await bob.put(
    path`/v3/rooms/${old}/send/m.room.message/x`,
    { msgtype: 'm.text', body: 'x' },
    { expect: [403, 'M_FORBIDDEN'] },
  );
});

test('[R17] tags and push rules follow the one who joins the new room', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const old = await alice.roomWith([bob], { preset: 'public_chat' });
  await bob.put(path`/v3/user/${bob.id}/rooms/${old}/tags/m.favourite`, { order: 0.5 });
  await bob.put(path`/v3/pushrules/global/room/${old}`, { actions: [] });
  const { replacement_room: next } = await alice.post(path`/v3/rooms/${old}/upgrade`, { new_version: '12' });
  await bob.join(next);
  expect((await bob.get(path`/v3/user/${bob.id}/rooms/${next}/tags`)).tags['m.favourite'].order).toBe(0.5);
  expect((await bob.get(path`/v3/pushrules/global/room/${next}`)).actions).toEqual([]);
});

test('[R18] aliases: made, found, listed, deleted by whom it may be, and checked in canonical_alias', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ preset: 'public_chat' });
  const [mine, wrong] = [`#${unique('alias')}:localhost`, `#${unique('none')}:localhost`];
  const at = path`/v3/directory/room/${mine}`;
  await alice.get(at, { expect: [404, 'M_NOT_FOUND'] });
  await alice.put(at, { room_id: room });
  await alice.put(at, { room_id: room }, { expect: 409 });
  expect((await bob.get(at)).room_id).toBe(room);
  expect((await alice.get(path`/v3/rooms/${room}/aliases`)).aliases).toEqual([mine]);
  await bob.delete(at, { expect: [403, 'M_FORBIDDEN'] });
  await alice.setState(room, 'm.room.canonical_alias', { alias: wrong }, '', {
    expect: [400, 'M_BAD_ALIAS'],
  });
  await alice.setState(room, 'm.room.canonical_alias', { alt_aliases: [wrong] }, '', {
    expect: [400, 'M_BAD_ALIAS'],
  });
  await alice.setState(room, 'm.room.canonical_alias', { alias: 'no alias' }, '', { expect: 400 });
  await alice.setState(room, 'm.room.canonical_alias', { alias: mine, alt_aliases: [mine] });
  expect((await bob.post(path`/v3/join/${mine}`)).room_id).toBe(room);
  await alice.delete(at);
  await alice.get(at, { expect: [404, 'M_NOT_FOUND'] });
  await bob.get(path`/v3/directory/room/${'#x'}`, { expect: 400 });
});

test('[R19] a knock has a reason, can be taken back, and is accepted by an invitation', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
    name: 'Porte',
  });
  await bob.join(room, { expect: [403, 'M_FORBIDDEN'] });
  const knock = (await bob.post(path`/v3/knock/${room}`, { reason: 'toc' })).room_id;
  expect(knock).toBe(room);
  const sync = await bob.sync();
  const stripped: Event[] = sync.rooms.knock[room].knock_state.events;
  expect(stripped.find((e) => e.type === 'm.room.member' && e.state_key === bob.id)?.content.membership).toBe(
    'knock',
  );
  expect(stripped.find((e) => e.type === 'm.room.name')?.content.name).toBe('Porte');
  for (const event of stripped)
    expect(Object.keys(event).sort()).toEqual(['content', 'sender', 'state_key', 'type']);
  expect((await alice.getState(room, 'm.room.member', bob.id)).reason).toBe('toc');
  await bob.leave(room);
  expect((await alice.getState(room, 'm.room.member', bob.id)).membership).toBe('leave');
  await bob.post(path`/v3/knock/${room}`, {});
  await alice.invite(room, bob.id);
  await bob.join(room);
  await alice.ban(room, bob.id);
  await bob.post(path`/v3/knock/${room}`, {}, { expect: 403 });
});

test('[R19] a restricted room opens to members of the other, and says who vouched', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  for (const room_version of ['10', '12']) {
    const club = await alice.roomWith([bob]);
    for (const join_rule of ['restricted', 'knock_restricted']) {
      const content = { join_rule, allow: [{ type: 'm.room_membership', room_id: club }] };
      const room = await alice.createRoom({
        room_version,
        initial_state: [{ type: 'm.room.join_rules', content }],
      });
      await carol.join(room, { expect: [403, 'M_FORBIDDEN'] });
      await bob.join(room);
      const member = await alice.getState(room, 'm.room.member', bob.id);
      expect(member.join_authorised_via_users_server).toBe(alice.id);
      if (join_rule === 'knock_restricted') await carol.post(path`/v3/knock/${room}`, {});
      else await carol.post(path`/v3/knock/${room}`, {}, { expect: [403, 'M_FORBIDDEN'] });
    }
  }
});

test('[R20] summary, directory and hierarchy agree on a room', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const name = unique('Salon ');
  const room = await alice.createRoom({ preset: 'public_chat', visibility: 'public', name, topic: 'Sujet' });
  const space = await alice.createRoom({ preset: 'public_chat', creation_content: { type: 'm.space' } });
  await alice.setState(space, 'm.space.child', { via: ['localhost'] }, room);
  await alice.setState(room, 'm.space.child', { via: ['localhost'] }, space); // a loop
  const summary = await bob.get(path`/v1/room_summary/${room}`);
  const directory = await bob.post('/v3/publicRooms', { filter: { generic_search_term: name } });
  const { rooms } = await bob.get(path`/v1/rooms/${space}/hierarchy`);
  expect(rooms.map((r: Any) => r.room_id)).toEqual([space, room]);
  expect(rooms[0].room_type).toBe('m.space');
  expect(rooms[0].children_state.map((e: Event) => e.state_key)).toEqual([room]);
  const views = [summary, directory.chunk[0], rooms[1]];
  for (const view of views) {
    expect(view).toMatchObject({
      room_id: room,
      name,
      topic: 'Sujet',
      join_rule: 'public',
      num_joined_members: 1,
    });
    expect(view.world_readable).toBe(false);
    expect(view.guest_can_join).toBe(false);
  }
  expect(summary.room_version).toBe('12');
  expect((await alice.get(path`/v1/room_summary/${room}`)).membership).toBe('join');
  expect((await bob.get(path`/v1/rooms/${space}/hierarchy`, { query: { max_depth: 0 } })).rooms).toHaveLength(
    1,
  );
  const page = await bob.get(path`/v1/rooms/${space}/hierarchy`, { query: { limit: 1 } });
  expect(page.rooms).toHaveLength(1);
  const rest = await bob.get(path`/v1/rooms/${space}/hierarchy`, {
    query: { limit: 1, from: page.next_batch },
  });
  expect(rest.rooms[0].room_id).toBe(room);
});

test('[R20] [ACL-04] a private room is told from none by no road', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const real = await alice.createRoom({ preset: 'private_chat', name: 'Secret' });
  const none = `!${'A'.repeat(43)}`;
  const roads: ((user: User, room: string) => Promise<{ status: number; text: string }>)[] = [
    (user, room) => user.call('GET', path`/v1/room_summary/${room}`, { expect: 'any' }),
    (user, room) => user.call('GET', path`/v1/rooms/${room}/hierarchy`, { expect: 'any' }),
    (user, room) => user.call('POST', path`/v3/join/${room}`, { body: {}, expect: 'any' }),
    (user, room) => user.call('POST', path`/v3/rooms/${room}/join`, { body: {}, expect: 'any' }),
    (user, room) =>
      user.call('POST', path`/v3/rooms/${room}/report`, { body: { reason: 'x' }, expect: 'any' }),
    (user, room) => user.call('GET', path`/v3/rooms/${room}/state`, { expect: 'any' }),
    (user, room) => user.call('GET', path`/v3/rooms/${room}/members`, { expect: 'any' }),
    (user, room) => user.call('GET', path`/v3/rooms/${room}/messages?dir=b`, { expect: 'any' }),
    (user, room) => user.call('POST', path`/v3/rooms/${room}/leave`, { body: {}, expect: 'any' }),
  ];
  for (const [i, road] of roads.entries()) {
    const [there, nowhere] = [await road(bob, real), await road(bob, none)];
    expect([there.status, there.text.replaceAll(real, 'ROOM')], `road ${i}`).toEqual([
      nowhere.status,
      nowhere.text.replaceAll(none, 'ROOM'),
    ]);
  }
});

test('[R23] reports: an event needs its reader, a room and a user do not', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom();
  const event = await alice.send(room, 'x');
  await alice.post(path`/v3/rooms/${room}/report/${event}`, { reason: 'malveillant' });
  await bob.post(path`/v3/rooms/${room}/report/${event}`, { reason: 'x' }, { expect: [404, 'M_NOT_FOUND'] });
  await alice.post(path`/v3/rooms/${room}/report/${'$none'}`, {}, { expect: [404, 'M_NOT_FOUND'] });
  await bob.post(path`/v3/users/${alice.id}/report`, { reason: 'x' });
  await bob.post(path`/v3/users/${alice.id}/report`, { reason: 5 }, { expect: 400 });
});

test('[R24] an invitation shows stripped state with the create event, and nothing more', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ name: 'Bureau', topic: 'caché', invite: [bob.id] });
  const events: Event[] = (await bob.sync()).rooms.invite[room].invite_state.events;
  for (const event of events)
    expect(Object.keys(event).sort()).toEqual(['content', 'sender', 'state_key', 'type']);
  const types = events.map((e) => e.type);
  for (const type of ['m.room.create', 'm.room.name', 'm.room.join_rules', 'm.room.member'])
    expect(types).toContain(type);
  expect(events.find((e) => e.state_key === bob.id)).toMatchObject({
    sender: alice.id,
    content: { membership: 'invite' },
  });
});

test('[J10] a room id without domain is never used for routing', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ preset: 'public_chat' });
  expect(room).not.toContain(':');
  expect((await bob.post(`${path`/v3/join/${room}`}?via=nowhere.example`)).room_id).toBe(room);
  expect((await bob.get('/v3/joined_rooms')).joined_rooms).toEqual([room]);
});

test('[ID-04] a room id that is the hash of nothing, or has a foreign shape, is no room', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  for (const other of [
    `${room}:localhost`,
    `${room}x`,
    room.slice(0, -1),
    room.toUpperCase(),
    '!',
    `!${'é'.repeat(20)}`,
  ]) {
    if (other === room) continue;
    const answer = await user.call('GET', path`/v3/rooms/${other}/state`, { expect: 'any' });
    expect([400, 403, 404], other).toContain(answer.status);
  }
});

test('[J11] path segments are decoded once, whatever stands in them', async () => {
  const user = await t.user();
  const room = await user.createRoom();
  for (const key of ['a/b', 'a#b', 'a%2Fb', '!$+ ?&=', 'é€😀', '%', 'a+b', 'x@y:z']) {
    await user.setState(room, 'org.example.seg/ment', { key }, key);
    expect(await user.getState(room, 'org.example.seg/ment', key), key).toEqual({ key });
    const state = await user.allState(room);
    expect(
      state.some((e) => e.type === 'org.example.seg/ment' && e.state_key === key),
      key,
    ).toBe(true);
  }
});
