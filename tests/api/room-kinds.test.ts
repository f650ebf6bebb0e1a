// SPDX-License-Identifier: EUPL-1.2
// Kinds of room and their rules: docs/design/room-rules.md, line by line.
import { beforeAll, expect, test } from 'vitest';
import { type CallOptions, path } from './src/http.ts';
import { ACCESS, accessRule, newAgent, newExternal, state } from './src/people.ts';
import { Server } from './src/server.ts';
import { stage } from './src/stage.ts';
import { User, unique } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'email' } });
const CREATE = '/v3/createRoom';

let alice: User;
let bob: User;
let partner: User;
beforeAll(async () => {
  alice = await newAgent(t.server);
  bob = await newAgent(t.server);
  partner = await newExternal(t.server);
});

/** A refusal by a rule: its status and its reason. */
async function refused(
  who: User,
  method: string,
  at: string,
  body: object,
  reason: string,
  expect_: CallOptions['expect'] = [403, 'M_FORBIDDEN'],
) {
  const answer = await who.call(method, at, { body, expect: expect_ });
  expect(answer.body['org.chappe.reason']).toBe(reason);
}
const refusedState = (who: User, room: string, type: string, content: object, reason: string) =>
  refused(who, 'PUT', path`/v3/rooms/${room}/state/${type}/`, content, reason);
const refusedRoom = (
  body: object,
  reason: string,
  status: CallOptions['expect'] = [400, 'M_INVALID_PARAM'],
) => refused(alice, 'POST', CREATE, body, reason, status);

async function kindOf(room: string) {
  const all = await alice.allState(room);
  const of = (type: string) => all.find((e) => e.type === type && e.state_key === '')?.content;
  return {
    access: of(ACCESS),
    encryption: of('m.room.encryption')?.algorithm,
    history: of('m.room.history_visibility')?.history_visibility,
    join: of('m.room.join_rules')?.join_rule,
    guests: of('m.room.guest_access')?.guest_access,
    levels: of('m.room.power_levels'),
    create: of('m.room.create'),
  };
}

const forum = (extra: object = {}) =>
  alice.createRoom({ visibility: 'public', preset: 'public_chat', name: 'Forum', ...extra });

test('[R-CREATE] no rule given: the server adds restricted, encryption and history invited', async () => {
  const kind = await kindOf(await alice.createRoom({ preset: 'private_chat', name: 'Salon' }));
  expect(kind).toMatchObject({
    access: { rule: 'restricted', visibility: 'private' },
    encryption: 'm.megolm.v1.aes-sha2',
    history: 'invited',
    join: 'invite',
    guests: 'forbidden',
  });
});

test('[R-CREATE] a rule given must be one of three, and direct in direct rooms only', async () => {
  const open = await alice.createRoom({ initial_state: [accessRule('unrestricted')] });
  expect(await kindOf(open)).toMatchObject({
    access: { rule: 'unrestricted', visibility: 'private' },
    encryption: 'm.megolm.v1.aes-sha2',
    history: 'invited',
  });
  await refusedRoom({ initial_state: [accessRule('open')] }, 'access_rule_unknown');
  await refusedRoom({ initial_state: [accessRule('direct')] }, 'access_rule_direct');
  await refusedRoom({ is_direct: true, initial_state: [accessRule('restricted')] }, 'access_rule_direct');
});

test('[R-DIRECT] is_direct: the rule is direct, encrypted, history invited; never public', async () => {
  const room = await alice.createRoom({
    is_direct: true,
    preset: 'trusted_private_chat',
    invite: [bob.id],
  });
  const kind = await kindOf(room);
  expect(kind).toMatchObject({
    access: { rule: 'direct' },
    encryption: 'm.megolm.v1.aes-sha2',
    history: 'invited',
  });
  expect(kind.create.additional_creators).toEqual([bob.id]);
  await refusedRoom({ is_direct: true, visibility: 'public' }, 'access_rule_forum');
});

