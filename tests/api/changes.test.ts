// SPDX-License-Identifier: EUPL-1.2
// What v1.14 to v1.19 of the specification changed and no other file shows: docs/changes.md lists all of
// it, with the test that proves each.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { type Event, timelineOf, type User, unique } from './src/user.ts';

const t = stage();

test('[H09] every version from v1.1 to v1.19 is listed, and no other', async () => {
  const { body } = await t.api.call('GET', '/_matrix/client/versions');
  expect(body.versions).toEqual(Array.from({ length: 19 }, (_, i) => `v1.${i + 1}`));
});

test('there is no OAuth 2.0 API: its metadata is not known, and signing in is by password', async () => {
  await t.api.call('GET', '/_matrix/client/v1/auth_metadata', { expect: [404, 'M_UNRECOGNIZED'] });
  const { flows } = (await t.api.call('GET', '/_matrix/client/v3/login')).body;
  const types = flows.map((flow: Any) => flow.type);
  expect(types).toContain('m.login.password');
  expect(types).not.toContain('m.login.sso');
  expect(flows.every((flow: Any) => flow.oauth_aware_preferred === undefined)).toBe(true);
});

test('the topic of a new room is said in both forms; an empty one is none', async () => {
  const alice = await t.user('alice');
  const topic = 'Ordre du jour : « été »';
  const room = await alice.createRoom({ preset: 'public_chat', topic });
  expect(await alice.getState(room, 'm.room.topic')).toEqual({
    topic,
    'm.topic': { 'm.text': [{ body: topic }] },
  });
  const summary = () => alice.get(path`/v1/room_summary/${room}`);
  expect((await summary()).topic).toBe(topic);
  const rich = [
    { mimetype: 'text/html', body: '<b>Riche</b>' },
    { mimetype: 'text/plain', body: 'Riche' },
  ];
  await alice.setState(room, 'm.room.topic', { topic: 'autre', 'm.topic': { 'm.text': rich } });
  expect((await summary()).topic).toBe('Riche');
  for (const none of [{ topic: '' }, { topic: null }, {}]) {
    await alice.setState(room, 'm.room.topic', none);
    expect((await summary()).topic).toBeUndefined();
  }
});

test('the old parameter server_name is not looked at; via alone says where a room is known', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const open = await alice.createRoom({ preset: 'public_chat' });
  const query = { server_name: 'nowhere.example', via: 'localhost' };
  expect((await bob.post(path`/v3/join/${open}`, {}, { query })).room_id).toBe(open);
  const closed = await alice.createRoom({
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  });
  expect((await carol.post(path`/v3/knock/${closed}`, {}, { query })).room_id).toBe(closed);
});

test('people are found who are in a room that anybody may join or read, listed or not', async () => {
  const seeker = await t.user('seeker');
  const found = async (who: User): Promise<boolean> => {
    const body = { search_term: who.localpart };
    const { results } = await seeker.post('/v3/user_directory/search', body);
    return results.some((r: Any) => r.user_id === who.id);
  };
  const [hidden, joinable, readable] = await t.users('hidden', 'joinable', 'readable');
  // A listed room that nobody may join uninvited shows its members to nobody.
  await hidden.createRoom({ visibility: 'public', preset: 'private_chat' });
  await joinable.createRoom({ visibility: 'private', preset: 'public_chat' });
  const world = { type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } };
  const room = await readable.createRoom({ preset: 'private_chat', initial_state: [world] });
  expect(await Promise.all([hidden, joinable, readable].map(found))).toEqual([false, true, true]);
  await readable.setState(room, 'm.room.history_visibility', { history_visibility: 'shared' });
  expect(await found(readable)).toBe(false);
});

test('who knocks is shown the create event of the room', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({
    initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
  });
  await bob.post(path`/v3/knock/${room}`, {});
  const { events } = (await bob.sync()).rooms.knock[room].knock_state;
  const create = events.find((e: Event) => e.type === 'm.room.create');
  expect(create).toMatchObject({ sender: alice.id, state_key: '', content: { room_version: '12' } });
});

test('the last event of a thread has the format of the event that it stands in', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const root = await alice.send(room, 'racine');
  const reply = { 'm.relates_to': { rel_type: 'm.thread', event_id: root } };
  const last = await alice.send(room, { msgtype: 'm.text', body: 'fil', ...reply });
  const latestOf = (events: Event[]) =>
    events.find((e) => e.event_id === root)?.unsigned['m.relations']['m.thread'].latest_event;
  const synced = latestOf(timelineOf(await alice.sync(), room));
  const listed = latestOf((await alice.messages(room)).chunk);
  expect([synced.event_id, listed.event_id]).toEqual([last, last]);
  expect(synced.room_id).toBeUndefined();
  expect(listed.room_id).toBe(room);
});

