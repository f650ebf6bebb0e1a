// SPDX-License-Identifier: EUPL-1.2
// Pushers and what push gateways are sent: docs/design/push.md.
import { afterEach, expect, test } from 'vitest';
import { Gateway } from './src/gateway.ts';
import { path } from './src/http.ts';
import { makeCertificate } from './src/mail.ts';
import { Server } from './src/server.ts';
import { Connection } from './src/sliding.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, roomOf, User, unique } from './src/user.ts';

const t = stage({ set: { 'push.allow': '127.0.0.1,10.0.0.0/8' } });

const gateways: Gateway[] = [];
const gateway = async (behaviour?: Parameters<typeof Gateway.start>[0]) => {
  const made = await Gateway.start(behaviour);
  gateways.push(made);
  return made;
};
afterEach(async () => {
  for (const open of gateways.splice(0)) await open.close();
});

const wish = (url: string, more: Any = {}): Any => ({
  kind: 'http',
  app_id: 'org.example.app',
  pushkey: unique('key'),
  app_display_name: 'App',
  device_display_name: 'Téléphone',
  lang: 'fr',
  append: true,
  data: { url },
  ...more,
});
const set = (user: User, body: Any, options = {}) => user.post('/v3/pushers/set', body, options);
const pushersOf = async (user: User): Promise<Any[]> => (await user.get('/v3/pushers')).pushers;
const eventsTo = (to: Gateway, key: string) => to.events.filter((n) => n.devices[0].pushkey === key);

test('[P04] pushers are set, listed, changed and deleted, one a user, app_id and pushkey', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  expect(await pushersOf(alice)).toEqual([]);
  const body = wish('https://push.example.org/_matrix/push/v1/notify', {
    profile_tag: 'tag',
    data: { url: 'https://push.example.org/_matrix/push/v1/notify', format: 'event_id_only', own: { a: 1 } },
  });
  expect(await set(alice, body)).toEqual({});
  const { append: _, ...kept } = body;
  expect(await pushersOf(alice)).toEqual([kept]);
  await set(alice, { ...body, lang: 'en', profile_tag: undefined });
  expect(await pushersOf(alice)).toEqual([{ ...kept, lang: 'en', profile_tag: undefined }]);
  // Another user's with the same key stays beside, unless it is asked to be the only one.
  await set(bob, body);
  expect(await pushersOf(alice)).toHaveLength(1);
  await set(bob, { ...body, append: false });
  expect(await pushersOf(alice)).toEqual([]);
  expect(await pushersOf(bob)).toHaveLength(1);
  const gone = { kind: null, app_id: body.app_id, pushkey: body.pushkey };
  expect(await set(alice, gone)).toEqual({});
  expect(await pushersOf(bob)).toHaveLength(1);
  await set(bob, gone);
  expect(await pushersOf(bob)).toEqual([]);
});

test('[P04] what is no pusher is refused', async () => {
  const alice = await t.user('alice');
  const url = 'https://push.example.org/_matrix/push/v1/notify';
  const missing = (key: string) => {
    const { [key]: _, ...rest } = wish(url);
    return rest;
  };
  for (const key of ['kind', 'app_id', 'pushkey', 'app_display_name', 'device_display_name', 'lang', 'data'])
    await set(alice, missing(key), { expect: [400, 'M_MISSING_PARAM'] });
  for (const more of [
    { kind: 'email' },
    { kind: '' },
    { pushkey: 'k'.repeat(513) },
    { app_id: 'a'.repeat(65) },
    { lang: 'l'.repeat(256) },
    { data: { url, format: 'everything' } },
    { data: { url, more: 'x'.repeat(9000) } },
  ])
    await set(alice, wish(url, more), { expect: [400, 'M_INVALID_PARAM'] });
  await set(alice, wish(url, { data: {} }), { expect: [400, 'M_MISSING_PARAM'] });
  await set(alice, wish(url, { data: 'x' }), { expect: [400, 'M_BAD_JSON'] });
  await set(alice, wish(url, { append: 'yes' }), { expect: [400, 'M_BAD_JSON'] });
  await set(alice, wish(url, { pushkey: 'k'.repeat(512), app_id: 'a'.repeat(64) }));
  expect(await pushersOf(alice)).toHaveLength(1);
});

