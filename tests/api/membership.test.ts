// SPDX-License-Identifier: EUPL-1.2
// Join, invite, leave, kick, ban, forget; member lists; what stays readable afterwards.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, type Event, timelineOf, type User } from './src/user.ts';

const t = stage();
const membershipOf = async (witness: User, room: string, user: User) =>
  (await witness.getState(room, 'm.room.member', user.id)).membership;

test('invite, join, leave, kick, ban and unban go through their states', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom();
  await bob.join(room, { expect: [403, 'M_FORBIDDEN'] });
  await alice.invite(room, bob.id);
  expect(await membershipOf(alice, room, bob)).toBe('invite');
  await bob.join(room);
  await bob.join(room); // again: no error, no second event
  expect((await bob.get('/v3/joined_rooms')).joined_rooms).toEqual([room]);
  await alice.invite(room, bob.id, { expect: [403, 'M_FORBIDDEN'] });
  await bob.kick(room, alice.id, { expect: [403, 'M_FORBIDDEN'] });
  await alice.post(path`/v3/rooms/${room}/kick`, { user_id: bob.id, reason: 'dehors' });
  expect(await alice.getState(room, 'm.room.member', bob.id)).toMatchObject({
    membership: 'leave',
    reason: 'dehors',
  });
  await alice.kick(room, bob.id, { expect: 403 });
  await alice.ban(room, bob.id);
  await alice.invite(room, bob.id, { expect: 403 });
  await bob.join(room, { expect: [403, 'M_FORBIDDEN'] });
  await alice.post(path`/v3/rooms/${room}/unban`, { user_id: bob.id });
  expect(await membershipOf(alice, room, bob)).toBe('leave');
  await alice.post(path`/v3/rooms/${room}/unban`, { user_id: bob.id }, { expect: 403 });
  await bob.leave(room);
  await alice.leave(room);
  await alice.allState(room);
});

test('[R07] [ACL-03] after leaving, kick or ban: everything up to the departure, nothing newer', async () => {
  for (const way of ['leave', 'kick', 'ban'] as const) {
    const [alice, bob] = await t.users('alice', 'bob');
    const room = await alice.roomWith([bob]);
    await alice.send(room, 'avant');
    const since = (await bob.sync()).next_batch;
    if (way === 'leave') await bob.leave(room);
    else await alice[way](room, bob.id);
    const secret = await alice.send(room, 'après');
    await alice.setState(room, 'm.room.name', { name: 'Après' });
    const sync = await bob.sync({ since });
    const left = timelineOf(sync, room, 'leave');
    expect(sync.rooms.join?.[room]).toBeUndefined();
    expect(left.at(-1)).toMatchObject({ type: 'm.room.member', state_key: bob.id });
    expect(JSON.stringify(sync)).not.toContain('après');
    const { chunk } = await bob.messages(room);
    expect(bodiesOf(chunk)).toEqual(['avant']);
    const forward = await bob.messages(room, { dir: 'f' });
    expect(bodiesOf(forward.chunk)).toEqual(['avant']);
    expect((await bob.allState(room)).some((e) => e.type === 'm.room.name')).toBe(false);
    await bob.event(room, secret, { expect: [404, 'M_NOT_FOUND'] });
    await bob.get(path`/v3/rooms/${room}/context/${secret}`, { expect: [404, 'M_NOT_FOUND'] });
    await bob.put(
      path`/v3/rooms/${room}/send/m.room.message/x`,
      { msgtype: 'm.text', body: 'x' },
      { expect: [403, 'M_FORBIDDEN'] },
    );
    const later = await bob.sync({ since: sync.next_batch });
    expect(later.rooms?.leave?.[room]).toBeUndefined();
    expect(JSON.stringify(later)).not.toContain('après');
  }
});

test('[R07] forget removes a room that one left, and joining again restores it', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { preset: 'public_chat' });
  await alice.send(room, 'avant');
  await bob.post(path`/v3/rooms/${room}/forget`, {}, { expect: 400 });
  await bob.leave(room);
  await bob.messages(room);
  await bob.post(path`/v3/rooms/${room}/forget`);
  await bob.messages(room, {}, { expect: [403, 'M_FORBIDDEN'] });
  const include = { room: { include_leave: true } };
  expect((await bob.sync({ filter: include })).rooms?.leave?.[room]).toBeUndefined();
  await bob.join(room);
  expect(bodiesOf((await bob.messages(room)).chunk)).toEqual(['avant']);
});

test('[R09] member lists: all, by membership, at a point in time, joined only', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob]);
  const before = (await alice.sync()).next_batch;
  await alice.invite(room, carol.id);
  await bob.leave(room);
  const at = path`/v3/rooms/${room}/members`;
  const list = async (query: Record<string, string>) => {
    const { chunk } = await alice.get(at, { query });
    return Object.fromEntries(chunk.map((e: Event) => [e.state_key, e.content.membership]));
  };
  expect(await list({})).toEqual({ [alice.id]: 'join', [bob.id]: 'leave', [carol.id]: 'invite' });
  expect(await list({ membership: 'join' })).toEqual({ [alice.id]: 'join' });
  expect(await list({ not_membership: 'join' })).toEqual({ [bob.id]: 'leave', [carol.id]: 'invite' });
  expect(await list({ at: before })).toEqual({ [alice.id]: 'join', [bob.id]: 'join' });
  expect(Object.keys((await alice.get(path`/v3/rooms/${room}/joined_members`)).joined)).toEqual([alice.id]);
  await alice.get(at, { query: { membership: 'ghost' }, expect: 400 });
  await alice.get(at, { query: { at: 'rubbish' }, expect: 400 });
});

