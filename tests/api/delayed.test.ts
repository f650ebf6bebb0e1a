// SPDX-License-Identifier: EUPL-1.2
// Delayed events (MSC4140): docs/design/delayed-events.md, line by line.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Appservice } from './src/appservice.ts';
import { path } from './src/http.ts';
import { Server } from './src/server.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, PASSWORD, timelineOf, User, unique } from './src/user.ts';

const DAY = 86_400_000;
const t = stage({ set: { 'delayed_events.max_delay': '1d', 'delayed_events.max_per_user': '5' } });

const STABLE = '/v3/rooms';
const UNSTABLE = '/unstable/org.matrix.msc4140/rooms';
const TEXT = { msgtype: 'm.text', body: 'plus tard' };

type Expect = number | [number, string];
const schedule = async (
  user: User,
  room: string,
  body: object,
  options: { at?: string; type?: string; txn?: string; expect?: Expect } = {},
): Promise<string> => {
  const { at = STABLE, type = 'm.room.message', txn = user.transaction(), expect } = options;
  const answer = await user.put(`${at}${path`/${room}/delayed_event/${type}/${txn}`}`, body, { expect });
  return answer.delay_id;
};
const act = (delayId: string, action: string, expect?: Expect, token?: string) =>
  t.api.call('POST', path`/_matrix/client/v1/delayed_events/${delayId}/${action}`, { expect, token });
const one = (user: User, delayId: string, expect?: Expect) =>
  user.get(path`/v1/delayed_events/${delayId}`, { expect });
const list = (user: User, query: Record<string, string> = {}, expect?: Expect) =>
  user.get('/v1/delayed_events', { query, expect });
const ended = async (user: User, delayId: string) => {
  await expect
    .poll(async () => (await one(user, delayId)).origin_server_ts, { timeout: 30_000 })
    .toBeGreaterThan(0);
  return one(user, delayId);
};

test('a message is sent when its time has come, not before; its sender alone is told its delay id', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const since = (await bob.sync()).next_batch;
  const seen = bob.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes('plus tard'), { since });
  const before = Date.now();
  const delayId = await schedule(alice, room, { delay: 1500, content: TEXT });
  expect(delayId).toMatch(/^[0-9A-Za-z]{32}$/);
  const waiting = await one(alice, delayId);
  expect(waiting).toMatchObject({
    delay_id: delayId,
    room_id: room,
    type: 'm.room.message',
    delay: 1500,
    content: TEXT,
  });
  expect(Object.keys(waiting).sort()).toEqual(
    ['content', 'delay', 'delay_id', 'room_id', 'running_since', 'type'].sort(),
  );
  const event = timelineOf(await seen, room).find((e) => e.content.body === 'plus tard');
  expect(event?.sender).toBe(alice.id);
  expect(event?.origin_server_ts).toBeGreaterThanOrEqual(before + 1500);
  expect(event?.unsigned?.['org.matrix.msc4140.delay_id']).toBeUndefined();
  const own = await alice.event(room, event?.event_id ?? '');
  expect(own.unsigned?.['org.matrix.msc4140.delay_id']).toBe(delayId);
  const sent = await ended(alice, delayId);
  expect(sent.event_id).toBe(event?.event_id);
  expect(sent.error).toBeUndefined();
  // It is its owner's, and nobody else's.
  await one(bob, delayId, [404, 'M_NOT_FOUND']);
  expect((await list(bob)).delayed_events).toEqual([]);
});

