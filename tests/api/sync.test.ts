// SPDX-License-Identifier: EUPL-1.2
// /sync: polls, gaps, state before and after, lazy members, summary, counts, filters, tokens.
import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { inspect, path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { atOnce, bodiesOf, type Event, roomOf, timelineOf, type User } from './src/user.ts';

const t = stage();
const allOf = (sync: Any, room: string): Event[] => [
  ...(roomOf(sync, room)?.state?.events ?? []),
  ...timelineOf(sync, room),
];
const typesOf = (events: Event[] | undefined) => (events ?? []).map((e) => e.type);
const limit = (n: number, more: object = {}) => ({ room: { timeline: { limit: n }, ...more } });
const marked = (sync: Any) => [sync.next_batch !== undefined, sync.rooms?.join ?? {}];

test('[S01] timeout 0 and a first sync answer at once, and an empty answer still has a token', async () => {
  const user = await t.user();
  const first = await user.sync({ timeout: 600_000 });
  expect(first.next_batch).toMatch(/^[0-9A-Za-z._~-]+$/);
  const second = await user.sync({ since: first.next_batch });
  expect(marked(second)).toEqual([true, {}]);
  await user.sync({ since: first.next_batch, full_state: true, timeout: 600_000 });
});

test('[S01] a parked poll is woken by a message, an invitation, account data and a to-device message', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  let since = (await bob.sync()).next_batch;
  const wake = async (act: () => Promise<unknown>, wanted: (sync: Any) => boolean) => {
    const parked = bob.syncUntil(wanted, { since });
    await act();
    since = (await parked).next_batch;
  };
  await wake(
    () => alice.send(room, 'réveil'),
    (s) => bodiesOf(timelineOf(s, room)).includes('réveil'),
  );
  await wake(
    () => alice.createRoom({ invite: [bob.id] }),
    (s) => Object.keys(s.rooms?.invite ?? {}).length > 0,
  );
  await wake(
    () => bob.accountData('org.example.a', { n: 1 }),
    (s) => typesOf(s.account_data?.events).includes('org.example.a'),
  );
  const messages = { [bob.id]: { [bob.device]: { hello: 1 } } };
  await wake(
    () => alice.put('/v3/sendToDevice/org.example.ping/x', { messages }),
    (s) => typesOf(s.to_device?.events).includes('org.example.ping'),
  );
  await wake(
    () => alice.put(path`/v3/rooms/${room}/typing/${alice.id}`, { typing: true, timeout: 30_000 }),
    (s) => typesOf(roomOf(s, room)?.ephemeral?.events).includes('m.typing'),
  );
});

test('[S02] state stands before the timeline, state_after after it, never both', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const since = (await bob.sync()).next_batch;
  await alice.setState(room, 'm.room.name', { name: 'Un' });
  await alice.send(room, 'x');
  await alice.setState(room, 'm.room.name', { name: 'Deux' });
  await alice.send(room, 'y');
  const before = roomOf(await bob.sync({ since, filter: limit(1) }), room);
  expect(before.timeline.limited).toBe(true);
  expect(
    before.state.events.filter((e: Event) => e.type === 'm.room.name').map((e: Event) => e.content.name),
  ).toEqual(['Deux']);
  expect(before.state_after).toBeUndefined();
  const middle = roomOf(await bob.sync({ since, filter: limit(2) }), room);
  expect(
    middle.state.events.filter((e: Event) => e.type === 'm.room.name').map((e: Event) => e.content.name),
  ).toEqual(['Un']);
  const after = roomOf(await bob.sync({ since, filter: limit(2), use_state_after: true }), room);
  expect(after.state).toBeUndefined();
  expect(
    after.state_after.events.filter((e: Event) => e.type === 'm.room.name').map((e: Event) => e.content.name),
  ).toEqual(['Deux']);
  const next = (await bob.sync()).next_batch;
  await alice.send(room, 'z');
  const quiet = roomOf(await bob.sync({ since: next, use_state_after: true }), room);
  expect(quiet.state_after.events).toEqual([]);
  expect(quiet.state).toBeUndefined();
});