test('[P05] [OUT-04] a gateway is reached by https at its path, and is not inside', async () => {
  const alice = await t.user('alice');
  const notify = '/_matrix/push/v1/notify';
  for (const url of [
    `http://push.example.com:x${notify}`,
    `ftp://push.example.org${notify}`,
    'https://push.example.org/other',
    `https://push.example.org${notify}/`,
    `https://push.example.org${notify}?a=b`,
    `https://user@push.example.org${notify}`,
    `https://push.example.org${notify}#x`,
    `https://127.0.0.2${notify}`,
    `https://[::1]${notify}`,
    `https://[::ffff:127.0.0.2]${notify}`,
    `https://169.254.169.254${notify}`,
    `https://192.168.1.1${notify}`,
    `http://8.8.8.8${notify}`,
    `https://0.0.0.0${notify}`,
    notify,
    '',
  ])
    await set(alice, wish(url), { expect: [400, 'M_INVALID_PARAM'] });
  await set(alice, wish(`https://8.8.8.8${notify}`));
  await set(alice, wish(`http://127.0.0.1:1${notify}`));
});

test('[P05] [OUT-04] a name that leads inside is found out when it is connected to', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const inside = await gateway();
  // The name resolves to the loopback, which is allowed for the tests: by another way in it is not.
  const body = wish(inside.url.replace('127.0.0.1', '127.1'), { data: undefined });
  await set(bob, body, { expect: [400, 'M_MISSING_PARAM'] });
  const url = `https://ip6-localhost:${inside.port}/_matrix/push/v1/notify`;
  const key = unique('key');
  await set(bob, wish(url, { pushkey: key }));
  const test_ = { app_id: 'org.example.app', pushkey: key };
  const answer = await bob.post('/unstable/org.chappe/push/test', test_);
  expect(['address', 'unresolved']).toContain(answer.outcome);
  expect(inside.pushes).toEqual([]);
  await alice.post('/unstable/org.chappe/push/test', test_, { expect: [404, 'M_NOT_FOUND'] });
});

test('[CPU-02] an account has fifty pushers at most', async () => {
  const alice = await t.user('alice');
  const url = 'https://push.example.org/_matrix/push/v1/notify';
  for (let i = 0; i < 50; i++) await set(alice, wish(url, { pushkey: `key ${i}` }));
  await set(alice, wish(url, { pushkey: 'one more' }), { expect: [400, 'M_TOO_LARGE'] });
  await set(alice, wish(url, { pushkey: 'key 7', lang: 'en' }));
  expect(await pushersOf(alice)).toHaveLength(50);
});

test('[P04] a gateway is told of an event, with tweaks, counts and the pusher’s data but its url', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await gateway();
  const room = await alice.roomWith([bob], { name: 'Projet' });
  await alice.put(path`/v3/profile/${alice.id}/displayname`, { displayname: 'Alice A.' });
  await bob.syncUntil((s) => JSON.stringify(s).includes('Alice A.'));
  const body = wish(to.url, { data: { url: to.url, brand: 'x' } });
  await set(bob, body);
  const before = Date.now() / 1000 - 60;
  const hello = await alice.send(room, 'bonjour');
  await to.until(() => to.events.length === 1);
  const [first] = to.events;
  expect(first).toMatchObject({
    event_id: hello,
    room_id: room,
    type: 'm.room.message',
    sender: alice.id,
    sender_display_name: 'Alice A.',
    room_name: 'Projet',
    content: { msgtype: 'm.text', body: 'bonjour' },
    prio: 'high',
    counts: { unread: 1 },
  });
  expect(first.user_is_target).toBeUndefined();
  const [device] = first.devices;
  expect(device).toMatchObject({ app_id: body.app_id, pushkey: body.pushkey, data: { brand: 'x' } });
  expect(device.data.url).toBeUndefined();
  expect(device.tweaks).toEqual({ sound: 'default' });
  expect(device.pushkey_ts).toBeGreaterThan(before);
  expect(to.pushes[0].headers['content-type']).toBe('application/json');
  expect(to.pushes[0].path).toBe('/_matrix/push/v1/notify');
  // One's own events notify nobody; a mention is a highlight.
  await bob.send(room, 'réponse');
  const mention = { msgtype: 'm.text', body: 'toi', 'm.mentions': { user_ids: [bob.id] } };
  const mentioned = await alice.send(room, mention);
  await to.until(() => to.events.length === 2);
  expect(to.events[1]).toMatchObject({ event_id: mentioned, counts: { unread: 1 } });
  expect(to.events[1].devices[0].tweaks).toEqual({ highlight: true, sound: 'default' });
});

