// SPDX-License-Identifier: EUPL-1.2
// Messages whose time is over, and legal holds: docs/design/retention.md, line by line.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Appservice } from './src/appservice.ts';
import { path } from './src/http.ts';
import { Server } from './src/server.ts';
import type { Any } from './src/spec.ts';
import { atOnce, bodiesOf, type Event, roomOf, timelineOf, User, unique } from './src/user.ts';

const DAY = 86_400_000;
const PATIENT = { timeout: 60_000 };
// Whose messages bear the dates it says.
const historian = new Appservice({ id: 'historian', sender: '_historian', rateLimited: false });
let directory: string;
let server: Server;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chappe-retention-'));
  const appservices = await historian.write(directory, { url: null });
  const set = {
    appservices,
    retention: 'on',
    'retention.allowed.min': '0',
    'retention.allowed.max': '3650d',
    'retention.interval': '100ms',
  };
  server = await Server.start({ set });
});

afterAll(async () => {
  await server?.dispose();
  await rm(directory, { recursive: true, force: true });
});

const HISTORIAN = '@_historian:localhost';
const users = (...names: string[]) => Promise.all(names.map((name) => User.register(server.api, name)));
/** A room in which the historian is. */
const roomOfOld = async (owner: User, others: User[] = [], body: object = {}) => {
  const room = await owner.roomWith(others, { ...body, invite: [HISTORIAN, ...others.map((u) => u.id)] });
  await historian.call(server.api, 'POST', path`/v3/rooms/${room}/join`, undefined, { body: {} });
  return room;
};
const old = async (room: string, content: string | object, age = 30 * DAY, type = 'm.room.message') => {
  const body = typeof content === 'string' ? { msgtype: 'm.text', body: content } : content;
  const at = path`/v3/rooms/${room}/send/${type}/${unique('t')}`;
  const query = { ts: `${Date.now() - age}` };
  return (await historian.call(server.api, 'PUT', at, undefined, { body, query })).body.event_id as string;
};
const keepFor = (owner: User, room: string, lifetime: number | null) =>
  owner.setState(room, 'm.room.retention', { max_lifetime: lifetime });
const isGone = (user: User, room: string, event: string) =>
  expect
    .poll(
      async () => (await user.call('GET', path`/v3/rooms/${room}/event/${event}`, { expect: 'any' })).status,
      PATIENT,
    )
    .toBe(404);
const isThere = async (user: User, room: string, event: string) =>
  expect((await user.event(room, event)).event_id).toBe(event);
const upload = async (user: User, text: string): Promise<string> =>
  (await user.api.call('POST', '/_matrix/media/v3/upload', { token: user.token, raw: text })).body
    .content_uri;
const fetched = (user: User, uri: string) => async () => {
  const [name, id] = uri.slice('mxc://'.length).split('/');
  const at = path`/v1/media/download/${name}/${id}`;
  return (await user.call('GET', at, { expect: 'any' })).status;
};
const fileIsThere = (user: User, uri: string) => expect.poll(fetched(user, uri), PATIENT).toBe(200);
const fileIsGone = (user: User, uri: string) => expect.poll(fetched(user, uri), PATIENT).toBe(404);
const chunk = (answer: Any): Event[] => answer.chunk;

test('[ADM-08] what is over cannot be read by any road, and what is not stays', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const room = await roomOfOld(alice, [bob]);
  const over = await old(room, 'vieux zeugma');
  const young = await old(room, 'jeune zeugma', DAY);
  const since = (await bob.sync()).next_batch;
  const token = (await bob.messages(room, { limit: 1 })).end as string;
  await isThere(bob, room, over);
  await keepFor(alice, room, 7 * DAY);
  await isGone(bob, room, over);
  await isThere(bob, room, young);
  for (const query of [{}, { dir: 'f' }, { from: token }]) {
    const events = chunk(await bob.messages(room, query));
    expect(bodiesOf(events)).not.toContain('vieux zeugma');
    expect(events.length).toBeGreaterThan(0);
  }
  expect(bodiesOf(chunk(await bob.messages(room)))).toContain('jeune zeugma');
  const context = await bob.get(path`/v3/rooms/${room}/context/${young}`);
  expect(bodiesOf([...context.events_before, ...context.events_after])).toEqual([]);
  await bob.get(path`/v3/rooms/${room}/context/${over}`, { expect: [404, 'M_NOT_FOUND'] });
  await bob.get(path`/v1/rooms/${room}/relations/${over}`, { expect: [404, 'M_NOT_FOUND'] });
  for (const sync of [await bob.sync(), await bob.sync({ full_state: true, since })]) {
    expect(JSON.stringify(sync)).not.toContain('vieux zeugma');
  }
  const found = await bob.post('/v3/search', {
    search_categories: { room_events: { search_term: 'zeugma', filter: { rooms: [room] } } },
  });
  const results: Any[] = found.search_categories.room_events.results;
  expect(results.map((r) => r.result.event_id)).toEqual([young]);
  const stamp = await bob.get(path`/v1/rooms/${room}/timestamp_to_event`, {
    query: { ts: `${Date.now() - 40 * DAY}`, dir: 'f' },
  });
  expect(stamp.event_id).toBe(young);
  await bob.receipt(room, over, 'm.read', {}, { expect: 'any' });
  await expect(server.command('check')).resolves.toBeDefined();
});