test('[S04] a gap is said, its token leads back, and nothing is missing between', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const since = (await bob.sync()).next_batch;
  const wanted: string[] = [];
  for (let i = 0; i < 12; i++) {
    await alice.send(room, `${i}`);
    wanted.push(`${i}`);
  }
  const { timeline } = roomOf(await bob.sync({ since, filter: limit(3) }), room);
  expect(timeline.limited).toBe(true);
  const tail = bodiesOf(timeline.events);
  const gap = await bob.messages(room, { from: timeline.prev_batch, to: since });
  expect([...bodiesOf(gap.chunk).toReversed(), ...tail]).toEqual(wanted);
  const whole = roomOf(await bob.sync({ since, filter: limit(50) }), room).timeline;
  expect(whole.limited ?? false).toBe(false);
  expect(bodiesOf(whole.events)).toEqual(wanted);
});

test('[S04] a room joined since the token comes with its whole state, also after a leave', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ preset: 'public_chat', name: 'Salon' });
  for (let i = 0; i < 5; i++) await alice.send(room, `${i}`);
  for (let round = 0; round < 2; round++) {
    const since = (await bob.sync()).next_batch;
    await bob.join(room);
    const joined = roomOf(await bob.sync({ since, filter: limit(2) }), room);
    const types = new Set(typesOf([...joined.state.events, ...joined.timeline.events]));
    for (const type of ['m.room.create', 'm.room.name', 'm.room.power_levels', 'm.room.join_rules'])
      expect(types).toContain(type);
    await bob.leave(room);
    await bob.sync();
  }
});

test('[S03] the state that a client adds up is the state of the room', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { preset: 'private_chat' });
  const view = new Map<string, string>();
  let since: string | undefined;
  const follow = async () => {
    const sync = await bob.sync({ since, use_state_after: true, filter: limit(1) });
    for (const event of roomOf(sync, room)?.state_after.events ?? [])
      view.set(`${event.type}|${event.state_key}`, event.event_id);
    since = sync.next_batch;
  };
  await follow();
  for (let i = 0; i < 6; i++) {
    await alice.setState(room, 'm.room.topic', { topic: `${i}` });
    await alice.setState(room, 'org.example.k', { i }, `${i % 3}`);
    if (i % 2 === 0) await follow();
  }
  await follow();
  const truth = new Map((await bob.allState(room)).map((e) => [`${e.type}|${e.state_key}`, e.event_id]));
  expect(view).toEqual(truth);
});

test('[R08] lazy members: those who speak, oneself, the heroes; the rest on request', async () => {
  const [alice, bob, carol, dave] = await t.users('alice', 'bob', 'carol', 'dave');
  const room = await alice.roomWith([bob, carol, dave], { name: 'Grand salon' });
  await carol.send(room, 'dernier mot');
  const filter = limit(1, { state: { lazy_load_members: true } });
  const first = await bob.sync({ filter });
  const members = (view: Any) =>
    [...view.state.events, ...view.timeline.events]
      .filter((e: Event) => e.type === 'm.room.member')
      .map((e: Event) => e.state_key);
  const seen = members(roomOf(first, room));
  expect(seen).toContain(carol.id);
  expect(seen).toContain(bob.id);
  const heroes: string[] = roomOf(first, room).summary?.['m.heroes'] ?? [];
  for (const hero of heroes) expect(seen).toContain(hero);
  await dave.send(room, 'moi aussi');
  const second = roomOf(await bob.sync({ since: first.next_batch, filter }), room);
  expect(members(second)).toContain(dave.id);
  const { chunk, state } = await bob.messages(room, {
    limit: 1,
    filter: JSON.stringify({ lazy_load_members: true }),
  });
  expect(chunk[0].sender).toBe(dave.id);
  expect(state.map((e: Event) => e.state_key)).toEqual([dave.id]);
});

test('[S05] the summary names five others at most, never oneself, and comes when it changes', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob]);
  await alice.invite(room, carol.id);
  const filter = { room: { state: { lazy_load_members: true } } };
  const first = await alice.sync({ filter });
  expect(roomOf(first, room).summary).toMatchObject({
    'm.joined_member_count': 2,
    'm.invited_member_count': 1,
  });
  expect(new Set(roomOf(first, room).summary['m.heroes'])).toEqual(new Set([bob.id, carol.id]));
  await bob.send(room, 'x');
  const same = await alice.sync({ filter, since: first.next_batch });
  const summary = roomOf(same, room).summary ?? {};
  if (summary['m.joined_member_count'] !== undefined) expect(summary['m.joined_member_count']).toBe(2);
  await carol.leave(room);
  await bob.leave(room);
  const alone = roomOf(await alice.sync({ filter, since: same.next_batch }), room).summary;
  expect(alone).toMatchObject({ 'm.joined_member_count': 1, 'm.invited_member_count': 0 });
  expect(new Set(alone['m.heroes'])).toEqual(new Set([bob.id, carol.id]));
});