test('[P04] [P08] ids alone where the pusher asks so, and in encrypted rooms', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await gateway();
  const plain = await alice.roomWith([bob], { name: 'En clair' });
  const state = { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } };
  const secret = await alice.roomWith([bob], { name: 'Secret', initial_state: [state] });
  const [whole, ids] = [wish(to.url), wish(to.url, { data: { url: to.url, format: 'event_id_only' } })];
  await set(bob, whole);
  await set(bob, ids);
  const hello = await alice.send(plain, 'bonjour');
  const cipher = await alice.send(
    secret,
    { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'AwgA' },
    'm.room.encrypted',
  );
  await to.until(() => to.events.length === 4);
  const keys = (n: Any) => Object.keys(n).sort();
  const short = ['counts', 'devices', 'event_id', 'prio', 'room_id'];
  const [one, two] = eventsTo(to, ids.pushkey);
  expect(keys(one)).toEqual(short);
  expect(one.event_id).toBe(hello);
  expect(one.devices[0].data).toEqual({ format: 'event_id_only' });
  expect(keys(two)).toEqual(short);
  const [full, sealed] = eventsTo(to, whole.pushkey);
  expect(full.content.body).toBe('bonjour');
  expect(keys(sealed)).toEqual(short);
  expect(sealed).toMatchObject({ event_id: cipher, prio: 'high' });
});

test('[CPU-03] [E2E-09] nothing of what an encrypted room holds goes to a gateway', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await gateway();
  const state = { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } };
  const room = await alice.roomWith([bob], {
    name: 'Canari nom',
    topic: 'Canari sujet',
    initial_state: [state],
  });
  await set(bob, wish(to.url));
  const content = {
    algorithm: 'm.megolm.v1.aes-sha2',
    ciphertext: 'Canari chiffre',
    session_id: 'Canari session',
  };
  await alice.send(room, content, 'm.room.encrypted');
  await alice.send(room, 'Canari clair');
  await to.until(() => to.events.length === 2);
  for (const push of to.pushes) {
    expect(push.body.toString()).not.toContain('Canari');
    expect(push.body.toString()).not.toContain(alice.id);
  }
});

test('[P01] push rules decide: a muted room, a keyword, an invitation', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await gateway();
  await set(bob, wish(to.url));
  const room = await alice.createRoom({ preset: 'private_chat', invite: [bob.id] });
  await to.until(() => to.events.length === 1);
  expect(to.events[0]).toMatchObject({ room_id: room, type: 'm.room.member', user_is_target: true });
  await bob.join(room);
  await bob.put(path`/v3/pushrules/global/room/${room}`, { actions: [] });
  await alice.send(room, 'personne n’entend');
  const actions = [
    'notify',
    { set_tweak: 'sound', value: 'gateau' },
    { set_tweak: 'org.example.led', value: 3 },
  ];
  await bob.put(path`/v3/pushrules/global/content/gateau`, { pattern: 'gâteau', actions });
  const heard = await alice.send(room, 'un gâteau');
  await to.until(() => to.events.length === 2);
  expect(to.events[1].event_id).toBe(heard);
  expect(to.events[1].devices[0].tweaks).toEqual({ sound: 'gateau', 'org.example.led': 3 });
});