test('what is left of the last message is seen by nobody, and the room goes on from it', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const room = await roomOfOld(alice, [bob]);
  await keepFor(alice, room, 7 * DAY);
  const last = await old(room, 'dernier mot');
  await isGone(bob, room, last);
  expect(bodiesOf(chunk(await bob.messages(room)))).toEqual([]);
  expect(JSON.stringify(await bob.sync())).not.toContain(last);
  // From what is stored, and not from what a process remembers.
  await server.restart('SIGKILL');
  const next = await alice.send(room, 'et la suite');
  expect(bodiesOf(timelineOf(await bob.sync(), room))).toEqual(['et la suite']);
  await isThere(bob, room, next);
  await server.command('check');
});

test('tokens that point into what is gone go on with what is there', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const room = await roomOfOld(alice, [bob]);
  await alice.send(room, 'premier');
  const gone: string[] = [];
  for (let i = 0; i < 6; i++) gone.push(await old(room, `vieux ${i}`));
  const since = (await bob.sync()).next_batch;
  const middle = await bob.messages(room, { limit: 3 });
  const forward = (await bob.get(path`/v3/rooms/${room}/context/${gone[2]}`, { query: { limit: 2 } })).end;
  await old(room, 'entre deux');
  await alice.send(room, 'second');
  await keepFor(alice, room, 7 * DAY);
  for (const event of gone) await isGone(bob, room, event);
  expect(bodiesOf(chunk(await bob.messages(room, { from: middle.end })))).toEqual(['premier']);
  expect(bodiesOf(chunk(await bob.messages(room, { from: forward, dir: 'f' })))).toEqual(['second']);
  const sync = await bob.sync({ since });
  expect(bodiesOf(timelineOf(sync, room))).toEqual(['second']);
  expect(roomOf(sync, room).timeline.limited).toBe(false);
});

test('counts, threads, receipts and lists follow what is there', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const room = await roomOfOld(alice, [bob]);
  const inThread = (root: string, body: string) => ({
    msgtype: 'm.text',
    body,
    'm.relates_to': { rel_type: 'm.thread', event_id: root },
  });
  const root = await alice.send(room, 'fil');
  const replies = [
    await old(room, inThread(root, 'ancienne')),
    await old(room, inThread(root, 'récente'), DAY),
  ];
  const lostRoot = await old(room, 'fil perdu');
  const orphan = await old(room, inThread(lostRoot, 'sans fil'), DAY);
  const read = await old(room, 'lu');
  await bob.receipt(room, read);
  await bob.receipt(room, read, 'm.read.private');
  const unread = await old(room, 'non lu');
  await old(room, 'non lu non plus', DAY);
  await alice.setState(room, 'm.room.pinned_events', { pinned: [unread] });
  const threads = async () =>
    ((await bob.get(path`/v1/rooms/${room}/threads`)).chunk as Event[]).map((e) => e.event_id);
  const threadOf = async () => (await bob.event(room, root)).unsigned?.['m.relations']['m.thread'];
  const notified = async () =>
    ((await bob.get('/v3/notifications')).notifications as Any[])
      .filter((n) => n.room_id === room)
      .map((n) => n.event.event_id);
  const unreadCount = async () => roomOf(await bob.sync(), room).unread_notifications.notification_count;
  expect(await threads()).toEqual([lostRoot, root]);
  expect((await threadOf()).count).toBe(2);
  expect(await unreadCount()).toBe(2);
  expect(await notified()).toContain(unread);
  await keepFor(alice, room, 7 * DAY);
  for (const event of [replies[0], lostRoot, read, unread]) await isGone(bob, room, event);
  expect(await threads()).toEqual([root]);
  expect(await threadOf()).toMatchObject({ count: 1, latest_event: { event_id: replies[1] } });
  await isThere(bob, room, orphan);
  expect(await unreadCount()).toBe(1);
  expect(await notified()).not.toContain(unread);
  // The receipt still says how far was read, and names nothing that is not there.
  expect(JSON.stringify(roomOf(await bob.sync(), room).ephemeral)).not.toContain(read);
  expect((await bob.getState(room, 'm.room.pinned_events')).pinned).toEqual([unread]);
  await bob.call('GET', path`/v3/rooms/${room}/event/${unread}`, { expect: [404, 'M_NOT_FOUND'] });
  await server.command('check');
});