test('[S06] unread counts come with the event; reading clears them; oneself never counts', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const since = (await bob.sync()).next_batch;
  await alice.send(room, 'un');
  const one = await bob.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes('un'), { since });
  expect(roomOf(one, room).unread_notifications).toMatchObject({ notification_count: 1, highlight_count: 0 });
  const mention = { msgtype: 'm.text', body: 'toi', 'm.mentions': { user_ids: [bob.id] } };
  const id = await alice.send(room, mention);
  const two = await bob.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes('toi'), {
    since: one.next_batch,
  });
  expect(roomOf(two, room).unread_notifications).toMatchObject({ notification_count: 2, highlight_count: 1 });
  await bob.receipt(room, id);
  const read = await bob.syncUntil((s) => roomOf(s, room)?.unread_notifications !== undefined, {
    since: two.next_batch,
  });
  expect(roomOf(read, room).unread_notifications).toMatchObject({
    notification_count: 0,
    highlight_count: 0,
  });
  await alice.send(room, 'trois');
  await alice.send(room, 'quatre');
  const before = roomOf(await bob.sync(), room).unread_notifications.notification_count;
  expect(before).toBe(2);
  await bob.send(room, 'réponse');
  expect(roomOf(await bob.sync(), room).unread_notifications.notification_count).toBeLessThanOrEqual(before);
});

test('[S06] threads are counted apart when asked, together when not', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const root = await alice.send(room, 'racine');
  await bob.receipt(room, root);
  const inThread = (body: string) => ({
    msgtype: 'm.text',
    body,
    'm.relates_to': { rel_type: 'm.thread', event_id: root },
  });
  await alice.send(room, inThread('a'));
  const last = await alice.send(room, inThread('b'));
  await alice.send(room, 'dans le fil principal');
  const apart = { room: { timeline: { unread_thread_notifications: true } } };
  const view = roomOf(await bob.sync({ filter: apart }), room);
  expect(view.unread_notifications.notification_count).toBe(1);
  expect(view.unread_thread_notifications[root]).toMatchObject({ notification_count: 2, highlight_count: 0 });
  const together = roomOf(await bob.sync(), room);
  expect(together.unread_notifications.notification_count).toBe(3);
  await bob.receipt(room, last, 'm.read', { thread_id: root });
  const after = roomOf(await bob.sync({ filter: apart }), room);
  expect(after.unread_thread_notifications?.[root]?.notification_count ?? 0).toBe(0);
  expect(after.unread_notifications.notification_count).toBe(1);
});

test('[S07] each kind of change comes once, under one token', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  let since = (await bob.sync()).next_batch;
  const event = await alice.send(room, 'x');
  await bob.accountData('org.example.global', { n: 1 });
  await bob.accountData('org.example.local', { n: 2 }, room);
  await alice.receipt(room, event);
  await alice.put('/v3/sendToDevice/org.example.ping/y', { messages: { [bob.id]: { '*': { n: 3 } } } });
  const counts: Record<string, number> = {};
  const count = (events: Event[] | undefined) => {
    for (const type of typesOf(events)) counts[type] = (counts[type] ?? 0) + 1;
  };
  for (let i = 0; i < 6 && Object.keys(counts).length < 5; i++) {
    const sync = await bob.sync({ since, timeout: 5_000 });
    count(sync.account_data?.events);
    count(sync.to_device?.events);
    const view = roomOf(sync, room);
    count(view?.timeline?.events);
    count(view?.account_data?.events);
    count(view?.ephemeral?.events.filter((e: Event) => JSON.stringify(e).includes(alice.id)));
    since = sync.next_batch;
  }
  count((await bob.sync({ since })).account_data?.events);
  expect(counts).toEqual({
    'm.room.message': 1,
    'org.example.global': 1,
    'org.example.local': 1,
    'm.receipt': 1,
    'org.example.ping': 1,
  });
});

test('[S08] rooms left since the token stand in leave, with the leave; refused invitations too', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const invited = await alice.createRoom({ invite: [bob.id] });
  const since = (await bob.sync()).next_batch;
  await bob.leave(room);
  await bob.leave(invited);
  const sync = await bob.sync({ since });
  expect(timelineOf(sync, room, 'leave').at(-1)?.content.membership).toBe('leave');
  expect(sync.rooms.leave[invited]).toBeDefined();
  expect((await bob.sync()).rooms?.leave?.[room]).toBeUndefined();
  const all = await bob.sync({ filter: { room: { include_leave: true } } });
  expect(all.rooms.leave[room]).toBeDefined();
});