test('[R-DIRECT] two people: no third is invited, also after one has left', async () => {
  const carol = await newAgent(t.server, 'carol');
  const room = await alice.createRoom({ is_direct: true, preset: 'trusted_private_chat', invite: [bob.id] });
  await bob.join(room);
  const invite = path`/v3/rooms/${room}/invite`;
  await refused(alice, 'POST', invite, { user_id: carol.id }, 'direct_full');
  await bob.leave(room);
  await refused(alice, 'POST', invite, { user_id: carol.id }, 'direct_full');
  await alice.invite(room, bob.id);
  await bob.join(room);
  await refusedRoom({ is_direct: true, invite: [bob.id, carol.id] }, 'direct_full', [403, 'M_FORBIDDEN']);
});

test('[R-DIRECT] name, avatar, topic and a public join rule are forbidden in direct rooms', async () => {
  const room = await alice.createRoom({ is_direct: true, invite: [bob.id] });
  await refusedState(alice, room, 'm.room.name', { name: 'x' }, 'direct_unnamed');
  await refusedState(alice, room, 'm.room.topic', { topic: 'x' }, 'direct_unnamed');
  await refusedState(alice, room, 'm.room.avatar', { url: 'mxc://a/b' }, 'direct_unnamed');
  await refusedState(alice, room, 'm.room.join_rules', { join_rule: 'public' }, 'direct_private');
  await refusedState(alice, room, ACCESS, { rule: 'restricted', visibility: 'private' }, 'access_rule_fixed');
  await refusedRoom({ is_direct: true, name: 'x' }, 'direct_unnamed', [403, 'M_FORBIDDEN']);
});

test('[R-FORUM] a forum is public, listed, in clear, its history shared; m.federate is kept', async () => {
  const room = await forum({ creation_content: { 'm.federate': false } });
  const kind = await kindOf(room);
  expect(kind).toMatchObject({
    access: { rule: 'restricted', visibility: 'public' },
    history: 'shared',
    join: 'public',
  });
  expect(kind.encryption).toBeUndefined();
  expect(kind.create['m.federate']).toBe(false);
  const listed = await bob.post('/v3/publicRooms', { filter: {}, limit: 500 });
  expect(listed.chunk.map((r: { room_id: string }) => r.room_id)).toContain(room);
  await bob.join(room);
});