test('state stays, also what was redacted by a redaction that has gone; edits and reactions go', async () => {
  const alice = (await users('alice'))[0] as User;
  const room = await roomOfOld(alice);
  const topic = await alice.setState(room, 'm.room.topic', { topic: 'un sujet' });
  const redaction = await alice.redact(room, topic);
  const text = await alice.send(room, 'corrigé');
  const relation = { rel_type: 'm.annotation', event_id: text, key: '👍' };
  const reaction = await alice.send(room, { 'm.relates_to': relation }, 'm.reaction');
  const before = await alice.allState(room);
  await keepFor(alice, room, 1);
  for (const event of [redaction, text, reaction]) await isGone(alice, room, event);
  const stays = await alice.event(room, topic);
  expect(stays.content).toEqual({});
  expect(stays.unsigned?.redacted_because).toBeUndefined();
  expect((await alice.allState(room)).map((e) => e.event_id)).toEqual(
    expect.arrayContaining(before.map((e) => e.event_id)),
  );
  await server.command('check');
});

test('a sliding sync meets nothing of what has gone', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const room = await roomOfOld(alice, [bob]);
  const over = await old(room, 'vieux sillage');
  await alice.send(room, 'nouveau sillage');
  const ask = (pos?: string) =>
    bob.call('POST', '/unstable/org.matrix.simplified_msc3575/sync', {
      query: pos ? { pos, timeout: 0 } : {},
      body: { lists: { all: { ranges: [[0, 20]], timeline_limit: 20, required_state: [] } } },
    });
  const pos = (await ask()).body.pos;
  await keepFor(alice, room, 7 * DAY);
  await isGone(bob, room, over);
  const text = JSON.stringify([(await ask(pos)).body, (await ask()).body]);
  expect(text).toContain('nouveau sillage');
  expect(text).not.toContain('vieux sillage');
});

test('what a room says is looked at, by whomever and however it is said', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const wrong = [
    { max_lifetime: -1 },
    { max_lifetime: '86400000' },
    { min_lifetime: true },
    { max_lifetime: 1000, min_lifetime: 2000 },
    { expire_on_clients: 'oui' },
  ];
  for (const content of wrong) {
    await alice.setState(room, 'm.room.retention', content, '', { expect: [400, 'M_BAD_JSON'] });
    const initial_state = [{ type: 'm.room.retention', content }];
    await alice.post('/v3/createRoom', { initial_state }, { expect: [400, 'M_BAD_JSON'] });
  }
  await alice.powerLevels(room, (levels) => {
    levels.users[bob.id] = 50;
  });
  const policy = { max_lifetime: 30 * DAY, min_lifetime: DAY, expire_on_clients: true };
  await bob.setState(room, 'm.room.retention', policy, '', { expect: [403, 'M_FORBIDDEN'] });
  await alice.setState(room, 'm.room.retention', policy);
  expect(await bob.getState(room, 'm.room.retention')).toEqual(policy);
  // Under another key it is no policy, and nobody's business.
  await alice.setState(room, 'm.room.retention', { max_lifetime: 'x' }, 'autre');
});

