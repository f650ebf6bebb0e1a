// SPDX-License-Identifier: EUPL-1.2
// GET /notifications: computed from the rooms, the rules and the receipts. docs/design/push.md
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const t = stage();
const list = (user: User, query: Any = {}): Promise<Any> => user.get('/v3/notifications', { query });
const idsOf = (page: Any): string[] => page.notifications.map((n: Any) => n.event.event_id);
const mention = (of: User, body = 'toi') => ({
  msgtype: 'm.text',
  body,
  'm.mentions': { user_ids: [of.id] },
});

test('[NOTIF] what one was notified of, newest first, over all rooms, with what was read', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [one, two] = [await alice.roomWith([bob]), await alice.roomWith([bob])];
  const invited = idsOf(await list(bob));
  expect(invited).toEqual([]); // invitations that were taken are no news
  const a = await alice.send(one, 'un');
  const b = await alice.send(two, mention(bob));
  await bob.send(one, 'le mien');
  const c = await alice.send(one, 'trois');
  const page = await list(bob);
  expect(idsOf(page)).toEqual([c, b, a]);
  expect(page.next_token).toBeUndefined();
  const [last, middle, first] = page.notifications;
  expect(last).toMatchObject({ room_id: one, read: false, event: { content: { body: 'trois' } } });
  expect(last.event.room_id).toBeUndefined();
  expect(last.ts).toBe(last.event.origin_server_ts);
  expect(last.actions).toEqual(['notify', { set_tweak: 'sound', value: 'default' }]);
  expect(JSON.stringify(middle.actions)).toContain('highlight');
  expect(first.read).toBe(true); // who answers has read
  expect(middle.read).toBe(false);
  await bob.receipt(two, b, 'm.read.private');
  expect((await list(bob)).notifications.map((n: Any) => n.read)).toEqual([false, true, true]);
  expect(idsOf(await list(bob, { only: 'highlight' }))).toEqual([b]);
  expect(idsOf(await list(alice))).toEqual([(await bob.messages(one)).chunk[1].event_id]);
});

test('[NOTIF] pages: limit, from, and an end', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const rooms = [await alice.roomWith([bob]), await alice.roomWith([bob]), await alice.roomWith([bob])];
  const sent: string[] = [];
  for (let i = 0; i < 70; i++) sent.push(await alice.send(rooms[i % 3], `${i}`));
  const seen: string[] = [];
  let from: string | undefined;
  do {
    const page = await list(bob, { limit: 9, from });
    expect(page.notifications.length).toBeLessThanOrEqual(9);
    seen.push(...idsOf(page));
    from = page.next_token;
  } while (from);
  expect(seen).toEqual(sent.reverse());
  expect(idsOf(await list(bob))).toEqual(sent.slice(0, 20));
  expect(idsOf(await list(bob, { limit: 100000 }))).toEqual(sent);
  await list(bob, { limit: 0 });
  for (const wrong of ['x', '-1', '0', '1.5', '99999999999999999999'])
    await bob.get('/v3/notifications', { query: { from: wrong }, expect: [400, 'M_INVALID_PARAM'] });
});

test('[NOTIF] each page ends before where it began, in however many rooms one is', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const sent = await alice.send(room, 'il y a longtemps');
  // More than a page looks into.
  for (let i = 0; i < 51; i++) await Promise.all(Array.from({ length: 10 }, () => bob.createRoom()));
  const seen: string[] = [];
  let from: string | undefined;
  for (let before = Number.POSITIVE_INFINITY; ; before = Number(from)) {
    const page = await list(bob, { from });
    seen.push(...idsOf(page));
    from = page.next_token;
    if (!from) break;
    expect(Number(from)).toBeLessThan(before);
  }
  expect(seen).toEqual([sent]);
});

test('[NOTIF] rules, ignored users, redactions, threads, invitations and one’s own joining are looked at', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.createRoom({ preset: 'public_chat' });
  await alice.send(room, 'avant que bob vienne');
  await bob.join(room);
  await carol.join(room);
  const heard = await alice.send(room, 'entendu');
  await bob.put(path`/v3/profile/${bob.id}/displayname`, { displayname: 'Bob nouveau' });
  await bob.syncUntil((s) => JSON.stringify(s).includes('Bob nouveau'));
  const gone = await alice.send(room, 'effacé');
  await alice.redact(room, gone);
  await carol.send(room, 'de qui on ignore');
  await bob.accountData('m.ignored_user_list', { ignored_users: { [carol.id]: {} } });
  const muted = await alice.roomWith([bob]);
  await bob.put(path`/v3/pushrules/global/room/${muted}`, { actions: [] });
  await alice.send(muted, 'muet');
  const thread = { 'm.relates_to': { rel_type: 'm.thread', event_id: heard } };
  const inThread = await alice.send(room, { msgtype: 'm.text', body: 'fil', ...thread });
  await bob.receipt(room, inThread, 'm.read', { thread_id: heard });
  const waiting = await alice.createRoom({ preset: 'private_chat', invite: [bob.id] });
  const page = await list(bob);
  expect(page.notifications[0]).toMatchObject({
    room_id: waiting,
    event: { type: 'm.room.member', state_key: bob.id },
  });
  expect(idsOf(page).slice(1)).toEqual([inThread, heard]);
  expect(page.notifications[1].read).toBe(true);
  await bob.leave(room);
  expect(idsOf(await list(bob)).slice(1)).toEqual([]);
});

test('[NOTIF] a page that has looked at enough ends early, and goes on from there', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [loud, quiet] = [await alice.roomWith([bob]), await alice.roomWith([bob])];
  const first = await alice.send(loud, 'tout au fond');
  // Personal rules: the text of each event is read, five hundred a page.
  await bob.put(path`/v3/pushrules/global/room/${quiet}`, { actions: [] });
  for (let i = 0; i < 560; i++) await alice.send(quiet, `${i}`);
  const page = await list(bob);
  expect(page.notifications).toEqual([]);
  expect(page.next_token).toBeDefined();
  const next = await list(bob, { from: page.next_token });
  expect(idsOf(next)).toEqual([first]);
  expect(next.next_token).toBeUndefined();
});
