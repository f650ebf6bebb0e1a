// SPDX-License-Identifier: EUPL-1.2
// Who may read what, by which road; pagination, context, search of a date.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { type Any, operations } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, type Event, roomOf, timelineOf, type User } from './src/user.ts';

const t = stage();
const text = (body: string) => ({ msgtype: 'm.text', body });

test('[R21] messages go back and forth, in pages, without a gap or a double', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const sent: string[] = [];
  for (let i = 0; i < 25; i++) sent.push(await alice.send(room, `${i}`));
  const walk = async (dir: string) => {
    const seen: string[] = [];
    let from: string | undefined;
    for (let page = 0; page < 20; page++) {
      const answer = await alice.messages(room, { dir, from, limit: 7 });
      seen.push(
        ...answer.chunk.filter((e: Event) => e.type === 'm.room.message').map((e: Event) => e.event_id),
      );
      if (answer.end === undefined) return seen;
      from = answer.end;
    }
    throw new Error('no end');
  };
  expect(await walk('f')).toEqual(sent);
  expect(await walk('b')).toEqual(sent.toReversed());
  await alice.messages(room, { dir: 'sideways' }, { expect: 400 });
  await alice.get(path`/v3/rooms/${room}/messages`, { expect: 400 });
  await alice.messages(room, { limit: -1 }, { expect: 400 });
  expect((await alice.messages(room, { limit: 100_000 })).chunk.length).toBeLessThanOrEqual(1000);
});

test('a large state comes in pieces, and whole', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const value = 'é'.repeat(10_000);
  for (let i = 0; i < 40; i++)
    await alice.put(path`/v3/rooms/${room}/state/org.example.large/${`${i}`}`, { value });
  const state = await alice.api.call('GET', path`/_matrix/client/v3/rooms/${room}/state`, {
    token: alice.token,
  });
  expect(state.headers.get('content-length')).toBeNull();
  const large = state.body.filter((e: Event) => e.type === 'org.example.large');
  expect(new Set(large.map((e: Event) => e.state_key)).size).toBe(40);
  expect(large.every((e: Event) => e.content.value === value)).toBe(true);
  const small = await alice.api.call('GET', path`/_matrix/client/v3/rooms/${room}/members`, {
    token: alice.token,
  });
  expect(Number(small.headers.get('content-length'))).toBe(small.text.length);
});

test('[R21] tokens of sync, messages and context serve each other; to and filter apply', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  for (let i = 0; i < 5; i++) await alice.send(room, `avant ${i}`);
  const first = await alice.sync({ filter: { room: { timeline: { limit: 1 } } } });
  const { prev_batch, limited } = roomOf(first, room).timeline;
  expect(limited).toBe(true);
  expect(bodiesOf((await alice.messages(room, { from: prev_batch, limit: 2 })).chunk)).toEqual([
    'avant 3',
    'avant 2',
  ]);
  const middle = await alice.send(room, 'milieu');
  await alice.send(room, { k: 1 }, 'org.example.other');
  await alice.send(room, 'après');
  const context = await alice.get(path`/v3/rooms/${room}/context/${middle}`, { query: { limit: 4 } });
  expect(context.event.event_id).toBe(middle);
  expect(bodiesOf(context.events_before)).toEqual(['avant 4', 'avant 3']);
  expect(context.events_after.map((e: Event) => e.type)).toEqual(['org.example.other', 'm.room.message']);
  expect(context.state.some((e: Event) => e.type === 'm.room.create')).toBe(true);
  expect(bodiesOf((await alice.messages(room, { from: context.start, limit: 1 })).chunk)).toEqual([
    'avant 2',
  ]);
  const since = await alice.messages(room, { dir: 'f', from: first.next_batch });
  expect(bodiesOf(since.chunk)).toEqual(['milieu', 'après']);
  const filter = JSON.stringify({ types: ['org.example.*'] });
  expect((await alice.messages(room, { filter })).chunk.map((e: Event) => e.type)).toEqual([
    'org.example.other',
  ]);
  const bounded = await alice.messages(room, { dir: 'b', to: prev_batch });
  expect(bodiesOf(bounded.chunk)).toEqual(['après', 'milieu', 'avant 4']);
  const alone = await alice.get(path`/v3/rooms/${room}/context/${middle}`, { query: { limit: 0 } });
  expect([...(alone.events_before ?? []), ...(alone.events_after ?? [])]).toEqual([]);
});