test('[S09] filters: by id or inline, wildcards, exclusion wins, rooms, bounds', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [room, other] = [await alice.roomWith([bob]), await alice.roomWith([bob])];
  await alice.send(room, 'texte');
  await bob.send(room, { a: 1 }, 'org.example.a');
  await alice.send(room, { b: 1 }, 'org.example.b');
  const seen = async (timeline: object, more: object = {}) =>
    timelineOf(
      await alice.sync({ filter: { room: { timeline: { limit: 50, ...timeline }, ...more } } }),
      room,
    ).map((e) => e.type);
  expect(await seen({ types: ['org.example.*'] })).toEqual(['org.example.a', 'org.example.b']);
  expect(await seen({ types: ['org.example.*'], not_types: ['*.b'] })).toEqual(['org.example.a']);
  expect(await seen({ types: ['org.example.*'], senders: [alice.id] })).toEqual(['org.example.b']);
  expect(
    await seen({ types: ['org.example.*'], senders: [alice.id, bob.id], not_senders: [bob.id] }),
  ).toEqual(['org.example.b']);
  expect(await seen({ types: [] })).toEqual([]);
  expect(await seen({ contains_url: true })).toEqual([]);
  expect(roomOf(await alice.sync({ filter: { room: { rooms: [other] } } }), room)).toBeUndefined();
  expect(roomOf(await alice.sync({ filter: { room: { not_rooms: [room] } } }), room)).toBeUndefined();
  const filter = {
    room: { timeline: { types: ['org.example.b'], limit: 5 } },
    event_fields: ['type', 'content', 'sender', 'event_id', 'origin_server_ts'],
  };
  const { filter_id } = await alice.post(path`/v3/user/${alice.id}/filter`, filter);
  expect(filter_id).not.toMatch(/^\{/);
  expect(await alice.get(path`/v3/user/${alice.id}/filter/${filter_id}`)).toEqual(filter);
  expect(typesOf(timelineOf(await alice.sync({ filter: filter_id }), room))).toEqual(['org.example.b']);
  await alice.sync({ filter: 'unknown', expect: 400 });
  await alice.sync({ filter: '{"room":5}', expect: 400 });
  await alice.sync({ filter: '{', expect: 400 });
  await alice.get(path`/v3/user/${alice.id}/filter/unknown`, { expect: [404, 'M_NOT_FOUND'] });
  for (let i = 0; i < 12; i++) await alice.send(other, `${i}`);
  expect(timelineOf(await alice.sync(), other)).toHaveLength(10);
  await alice.sync({ filter: limit(1_000_000) });
});

test('[S10] set_presence is taken, and the presence routes answer', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await alice.roomWith([bob]);
  for (const presence of ['online', 'offline', 'unavailable']) await alice.sync({ set_presence: presence });
  await alice.sync({ set_presence: 'asleep', expect: 400 });
  await alice.put(path`/v3/presence/${alice.id}/status`, { presence: 'online', status_msg: 'là' });
  expect((await bob.get(path`/v3/presence/${alice.id}/status`)).presence).toMatch(
    /^(online|offline|unavailable)$/,
  );
  await bob.put(
    path`/v3/presence/${alice.id}/status`,
    { presence: 'online' },
    { expect: [403, 'M_FORBIDDEN'] },
  );
});

test('[S11] tokens survive restarts, polite or not', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const since = (await bob.sync()).next_batch;
    const page = (await bob.messages(room, { limit: 1 })).end;
    await t.server.restart(signal);
    await alice.send(room, signal);
    expect(bodiesOf(timelineOf(await bob.sync({ since }), room))).toEqual([signal]);
    await bob.messages(room, { from: page });
  }
});

test('[S12] account data: opaque, by room, refused for the two types of the server, deleted by emptying', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const value = { nested: { clé: [1, null, true, 'é\u0000'] }, big: 9007199254740991 };
  await alice.accountData('org.example.any', value);
  const at = path`/v3/user/${alice.id}/account_data/org.example.any`;
  expect(await alice.get(at)).toEqual(value);
  await alice.accountData('org.example.any', { room: 1 }, room);
  expect(await alice.get(path`/v3/user/${alice.id}/rooms/${room}/account_data/org.example.any`)).toEqual({
    room: 1,
  });
  for (const type of ['m.fully_read', 'm.push_rules']) {
    await alice.accountData(type, {}, undefined, { expect: [405, 'M_BAD_JSON'] });
    await alice.accountData(type, {}, room, { expect: [405, 'M_BAD_JSON'] });
  }
  await alice.get(path`/v3/user/${alice.id}/account_data/org.example.none`, { expect: [404, 'M_NOT_FOUND'] });
  const since = (await alice.sync()).next_batch;
  await alice.accountData('org.example.any', {});
  const sync = await alice.sync({ since });
  expect(sync.account_data.events).toEqual([{ type: 'org.example.any', content: {} }]);
  await alice.put(at, [], { expect: [400, 'M_BAD_JSON'] });
});