test('rooms that say nothing have the default; what they say is within the bounds', async () => {
  const bounded = await Server.start({
    set: {
      appservices: await historian.write(directory, { url: null }),
      retention: 'on',
      'retention.default.max_lifetime': '10d',
      'retention.allowed.min': '5d',
      'retention.allowed.max': '20d',
      'retention.interval': '100ms',
    },
  });
  try {
    const alice = await User.register(bounded.api, 'alice');
    expect(await alice.get('/unstable/org.matrix.msc1763/retention/configuration')).toEqual({
      policies: { '*': { max_lifetime: 10 * DAY } },
      limits: { max_lifetime: { min: 5 * DAY, max: 20 * DAY } },
    });
    const policies = {
      silent: undefined,
      forever: {},
      short: { max_lifetime: 1 },
      long: { max_lifetime: 99 * DAY },
    };
    const left: Record<string, number[]> = {};
    for (const [name, policy] of Object.entries(policies)) {
      const initial_state = policy ? [{ type: 'm.room.retention', content: policy }] : [];
      const room = await alice.createRoom({ invite: [HISTORIAN], initial_state });
      await historian.call(bounded.api, 'POST', path`/v3/rooms/${room}/join`, undefined, { body: {} });
      for (const days of [30, 15, 7, 2]) {
        const at = path`/v3/rooms/${room}/send/m.room.message/${unique('t')}`;
        const query = { ts: `${Date.now() - days * DAY}` };
        await historian.call(bounded.api, 'PUT', at, undefined, { body: { body: `${days}` }, query });
      }
      await alice.send(room, 'fin');
      left[name] = { silent: [7, 2], forever: [15, 7, 2], short: [2], long: [15, 7, 2] }[name] ?? [];
      await expect
        .poll(async () => bodiesOf(chunk(await alice.messages(room))), PATIENT)
        .toEqual(['fin', ...left[name].toReversed().map(String)]);
    }
  } finally {
    await bounded.dispose();
  }
});

test('what rooms may say is told to clients', async () => {
  const alice = (await users('alice'))[0] as User;
  const at = '/unstable/org.matrix.msc1763/retention/configuration';
  const limits = { max_lifetime: { min: 0, max: 3650 * DAY } };
  expect(await alice.get(at)).toEqual({ policies: {}, limits });
  await server.api.call('GET', `/_matrix/client${at}`, { expect: [401, 'M_MISSING_TOKEN'] });
  const off = await Server.start();
  try {
    expect(await (await User.register(off.api, 'bob')).get(at)).toEqual({});
  } finally {
    await off.dispose();
  }
});

const holds = async () => (await server.command('hold', 'list')).trim().split('\n').filter(Boolean);
const acts = async (action: string) =>
  (await server.command('audit', 'list')).split('\n').filter((line) => line.includes(`\t${action}\t`));
/** The purge has gone through all rooms at least once since. */
const aTurn = async (user: User) => {
  for (let i = 0; i < 2; i++) {
    const room = await roomOfOld(user);
    const event = await old(room, 'témoin');
    await keepFor(user, room, DAY);
    await isGone(user, room, event);
  }
};

test('nothing of a room that is held goes, until it is released; both are audited', async () => {
  const alice = (await users('alice'))[0] as User;
  const room = await roomOfOld(alice);
  const event = await old(room, 'pièce à conviction');
  await server.command('hold', 'add', room, '--reason', 'réquisition 12');
  await expect(server.command('hold', 'add', room)).rejects.toThrow(/held already/);
  await keepFor(alice, room, DAY);
  await aTurn(alice);
  await isThere(alice, room, event);
  expect((await holds()).find((line) => line.startsWith(room))).toMatch(/\t\d{4}-.*Z\tréquisition 12$/);
  await server.command('hold', 'release', room);
  await isGone(alice, room, event);
  await expect(server.command('hold', 'release', room)).rejects.toThrow(/not held/);
  expect((await acts('hold.add')).filter((line) => line.includes(room))).toHaveLength(1);
  expect((await acts('hold.add')).join()).toContain('réquisition 12');
  expect((await acts('hold.release')).filter((line) => line.includes(room))).toHaveLength(1);
});

test('an account that is held holds its rooms, those it has left and forgotten too', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const [shared, other] = [await roomOfOld(alice, [bob]), await roomOfOld(alice)];
  const kept = await old(shared, 'à garder');
  const gone = await old(other, 'à perdre');
  await bob.leave(shared);
  await bob.post(path`/v3/rooms/${shared}/forget`);
  await server.command('hold', 'add', bob.localpart);
  for (const room of [shared, other]) await keepFor(alice, room, DAY);
  await isGone(alice, other, gone);
  await aTurn(alice);
  await isThere(alice, shared, kept);
  await server.command('hold', 'release', bob.id);
  await isGone(alice, shared, kept);
  for (const target of ['!nowhere:localhost', 'nobody-of-that-name']) {
    await expect(server.command('hold', 'add', target)).rejects.toThrow(/No (room|account) is named/);
  }
});