test('whoever knows the delay id sends, cancels or restarts it, without a token; asked again it is done', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const sent = await schedule(alice, room, { delay: DAY, content: TEXT });
  await act(sent, 'send');
  await act(sent, 'send', 200, alice.token);
  await act(sent, 'cancel', [409, 'M_UNKNOWN']);
  await act(sent, 'restart', [409, 'M_UNKNOWN']);
  expect(bodiesOf((await alice.messages(room)).chunk)).toEqual(['plus tard']);
  const cancelled = await schedule(alice, room, { delay: DAY, content: TEXT });
  await act(cancelled, 'cancel');
  await act(cancelled, 'cancel');
  await act(cancelled, 'send', [409, 'M_UNKNOWN']);
  await act(cancelled, 'restart', [409, 'M_UNKNOWN']);
  const end = await one(alice, cancelled);
  expect(end.event_id).toBeUndefined();
  expect(end.error).toBeUndefined();
  const again = await schedule(alice, room, { delay: DAY, content: TEXT });
  const first = (await one(alice, again)).running_since;
  await expect
    .poll(async () => {
      await act(again, 'restart');
      return (await one(alice, again)).running_since;
    })
    .toBeGreaterThan(first);
  await act(again, 'cancel');
  await act('unknown', 'send', [404, 'M_NOT_FOUND']);
  await act(again, 'dance', [400, 'M_INVALID_PARAM']);
  await act(again, 'send', [401, 'M_UNKNOWN_TOKEN'], 'no token of ours');
  // The older form, with the action in the body.
  const older = await schedule(alice, room, { delay: DAY, content: TEXT }, { at: UNSTABLE });
  const at = path`/_matrix/client/unstable/org.matrix.msc4140/delayed_events/${older}`;
  await t.api.call('POST', at, { body: { action: 'restart' } });
  await t.api.call('POST', at, { body: { action: 'cancel' } });
  await t.api.call('POST', at, { body: {}, expect: [400, 'M_MISSING_PARAM'] });
  await t.api.call('POST', `${at}/cancel`);
  expect((await t.api.call('GET', at, { token: alice.token })).body.delay_id).toBe(older);
});

test('state is sent as state, over what stands, and what stands already has been sent', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const type = 'org.example.call.member';
  const joined = { in: true };
  const stands = await alice.setState(room, type, joined, alice.id);
  const same = await schedule(alice, room, { delay: 1, state_key: alice.id, content: joined }, { type });
  expect((await ended(alice, same)).event_id).toBe(stands);
  const left = await schedule(alice, room, { delay: 1, state_key: alice.id, content: {} }, { type });
  const end = await ended(alice, left);
  expect(end.state_key).toBe(alice.id);
  expect((await alice.event(room, end.event_id)).state_key).toBe(alice.id);
  expect(await alice.getState(room, type, alice.id)).toEqual({});
});

test('whether it may be sent is decided when it is: refused then, it says why; allowed then, it is sent', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const topic = { delay: DAY, state_key: '', content: { topic: 'à Bob' } };
  const refused = await schedule(bob, room, topic, { type: 'm.room.topic' });
  // Now it fails, and stays scheduled.
  await act(refused, 'send', [403, 'M_FORBIDDEN']);
  expect((await one(bob, refused)).origin_server_ts).toBeUndefined();
  const late = await schedule(bob, room, { ...topic, delay: 1 }, { type: 'm.room.topic' });
  expect((await ended(bob, late)).error).toMatchObject({ errcode: 'M_FORBIDDEN' });
  await alice.powerLevels(room, (levels) => {
    levels.users[bob.id] = 50;
  });
  await act(refused, 'send');
  expect((await alice.getState(room, 'm.room.topic')).topic).toBe('à Bob');
  // Who has left cannot schedule, and what they scheduled before fails.
  const message = await schedule(bob, room, { delay: DAY, content: TEXT });
  await bob.leave(room);
  await act(message, 'send', [403, 'M_FORBIDDEN']);
  await schedule(bob, room, { delay: DAY, content: TEXT }, { expect: [403, 'M_FORBIDDEN'] });
  await act(message, 'cancel');
  const nowhere = '!nowhere:localhost';
  await schedule(bob, nowhere, { delay: DAY, content: TEXT }, { expect: [403, 'M_FORBIDDEN'] });
});

