// SPDX-License-Identifier: EUPL-1.2
// What a user keeps for himself: receipts, markers, typing, tags, push rules, server notices of it all.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, type Event, roomOf, timelineOf, type User } from './src/user.ts';

const t = stage();

const receiptsIn = (sync: Any, room: string): Any =>
  (roomOf(sync, room)?.ephemeral?.events ?? [])
    .filter((e: Event) => e.type === 'm.receipt')
    .reduce((all: Any, e: Event) => Object.assign(all, e.content), {});

test('[P06] receipts reach the others, by thread, and replace the older one', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const [one, two] = [await alice.send(room, 'un'), await alice.send(room, 'deux')];
  await bob.receipt(room, one);
  await alice.syncUntil((s) => receiptsIn(s, room)[one]?.['m.read']?.[bob.id]?.ts > 0);
  await bob.receipt(room, two);
  const sync = await alice.syncUntil((s) => receiptsIn(s, room)[two]?.['m.read']?.[bob.id] !== undefined);
  expect(receiptsIn(sync, room)[one]?.['m.read']?.[bob.id]).toBeUndefined();
  // Two receipts on one event cannot stand side by side in one answer: follow from here.
  await bob.receipt(room, two, 'm.read', { thread_id: 'main' });
  await alice.syncUntil((s) => receiptsIn(s, room)[two]?.['m.read']?.[bob.id]?.thread_id === 'main', {
    since: sync.next_batch,
  });
  await bob.receipt(room, two, 'm.read', { thread_id: '' }, { expect: 400 });
  await bob.receipt(room, two, 'm.unheard', {}, { expect: 400 });
  await bob.receipt(room, two, 'm.fully_read', { thread_id: 'main' }, { expect: 400 });
});

test('read markers set the three positions in one call', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const [one, two] = [await alice.send(room, 'un'), await alice.send(room, 'deux')];
  await bob.post(path`/v3/rooms/${room}/read_markers`, {
    'm.fully_read': one,
    'm.read': two,
    'm.read.private': two,
  });
  const marker = await bob.get(path`/v3/user/${bob.id}/rooms/${room}/account_data/m.fully_read`);
  expect(marker.event_id).toBe(one);
  const sync = await bob.sync();
  const found = roomOf(sync, room).account_data.events.find((e: Event) => e.type === 'm.fully_read');
  expect(found.content.event_id).toBe(one);
  expect(roomOf(sync, room).unread_notifications.notification_count).toBe(0);
});

test('typing is seen, stops on demand, and ends with a message of its own accord', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const at = path`/v3/rooms/${room}/typing/${alice.id}`;
  const typing = (s: Any): string[] | undefined =>
    roomOf(s, room)?.ephemeral?.events.find((e: Event) => e.type === 'm.typing')?.content.user_ids;
  await alice.put(at, { typing: true, timeout: 60_000 });
  const on = await bob.syncUntil((s) => typing(s)?.includes(alice.id) === true);
  await alice.put(at, { typing: false });
  await bob.syncUntil((s) => typing(s)?.length === 0, { since: on.next_batch });
  await alice.put(at, { typing: 'oui' }, { expect: 400 });
  await bob.leave(room);
  await bob.put(path`/v3/rooms/${room}/typing/${bob.id}`, { typing: true }, { expect: [403, 'M_FORBIDDEN'] });
});

test('tags are kept by room and told to the other devices', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const second = await alice.login();
  const since = (await second.sync()).next_batch;
  const base = path`/v3/user/${alice.id}/rooms/${room}/tags`;
  await alice.put(`${base}/m.favourite`, { order: 0.25 });
  await alice.put(`${base}/u.travail`, {});
  expect((await alice.get(base)).tags).toEqual({ 'm.favourite': { order: 0.25 }, 'u.travail': {} });
  const sync = await second.sync({ since });
  expect(roomOf(sync, room).account_data.events).toEqual([
    { type: 'm.tag', content: { tags: { 'm.favourite': { order: 0.25 }, 'u.travail': {} } } },
  ]);
  await alice.delete(`${base}/m.favourite`);
  expect((await alice.get(base)).tags).toEqual({ 'u.travail': {} });
  await alice.put(`${base}/m.favourite`, { order: 'premier' }, { expect: 400 });
});

test('[R22] nobody is given a notice room that nobody asked for', async () => {
  const alice = await t.user();
  const sync = await alice.sync();
  expect(sync.rooms?.invite ?? {}).toEqual({});
  expect(sync.rooms?.join ?? {}).toEqual({});
});