test('the predefined push rules are those of v1.17 in their order, and rules for mentions are the new ones alone', async () => {
  const { global } = await (await t.user('alice')).get('/v3/pushrules/');
  const ids = Object.fromEntries(
    Object.entries<Any>(global).map(([kind, rules]) => [kind, rules.map((rule: Any) => rule.rule_id)]),
  );
  expect(ids).toEqual({
    override: [
      '.m.rule.master',
      '.m.rule.suppress_notices',
      '.m.rule.invite_for_me',
      '.m.rule.member_event',
      '.m.rule.is_user_mention',
      '.m.rule.is_room_mention',
      '.m.rule.tombstone',
      '.m.rule.reaction',
      '.m.rule.room.server_acl',
      '.m.rule.suppress_edits',
    ],
    content: [],
    room: [],
    sender: [],
    underride: [
      '.m.rule.call',
      '.m.rule.encrypted_room_one_to_one',
      '.m.rule.room_one_to_one',
      '.m.rule.message',
      '.m.rule.encrypted',
    ],
  });
});

test('a push rule is one of its kind: the same id in another kind is another rule', async () => {
  const alice = await t.user('alice');
  const at = (kind: string) => path`/v3/pushrules/global/${kind}/same`;
  const conditions = [{ kind: 'event_match', key: 'type', pattern: 'org.example' }];
  await alice.put(at('override'), { actions: ['notify'], conditions });
  await alice.put(at('underride'), { actions: [], conditions: [] });
  await alice.put(at('override'), { actions: [], conditions });
  expect(await alice.get(at('override'))).toMatchObject({ actions: [], conditions });
  await alice.delete(at('override'));
  expect(await alice.get(at('underride'))).toMatchObject({ actions: [], conditions: [] });
});

test('with the power to redact one redacts also what one may not send', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  for (const room_version of ['10', '12']) {
    const room = await alice.roomWith([bob], { room_version });
    await alice.powerLevels(room, (levels) => {
      levels.users = { ...levels.users, [bob.id]: 50 };
      levels.events = { ...levels.events, 'm.room.message': 75 };
    });
    const hers = await alice.send(room, 'à effacer');
    await bob.put(
      path`/v3/rooms/${room}/send/m.room.message/x`,
      { body: 'x' },
      { expect: [403, 'M_FORBIDDEN'] },
    );
    await bob.redact(room, hers);
    expect((await alice.event(room, hers)).content).toEqual({});
  }
});

test('a report with the score of before is a report', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const event = await alice.send(room, 'x');
  await alice.post(path`/v3/rooms/${room}/report/${event}`, { reason: 'hors sujet', score: -100 });
});

test('what clients keep in account data is theirs: recent emoji, key backup, image packs', async () => {
  const alice = await t.user('alice');
  const kept: Record<string, object> = {
    'm.recent_emoji': { recent_emoji: [{ emoji: '🙂', total: 3 }] },
    'm.key_backup': { enabled: false },
    'm.image_pack.rooms': { rooms: { '!salon:example.org': { gouvernement: {} } } },
  };
  const since = (await alice.sync()).next_batch;
  for (const [type, content] of Object.entries(kept)) {
    await alice.accountData(type, content);
    expect(await alice.get(path`/v3/user/${alice.id}/account_data/${type}`)).toEqual(content);
  }
  const told = (await alice.sync({ since })).account_data.events;
  expect(Object.fromEntries(told.map((e: Event) => [e.type, e.content]))).toEqual(kept);
});

test('image packs and policy servers are state of a room, carried as they are to who may set them', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const pack = {
    pack: { display_name: 'Sceaux', usage: ['emoticon'] },
    images: { marianne: { url: 'mxc://localhost/marianne', body: 'Marianne' } },
  };
  const policy = { via: 'localhost', public_keys: { ed25519: 'A'.repeat(43) } };
  await alice.setState(room, 'm.room.image_pack', pack, 'sceaux');
  await alice.setState(room, 'm.room.policy', policy);
  expect(await bob.getState(room, 'm.room.image_pack', 'sceaux')).toEqual(pack);
  expect(await bob.getState(room, 'm.room.policy')).toEqual(policy);
  await bob.setState(room, 'm.room.image_pack', pack, 'autre', { expect: [403, 'M_FORBIDDEN'] });
  await bob.setState(room, 'm.room.policy', {}, '', { expect: [403, 'M_FORBIDDEN'] });
  // A server that is no policy server says so.
  await t.api.call('GET', '/.well-known/matrix/policy_server', { expect: 404 });
});

test('the keys of a room that one is invited to come to the device as they were sent', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  // m.room_key_bundle travels inside of an event encrypted with Olm.
  const content = { algorithm: 'm.olm.v1.curve25519-aes-sha2', ciphertext: {}, sender_key: unique('key') };
  const since = (await bob.sync()).next_batch;
  await alice.put(path`/v3/sendToDevice/m.room.encrypted/${unique('t')}`, {
    messages: { [bob.id]: { [bob.device]: content } },
  });
  const sync = await bob.syncUntil((s) => s.to_device?.events?.length, { since });
  expect(sync.to_device.events).toEqual([{ type: 'm.room.encrypted', sender: alice.id, content }]);
});

test('rooms are forgotten when one says so, and the capability that says otherwise is not there', async () => {
  const alice = await t.user('alice');
  const { capabilities } = await alice.get('/v3/capabilities');
  expect(capabilities['m.forget_forced_upon_leave']).toBeUndefined();
  const room = await alice.createRoom();
  const said = await alice.send(room, 'avant');
  await alice.leave(room);
  expect((await alice.event(room, said)).content.body).toBe('avant');
  await alice.post(path`/v3/rooms/${room}/forget`, {});
  await alice.event(room, said, { expect: [403, 'M_FORBIDDEN'] });
});