test('a message is redacted later', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const event = await alice.send(room, 'pour dix secondes');
  const id = await schedule(
    alice,
    room,
    { delay: 1, content: { redacts: event } },
    { type: 'm.room.redaction' },
  );
  const end = await ended(alice, id);
  expect((await alice.event(room, event)).content).toEqual({});
  expect((await alice.event(room, end.event_id)).type).toBe('m.room.redaction');
});

test('delays and numbers are bounded, and the errors say how', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const beyond = { delay: DAY + 1, content: TEXT };
  const put = (at: string, body: object, expect: Expect) =>
    alice.put(`${at}${path`/${room}/delayed_event/m.room.message/${unique('t')}`}`, body, { expect });
  expect(await put(STABLE, beyond, [400, 'M_MAX_DELAY_EXCEEDED'])).toMatchObject({ max_delay: DAY });
  const renamed: Expect = [400, 'ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED'];
  expect(await put(UNSTABLE, beyond, renamed)).toMatchObject({ 'org.matrix.msc4140.max_delay': DAY });
  const query = (delay: string) => ({ query: { 'org.matrix.msc4140.delay': delay } });
  const send = (delay: string, expect?: Expect) =>
    alice.put(path`/v3/rooms/${room}/send/m.room.message/${unique('t')}`, TEXT, { ...query(delay), expect });
  expect(await send(String(DAY + 1), [400, 'M_UNKNOWN'])).toMatchObject({
    'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED',
    'org.matrix.msc4140.max_delay': DAY,
  });
  for (const delay of ['', '-1', '1.5', 'soon', '0']) await send(delay, [400, 'M_INVALID_PARAM']);
  await put(STABLE, { delay: 0, content: TEXT }, [400, 'M_INVALID_PARAM']);
  await put(STABLE, { delay: -5, content: TEXT }, [400, 'M_INVALID_PARAM']);
  await put(STABLE, { delay: '5', content: TEXT }, [400, 'M_BAD_JSON']);
  await put(STABLE, { content: TEXT }, [400, 'M_MISSING_PARAM']);
  await put(STABLE, { delay: 5, delay_ms: 5, content: TEXT }, [400, 'M_MISSING_PARAM']);
  await put(STABLE, { delay: 5 }, [400, 'M_MISSING_PARAM']);
  await put(STABLE, { delay: 5, content: [] }, [400, 'M_BAD_JSON']);
  await put(STABLE, { delay: 5, content: { body: 'x'.repeat(66_000) } }, [413, 'M_TOO_LARGE']);
  await put(STABLE, { delay: 5, state_key: 'k'.repeat(256), content: {} }, [400, 'M_INVALID_PARAM']);
  // Nothing of all this was sent or scheduled.
  expect(bodiesOf((await alice.messages(room)).chunk)).toEqual([]);
  expect((await list(alice)).delayed_events).toEqual([]);
  // Five at once; the sixth is told when the first of them goes.
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await schedule(alice, room, { delay: 3_600_000 + i, content: TEXT }));
  const full = await alice.call('PUT', path`/v3/rooms/${room}/delayed_event/m.room.message/${unique('t')}`, {
    body: { delay: DAY, content: TEXT },
    expect: [429, 'M_LIMIT_EXCEEDED'],
  });
  expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(3000);
  expect(Number(full.headers.get('retry-after'))).toBeLessThanOrEqual(3600);
  await act(ids[2], 'cancel');
  await schedule(alice, room, { delay_ms: 3_600_000, content: TEXT }, { at: UNSTABLE });
});