test('[P03] push rules: the defaults, one of each kind, order, actions, enabled, and the event on change', async () => {
  const alice = await t.user();
  const { global } = await alice.get('/v3/pushrules/');
  expect(global.override[0]).toMatchObject({ rule_id: '.m.rule.master', enabled: false, default: true });
  expect(global.underride.map((r: Any) => r.rule_id)).toEqual(
    expect.arrayContaining(['.m.rule.call', '.m.rule.message', '.m.rule.encrypted']),
  );
  const since = (await alice.sync()).next_batch;
  const room = await alice.createRoom();
  const bodies: Record<string, [string, object]> = {
    override: [
      'mine',
      { actions: ['notify'], conditions: [{ kind: 'event_match', key: 'type', pattern: 'x.*' }] },
    ],
    underride: ['mine', { actions: [], conditions: [] }],
    content: ['mine', { actions: ['notify'], pattern: 'canard' }],
    room: [room, { actions: [] }],
    sender: ['@someone:localhost', { actions: [] }],
  };
  for (const [kind, [id, body]] of Object.entries(bodies)) {
    const at = path`/v3/pushrules/global/${kind}/${id}`;
    await alice.put(at, body);
    expect(await alice.get(at), kind).toMatchObject({ rule_id: id, enabled: true, default: false });
    await alice.put(`${at}/enabled`, { enabled: false });
    expect((await alice.get(`${at}/enabled`)).enabled).toBe(false);
    await alice.put(`${at}/actions`, { actions: ['notify', { set_tweak: 'highlight' }] });
    expect((await alice.get(`${at}/actions`)).actions).toHaveLength(2);
  }
  await alice.put(path`/v3/pushrules/global/override/second?before=mine`, { actions: [], conditions: [] });
  const order = (await alice.get('/v3/pushrules/global/')).override.map((r: Any) => r.rule_id);
  expect(order.slice(0, 3)).toEqual(['.m.rule.master', 'second', 'mine']);
  await alice.put(
    '/v3/pushrules/global/override/.m.rule.own',
    { actions: [], conditions: [] },
    { expect: 400 },
  );
  await alice.put('/v3/pushrules/global/unheard/x', { actions: [] }, { expect: 400 });
  await alice.get('/v3/pushrules/global/override/none', { expect: [404, 'M_NOT_FOUND'] });
  await alice.put(
    '/v3/pushrules/global/override/none/enabled',
    { enabled: true },
    { expect: [404, 'M_NOT_FOUND'] },
  );
  const sync = await alice.sync({ since });
  expect(sync.account_data.events.filter((e: Event) => e.type === 'm.push_rules')).toHaveLength(1);
  await alice.delete('/v3/pushrules/global/override/second');
  await alice.delete('/v3/pushrules/global/override/second', { expect: [404, 'M_NOT_FOUND'] });
  await alice.delete('/v3/pushrules/global/override/.m.rule.master', { expect: 400 });
});

test('[P03] as many rules as there may be are read, changed and taken away', async () => {
  const alice = await t.user('alice');
  // Small values take the most memory for their length.
  const many = Array.from({ length: 3500 }, () => 1);
  const conditions = [{ kind: 'org.example.none', many }];
  const put = (id: number) =>
    alice.call('PUT', path`/v3/pushrules/global/override/${`r${id}`}`, {
      body: { actions: [], conditions },
      expect: 'any',
    });
  let n = 0;
  let answer = await put(n);
  while (answer.status === 200) answer = await put(++n);
  expect([answer.status, answer.body.errcode]).toEqual([400, 'M_TOO_LARGE']);
  expect(n).toBeGreaterThan(10);
  const ids = async () =>
    (await alice.get('/v3/pushrules/')).global.override
      .map((rule: Any) => rule.rule_id)
      .filter((id: string) => id.startsWith('r'));
  expect(await ids()).toHaveLength(n);
  expect((await alice.get('/v3/pushrules/global/override/r0')).conditions).toEqual(conditions);
  await alice.put('/v3/pushrules/global/override/r0/enabled', { enabled: false });
  expect((await alice.get('/v3/pushrules/global/override/r0/enabled')).enabled).toBe(false);
  expect((await alice.sync()).account_data.events.map((e: Event) => e.type)).toContain('m.push_rules');
  for (let i = 0; i < n; i++) await alice.delete(path`/v3/pushrules/global/override/${`r${i}`}`);
  expect(await ids()).toEqual([]);
});

test('push rules that are changed at once are all changed', async () => {
  const alice = await t.user('alice');
  const ids = ['message', 'encrypted', 'room_one_to_one', 'encrypted_room_one_to_one'];
  const enabled = async () =>
    (await alice.get('/v3/pushrules/global/')).underride
      .filter((rule: Any) => ids.some((id) => rule.rule_id === `.m.rule.${id}`))
      .map((rule: Any) => rule.enabled);
  for (const on of [false, true, false]) {
    const put = (id: string) =>
      alice.put(path`/v3/pushrules/global/underride/${`.m.rule.${id}`}/enabled`, { enabled: on });
    await Promise.all(ids.map(put));
    expect(await enabled()).toEqual(ids.map(() => on));
  }
});

test('a personal rule decides what counts as unread', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const count = async (user: User) => roomOf(await user.sync(), room).unread_notifications;
  await bob.put(path`/v3/pushrules/global/content/canard`, {
    pattern: 'canard',
    actions: ['notify', { set_tweak: 'highlight' }],
  });
  await alice.send(room, 'un Canard passe');
  expect(await count(bob)).toMatchObject({ notification_count: 1, highlight_count: 1 });
  await bob.put(path`/v3/pushrules/global/room/${room}`, { actions: [] });
  const last = await alice.send(room, 'rien');
  expect((await count(bob)).notification_count).toBe(1);
  await bob.receipt(room, last);
  expect(await count(bob)).toMatchObject({ notification_count: 0, highlight_count: 0 });
});

test('rooms in common, joined rooms and the search of people', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await alice.createRoom();
  expect((await alice.get('/v3/joined_rooms')).joined_rooms).toHaveLength(2);
  const common = await alice.call('GET', '/v1/mutual_rooms', { query: { user_id: bob.id }, expect: 'any' });
  if (common.body.errcode !== 'M_UNRECOGNIZED') expect(common.body.joined).toEqual([room]);
  expect(bodiesOf(timelineOf(await alice.sync(), room))).toEqual([]);
});