test('[R10] whom one ignores is not pushed, from the next message on', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const to = await gateway();
  const room = await alice.roomWith([bob, carol]);
  await set(bob, wish(to.url));
  await carol.send(room, 'entendu');
  await to.until(() => to.events.length === 1);
  await bob.accountData('m.ignored_user_list', { ignored_users: { [carol.id]: {} } });
  await carol.send(room, 'ignoré');
  const last = await alice.send(room, 'entendu aussi');
  await to.until(() => to.events.length === 2);
  expect(to.events[1].event_id).toBe(last);
});

test('[R10] what waits of somebody is not pushed once they are ignored, beside a name that nobody has', async () => {
  const [alice, bob, carol, dave] = await t.users('alice', 'bob', 'carol', 'dave');
  const room = await alice.roomWith([bob, carol, dave]);
  let release = () => {};
  const after = new Promise<void>((done) => (release = done));
  const [slow, quick] = [await gateway((_, nth) => (nth === 1 ? { after } : undefined)), await gateway()];
  const ignore = (...ids: string[]) =>
    bob.accountData('m.ignored_user_list', { ignored_users: Object.fromEntries(ids.map((id) => [id, {}])) });
  await ignore('@nobody:elsewhere.example');
  await set(bob, wish(slow.url));
  await set(dave, wish(quick.url));
  await carol.send(room, 'un');
  await slow.until(() => slow.pushes.length === 1);
  const waiting = await carol.send(room, 'deux');
  await quick.until(() => quick.events.some((n) => n.event_id === waiting));
  await ignore('@nobody:elsewhere.example', carol.id);
  const last = await alice.send(room, 'trois');
  await quick.until(() => quick.events.some((n) => n.event_id === last));
  release();
  await slow.until(() => slow.events.length === 2);
  expect(slow.events[1].event_id).toBe(last);
});

test('what came before one joined, and after one left, is not pushed', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await gateway();
  const other = await alice.roomWith([bob]);
  const room = await alice.createRoom({ preset: 'public_chat' });
  await set(bob, wish(to.url));
  await alice.send(room, 'avant');
  await bob.join(room);
  const during = await alice.send(room, 'pendant');
  await to.until(() => to.events.length === 1);
  expect(to.events[0].event_id).toBe(during);
  await bob.leave(room);
  await alice.send(room, 'après');
  const last = await alice.send(other, 'ailleurs');
  await to.until(() => to.events.length === 2);
  expect(to.events[1].event_id).toBe(last);
});

test('[P04] [P06] what was read is told as a count, once for many rooms; what is read already is not pushed', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await gateway();
  const [one, two] = [await alice.roomWith([bob]), await alice.roomWith([bob])];
  const key = wish(to.url);
  await set(bob, key);
  const first = await alice.send(one, 'un');
  const second = await alice.send(two, 'deux');
  await to.until(() => to.events.length === 2);
  expect(to.events[1].counts).toEqual({ unread: 2 });
  await bob.receipt(one, first);
  await to.until(() => to.notifications.length === 3);
  const count = to.notifications[2];
  expect(Object.keys(count).sort()).toEqual(['counts', 'devices']);
  expect(count.counts).toEqual({ unread: 1 });
  await bob.receipt(two, second, 'm.read.private');
  await to.until(() => to.notifications.length === 4);
  expect(to.notifications[3].counts).toEqual({ unread: 0 });
});