test('the same transaction is one delayed event, in every form', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const body = { delay: DAY, content: TEXT };
  const ids = await Promise.all(
    [STABLE, UNSTABLE, STABLE, UNSTABLE].map((at) => schedule(alice, room, body, { at, txn: 'one' })),
  );
  const query = { 'org.matrix.msc4140.delay': String(DAY) };
  ids.push((await alice.put(path`/v3/rooms/${room}/send/m.room.message/one`, TEXT, { query })).delay_id);
  expect(new Set(ids).size).toBe(1);
  expect((await list(alice)).delayed_events).toHaveLength(1);
  // What differs after a NUL is another, as another device's is.
  expect(await schedule(alice, room, body, { txn: 'one\0a' })).not.toBe(
    await schedule(alice, room, body, { txn: 'one\0b' }),
  );
  const other = await alice.login();
  expect(await schedule(other, room, body, { txn: 'one' })).not.toBe(ids[0]);
  const state = await alice.put(path`/v3/rooms/${room}/state/m.room.topic/`, { topic: 'x' }, { query });
  expect((await one(alice, state.delay_id)).state_key).toBe('');
});

test('the list is in the order asked, chosen by what was asked, in pages', async () => {
  const alice = await t.user('alice');
  const [room, other] = [await alice.createRoom(), await alice.createRoom()];
  const late = await schedule(alice, room, { delay: 7200_000, content: TEXT });
  const early = await schedule(alice, other, { delay: 3600_000, content: {} }, { type: 'org.example.x' });
  const cancelled = await schedule(alice, room, { delay: 5400_000, content: TEXT });
  await act(cancelled, 'cancel');
  const sent = await schedule(alice, room, { delay: 1, content: TEXT });
  await ended(alice, sent);
  const ids = async (query: Record<string, string> = {}) =>
    (await list(alice, query)).delayed_events.map((e: { delay_id: string }) => e.delay_id);
  expect(await ids()).toEqual([sent, early, cancelled, late]);
  expect(await ids({ dir: 'b' })).toEqual([late, cancelled, early, sent]);
  expect(await ids({ order_by: 'running_since' })).toEqual([late, early, cancelled, sent]);
  expect(await ids({ status: 'scheduled' })).toEqual([early, late]);
  expect(await ids({ status: 'finalised' })).toEqual([sent, cancelled]);
  expect(await ids({ outcome: 'cancel' })).toEqual([cancelled]);
  expect(await ids({ reason: 'delay' })).toEqual([sent]);
  expect(await ids({ reason: 'action' })).toEqual([cancelled]);
  expect(await ids({ room_id: other })).toEqual([early]);
  expect(await ids({ type: 'org.example.x' })).toEqual([early]);
  expect(await ids({ since_ts: String(Date.now() + 4000_000) })).toEqual([cancelled, late]);
  expect(await ids({ since_ts: 'end' })).toEqual([]);
  for (const name of ['dir', 'status', 'order_by', 'outcome', 'reason', 'from', 'since_ts'])
    await list(alice, { [name]: 'x' }, [400, 'M_INVALID_PARAM']);
  // More than a page.
  for (let i = 0; i < 25; i++)
    await act(await schedule(alice, room, { delay: DAY, content: TEXT }), 'cancel');
  const first = await list(alice, { outcome: 'cancel' });
  const second = await list(alice, { outcome: 'cancel', from: first.next_batch });
  expect(first.delayed_events).toHaveLength(20);
  expect(second.delayed_events).toHaveLength(6);
  expect(second.next_batch).toBeUndefined();
  const unstable = await alice.get('/unstable/org.matrix.msc4140/delayed_events', {
    query: { status: 'scheduled' },
  });
  expect(unstable.delayed_events).toHaveLength(2);
});

test('what is scheduled survives kill -9, and is sent once, also when its time came meanwhile', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const content = (body: string) => ({ msgtype: 'm.text', body });
  const soon = await schedule(alice, room, { delay: 300, content: content('pendant') });
  const later = await schedule(alice, room, { delay: 4000, content: content('après') });
  await t.server.restart('SIGKILL');
  await ended(alice, soon);
  await t.server.restart('SIGTERM');
  await ended(alice, later);
  expect(bodiesOf((await alice.messages(room, { dir: 'f' })).chunk)).toEqual(['pendant', 'après']);
});