test('[ACL-05] the member list of a room not joined is refused, at an old token too', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom();
  const at = (await alice.sync()).next_batch;
  await bob.get(path`/v3/rooms/${room}/members`, { expect: [403, 'M_FORBIDDEN'] });
  await bob.get(path`/v3/rooms/${room}/members`, { query: { at }, expect: 403 });
  await bob.get(path`/v3/rooms/${room}/joined_members`, { expect: [403, 'M_FORBIDDEN'] });
});

test('[R11] who blocks invitations gets none, and the inviter is told', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await bob.accountData('m.invite_permission_config', { default_action: 'block' });
  const room = await alice.createRoom();
  await alice.invite(room, bob.id, { expect: [403, 'M_INVITE_BLOCKED'] });
  const refused = await alice.call('POST', '/v3/createRoom', { body: { invite: [bob.id] }, expect: 'any' });
  expect([200, 403]).toContain(refused.status);
  expect((await bob.sync()).rooms?.invite ?? {}).toEqual({});
  await bob.accountData('m.invite_permission_config', {});
  await alice.invite(room, bob.id);
  expect(Object.keys((await bob.sync()).rooms.invite)).toEqual([room]);
  // An invitation from before the block is hidden, and comes back with it.
  await bob.accountData('m.invite_permission_config', { default_action: 'block' });
  expect((await bob.sync()).rooms?.invite ?? {}).toEqual({});
});

test('[R10] an ignored user is silent everywhere, at once; state is still sent', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob, carol]);
  await bob.send(room, 'avant');
  await alice.accountData('m.ignored_user_list', { ignored_users: { [bob.id]: {} } });
  const since = (await alice.sync()).next_batch;
  const root = await carol.send(room, 'de Carol');
  await bob.send(room, 'ignoré');
  await bob.send(room, {
    'm.relates_to': { rel_type: 'm.reference', event_id: root },
    body: 'ignoré',
    msgtype: 'm.text',
  });
  await bob.put(path`/v3/rooms/${room}/state/m.room.member/${bob.id}`, {
    membership: 'join',
    displayname: 'Nouveau nom',
  });
  const other = await bob.createRoom({ invite: [alice.id] });
  await carol.send(room, 'fin');
  const sync = await alice.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes('fin'), { since });
  expect(JSON.stringify(sync)).not.toContain('ignoré');
  expect(timelineOf(sync, room).some((e) => e.type === 'm.room.member' && e.state_key === bob.id)).toBe(true);
  expect(sync.rooms.invite?.[other]).toBeUndefined();
  const { chunk } = await alice.messages(room);
  expect(bodiesOf(chunk).toSorted()).toEqual(['de Carol', 'fin']);
  expect((await alice.get(path`/v1/rooms/${room}/relations/${root}`)).chunk).toEqual([]);
  await alice.accountData('m.ignored_user_list', { ignored_users: {} });
  expect(bodiesOf((await alice.messages(room)).chunk)).toContain('ignoré');
});

test('display names and pictures reach the rooms, and the directory of people', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await bob.put(path`/v3/profile/${bob.id}/displayname`, { displayname: 'Robert' });
  await alice.syncUntil((s) =>
    [...timelineOf(s, room), ...(s.rooms?.join?.[room]?.state?.events ?? [])].some(
      (e: Any) => e.type === 'm.room.member' && e.state_key === bob.id && e.content.displayname === 'Robert',
    ),
  );
  expect((await alice.get(path`/v3/profile/${bob.id}`)).displayname).toBe('Robert');
  expect((await alice.get(path`/v3/profile/${bob.id}/displayname`)).displayname).toBe('Robert');
  await alice.put(
    path`/v3/profile/${bob.id}/displayname`,
    { displayname: 'Volé' },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  await alice.get(path`/v3/profile/${'@nobody:localhost'}`, { expect: [404, 'M_NOT_FOUND'] });
});

test('[J09] old forms of user ids are accepted where they are only named', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const levels = await alice.getState(room, 'm.room.power_levels');
  levels.users = { ...levels.users, '@Old Form/é:elsewhere.example': 10 };
  await alice.setState(room, 'm.room.power_levels', levels);
  expect((await alice.getState(room, 'm.room.power_levels')).users['@Old Form/é:elsewhere.example']).toBe(10);
});

test('[J08] server names are compared exactly, with port and brackets', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom();
  const name = bob.localpart;
  for (const domain of ['LOCALHOST', 'localhost.', 'localhost:8008', '[::1]', '127.0.0.1']) {
    const answer = await alice.call('POST', path`/v3/rooms/${room}/invite`, {
      body: { user_id: `@${name}:${domain}` },
      expect: 'any',
    });
    expect(answer.status, domain).toBeGreaterThanOrEqual(400);
  }
  expect((await bob.sync()).rooms?.invite ?? {}).toEqual({});
});

test('[ID-02] server names that break the grammar are refused', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  for (const domain of [
    'a:0x1',
    'a:123456',
    '[::1',
    'a..b/',
    'user@host',
    'a/b',
    'é.example',
    '',
    'a b',
    'x'.repeat(300),
  ]) {
    await alice.invite(room, `@x:${domain}`, { expect: 400 });
  }
});