test('counts are the same in /sync, in sliding sync and in pushes, threads and mentions included', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await gateway();
  const rooms = [await alice.roomWith([bob]), await alice.roomWith([bob]), await alice.roomWith([bob])];
  await set(bob, wish(to.url));
  const root = await alice.send(rooms[0], 'racine');
  const thread = { 'm.relates_to': { rel_type: 'm.thread', event_id: root } };
  await alice.send(rooms[0], { msgtype: 'm.text', body: 'fil', ...thread });
  const gone = await alice.send(rooms[1], 'effacé');
  await alice.redact(rooms[1], gone);
  await bob.put(path`/v3/pushrules/global/room/${rooms[2]}`, { actions: [] });
  await alice.send(rooms[2], 'muet');
  const seen = await alice.send(rooms[1], 'vu');
  await bob.receipt(rooms[1], seen);
  const last = await alice.send(rooms[1], {
    msgtype: 'm.text',
    body: 'fin',
    'm.mentions': { user_ids: [bob.id] },
  });
  await to.until(() => to.events.some((n) => n.event_id === last));
  const pushed = to.events.find((n) => n.event_id === last)?.counts.unread;
  const full = await bob.sync({ filter: { room: { timeline: { limit: 1 } } } });
  const counts = rooms.map((room) => roomOf(full, room).unread_notifications.notification_count);
  expect(counts).toEqual([2, 1, 0]);
  expect(pushed).toBe(3);
  const answer = await new Connection(bob).next();
  expect(rooms.map((room) => answer.rooms[room].notification_count)).toEqual(counts);
  // From here on what was counted is counted on.
  const more = await alice.send(rooms[0], 'encore');
  await to.until(() => to.events.some((n) => n.event_id === more));
  expect(to.events.find((n) => n.event_id === more)?.counts.unread).toBe(4);
  // A redaction, and an answer in the thread's room, count again from the start.
  await alice.redact(rooms[0], more);
  await bob.send(rooms[0], 'j’ai lu');
  const final = await alice.send(rooms[1], 'la fin');
  await to.until(() => to.events.some((n) => n.event_id === final));
  const again = await bob.sync({ filter: { room: { timeline: { limit: 1 } } } });
  const sum = rooms.reduce((n, room) => n + roomOf(again, room).unread_notifications.notification_count, 0);
  expect(to.events.find((n) => n.event_id === final)?.counts.unread).toBe(sum);
});

test('[P04] a rejected pushkey deletes its pusher', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const to = await gateway((push) => {
    const key = JSON.parse(push.body.toString()).notification.devices[0].pushkey;
    return { body: JSON.stringify({ rejected: key.startsWith('bad') ? [key] : [] }) };
  });
  const [good, bad] = [wish(to.url), wish(to.url, { pushkey: unique('bad') })];
  await set(bob, bad);
  await set(bob, good);
  await alice.send(room, 'un');
  await to.until(() => to.events.length === 2);
  await expect.poll(async () => (await pushersOf(bob)).map((p) => p.pushkey)).toEqual([good.pushkey]);
  const last = await alice.send(room, 'deux');
  await to.until(() => eventsTo(to, good.pushkey).some((n) => n.event_id === last));
  expect(eventsTo(to, bad.pushkey)).toHaveLength(1);
});

test('[P04] what a gateway does not take is sent again, later and later, over a restart, in order', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  let works = false;
  const to = await gateway(() => (works ? undefined : { status: 503 }));
  await set(bob, wish(to.url));
  const sent = [await alice.send(room, 'un')];
  await to.until(() => to.pushes.length === 1);
  // While it is behind nothing more is tried, however much comes.
  sent.push(await alice.send(room, 'deux'), await alice.send(room, 'trois'));
  await to.until(() => to.pushes.length === 2);
  expect(to.events.map((n) => n.event_id)).toEqual([sent[0], sent[0]]);
  await t.server.restart();
  works = true;
  await to.until(() => to.events.some((n) => n.event_id === sent[2]));
  const taken = to.events.slice(2).map((n) => n.event_id);
  expect(taken.slice(-3)).toEqual(sent);
  expect(to.events.at(-1)?.counts).toEqual({ unread: 3 });
  const next = await alice.send(room, 'quatre');
  await to.until(() => to.events.at(-1)?.event_id === next);
});

test('[P04] who changes their name while their gateway is away loses nothing', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  let works = false;
  const taken: string[] = [];
  const to = await gateway((push) => {
    if (!works) return { status: 503 };
    taken.push(JSON.parse(push.body.toString()).notification.event_id);
    return undefined;
  });
  await set(bob, wish(to.url));
  const sent = [await alice.send(room, 'un')];
  await to.until(() => to.pushes.length === 1);
  sent.push(await alice.send(room, 'deux'));
  await bob.put(path`/v3/profile/${bob.id}/displayname`, { displayname: 'Bob, autrement' });
  sent.push(await alice.send(room, 'trois'));
  works = true;
  await to.until(() => taken.includes(sent[2]));
  expect(taken).toEqual(sent);
});