test('[R21] timestamp_to_event finds the nearest event in the direction asked', async () => {
  const alice = await t.user();
  const room = await alice.createRoom();
  const id = await alice.send(room, 'x');
  const ts = (await alice.event(room, id)).origin_server_ts;
  const at = path`/v1/rooms/${room}/timestamp_to_event`;
  const last = await alice.get(at, { query: { ts: ts + 1_000_000, dir: 'b' } });
  expect(last).toEqual({ event_id: id, origin_server_ts: ts });
  expect((await alice.get(at, { query: { ts: 0, dir: 'f' } })).event_id).toBe(
    (await alice.allState(room)).find((e) => e.type === 'm.room.create')?.event_id,
  );
  await alice.get(at, { query: { ts: ts + 1_000_000, dir: 'f' }, expect: [404, 'M_NOT_FOUND'] });
  await alice.get(at, { query: { ts: 'x', dir: 'f' }, expect: 400 });
});

interface Epoch {
  label: string;
  event: string;
}

/** Every road that may show one message; each answers whether it does. */
const ROADS: Record<string, (user: User, room: string, epoch: Epoch) => Promise<boolean>> = {
  event: async (user, room, { event }) =>
    (await user.call('GET', path`/v3/rooms/${room}/event/${event}`, { expect: 'any' })).status === 200,
  context: async (user, room, { event }) =>
    (await user.call('GET', path`/v3/rooms/${room}/context/${event}`, { expect: 'any' })).status === 200,
  messages: async (user, room, { label }) => {
    const answer = await user.call('GET', path`/v3/rooms/${room}/messages?dir=b&limit=100`, {
      expect: 'any',
    });
    return answer.status === 200 && answer.text.includes(label);
  },
  relations: async (user, room, { event, label }) => {
    const answer = await user.call('GET', path`/v1/rooms/${room}/relations/${event}`, { expect: 'any' });
    return answer.status === 200 && answer.text.includes(`enfant de ${label}`);
  },
  threads: async (user, room, { label }) => {
    const answer = await user.call('GET', path`/v1/rooms/${room}/threads`, { expect: 'any' });
    return answer.status === 200 && answer.text.includes(label);
  },
  sync: async (user, room, { label }) => {
    const sync = await user.sync({ filter: { room: { include_leave: true, timeline: { limit: 100 } } } });
    return JSON.stringify([timelineOf(sync, room), timelineOf(sync, room, 'leave')]).includes(label);
  },
};

/** Alice writes while Bob is away, invited, in, and gone again. */
async function story(
  visibility: string,
): Promise<{ bob: User; stranger: User; room: string; epochs: Record<string, Epoch> }> {
  const [alice, bob, stranger] = await t.users('alice', 'bob', 'stranger');
  const initial_state = [{ type: 'm.room.history_visibility', content: { history_visibility: visibility } }];
  const room = await alice.createRoom({ initial_state });
  const epochs: Record<string, Epoch> = {};
  const write = async (name: string) => {
    const label = `message-${name}-${visibility}`;
    const event = await alice.send(room, label);
    await alice.send(room, {
      ...text(`enfant de ${label}`),
      'm.relates_to': { rel_type: 'm.thread', event_id: event },
    });
    epochs[name] = { label, event };
  };
  await write('before');
  await alice.invite(room, bob.id);
  await write('invited');
  await bob.join(room);
  await write('joined');
  await bob.leave(room);
  await write('gone');
  return { bob, stranger, room, epochs };
}

const EXPECTED: Record<string, Record<string, boolean>> = {
  world_readable: { before: true, invited: true, joined: true, gone: true },
  shared: { before: true, invited: true, joined: true, gone: false },
  invited: { before: false, invited: true, joined: true, gone: false },
  joined: { before: false, invited: false, joined: true, gone: false },
};

for (const [visibility, expected] of Object.entries(EXPECTED)) {
  test(`[R06] [ACL-02] history visibility ${visibility}: every road gives the same verdict`, async () => {
    const { bob, stranger, room, epochs } = await story(visibility);
    for (const [name, epoch] of Object.entries(epochs)) {
      for (const [road, reads] of Object.entries(ROADS)) {
        // Lists made for members stop at the departure, whatever the visibility.
        if (visibility === 'world_readable' && name === 'gone' && road !== 'event' && road !== 'context')
          continue;
        expect(await reads(bob, room, epoch), `${road}, ${name}`).toBe(expected[name]);
        if (road !== 'event' && road !== 'context' && visibility === 'world_readable') continue;
        expect(await reads(stranger, room, epoch), `stranger, ${road}, ${name}`).toBe(
          visibility === 'world_readable',
        );
      }
    }
  });
}

