// SPDX-License-Identifier: EUPL-1.2
// What an outside partner may and may not do: docs/design/room-rules.md, "Externals".
import { beforeAll, expect, test } from 'vitest';
import { type CallOptions, path } from './src/http.ts';
import { accessRule, newAgent, newExternal } from './src/people.ts';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'email' } });

let alice: User;
let partner: User;
let open: string;
beforeAll(async () => {
  alice = await newAgent(t.server);
  partner = await newExternal(t.server);
  open = await alice.createRoom({ initial_state: [accessRule('unrestricted')] });
  await alice.invite(open, partner.id);
  await partner.join(open);
});

async function refused(
  who: User,
  method: string,
  at: string,
  body: object | undefined,
  reason: string,
  expect_: CallOptions['expect'] = [403, 'M_FORBIDDEN'],
) {
  const answer = await who.call(method, at, { body, expect: expect_ });
  expect(answer.body['org.chappe.reason']).toBe(reason);
}

test('[ACC-13] creates no room, no space, no direct room', async () => {
  const create = (body: object) => refused(partner, 'POST', '/v3/createRoom', body, 'external_create_room');
  await create({});
  await create({ creation_content: { type: 'm.space' } });
  await create({ is_direct: true, invite: [alice.id] });
  await create({ visibility: 'public' });
});

test('[ACC-13] [ACL-07] neither searches people nor sees the rooms of the directory', async () => {
  await refused(partner, 'POST', '/v3/user_directory/search', { search_term: 'agent' }, 'external_directory');
  await refused(partner, 'POST', '/v3/publicRooms', {}, 'external_directory');
  await refused(partner, 'GET', '/v3/publicRooms', undefined, 'external_directory');
  await t.api.call('GET', '/_matrix/client/v3/publicRooms', { expect: [401, 'M_MISSING_TOKEN'] });
  const forum = await alice.createRoom({ visibility: 'public' });
  await partner.get(path`/v1/room_summary/${forum}`, { expect: [404, 'M_NOT_FOUND'] });
  await alice.get(path`/v1/room_summary/${forum}`);
  expect((await partner.get(path`/v1/room_summary/${open}`)).membership).toBe('join');
});

test('[ACC-13] enters no forum, and is not invited to one', async () => {
  const forum = await alice.createRoom({ visibility: 'public' });
  await refused(partner, 'POST', path`/v3/rooms/${forum}/join`, {}, 'external_forum');
  await refused(alice, 'POST', path`/v3/rooms/${forum}/invite`, { user_id: partner.id }, 'external_forum');
});

test('[ACC-13] is not invited to a restricted room; of one that is closed nothing is told', async () => {
  const room = await alice.createRoom({});
  const invite = path`/v3/rooms/${room}/invite`;
  await refused(alice, 'POST', invite, { user_id: partner.id }, 'external_restricted_room');
  await refused(alice, 'POST', '/v3/createRoom', { invite: [partner.id] }, 'external_restricted_room');
  const member = path`/v3/rooms/${room}/state/m.room.member/${partner.id}`;
  await refused(alice, 'PUT', member, { membership: 'invite' }, 'external_restricted_room');
  const answer = await partner.call('POST', path`/v3/rooms/${room}/join`, {
    body: {},
    expect: [403, 'M_FORBIDDEN'],
  });
  expect(answer.body['org.chappe.reason']).toBeUndefined();
});

test('[ACC-13] invites nobody, by any road', async () => {
  const bob = await newAgent(t.server, 'bob');
  await alice.powerLevels(open, (levels) => {
    levels.invite = 0;
  });
  const invite = path`/v3/rooms/${open}/invite`;
  await refused(partner, 'POST', invite, { user_id: bob.id }, 'external_invite');
  await refused(partner, 'POST', invite, { user_id: '@nobody:localhost' }, 'external_invite');
  const member = path`/v3/rooms/${open}/state/m.room.member/${bob.id}`;
  await refused(partner, 'PUT', member, { membership: 'invite' }, 'external_invite');
  const offer = path`/v3/rooms/${open}/state/m.room.third_party_invite/t`;
  await refused(partner, 'PUT', offer, { display_name: 'x' }, 'external_invite');
});

test('[ACC-13] [ACC-14] holds no power, by any road', async () => {
  const levels = await alice.getState(open, 'm.room.power_levels');
  const at = path`/v3/rooms/${open}/state/m.room.power_levels/`;
  const users = { ...levels.users, [partner.id]: 50 };
  await refused(alice, 'PUT', at, { ...levels, users }, 'external_power');
  await refused(alice, 'PUT', at, { ...levels, users_default: 50 }, 'external_power');
  await refused(partner, 'PUT', at, { ...levels, ban: 0 }, 'external_power');
  await refused(partner, 'POST', path`/v3/rooms/${open}/kick`, { user_id: alice.id }, 'external_power');
  await refused(partner, 'POST', path`/v3/rooms/${open}/ban`, { user_id: alice.id }, 'external_power');
  const creators = { creation_content: { additional_creators: [partner.id] } };
  await refused(alice, 'POST', '/v3/createRoom', creators, 'external_power');
  const override = { power_level_content_override: { users: { [partner.id]: 100 } } };
  await refused(alice, 'POST', '/v3/createRoom', override, 'external_power');
});

test('[ACC-13] answers in the direct room an agent invited them to, without power in it', async () => {
  for (const room_version of ['12', '11']) {
    const room = await alice.createRoom({
      room_version,
      is_direct: true,
      preset: 'trusted_private_chat',
      invite: [partner.id],
    });
    await partner.join(room);
    await partner.send(
      room,
      { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x', session_id: 's' },
      'm.room.encrypted',
    );
    const create = await alice.getState(room, 'm.room.create');
    expect(create.additional_creators ?? []).not.toContain(partner.id);
    const levels = await alice.getState(room, 'm.room.power_levels');
    expect(levels.users[partner.id] ?? 0).toBe(0);
    await partner.leave(room);
    await refused(partner, 'POST', path`/v3/rooms/${room}/invite`, { user_id: alice.id }, 'external_invite');
  }
});

test('[ACC-13] leaves, and comes back only when invited again', async () => {
  const room = await alice.createRoom({ initial_state: [accessRule('unrestricted')] });
  await alice.setState(room, 'm.room.join_rules', { join_rule: 'public' });
  await alice.invite(room, partner.id);
  await partner.join(room);
  await partner.leave(room);
  await refused(partner, 'POST', path`/v3/rooms/${room}/join`, {}, 'external_uninvited');
  await alice.invite(room, partner.id);
  await partner.join(room);
  await alice.kick(room, partner.id);
  await refused(partner, 'POST', path`/v3/rooms/${room}/join`, {}, 'external_uninvited');
});

test('[ACC-13] knocks at no room', async () => {
  const room = await alice.createRoom({ initial_state: [accessRule('unrestricted')] });
  await alice.setState(room, 'm.room.join_rules', { join_rule: 'knock' });
  await refused(partner, 'POST', path`/v3/knock/${room}`, {}, 'external_uninvited');
});
