// SPDX-License-Identifier: EUPL-1.2
// What an upgrade carries over, and to whom it gives nothing.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { stage } from './src/stage.ts';
import { type Event, type User, unique } from './src/user.ts';

const t = stage();

const upgrade = async (user: User, room: string, new_version: string, extra: object = {}) =>
  (await user.post(path`/v3/rooms/${room}/upgrade`, { new_version, ...extra })).replacement_room as string;

test('[R17] a moderator upgrades a room of version 11 and has no more power in the new one', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const old = await alice.roomWith([bob], { room_version: '11', preset: 'public_chat', name: 'Salon' });
  await alice.powerLevels(old, (levels) => {
    levels.users[bob.id] = 50;
    levels.events['m.room.tombstone'] = 50;
    levels.ban = 60;
  });
  const next = await upgrade(bob, old, '11');
  const levels = await bob.getState(next, 'm.room.power_levels');
  expect(levels.users).toEqual({ [alice.id]: 100, [bob.id]: 50 });
  expect(levels.ban).toBe(60);
  expect((await bob.getState(next, 'm.room.name')).name).toBe('Salon');
  const { predecessor } = await bob.getState(next, 'm.room.create');
  const state: Event[] = await bob.allState(old);
  const tombstone = state.find((e) => e.type === 'm.room.tombstone');
  expect(predecessor).toEqual({ room_id: old, event_id: tombstone?.event_id });
  await bob.setState(next, 'm.room.power_levels', { ...levels, ban: 0 }, '', {
    expect: [403, 'M_FORBIDDEN'],
  });
  await alice.join(next);
});

test('[R17] version 12: creators stand above the levels, those asked for and no others', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const old = await alice.roomWith([bob, carol], { room_version: '10' });
  await alice.powerLevels(old, (levels) => {
    levels.users[bob.id] = 100;
    levels.users[carol.id] = 50;
  });
  await alice.post(
    path`/v3/rooms/${old}/upgrade`,
    { new_version: '12', additional_creators: ['nobody'] },
    { expect: 400 },
  );
  const next = await upgrade(alice, old, '12', { additional_creators: [bob.id, alice.id] });
  expect((await alice.getState(next, 'm.room.create')).additional_creators).toEqual([bob.id]);
  expect((await alice.getState(next, 'm.room.power_levels')).users).toEqual({ [carol.id]: 50 });
  const third = await upgrade(alice, next, '12');
  expect((await alice.getState(third, 'm.room.create')).additional_creators).toBeUndefined();
  expect((await alice.get('/v3/joined_rooms')).joined_rooms.sort()).toEqual([old, next, third].sort());
});

test('[STA-12] the powerless upgrade nothing, the banned stay out, and nobody is invited again', async () => {
  const [alice, bob, carol, dora] = await t.users('alice', 'bob', 'carol', 'dora');
  const old = await alice.roomWith([bob, carol], { preset: 'public_chat' });
  await alice.invite(old, dora.id);
  await alice.ban(old, carol.id);
  for (const user of [bob, carol, dora])
    await user.post(path`/v3/rooms/${old}/upgrade`, { new_version: '12' }, { expect: [403, 'M_FORBIDDEN'] });
  await alice.getState(old, 'm.room.tombstone', '', { expect: [404, 'M_NOT_FOUND'] });
  const next = await upgrade(alice, old, '12');
  await carol.join(next, { expect: [403, 'M_FORBIDDEN'] });
  const { chunk } = await alice.get(path`/v3/rooms/${next}/members`);
  const members = chunk.map((e: Event) => [e.state_key, e.content.membership]);
  expect(Object.fromEntries(members)).toEqual({ [alice.id]: 'join', [carol.id]: 'ban' });
});

test('[STA-12] a room that names ours as its predecessor gets nothing of our users', async () => {
  const [alice, eve] = await t.users('alice', 'eve');
  const old = await alice.createRoom();
  await alice.put(path`/v3/user/${alice.id}/rooms/${old}/tags/m.favourite`, { order: 0.5 });
  await alice.put(path`/v3/pushrules/global/room/${old}`, { actions: [] });
  const forged = await eve.createRoom({
    preset: 'public_chat',
    creation_content: { predecessor: { room_id: old, event_id: '$x' } },
  });
  await alice.join(forged);
  expect((await alice.get(path`/v3/user/${alice.id}/rooms/${forged}/tags`)).tags).toEqual({});
  await alice.get(path`/v3/pushrules/global/room/${forged}`, { expect: [404, 'M_NOT_FOUND'] });
});

test('[R17] a space keeps its rooms, and the one who upgrades keeps their tags and direct chats', async () => {
  const alice = await t.user();
  const alias = unique('espace');
  const space = await alice.createRoom({ creation_content: { type: 'm.space' }, room_alias_name: alias });
  const [child, gone] = [await alice.createRoom(), await alice.createRoom()];
  await alice.setState(space, 'm.space.child', { via: ['localhost'], suggested: true }, child);
  await alice.setState(space, 'm.space.child', {}, gone);
  await alice.put(path`/v3/user/${alice.id}/rooms/${space}/tags/u.travail`, {});
  await alice.accountData('m.direct', { '@ami:localhost': [space], '@autre:localhost': [child] });
  const next = await upgrade(alice, space, '12');
  const state: Event[] = await alice.allState(next);
  expect(state.find((e) => e.type === 'm.room.create')?.content.type).toBe('m.space');
  const children = state.filter((e) => e.type === 'm.space.child').map((e) => [e.state_key, e.content]);
  expect(children).toEqual([[child, { via: ['localhost'], suggested: true }]]);
  expect((await alice.getState(next, 'm.room.canonical_alias')).alias).toBe(`#${alias}:localhost`);
  expect(await alice.getState(space, 'm.room.canonical_alias')).toEqual({});
  expect((await alice.get(path`/v3/user/${alice.id}/rooms/${next}/tags`)).tags).toEqual({ 'u.travail': {} });
  expect(await alice.get(path`/v3/user/${alice.id}/account_data/m.direct`)).toEqual({
    '@ami:localhost': [space, next],
    '@autre:localhost': [child],
  });
});