test('[R-FORUM] [STA-16] a forum is never encrypted, closed, or opened to externals', async () => {
  const room = await forum();
  await refusedState(
    alice,
    room,
    'm.room.encryption',
    { algorithm: 'm.megolm.v1.aes-sha2' },
    'forum_unencrypted',
  );
  await refusedState(alice, room, 'm.room.join_rules', { join_rule: 'invite' }, 'forum_public');
  await refusedState(
    alice,
    room,
    'm.room.history_visibility',
    { history_visibility: 'joined' },
    'history_fixed',
  );
  await refusedState(
    alice,
    room,
    ACCESS,
    { rule: 'unrestricted', visibility: 'public' },
    'access_rule_forum',
  );
  await refusedState(alice, room, ACCESS, { rule: 'restricted', visibility: 'private' }, 'access_rule_fixed');
  await refusedRoom(
    { visibility: 'public', initial_state: [accessRule('unrestricted')] },
    'access_rule_forum',
  );
  const encryption = state('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
  await refusedRoom({ visibility: 'public', initial_state: [encryption] }, 'forum_unencrypted', [
    403,
    'M_FORBIDDEN',
  ]);
});

test('[R-FORUM] a forum inside a space: by the space, unlisted, in clear, history shared', async () => {
  const space = await alice.createRoom({ creation_content: { type: 'm.space' }, name: 'Espace' });
  expect((await kindOf(space)).encryption).toBeUndefined();
  const allow = [{ type: 'm.room_membership', room_id: space }];
  const room = await alice.createRoom({
    preset: 'public_chat',
    initial_state: [state('m.room.join_rules', { join_rule: 'restricted', allow })],
  });
  const kind = await kindOf(room);
  expect(kind).toMatchObject({
    access: { rule: 'restricted', visibility: 'private' },
    history: 'shared',
    join: 'restricted',
  });
  expect(kind.encryption).toBeUndefined();
  await refusedState(
    alice,
    room,
    'm.room.encryption',
    { algorithm: 'm.megolm.v1.aes-sha2' },
    'forum_unencrypted',
  );
  await refusedState(alice, room, 'm.room.join_rules', { join_rule: 'public' }, 'forum_public');
  await alice.invite(space, bob.id);
  await bob.join(space);
  await bob.join(room);
  await refusedRoom({ preset: 'public_chat', visibility: 'private' }, 'forum_unlisted');
  await refusedRoom({ preset: 'private_chat', visibility: 'public' }, 'forum_unlisted');
});

test('[R-VISIBILITY] visibility is immutable, also in the directory', async () => {
  await refusedRoom(
    { initial_state: [accessRule('restricted', { visibility: 'public' })] },
    'visibility_mismatch',
  );
  const room = await alice.createRoom({});
  const list = (id: string) => path`/v3/directory/list/room/${id}`;
  await refused(alice, 'PUT', list(room), { visibility: 'public' }, 'visibility_fixed');
  const open = await alice.createRoom({ initial_state: [accessRule('unrestricted')] });
  await refused(alice, 'PUT', list(open), { visibility: 'public' }, 'visibility_fixed');
  const listed = await forum();
  await refused(alice, 'PUT', list(listed), { visibility: 'private' }, 'visibility_fixed');
  await alice.put(list(listed), { visibility: 'public' });
});

test('[R-CLEAR] private rooms in clear only where the operator allows them', async () => {
  const asked = { initial_state: [accessRule('restricted', { force_unencrypted_at_creation: true })] };
  await refusedRoom(asked, 'unencrypted_private', [403, 'M_FORBIDDEN']);
  const room = await alice.createRoom({});
  await refusedState(
    alice,
    room,
    ACCESS,
    { rule: 'restricted', visibility: 'private', force_unencrypted_at_creation: true },
    'access_rule_fixed',
  );
});

test('[R-CLEAR] where the operator allows it a private room is made in clear, and stays so', async () => {
  const server = await Server.start({
    set: {
      'registration.mode': 'open',
      'rooms.access_rules': 'on',
      'rooms.unencrypted_private': 'on',
      'rooms.enforce_encryption': 'on',
    },
  });
  try {
    const carol = await User.register(server.api, 'carol');
    const clear = accessRule('restricted', { force_unencrypted_at_creation: true });
    const room = await carol.createRoom({ initial_state: [clear] });
    const all = await carol.allState(room);
    expect(all.find((e) => e.type === ACCESS)?.content).toEqual({ ...clear.content, visibility: 'private' });
    expect(all.map((e) => e.type)).not.toContain('m.room.encryption');
    expect((await carol.getState(room, 'm.room.history_visibility')).history_visibility).toBe('invited');
    await carol.send(room, 'en clair');
    await refusedState(
      carol,
      room,
      'm.room.encryption',
      { algorithm: 'm.megolm.v1.aes-sha2' },
      'room_unencrypted',
    );
    const direct = {
      is_direct: true,
      initial_state: [accessRule('direct', { force_unencrypted_at_creation: true })],
    };
    await refused(carol, 'POST', CREATE, direct, 'unencrypted_private');
  } finally {
    await server.dispose();
  }
});

test('[R-ENCRYPTION] [STA-16] encryption is not changed nor taken away', async () => {
  const room = await alice.createRoom({});
  await refusedState(alice, room, 'm.room.encryption', {}, 'encryption_fixed');
  await refusedState(alice, room, 'm.room.encryption', { algorithm: 'none' }, 'encryption_fixed');
  await alice.setState(room, 'm.room.encryption', {
    algorithm: 'm.megolm.v1.aes-sha2',
    rotation_period_msgs: 10,
  });
  const none = state('m.room.encryption', { algorithm: 'none' });
  await refusedRoom({ initial_state: [none] }, 'encryption_unknown', [403, 'M_FORBIDDEN']);
});

test('[R-CLEAR] content in clear in an encrypted room is refused, but what carries none', async () => {
  const room = await alice.createRoom({});
  const send = (type: string, content: object, expect_?: CallOptions['expect']) =>
    alice.call('PUT', path`/v3/rooms/${room}/send/${type}/${alice.transaction()}`, {
      body: content,
      expect: expect_,
    });
  for (const [type, content] of [
    ['m.room.message', { msgtype: 'm.text', body: 'x' }],
    ['m.sticker', { body: 'x', url: 'mxc://a/b', info: {} }],
    ['m.poll.start', { 'm.poll': {} }],
    ['org.example.anything', { x: 'y' }],
  ] as const) {
    const answer = await send(type, content, [403, 'M_FORBIDDEN']);
    expect(answer.body['org.chappe.reason']).toBe('encryption_enforced');
  }
  const encrypted = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x', session_id: 's' };
  const sent = await send('m.room.encrypted', encrypted);
  const event_id = sent.body.event_id;
  await send('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id, key: '👍' } });
  await send('m.call.hangup', { call_id: 'c', version: '1', party_id: 'p', reason: 'user_hangup' });
  await send('m.key.verification.cancel', { 'm.relates_to': { rel_type: 'm.reference', event_id } });
  await send('m.room.message', {
    msgtype: 'm.key.verification.request',
    body: 'x',
    to: bob.id,
    methods: [],
    from_device: 'D',
  });
  await alice.redact(room, event_id);
});

test('[R-HISTORY] shared may be chosen at creation where no external comes, and then stays', async () => {
  const shared = state('m.room.history_visibility', { history_visibility: 'shared' });
  const room = await alice.createRoom({ initial_state: [shared] });
  expect(await kindOf(room)).toMatchObject({ history: 'shared', encryption: 'm.megolm.v1.aes-sha2' });
  await refusedState(
    alice,
    room,
    'm.room.history_visibility',
    { history_visibility: 'invited' },
    'history_fixed',
  );
  await refusedState(
    alice,
    room,
    ACCESS,
    { rule: 'unrestricted', visibility: 'private' },
    'access_rule_history',
  );
  const other = await alice.createRoom({});
  await refusedState(
    alice,
    other,
    'm.room.history_visibility',
    { history_visibility: 'shared' },
    'history_fixed',
  );
  await refusedState(
    alice,
    other,
    'm.room.history_visibility',
    { history_visibility: 'world_readable' },
    'history_unknown',
  );
  await refusedRoom({ initial_state: [shared, accessRule('unrestricted')] }, 'history_external', [
    403,
    'M_FORBIDDEN',
  ]);
});

test('[R-RULE] [ACC-14] restricted to unrestricted only, for ever; the same again is no change', async () => {
  const room = await alice.createRoom({});
  const open = { rule: 'unrestricted', visibility: 'private' };
  const closed = { rule: 'restricted', visibility: 'private' };
  await alice.setState(room, ACCESS, closed);
  await refusedState(alice, room, ACCESS, { rule: 'direct', visibility: 'private' }, 'access_rule_fixed');
  await refusedState(alice, room, ACCESS, { rule: 'other', visibility: 'private' }, 'access_rule_unknown');
  await refusedState(
    alice,
    room,
    ACCESS,
    { rule: 'unrestricted', visibility: 'public' },
    'access_rule_fixed',
  );
  await alice.setState(room, ACCESS, open);
  await alice.setState(room, ACCESS, open);
  await alice.invite(room, partner.id);
  await partner.join(room);
  await refusedState(alice, room, ACCESS, closed, 'access_rule_fixed');
  await refusedState(alice, room, ACCESS, { rule: 'direct', visibility: 'private' }, 'access_rule_fixed');
});

test('[R-RULE] [STA-16] neither the rule nor the encryption is redacted away', async () => {
  const room = await alice.createRoom({});
  const all = await alice.allState(room);
  for (const type of [ACCESS, 'm.room.encryption']) {
    const event = all.find((e) => e.type === type)?.event_id ?? '';
    const at = path`/v3/rooms/${room}/redact/${event}/${alice.transaction()}`;
    await refused(alice, 'PUT', at, {}, 'state_fixed');
    const send = path`/v3/rooms/${room}/send/m.room.redaction/${alice.transaction()}`;
    await refused(alice, 'PUT', send, { redacts: event }, 'state_fixed');
  }
});

test('[R-LEVELS] default power levels, filled where an override says nothing, floors kept', async () => {
  const plain = await kindOf(await alice.createRoom({}));
  expect(plain.levels).toMatchObject({
    users_default: 0,
    events_default: 0,
    state_default: 100,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: 50,
    events: {
      'm.room.name': 50,
      'm.room.avatar': 50,
      'm.room.canonical_alias': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.server_acl': 100,
      'm.room.encryption': 100,
      'm.room.tombstone': 150,
      'm.beacon_info': 0,
      'org.matrix.msc3672.beacon_info': 0,
      'm.call.member': 0,
      'org.matrix.msc3401.call.member': 0,
    },
  });
  expect(plain.levels.users).toEqual({}); // version 12: the creator stays out
  const override = { invite: 0, state_default: 0, kick: 60, events: { 'm.room.name': 75, 'x.y': 1 } };
  const asked = await kindOf(await alice.createRoom({ power_level_content_override: override }));
  expect(asked.levels).toMatchObject({ invite: 50, state_default: 100, kick: 60, ban: 50 });
  expect(asked.levels.events).toMatchObject({ 'm.room.name': 75, 'x.y': 1, 'm.room.avatar': 50 });
  const raised = await kindOf(await alice.createRoom({ power_level_content_override: { invite: 100 } }));
  expect(raised.levels.invite).toBe(100);
  expect((await kindOf(await forum())).levels.invite).toBe(0);
  const old = await alice.createRoom({
    room_version: '11',
    preset: 'trusted_private_chat',
    invite: [bob.id],
  });
  expect((await kindOf(old)).levels.users).toEqual({ [alice.id]: 100, [bob.id]: 100 });
});

test('[R-LINK] link access: a private room by its alias; agents join, externals by invitation only', async () => {
  const room = await alice.createRoom({ initial_state: [accessRule('unrestricted')] });
  const alias = `#${unique('lien')}:localhost`;
  await alice.put(path`/v3/directory/room/${alias}`, { room_id: room });
  await alice.setState(room, 'm.room.canonical_alias', { alias });
  await alice.setState(room, 'm.room.join_rules', { join_rule: 'public' });
  await bob.post(path`/v3/join/${alias}`, {});
  await refused(partner, 'POST', path`/v3/join/${alias}`, {}, 'external_uninvited');
  await alice.invite(room, partner.id);
  await partner.post(path`/v3/join/${alias}`, {});
  await alice.setState(room, 'm.room.join_rules', { join_rule: 'invite' });
});

test('[R-UPGRADE] [STA-12] a new version keeps the rule; externals are invited, not lost', async () => {
  const room = await alice.createRoom({ room_version: '11', initial_state: [accessRule('unrestricted')] });
  await alice.invite(room, partner.id);
  await partner.join(room);
  const { replacement_room } = await alice.post(path`/v3/rooms/${room}/upgrade`, { new_version: '12' });
  expect(await kindOf(replacement_room)).toMatchObject({
    access: { rule: 'unrestricted', visibility: 'private' },
    encryption: 'm.megolm.v1.aes-sha2',
    history: 'invited',
  });
  await partner.join(replacement_room);
  const closed = await forum({ room_version: '11' });
  const next = await alice.post(path`/v3/rooms/${closed}/upgrade`, { new_version: '12' });
  expect((await kindOf(next.replacement_room)).access).toEqual({ rule: 'restricted', visibility: 'public' });
  await refused(
    alice,
    'POST',
    path`/v3/rooms/${replacement_room}/upgrade`,
    { new_version: '12', additional_creators: [partner.id] },
    'external_power',
  );
});