test('[P04] a pusher that is set again while a push is under way loses nothing', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  let release = () => {};
  const after = new Promise<void>((done) => (release = done));
  const to = await gateway((push, nth) => {
    const key = JSON.parse(push.body.toString()).notification.devices[0].pushkey;
    return nth === 1 ? { after, body: JSON.stringify({ rejected: [key] }) } : undefined;
  });
  const body = wish(to.url);
  await set(bob, body);
  const sent = await alice.send(room, 'un');
  await to.until(() => to.pushes.length === 1);
  await set(bob, { ...body, lang: 'en' });
  release();
  await to.until(() => to.pushes.length === 2);
  expect(to.events[1].event_id).toBe(sent);
  expect(await pushersOf(bob)).toHaveLength(1);
});

test('[P04] a push that is always refused does not hold up what comes after it', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const to = await gateway((_, nth) => (nth === 1 ? { status: 413 } : undefined));
  await set(bob, wish(to.url));
  const sent = [await alice.send(room, 'un'), await alice.send(room, 'deux')];
  await to.until(() => to.events.length === 2);
  expect(to.events.map((n) => n.event_id)).toEqual(sent);
});

test('[P01] rules of thousands of small values are their owner’s, and nobody else’s matter', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const to = await gateway();
  const room = await alice.roomWith([bob, carol]);
  await bob.accountData('m.ignored_user_list', { ignored_users: { '@nobody:elsewhere.example': {} } });
  const values = Array.from({ length: 4000 }, () => []);
  for (let i = 0; i < 3; i++)
    await bob.put(path`/v3/pushrules/global/override/${`large ${i}`}`, {
      conditions: [{ kind: 'org.example.never', values }],
      actions: [],
    });
  await set(bob, wish(to.url));
  await set(carol, wish(to.url));
  const sent = [await alice.send(room, 'un'), await alice.send(room, 'deux')];
  await to.until(() => to.events.length === 4);
  expect(to.events.map((n) => n.event_id).sort()).toEqual([...sent, ...sent].sort());
});

test('a gateway that does not answer keeps nobody else from theirs', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob, carol]);
  const [dead, live] = [await gateway(() => ({ hold: true })), await gateway()];
  await set(bob, wish(dead.url));
  await set(carol, wish(live.url));
  for (let i = 0; i < 5; i++) await alice.send(room, `${i}`);
  await live.until(() => live.events.length === 5);
  expect(dead.pushes.length).toBeLessThanOrEqual(1);
});

test('a host that does not answer has sixteen pushes at once, and the rest have the others', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const others = await t.users(...Array.from({ length: 40 }, () => 'crowd'));
  const room = await alice.roomWith([...others, bob], { preset: 'public_chat' });
  const [dead, live] = [await gateway(() => ({ hold: true })), await gateway()];
  for (const other of others) {
    await set(other, wish(dead.url));
    await set(other, wish(dead.url));
  }
  await set(bob, wish(live.url));
  const sent = await alice.send(room, 'un');
  await live.until(() => live.events.some((n) => n.event_id === sent));
  expect(dead.pushes.length).toBeLessThanOrEqual(16);
});

test('[P05] the certificate of a gateway is verified, by authorities that the operator names', async () => {
  const certificate = await makeCertificate('localhost');
  const to = await Gateway.start(undefined, { key: certificate.key, cert: certificate.cert });
  gateways.push(to);
  const server = await Server.start({ set: { 'push.allow': '127.0.0.1', 'push.ca': certificate.ca } });
  try {
    const alice = await User.register(server.api, 'alice');
    const body = wish(to.url);
    const { app_id, pushkey } = body;
    const at = '/unstable/org.chappe/push/test';
    await set(alice, body);
    expect(await alice.post(at, { app_id, pushkey })).toEqual({ outcome: 'accepted', status: 200 });
    expect(to.pushes).toHaveLength(1);
    // The other server knows the system's authorities alone.
    const bob = await t.user('bob');
    await set(bob, body);
    expect(await bob.post(at, { app_id, pushkey })).toEqual({ outcome: 'certificate' });
    expect(to.pushes).toHaveLength(1);
  } finally {
    await server.dispose();
  }
});