test('[R06] the visibility at the event counts, and the change itself is seen from either side', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom({ preset: 'public_chat' });
  const open = await alice.send(room, 'partagé');
  const close = await alice.setState(room, 'm.room.history_visibility', { history_visibility: 'joined' });
  const hidden = await alice.send(room, 'fermé');
  await bob.join(room);
  await bob.event(room, open);
  await bob.event(room, close);
  await bob.event(room, hidden, { expect: [404, 'M_NOT_FOUND'] });
  const ids = (await bob.messages(room)).chunk.map((e: Event) => e.event_id);
  expect([ids.includes(open), ids.includes(hidden)]).toEqual([true, false]);
  const own = (await bob.getState(room, 'm.room.member', bob.id, { query: { format: 'event' } })).event_id;
  expect(ids).toContain(own);
});

test('[ACL-01] no route works without a valid token', async () => {
  const open = new Set(
    [
      '/versions',
      '/login',
      '/register',
      '/.well-known/',
      '/refresh',
      '/publicRooms',
      '/sso/',
      '/auth_metadata',
      '/validity',
      '/available',
    ].concat([
      '/profile/',
      '/directory/room/',
      '/directory/list/room/',
      '/room_summary/',
      '/requestToken',
      '/account/password',
      '/account/deactivate',
    ]),
  );
  for (const operation of operations) {
    if (
      [...open].some((part) => operation.template.includes(part)) ||
      operation.template.startsWith('/_matrix/media/')
    )
      continue;
    const at = operation.template.replace(/\{[^}]+\}/g, 'x');
    const body = operation.method === 'GET' || operation.method === 'DELETE' ? undefined : {};
    for (const token of [undefined, 'wrong']) {
      const answer = await t.api.call(operation.method, at, { token, body, expect: 'any' });
      const wanted = token === undefined ? 'M_MISSING_TOKEN' : 'M_UNKNOWN_TOKEN';
      if (answer.body?.errcode === 'M_UNRECOGNIZED') continue; // not built
      expect([answer.status, answer.body?.errcode], `${operation.method} ${at}`).toEqual([401, wanted]);
    }
  }
});

test('[ACL-01] no room route gives a stranger, an invited, a banned or a departed user what members have', async () => {
  const [alice, stranger, invited, banned, gone] = await t.users(
    'alice',
    'stranger',
    'invited',
    'banned',
    'gone',
  );
  const room = await alice.roomWith([banned, gone]);
  await alice.invite(room, invited.id);
  await alice.ban(room, banned.id);
  await gone.leave(room);
  const event = await alice.send(room, 'secret du salon');
  const values: Record<string, string> = {
    roomId: room,
    roomIdOrAlias: room,
    eventId: event,
    eventType: 'm.room.topic',
    stateKey: '',
  };
  const leavers = new Set(['GET']);
  const routes = operations.filter(
    (o) => /\{roomId(OrAlias)?\}/.test(o.template) && !o.template.includes('/user/'),
  );
  for (const operation of routes) {
    const at = operation.template.replace(/\{([^}]+)\}/g, (_, name: string) =>
      encodeURIComponent(values[name] ?? 'm.read'),
    );
    for (const [who, user] of Object.entries({ stranger, invited, banned, gone })) {
      if (
        operation.method !== 'GET' &&
        !/send|state|redact|receipt|read_markers|typing|kick|ban|upgrade|invite/.test(at)
      )
        continue;
      const query = operation.method === 'GET' && at.includes('/messages') ? '?dir=b' : '';
      const stamp = at.includes('timestamp_to_event') ? '?ts=9999999999999&dir=b' : '';
      const body =
        operation.method === 'GET' || operation.method === 'DELETE'
          ? undefined
          : { user_id: stranger.id, typing: true };
      const answer = await user.call(
        operation.method,
        `${at.replace('/_matrix/client', '')}${query}${stamp}`,
        { body, expect: 'any' },
      );
      expect(answer.text, `${who} ${operation.method} ${at}`).not.toContain('secret du salon');
      const mayRead = leavers.has(operation.method) && (who === 'gone' || who === 'banned');
      const isPublicRead = /room_summary|hierarchy|directory/.test(at);
      if (!mayRead && !isPublicRead)
        expect(answer.status, `${who} ${operation.method} ${at} ${answer.text}`).not.toBe(200);
    }
  }
});