test('each device follows at its own pace and sees each message once, in order', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const devices = [bob, await bob.login(), await bob.login()];
  const starts = await Promise.all(devices.map(async (d) => (await d.sync()).next_batch as string));
  const wanted = Array.from({ length: 30 }, (_, i) => `${i}`);
  const follow = async (device: User, start: string) => {
    const seen: string[] = [];
    let since = start;
    while (seen.at(-1) !== '29') {
      const sync = await device.sync({ since, timeout: 10_000, filter: limit(50) });
      seen.push(...bodiesOf(timelineOf(sync, room)));
      since = sync.next_batch;
    }
    return seen;
  };
  const followers = devices.map((device, i) => follow(device, starts[i]));
  for (const body of wanted) await alice.send(room, body);
  for (const seen of await Promise.all(followers)) expect(seen).toEqual(wanted);
});

/** A request whose answer is not read until `rest` is called: the server waits for its reader. */
async function slowly(user: User, target: string): Promise<{ rest: () => Promise<Any> }> {
  const headers = { authorization: `Bearer ${user.token}` };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${user.api.base()}${target}`, { headers }, resolve).on('error', reject);
  });
  const rest = async () => {
    const pieces: Buffer[] = [];
    for await (const piece of answer) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString('utf8');
    const given = new Headers(answer.headers as Record<string, string>);
    expect(given.get('content-length')).toBeNull();
    expect(inspect('GET', target.split('?')[0], answer.statusCode ?? 0, given, text)).toEqual([]);
    return JSON.parse(text);
  };
  return { rest };
}

test('a first sync that is read slowly stays that of its head, and the next one has what came meanwhile', {
  timeout: 120_000,
}, async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const content = { value: 'x'.repeat(55_000) };
  const initial_state = ['a', 'b', 'c', 'd'].map((state_key) => ({
    type: 'org.example.large',
    state_key,
    content,
  }));
  const large = await atOnce(70, () => alice.createRoom({ initial_state }), 10);
  const [spoken, left, renamed] = [
    await alice.roomWith([bob]),
    await alice.createRoom(),
    await alice.createRoom(),
  ];
  await alice.send(spoken, 'avant');
  const reading = await slowly(alice, '/_matrix/client/v3/sync');
  const tablet = await alice.login();
  const lost = await slowly(tablet, '/_matrix/client/v3/sync');

  const said = await bob.send(spoken, 'pendant');
  await alice.post(path`/v3/rooms/${left}/leave`);
  const member = { membership: 'join', displayname: 'Autre' };
  const named = await alice.setState(renamed, 'm.room.member', member, alice.id);
  const created = await alice.createRoom();
  // Who is signed out meanwhile is given no more of it, and the others the rest of theirs.
  await tablet.post('/v3/logout');
  await expect(lost.rest()).rejects.toThrow();
  const first = await reading.rest();
  expect(Object.keys(first.rooms.join).sort()).toEqual([...large, spoken, left, renamed].sort());
  for (const room of large) expect(typesOf(allOf(first, room))).toContain('org.example.large');
  expect(bodiesOf(timelineOf(first, spoken))).toEqual(['avant']);
  for (const room of [left, renamed]) {
    expect(typesOf(allOf(first, room))).toContain('m.room.create');
    const own = allOf(first, room).filter((e) => e.state_key === alice.id);
    expect(own.map((e) => e.content)).toEqual([{ membership: 'join' }]);
  }

  const second = await alice.sync({ since: first.next_batch });
  expect(timelineOf(second, spoken).map((e) => e.event_id)).toEqual([said]);
  expect(timelineOf(second, renamed).map((e) => e.event_id)).toEqual([named]);
  expect(roomOf(second, left, 'leave')).toBeDefined();
  expect(typesOf(allOf(second, created))).toContain('m.room.create');
  expect(Object.keys(second.rooms.join).sort()).toEqual([spoken, renamed, created].sort());
});