test('[A06] a pusher goes with its device: sign-out, password change, closing', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const to = await gateway();
  const [here, phone, tablet] = [bob, await bob.login(), await bob.login()];
  const [a, b, c] = [wish(to.url), wish(to.url), wish(to.url)];
  await set(here, a);
  await set(phone, b);
  await set(tablet, c);
  await phone.post('/v3/logout');
  expect((await pushersOf(bob)).map((p) => p.pushkey)).toEqual([a.pushkey, c.pushkey]);
  await here.withPassword('POST', '/v3/account/password', {
    new_password: `${PASSWORD} x`,
    logout_devices: true,
  });
  expect((await pushersOf(bob)).map((p) => p.pushkey)).toEqual([a.pushkey]);
  await alice.send(room, 'un');
  await to.until(() => to.events.length === 1);
  expect(to.events[0].devices[0].pushkey).toBe(a.pushkey);
  await bob.withPassword('POST', '/v3/account/deactivate', {}, {}, `${PASSWORD} x`);
  const carol = await t.user('carol');
  await alice.invite(room, carol.id);
  await carol.join(room);
  await set(carol, wish(to.url, { pushkey: 'carol' }));
  const last = await alice.send(room, 'deux');
  await to.until(() => to.events.some((n) => n.event_id === last));
  expect(to.events.filter((n) => n.event_id === last)).toHaveLength(1);
});

test('a locked account is pushed nothing; unlocked it is pushed what comes', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const to = await gateway();
  await set(bob, wish(to.url));
  await t.server.command('user', 'lock', bob.localpart);
  await alice.send(room, 'fermé');
  // What was not told while it was locked is not told after.
  const carol = await t.user('carol');
  await alice.invite(room, carol.id);
  await carol.join(room);
  const other = await gateway();
  await set(carol, wish(other.url));
  await alice.send(room, 'fermé encore');
  await other.until(() => other.events.length === 1);
  await expect.poll(async () => to.events.length).toBe(0);
  await t.server.command('user', 'unlock', bob.localpart);
  const open = await alice.send(room, 'ouvert');
  await to.until(() => to.events.length > 0);
  expect(to.events.map((n) => n.event_id)).toEqual([open]);
});

test('[P04] pushes survive kill -9: at least once, none lost', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const to = await gateway();
  await set(bob, wish(to.url));
  const sent: string[] = [];
  for (let death = 0; death < 3; death++) {
    for (let i = 0; i < 6; i++) sent.push(await alice.send(room, `${death} ${i}`));
    const some = sent.length - 4;
    await to.until(() => new Set(to.events.map((n) => n.event_id)).size >= some);
    await t.server.restart('SIGKILL');
  }
  await to.until(() => sent.every((id) => to.events.some((n) => n.event_id === id)));
  // In order, but for what is sent again.
  const firsts = [...new Set(to.events.map((n) => n.event_id))];
  expect(firsts).toEqual(sent);
});

test('[DUR-12] a push at which the server dies three times is set aside, and the rest go on', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  let poison = '';
  let held = 0;
  const to = await gateway((push) => {
    if (JSON.parse(push.body.toString()).notification.event_id !== poison) return undefined;
    held++;
    return { hold: true };
  });
  await set(bob, wish(to.url));
  const first = await alice.send(room, 'un');
  await to.until(() => to.events.some((n) => n.event_id === first));
  const behaviour = to.behaviour;
  to.behaviour = (push, nth) => {
    poison ||= JSON.parse(push.body.toString()).notification.event_id;
    return behaviour(push, nth);
  };
  const bad = await alice.send(room, 'poison');
  for (let death = 1; death <= 3; death++) {
    await to.until(() => held === death);
    await t.server.restart('SIGKILL');
  }
  expect(poison).toBe(bad);
  const after = await alice.send(room, 'après');
  await to.until(() => to.events.some((n) => n.event_id === after));
  expect(held).toBe(3);
  expect(t.server.log).toContain('push_set_aside');
});