test('[ACL-08] what belongs to a user is closed to the others', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await alice.accountData('org.example.secret', { s: 1 });
  const { filter_id } = await alice.post(path`/v3/user/${alice.id}/filter`, { room: {} });
  for (const at of [
    path`/v3/user/${alice.id}/account_data/org.example.secret`,
    path`/v3/user/${alice.id}/rooms/${room}/account_data/org.example.secret`,
    path`/v3/user/${alice.id}/filter/${filter_id}`,
    path`/v3/user/${alice.id}/rooms/${room}/tags`,
  ]) {
    await bob.get(at, { expect: [403, 'M_FORBIDDEN'] });
  }
  await bob.put(
    path`/v3/user/${alice.id}/account_data/org.example.secret`,
    { s: 2 },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  await bob.put(
    path`/v3/user/${alice.id}/rooms/${room}/tags/m.favourite`,
    {},
    { expect: [403, 'M_FORBIDDEN'] },
  );
  await bob.post(path`/v3/user/${alice.id}/filter`, {}, { expect: [403, 'M_FORBIDDEN'] });
  await bob.put(
    path`/v3/rooms/${room}/typing/${alice.id}`,
    { typing: true },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  const sync = await bob.sync();
  expect(JSON.stringify(sync)).not.toContain('org.example.secret');
  const { device_keys } = await bob.post('/v3/keys/query', { device_keys: { [alice.id]: [] } });
  expect(JSON.stringify(device_keys ?? {})).not.toContain('last_seen_ip');
});

test('[ACL-10] receipts and markers in a room not joined are refused; private ones are told to no one', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob]);
  const event = await alice.send(room, 'x');
  await carol.receipt(room, event, 'm.read', {}, { expect: [403, 'M_FORBIDDEN'] });
  await carol.post(
    path`/v3/rooms/${room}/read_markers`,
    { 'm.fully_read': event },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  const since = (await alice.sync()).next_batch;
  await bob.receipt(room, event, 'm.read.private');
  const second = await bob.login();
  expect(JSON.stringify((await second.sync()).rooms.join[room].ephemeral.events)).toContain('m.read.private');
  await bob.send(room, 'fin');
  const sync = await alice.syncUntil((s) => bodiesOf(timelineOf(s, room)).includes('fin'), { since });
  expect(JSON.stringify(sync)).not.toContain('m.read.private');
  expect(JSON.stringify(await alice.sync())).not.toContain('m.read.private');
});

test('[ACL-14] an event of another room is not found through this one', async () => {
  const alice = await t.user();
  const [one, two] = [await alice.createRoom(), await alice.createRoom()];
  const event = await alice.send(one, 'x');
  const wanted = { expect: [404, 'M_NOT_FOUND'] as [number, string] };
  await alice.event(two, event, wanted);
  await alice.get(path`/v3/rooms/${two}/context/${event}`, wanted);
  await alice.get(path`/v1/rooms/${two}/relations/${event}`, wanted);
  await alice.post(path`/v3/rooms/${two}/report/${event}`, { reason: 'x' }, wanted);
});

test('[ACL-12] typing and presence do not reach those who share no room', async () => {
  const [alice, bob, carol] = await t.users('alice', 'bob', 'carol');
  const room = await alice.roomWith([bob]);
  await carol.createRoom();
  const since = (await carol.sync()).next_batch;
  await alice.put(path`/v3/rooms/${room}/typing/${alice.id}`, { typing: true, timeout: 30_000 });
  await bob.syncUntil((s) => JSON.stringify(roomOf(s, room)?.ephemeral ?? {}).includes('m.typing'));
  const sync = await carol.sync({ since });
  expect(JSON.stringify(sync)).not.toContain(alice.id);
});

test('[ACL-07] the directory of people takes its wildcards literally', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await alice.roomWith([bob]);
  const search = async (search_term: string): Promise<Any[]> =>
    (await alice.post('/v3/user_directory/search', { search_term })).results;
  for (const term of ['%', '_', '*', '%%', '_____']) expect(await search(term), term).toEqual([]);
  expect((await search(bob.localpart)).map((r) => r.user_id)).toContain(bob.id);
});

test('[ID-07] [S11] forged tokens are refused and never hang', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom();
  const good = (await alice.sync()).next_batch;
  const page = (await alice.messages(room, { limit: 1 })).end ?? good;
  for (const token of [
    '',
    '-1',
    'x',
    '0',
    '9'.repeat(400),
    `${good}x`,
    good.slice(0, -1),
    's1_2_3',
    '\u0000',
    'é',
  ]) {
    if (token === '') continue; // an empty parameter may count as absent
    await alice.sync({ since: token, expect: 400 });
    await alice.messages(room, { from: token }, { expect: 400 });
  }
  const foreign = await bob.call('GET', '/v3/sync', { query: { since: good, timeout: 0 }, expect: 'any' });
  expect(foreign.text).not.toContain(room);
  await bob.messages(room, { from: page }, { expect: [403, 'M_FORBIDDEN'] });
});