test('what comes late with an old date goes soon, too', async () => {
  const alice = (await users('alice'))[0] as User;
  const room = await roomOfOld(alice);
  await keepFor(alice, room, DAY);
  await aTurn(alice);
  const late = await old(room, 'attardé');
  await alice.send(room, 'à l’heure');
  await isGone(alice, room, late);
  expect(bodiesOf(chunk(await alice.messages(room)))).toEqual(['à l’heure']);
});

test('a purge that is cut short by kill -9 goes on after the start', { timeout: 120_000 }, async () => {
  const alice = (await users('alice'))[0] as User;
  const room = await roomOfOld(alice);
  const many = await atOnce(500, (i) => old(room, `perdu ${i}`), 20);
  const kept = await alice.send(room, 'gardé');
  await keepFor(alice, room, DAY);
  const left = async () => bodiesOf(chunk(await alice.messages(room, { limit: 1000 }))).length;
  await expect.poll(left, { ...PATIENT, interval: 1 }).toBeLessThan(501);
  await server.restart('SIGKILL');
  await server.command('check');
  await expect.poll(left, PATIENT).toBe(1);
  await isThere(alice, room, kept);
  for (const event of [many[0], many[499]]) await isGone(alice, room, event as string);
  await server.command('check');
});

test('[ADM-08] a file goes with the last message in clear that names it, and its bytes with it', async () => {
  const [alice, bob] = await users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const elsewhere = await alice.roomWith([bob]);
  const image = (uri: string, more: object = {}) => ({
    msgtype: 'm.image',
    body: 'image',
    url: uri,
    ...more,
  });
  const [once, twice, small, avatar, face] = await Promise.all(
    ['une', 'deux', 'petite', 'salon', 'visage'].map((text) => upload(alice, `${text} ${unique('octets')}`)),
  );
  const same = unique('les mêmes octets');
  const [here, there] = [await upload(alice, same), await upload(alice, same)];
  const gone = [
    await alice.send(room, image(once, { info: { thumbnail_url: small } })),
    await alice.send(room, image(twice)),
    await alice.send(room, image(avatar)),
    await alice.send(room, image(face)),
    await alice.send(room, image(here)),
  ];
  await alice.send(elsewhere, image(twice));
  await alice.send(elsewhere, image(there));
  await alice.setState(room, 'm.room.avatar', { url: avatar });
  await alice.put(path`/v3/profile/${alice.id}/avatar_url`, { avatar_url: face });
  for (const uri of [once, twice, small, avatar, face, here, there]) await fileIsThere(bob, uri);
  await alice.setState(room, 'm.room.retention', { max_lifetime: 1 });
  for (const event of gone) await isGone(bob, room, event);
  for (const uri of [once, small, here]) await fileIsGone(bob, uri);
  for (const uri of [twice, avatar, face, there]) await fileIsThere(bob, uri);
  expect(await server.command('media', 'show', once)).toContain('state\tdeleted');
  await alice.setState(elsewhere, 'm.room.retention', { max_lifetime: 1 });
  for (const uri of [twice, there]) await fileIsGone(bob, uri);
  await server.command('check');
});

test('files that nobody is known to name go when they have aged, those that somebody names stay', async () => {
  const set = {
    retention: 'on',
    'retention.media.max_lifetime': '2s',
    'retention.interval': '100ms',
  };
  const ageing = await Server.start({ set });
  try {
    const alice = await User.register(ageing.api, 'alice');
    const bob = await User.register(ageing.api, 'bob');
    const room = await alice.roomWith([bob]);
    // Named before it is there, so that it never was without a name.
    const named = (await ageing.api.call('POST', '/_matrix/media/v1/create', { token: alice.token })).body
      .content_uri as string;
    await alice.send(room, { msgtype: 'm.file', body: 'fichier', url: named });
    const [name, id] = named.slice('mxc://'.length).split('/');
    const at = path`/_matrix/media/v3/upload/${name}/${id}`;
    await ageing.api.call('PUT', at, { token: alice.token, raw: 'nommé' });
    await ageing.command('hold', 'add', bob.localpart);
    const held = await upload(alice, 'chiffré, retenu');
    const free = await User.register(ageing.api, 'free');
    const lost = await upload(free, 'chiffré');
    await fileIsGone(bob, lost);
    // Older than what has gone.
    for (const uri of [named, held]) await fileIsThere(bob, uri);
    await ageing.command('hold', 'release', bob.localpart);
    await fileIsGone(bob, held);
    await fileIsThere(bob, named);
    await ageing.command('check');
  } finally {
    await ageing.dispose();
  }
});