test('what a session scheduled goes with it: nobody sends it or starts it again', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const own = await schedule(alice, room, { delay: DAY, content: TEXT });
  const gone = async (delayId: string) => {
    await act(delayId, 'send', [409, 'M_UNKNOWN']);
    await act(delayId, 'restart', [409, 'M_UNKNOWN']);
    expect((await one(alice, delayId)).origin_server_ts).toBeGreaterThan(0);
  };
  const by = async (end: (other: User) => Promise<unknown>) => {
    const other = await alice.login();
    const left = await schedule(other, room, { delay: DAY, content: TEXT });
    await end(other);
    await gone(left);
  };
  await by((other) => other.post('/v3/logout'));
  await by((other) => alice.withPassword('DELETE', path`/v3/devices/${other.device}`, {}));
  await by(() => alice.withPassword('POST', '/v3/account/password', { new_password: PASSWORD }));
  // One that is still there has all of its own.
  await act(own, 'restart');
  expect((await one(alice, own)).origin_server_ts).toBeUndefined();
  const last = await alice.login();
  const left = await schedule(last, room, { delay: DAY, content: TEXT });
  await alice.post('/v3/logout/all');
  for (const delayId of [own, left]) await act(delayId, 'send', [409, 'M_UNKNOWN']);
  const again = await alice.login();
  expect(bodiesOf((await again.messages(room)).chunk)).toEqual([]);
  // A stolen refresh token ends what came of it.
  const login = { type: 'm.login.password', identifier: { type: 'm.id.user', user: alice.id } };
  const body = { ...login, password: PASSWORD, refresh_token: true };
  const session = (await t.api.call('POST', '/_matrix/client/v3/login', { body })).body;
  const stolen = await schedule(new User(t.api, session), room, { delay: DAY, content: TEXT });
  const refresh = (refresh_token: string, expect?: Expect) =>
    t.api.call('POST', '/_matrix/client/v3/refresh', { body: { refresh_token }, expect });
  const next = (await refresh(session.refresh_token)).body;
  await t.api.call('GET', '/_matrix/client/v3/account/whoami', { token: next.access_token });
  await refresh(session.refresh_token, [401, 'M_UNKNOWN_TOKEN']);
  await act(stolen, 'send', [409, 'M_UNKNOWN']);
});

test('beyond the limit on messages it is sent later, and not lost', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'chappe-delayed-'));
  const as = new Appservice({ id: 'free', sender: '_free', rateLimited: false });
  const server = await Server.start({
    set: {
      appservices: await as.write(directory, { url: null }),
      rate_limits: 'on',
      'rate_limits.write.burst': '1',
      'rate_limits.write.per_minute': '30',
    },
  });
  const call = (method: string, at: string, body?: object) =>
    as.call(server.api, method, at, undefined, { body });
  const room = (await call('POST', '/v3/createRoom', {})).body.room_id;
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const at = path`/v3/rooms/${room}/delayed_event/m.room.message/${unique('t')}`;
    ids.push((await call('PUT', at, { delay: 1, content: TEXT })).body.delay_id);
  }
  for (const id of ids) {
    const now = async () => (await call('GET', path`/v1/delayed_events/${id}`)).body;
    await expect.poll(async () => (await now()).origin_server_ts, { timeout: 60_000 }).toBeGreaterThan(0);
    expect((await now()).error).toBeUndefined();
  }
  await server.dispose();
  await rm(directory, { recursive: true, force: true });
}, 90_000);

test('of an account that may no longer do anything, nothing is sent', async () => {
  const alice = await t.user('alice');
  const room = await alice.createRoom();
  const kept = await schedule(alice, room, { delay: DAY, content: TEXT });
  await t.server.command('user', 'lock', alice.localpart);
  await act(kept, 'send', [403, 'M_USER_LOCKED']);
  await t.server.command('user', 'unlock', alice.localpart);
  const before = await schedule(alice, room, { delay: DAY, content: TEXT });
  await alice.withPassword('POST', '/v3/account/deactivate', {});
  await act(before, 'send', [404, 'M_NOT_FOUND']);
});
