// SPDX-License-Identifier: EUPL-1.2
// Application services: docs/design/application-services.md, line by line, with a real one.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Appservice } from './src/appservice.ts';
import { path } from './src/http.ts';
import { Server } from './src/server.ts';
import { DeviceKeys } from './src/signing.ts';
import { newAddress, signUp } from './src/signup.ts';
import type { Any } from './src/spec.ts';
import { bodiesOf, PASSWORD, register as signUpAs, timelineOf, User, unique } from './src/user.ts';

const LONG = { timeout: 40_000 };
const ghost = (name: string) => `@_irc_${name}:localhost`;

let directory: string;
let server: Server;
const bridge = new Appservice({
  users: [['@_irc_.*', true]],
  aliases: [['#_irc_.*', true]],
  protocols: ['irc'],
  rateLimited: false,
  ephemeral: true,
  devices: true,
});
const logger = new Appservice({ id: 'logger', sender: '_logger', rooms: [['!.*', false]] });
const wide = new Appservice({ id: 'wide', sender: '_wide', users: [['@.*', false]], rateLimited: false });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chappe-appservice-'));
  const files: string[] = [];
  for (const as of [bridge, logger]) {
    await as.listen();
    files.push(await as.write(directory));
  }
  files.push(await wide.write(directory, { url: null }));
  server = await Server.start({ set: { appservices: files.join(', ') } });
});

afterAll(async () => {
  await server?.dispose();
  await Promise.all([bridge.close(), logger.close()]);
  await rm(directory, { recursive: true, force: true });
});

const register = (username: string, as = bridge, expectation?: number | [number, string]) =>
  as.call(server.api, 'POST', '/v3/register', undefined, {
    body: { type: 'm.login.application_service', username, inhibit_login: true },
    expect: expectation,
  });
const newGhost = async (prefix = 'ghost') => {
  const name = unique(prefix);
  await register(`_irc_${name}`);
  return ghost(name);
};
const as = (user: string, method: string, at: string, options: object = {}) =>
  bridge.call(server.api, method, at, user, options);
const say = (user: string, room: string, body: string, options: object = {}) =>
  as(user, 'PUT', path`/v3/rooms/${room}/send/m.room.message/${unique('t')}`, {
    body: { msgtype: 'm.text', body },
    ...options,
  });
const saidTo = (appservice: Appservice, room: string) =>
  bodiesOf(appservice.events.filter((e) => e.room_id === room));
/** A room of a user in which a ghost is. */
const bridged = async (user: User, who: string, body: object = {}) => {
  const room = await user.createRoom({ invite: [who], ...body });
  await as(who, 'POST', path`/v3/rooms/${room}/join`, { body: {} });
  return room;
};

describe('who it is', () => {
  test('[B02] it acts as its sender, or as a user of its namespace, and as nobody else', async () => {
    const alice = await User.register(server.api, 'alice');
    const me = async (user?: string, expectation?: [number, string]) =>
      (await bridge.call(server.api, 'GET', '/v3/account/whoami', user, { expect: expectation })).body;
    expect((await me()).user_id).toBe('@_bridge_bot:localhost');
    await me(ghost('nobody-yet'), [403, 'M_FORBIDDEN']);
    const anna = await newGhost('anna');
    expect(await me(anna)).toMatchObject({ user_id: anna, is_guest: false });
    await me(alice.id, [403, 'M_FORBIDDEN']);
    await me('@_irc_anna:elsewhere.example', [403, 'M_FORBIDDEN']);
    await me('@_logger:localhost', [403, 'M_FORBIDDEN']);
    await server.api.call('GET', '/_matrix/client/v3/account/whoami', {
      token: `${bridge.asToken.slice(0, -1)}x`,
      expect: [401, 'M_UNKNOWN_TOKEN'],
    });
    // user_id of who is no application service is not looked at.
    expect((await alice.get('/v3/account/whoami', { query: { user_id: anna } })).user_id).toBe(alice.id);
  });

  test('[B02] it makes accounts and signs in to them in its namespace alone; others are kept out', async () => {
    const name = unique('bob');
    await register(`_irc_${name}`);
    await register(`_irc_${name}`, bridge, [400, 'M_USER_IN_USE']);
    await register('somebody', bridge, [400, 'M_EXCLUSIVE']);
    await register(`_irc_${unique('x')}`, logger, [400, 'M_EXCLUSIVE']);
    await register('_irc_É', bridge, [400, 'M_INVALID_USERNAME']);
    const login = (user: string, token: string | undefined, expectation?: [number, string]) =>
      server.api.call('POST', '/_matrix/client/v3/login', {
        token,
        body: { type: 'm.login.application_service', identifier: { type: 'm.id.user', user } },
        expect: expectation,
      });
    const session = (await login(`_irc_${name}`, bridge.asToken)).body;
    const bob = new User(server.api, session);
    expect((await bob.get('/v3/account/whoami')).device_id).toBe(session.device_id);
    const alice = await User.register(server.api, 'alice');
    await login(alice.id, bridge.asToken, [400, 'M_EXCLUSIVE']);
    await login(`_irc_${name}`, undefined, [401, 'M_MISSING_TOKEN']);
    await login(`_irc_${name}`, alice.token, [401, 'M_UNKNOWN_TOKEN']);
    // A device of its own, named in the query.
    const device = async (device_id: string, expectation?: [number, string]) =>
      (await as(bob.id, 'GET', '/v3/account/whoami', { query: { device_id }, expect: expectation })).body;
    expect((await device(session.device_id)).device_id).toBe(session.device_id);
    await device('ELSEWHERE', [400, 'M_UNKNOWN_DEVICE']);
    // One that it makes without a session (MSC4190).
    const made = path`/v3/devices/${'PONT'}`;
    await as(bob.id, 'PUT', made, { body: { display_name: 'Pont' }, expect: 201 });
    await as(bob.id, 'PUT', made, { body: { display_name: 'Passerelle' } });
    expect((await as(bob.id, 'GET', made)).body).toMatchObject({ display_name: 'Passerelle' });
    expect((await device('PONT')).device_id).toBe('PONT');
    await alice.put(made, { display_name: 'x' }, { expect: [404, 'M_NOT_FOUND'] });
    for (const wrong of ['P\u0000NT', 'p'.repeat(513)])
      await as(bob.id, 'PUT', path`/v3/devices/${wrong}`, { body: {}, expect: [400, 'M_INVALID_PARAM'] });
    await as(bob.id, 'DELETE', made, { body: {} });
    await device('PONT', [400, 'M_UNKNOWN_DEVICE']);
    // No password is asked for: they have none.
    await as(bob.id, 'DELETE', path`/v3/devices/${session.device_id}`, { body: {} });
    await bob.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  });

  test('[ACC-16] as a person it acts, and neither signs in nor does what a password is asked for', async () => {
    const alice = await User.register(server.api, 'alice');
    const asAlice = (method: string, at: string, expectation?: number, body?: object) =>
      wide.call(server.api, method, at, alice.id, { body, expect: expectation });
    expect((await asAlice('GET', '/v3/account/whoami')).body.user_id).toBe(alice.id);
    const new_password = 'of the bridge, from now on';
    await asAlice('POST', '/v3/account/password', 401, { new_password });
    await asAlice('POST', '/v3/account/deactivate', 401, {});
    await asAlice('POST', '/v1/login/get_token', 401, {});
    await asAlice('DELETE', path`/v3/devices/${alice.device}`, 401, {});
    await asAlice('POST', '/v3/delete_devices', 401, { devices: [alice.device] });
    const login = (user: string, expectation?: [number, string]) =>
      server.api.call('POST', '/_matrix/client/v3/login', {
        token: wide.asToken,
        body: { type: 'm.login.application_service', identifier: { type: 'm.id.user', user } },
        expect: expectation,
      });
    await login(alice.id, [403, 'M_FORBIDDEN']);
    await alice.login();
    // A ghost of whomever is nobody's to sign in to but a service's.
    await login(await newGhost('large'));
  });

  test('[ACC-16] past its end an account is refused to it, too', async () => {
    const own = await Server.start({
      set: {
        appservices: await wide.write(directory, { url: null }),
        'registration.mode': 'email',
        'accounts.validity': '90d',
      },
    });
    const anna = await signUp(own, newAddress('anna'));
    const whoami = (expectation?: [number, string]) =>
      wide.call(own.api, 'GET', '/v3/account/whoami', anna.id, { expect: expectation });
    await whoami();
    const file = join(directory, 'password');
    await writeFile(file, `${PASSWORD}\n`);
    await own.command('user', 'add', 'chief', '--password-file', file, '--admin');
    const login = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'chief' } };
    const chief = await own.api.call('POST', '/_matrix/client/v3/login', {
      body: { ...login, password: PASSWORD },
    });
    await own.api.call('POST', '/_synapse/client/email_account_validity/admin', {
      token: chief.body.access_token,
      body: { user_id: anna.id, expiration_ts: Date.now() - 1000, enable_renewal_emails: false },
    });
    await whoami([403, 'ORG_MATRIX_EXPIRED_ACCOUNT']);
    await own.dispose();
  });

  test('[ACC-20] where names come from addresses it names its own users, and no person', async () => {
    const own = await Server.start({
      set: {
        appservices: await wide.write(directory, { url: null }),
        'registration.mode': 'email',
      },
    });
    const anna = await signUp(own, newAddress('anna'));
    const call = async (method: string, at: string, body: object, expectation?: [number, string]) =>
      (await wide.call(own.api, method, at, undefined, { body, expect: expectation })).body;
    await call('POST', '/v3/register', {
      type: 'm.login.application_service',
      username: '_irc_paul',
      inhibit_login: true,
    });
    const { room_id } = await call('POST', '/v3/createRoom', {});
    const member = (user: string, displayname: string, expectation?: [number, string]) =>
      call(
        'PUT',
        path`/v3/rooms/${room_id}/state/m.room.member/${user}`,
        { membership: 'invite', displayname },
        expectation,
      );
    await member(anna.id, 'Le ministre', [403, 'M_FORBIDDEN']);
    await member(ghost('paul'), 'Paul, sur IRC');
    const name = path`/v3/profile/${anna.id}/displayname`;
    await wide.call(own.api, 'PUT', name, anna.id, {
      body: { displayname: 'Le ministre' },
      expect: [403, 'M_FORBIDDEN'],
    });
    await own.dispose();
  });

  test('its sender is nobody’s account: a person who has the name keeps it, and the server does not start', async () => {
    const before = await Server.start();
    const name = unique('pont');
    const squatter = await signUpAs(before.api, { username: name, password: PASSWORD });
    expect(squatter.body.user_id).toBe(`@${name}:localhost`);
    await before.stop();
    const squatted = new Appservice({ id: 'squatted', sender: name });
    const start = Server.start({
      dataDir: before.dataDir,
      database: before.database,
      set: { appservices: await squatted.write(directory, { url: null }) },
    });
    await expect(start).rejects.toThrow(/is a person's account/);
    await before.dispose();
  });

  test('its sender has no password, whoever sets it, and the server starts again', async () => {
    const alone = new Appservice({ id: 'alone', sender: '_alone' });
    const own = await Server.start({
      set: { appservices: await alone.write(directory, { url: null }) },
    });
    await alone.call(own.api, 'POST', '/v3/account/password', undefined, {
      body: { new_password: PASSWORD },
      expect: [403, 'M_FORBIDDEN'],
    });
    const file = join(directory, 'sender-password');
    await writeFile(file, `${PASSWORD}\n`, { mode: 0o600 });
    const set = own.command('user', 'password', '_alone', '--password-file', file);
    await expect(set).rejects.toThrow(/no password/);
    await own.restart();
    const { body } = await alone.call(own.api, 'GET', '/v3/account/whoami');
    expect(body.user_id).toBe('@_alone:localhost');
    await own.dispose();
  });

  test('[R18] names of an exclusive namespace are made and deleted by it alone', async () => {
    const alice = await User.register(server.api, 'alice');
    const room = await alice.createRoom();
    const alias = `#_irc_${unique('salon')}:localhost`;
    const put = (user: User, expectation?: [number, string]) =>
      user.put(path`/v3/directory/room/${alias}`, { room_id: room }, { expect: expectation });
    await put(alice, [400, 'M_EXCLUSIVE']);
    const named = { room_alias_name: alias.slice(1).split(':')[0] };
    await alice.post('/v3/createRoom', named, { expect: [400, 'M_EXCLUSIVE'] });
    const carl = await newGhost('carl');
    await alice.invite(room, carl);
    await as(carl, 'POST', path`/v3/rooms/${room}/join`, { body: {} });
    await as(carl, 'PUT', path`/v3/directory/room/${alias}`, { body: { room_id: room } });
    await alice.delete(path`/v3/directory/room/${alias}`, { expect: [400, 'M_EXCLUSIVE'] });
    await as(carl, 'DELETE', path`/v3/directory/room/${alias}`);
  });

  test('[B02] ts is the time of its events, and of nobody else’s', async () => {
    const alice = await User.register(server.api, 'alice');
    const dora = await newGhost('dora');
    const room = await bridged(alice, dora);
    const ts = 1_234_567_890_123;
    const sent = (await say(dora, room, 'jadis', { query: { ts } })).body.event_id;
    expect((await alice.event(room, sent)).origin_server_ts).toBe(ts);
    const at = path`/v3/rooms/${room}/send/m.room.message/${unique('t')}`;
    const own = await alice.put(at, { msgtype: 'm.text', body: 'ici' }, { query: { ts } });
    expect((await alice.event(room, own.event_id)).origin_server_ts).not.toBe(ts);
    for (const wrong of ['0', '-1', 'x', '8640000000000001', '9007199254740992'])
      await say(dora, room, 'non', { query: { ts: wrong }, expect: [400, 'M_INVALID_PARAM'] });
  });

  test('[S13] [R01] without a device it gets no to-device messages, and its transactions are known again', async () => {
    const alice = await User.register(server.api, 'alice');
    const eva = await newGhost('eva');
    const room = await bridged(alice, eva);
    const put = (user: string, txn: string) =>
      as(user, 'PUT', path`/v3/rooms/${room}/send/m.room.message/${txn}`, {
        body: { msgtype: 'm.text', body: 'une fois' },
      });
    const [one, two] = [await put(eva, 'same'), await put(eva, 'same')];
    expect(two.body.event_id).toBe(one.body.event_id);
    await alice.put(path`/v3/sendToDevice/m.x/${unique('t')}`, { messages: { [eva]: { '*': { n: 1 } } } });
    const sync = (await as(eva, 'GET', '/v3/sync')).body;
    expect(sync.to_device?.events ?? []).toEqual([]);
    expect(bodiesOf(timelineOf(sync, room))).toEqual(['une fois']);
  });
});

describe('what it is told', () => {
  test('[B03] events of rooms in which its users are, in order, each once, with the room’s id', async () => {
    const alice = await User.register(server.api, 'alice');
    const fred = await newGhost('fred');
    const before = await alice.createRoom();
    await alice.send(before, 'sans lui');
    const room = await bridged(alice, fred);
    const wanted = Array.from({ length: 30 }, (_, i) => `message ${i}`);
    for (const body of wanted) await alice.send(room, body);
    await expect.poll(() => saidTo(bridge, room), LONG).toEqual(wanted);
    expect(saidTo(bridge, before)).toEqual([]);
    const invitation = bridge.events.find((e) => e.room_id === room && e.state_key === fred);
    expect(invitation.content.membership).toBe('invite');
    for (const event of bridge.events.filter((e) => e.room_id === room))
      expect(Object.keys(event)).toEqual(
        expect.arrayContaining(['content', 'event_id', 'origin_server_ts', 'room_id', 'sender', 'type']),
      );
    // Who has left is told of no more.
    await as(fred, 'POST', path`/v3/rooms/${room}/leave`, { body: {} });
    await alice.send(room, 'entre nous');
    const other = await bridged(alice, await newGhost('fin'));
    await alice.send(other, 'la fin');
    await expect.poll(() => saidTo(bridge, other), LONG).toEqual(['la fin']);
    expect(saidTo(bridge, room)).toEqual(wanted);
    // One that has rooms for a namespace is told of all of them.
    await expect.poll(() => saidTo(logger, room), LONG).toEqual([...wanted, 'entre nous']);
    expect(logger.taken[0].body.ephemeral).toBeUndefined();
  });

  test('[B03] late, it is told of when its users were there, and of nothing before or between', async () => {
    const alice = await User.register(server.api, 'alice');
    const [late, constant, returning, refused] = await Promise.all(
      ['late', 'with', 'back', 'no'].map(newGhost),
    );
    const kept = await bridged(alice, constant);
    const left = await bridged(alice, returning);
    const secret = await alice.createRoom();
    const never = await alice.createRoom();
    await alice.send(kept, 'zéro');
    await expect.poll(() => saidTo(bridge, kept), LONG).toEqual(['zéro']);
    await bridge.close();
    await alice.send(secret, 'avant lui');
    await alice.send(never, 'sans lui');
    await alice.invite(never, refused);
    await alice.kick(never, refused);
    await alice.send(never, 'toujours sans lui');
    await alice.ban(never, refused);
    await alice.send(kept, 'un');
    await as(constant, 'PUT', path`/v3/profile/${constant}/displayname`, { body: { displayname: 'Autre' } });
    await expect
      .poll(async () => (await alice.getState(kept, 'm.room.member', constant)).displayname, LONG)
      .toBe('Autre');
    await alice.send(kept, 'deux');
    await alice.send(left, 'avec');
    await as(returning, 'POST', path`/v3/rooms/${left}/leave`, { body: {} });
    await alice.send(left, 'entre nous');
    await alice.invite(left, returning);
    await as(returning, 'POST', path`/v3/rooms/${left}/join`, { body: {} });
    await alice.send(left, 'de nouveau');
    await alice.invite(secret, late);
    await as(late, 'POST', path`/v3/rooms/${secret}/join`, { body: {} });
    await alice.send(secret, 'avec lui');
    await bridge.listen();
    await expect.poll(() => saidTo(bridge, secret), LONG).toEqual(['avec lui']);
    expect(saidTo(bridge, kept)).toEqual(['zéro', 'un', 'deux']);
    expect(saidTo(bridge, left)).toEqual(['avec', 'de nouveau']);
    expect(saidTo(bridge, never)).toEqual([]);
  });

  test('[B03] rooms of its aliases, too', async () => {
    const alice = await User.register(server.api, 'alice');
    const gina = await newGhost('gina');
    const room = await bridged(alice, gina);
    const alias = `#_irc_${unique('canal')}:localhost`;
    await as(gina, 'PUT', path`/v3/directory/room/${alias}`, { body: { room_id: room } });
    await as(gina, 'POST', path`/v3/rooms/${room}/leave`, { body: {} });
    await alice.send(room, 'par le nom');
    await expect.poll(() => saidTo(bridge, room), LONG).toEqual(['par le nom']);
  });

  test('typing and receipts, where it wants them', async () => {
    const alice = await User.register(server.api, 'alice');
    const hugo = await newGhost('hugo');
    const room = await bridged(alice, hugo);
    await alice.put(path`/v3/presence/${alice.id}/status`, { presence: 'online' });
    const event = (await say(hugo, room, 'lis')).body.event_id;
    await alice.put(path`/v3/rooms/${room}/typing/${alice.id}`, { typing: true, timeout: 30_000 });
    const typing = () => bridge.ephemeral.filter((e) => e.type === 'm.typing' && e.room_id === room);
    await expect.poll(() => typing().at(-1)?.content, LONG).toEqual({ user_ids: [alice.id] });
    await alice.receipt(room, event);
    const read = () => bridge.ephemeral.filter((e) => e.type === 'm.receipt' && e.room_id === room);
    await expect.poll(() => read()[0]?.content[event]?.['m.read']?.[alice.id]?.ts, LONG).toBeGreaterThan(0);
    // What is private stays so.
    const next = (await say(hugo, room, 'et ceci')).body.event_id;
    await alice.receipt(room, next, 'm.read.private');
    const last = (await say(hugo, room, 'enfin')).body.event_id;
    await alice.receipt(room, last);
    await expect.poll(() => JSON.stringify(read()), LONG).toContain(last);
    expect(JSON.stringify(read())).not.toContain(next);
    // But for what its own users keep to themselves.
    await as(hugo, 'POST', path`/v3/rooms/${room}/receipt/m.read.private/${next}`, { body: {} });
    await expect
      .poll(() => read().find((e) => e.content[next]?.['m.read.private'])?.content[next], LONG)
      .toEqual({ 'm.read.private': { [hugo]: { ts: expect.any(Number) } } });
    // Where presence is off there is none.
    expect(bridge.ephemeral.filter((e) => e.type === 'm.presence')).toEqual([]);
  });

  test('presence, where it is on: of its users and of who is in its rooms, merged', async () => {
    const crew = new Appservice({
      id: 'crew',
      sender: '_crew',
      users: [['@_crew_.*', true]],
      aliases: [['#_crew_.*', false]],
      ephemeral: true,
    });
    const deaf = new Appservice({ id: 'deaf', sender: '_deaf', rooms: [['!.*', false]] });
    const files: string[] = [];
    for (const appservice of [crew, deaf]) {
      await appservice.listen();
      files.push(await appservice.write(directory));
    }
    const own = await Server.start({ set: { presence: 'on', appservices: files.join(', ') } });
    const [alice, bob, carol] = await Promise.all(
      ['alice', 'bob', 'carol'].map((name) => User.register(own.api, name)),
    );
    const anna = '@_crew_anna:localhost';
    await crew.call(own.api, 'POST', '/v3/register', undefined, {
      body: { type: 'm.login.application_service', username: '_crew_anna', inhibit_login: true },
    });
    const room = await alice.createRoom({ invite: [anna] });
    await crew.call(own.api, 'POST', path`/v3/rooms/${room}/join`, anna, { body: {} });
    await carol.createRoom({ preset: 'public_chat', room_alias_name: '_crew_salon' });
    await bob.createRoom();
    const tell = (user: User, status_msg: string) =>
      user.put(path`/v3/presence/${user.id}/status`, { presence: 'online', status_msg });
    const events = (of: string) => crew.ephemeral.filter((e) => e.type === 'm.presence' && e.sender === of);
    const told = (of: string) => events(of).map((e) => e.content.status_msg);
    await tell(bob, 'caché');
    await tell(carol, 'au salon');
    await tell(alice, 'ici');
    await crew.call(own.api, 'PUT', path`/v3/presence/${anna}/status`, anna, {
      body: { presence: 'unavailable', status_msg: 'au loin' },
    });
    await expect.poll(() => told(anna).at(-1), LONG).toBe('au loin');
    await expect.poll(() => told(alice.id).at(-1), LONG).toBe('ici');
    await expect.poll(() => told(carol.id).at(-1), LONG).toBe('au salon');
    expect(events(alice.id).at(-1)).toEqual({
      type: 'm.presence',
      sender: alice.id,
      content: {
        presence: 'online',
        currently_active: true,
        last_active_ago: expect.any(Number),
        status_msg: 'ici',
      },
    });
    // While one is not taken, what changes three times is told once.
    crew.status = 500;
    const first = crew.attempts.length;
    await alice.send(room, 'un message');
    await expect.poll(() => crew.attempts.length, LONG).toBeGreaterThan(first);
    for (const words of ['un', 'deux', 'trois']) await tell(alice, words);
    crew.status = 200;
    await expect.poll(() => told(alice.id).at(-1), LONG).toBe('trois');
    expect(told(alice.id).filter((words) => ['un', 'deux'].includes(words))).toEqual([]);
    // Nobody of its own is with her any more.
    await crew.call(own.api, 'POST', path`/v3/rooms/${room}/leave`, anna, { body: {} });
    await tell(alice, 'seule');
    await tell(carol, 'toujours');
    await expect.poll(() => told(carol.id).at(-1), LONG).toBe('toujours');
    expect(told(alice.id).at(-1)).toBe('trois');
    expect(told(bob.id)).toEqual([]);
    expect(deaf.taken.some((t) => 'ephemeral' in t.body)).toBe(false);
    await own.dispose();
    await Promise.all([crew.close(), deaf.close()]);
  });

  test('to-device messages of its own users come in transactions, and leave their inboxes', async () => {
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => User.register(server.api, name)));
    const gina = await newGhost('gina');
    for (const device of ['UN', 'DEUX'])
      await as(gina, 'PUT', path`/v3/devices/${device}`, { body: {}, expect: 201 });
    const send = (to: User | string, device: string, content: object) =>
      alice.put(path`/v3/sendToDevice/m.room.encrypted/${unique('t')}`, {
        messages: { [typeof to === 'string' ? to : to.id]: { [device]: content } },
      });
    await send(gina, 'UN', { n: 1 });
    await send(bob, bob.device, { n: 2 });
    await send(gina, '*', { n: 3 });
    const message = (device: string, n: number) => ({
      type: 'm.room.encrypted',
      sender: alice.id,
      content: { n },
      to_user_id: gina,
      to_device_id: device,
    });
    await expect.poll(() => bridge.messagesTo(gina).length, LONG).toBe(3);
    const came = bridge.messagesTo(gina);
    expect(came[0]).toEqual(message('UN', 1));
    expect(came.slice(1)).toEqual(expect.arrayContaining([message('UN', 3), message('DEUX', 3)]));
    for (const device_id of ['UN', 'DEUX']) {
      const sync = (await as(gina, 'GET', '/v3/sync', { query: { device_id } })).body;
      expect(sync.to_device?.events ?? []).toEqual([]);
    }
    expect((await bob.sync()).to_device.events.map((e: Any) => e.content)).toEqual([{ n: 2 }]);
    expect(bridge.messagesTo(bob.id)).toEqual([]);
    expect(logger.taken.some((t) => 'de.sorunome.msc2409.to_device' in t.body)).toBe(false);
  });

  test('to-device messages of persons are theirs alone, whoever has a namespace for all', async () => {
    const nosy = new Appservice({ id: 'nosy', sender: '_nosy', users: [['@.*', true]], ephemeral: true });
    await nosy.listen();
    const own = await Server.start();
    const alice = await User.register(own.api, 'alice');
    await own.stop();
    const again = await Server.start({
      dataDir: own.dataDir,
      database: own.database,
      set: { appservices: await nosy.write(directory) },
    });
    await nosy.call(again.api, 'PUT', path`/v3/devices/${'NEZ'}`, undefined, { body: {}, expect: 201 });
    const session = await new User(again.api, {
      user_id: alice.id,
      access_token: alice.token,
      device_id: alice.device,
    }).login();
    await session.put(path`/v3/sendToDevice/m.x/${unique('t')}`, {
      messages: { [alice.id]: { [alice.device]: { n: 1 } }, '@_nosy:localhost': { NEZ: { n: 2 } } },
    });
    await expect.poll(() => nosy.messagesTo('@_nosy:localhost').length, LONG).toBe(1);
    expect(nosy.messagesTo(alice.id)).toEqual([]);
    const sync = await again.api.call('GET', '/_matrix/client/v3/sync', { token: alice.token });
    expect(sync.body.to_device.events.map((e: Any) => e.content)).toEqual([{ n: 1 }]);
    await again.dispose();
    await own.dispose();
    await nosy.close();
  });

  test('whose devices changed, and how many keys its users have left', async () => {
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => User.register(server.api, name)));
    const hugo = await newGhost('hugo');
    await as(hugo, 'PUT', path`/v3/devices/${'PONT'}`, { body: {}, expect: 201 });
    const encryption = { type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } };
    const room = await bridged(alice, hugo, { initial_state: [encryption] });
    const lists = (member: 'changed' | 'left') =>
      bridge.told('device_lists').flatMap((lists: Any) => lists[member]);
    // It has come to share an encrypted room with her.
    await expect.poll(() => lists('changed'), LONG).toContain(alice.id);
    const before = bridge.taken.length;
    await new DeviceKeys(alice).publish();
    await new DeviceKeys(bob).publish();
    const changedSince = () =>
      bridge.taken.slice(before).flatMap((t) => t.body['org.matrix.msc3202.device_lists']?.changed ?? []);
    await expect.poll(changedSince, LONG).toContain(alice.id);
    // Keys of its own: what is left, after an upload and after a claim.
    const keys = new DeviceKeys({ id: hugo } as User, 'PONT');
    await as(hugo, 'POST', '/v3/keys/upload', {
      query: { device_id: 'PONT' },
      body: {
        device_keys: keys.deviceKeys,
        one_time_keys: keys.oneTimeKeys(['a', 'b', 'c']),
        fallback_keys: { 'signed_curve25519:f': keys.oneTimeKey(true) },
      },
    });
    const counts = () =>
      bridge.told('device_one_time_keys_count').map((told: Any) => told[hugo]?.PONT?.signed_curve25519);
    await expect.poll(counts, LONG).toContain(3);
    await alice.post('/v3/keys/claim', { one_time_keys: { [hugo]: { PONT: 'signed_curve25519' } } });
    await expect.poll(counts, LONG).toContain(2);
    expect(
      bridge.told('device_unused_fallback_key_types').map((told: Any) => told[hugo]?.PONT),
    ).toContainEqual(['signed_curve25519']);
    await alice.leave(room);
    await expect.poll(() => lists('left'), LONG).toContain(alice.id);
    // She who shares no room with it is nobody to it.
    expect([...lists('changed'), ...lists('left')]).not.toContain(bob.id);
    expect(logger.told('device_lists')).toEqual([]);
  });

  test('[B03] one that refuses, is away, and a server that is killed: the same again, then on, nothing lost', async () => {
    const alice = await User.register(server.api, 'alice');
    const room = await bridged(alice, await newGhost('ines'));
    await alice.send(room, 'zéro');
    await expect.poll(() => saidTo(bridge, room), LONG).toEqual(['zéro']);
    bridge.status = 500;
    const first = bridge.attempts.length;
    await alice.send(room, 'un');
    await expect.poll(() => bridge.attempts.length, LONG).toBeGreaterThan(first + 1);
    await alice.send(room, 'deux');
    const [one, two] = bridge.attempts.slice(first);
    expect(two).toEqual(one);
    await bridge.close();
    await server.restart('SIGKILL');
    await alice.send(room, 'trois');
    bridge.status = 200;
    const again = bridge.attempts.length;
    await bridge.listen();
    await expect.poll(() => saidTo(bridge, room), LONG).toEqual(['zéro', 'un', 'deux', 'trois']);
    // Under its number and unchanged, over the restart.
    expect(bridge.attempts[again]).toEqual(one);
    await server.restart('SIGTERM');
    await alice.send(room, 'quatre');
    await expect.poll(() => saidTo(bridge, room).at(-1), LONG).toBe('quatre');
    expect(saidTo(bridge, room)).toEqual(['zéro', 'un', 'deux', 'trois', 'quatre']);
    expect(new Set(bridge.taken.map((t) => t.id)).size).toBe(bridge.taken.length);
  });

  test('[B03] an old one is told at the old paths', async () => {
    const alice = await User.register(server.api, 'alice');
    const room = await bridged(alice, await newGhost('jean'));
    bridge.legacyOnly = true;
    await alice.send(room, 'autrefois');
    await expect.poll(() => saidTo(bridge, room), LONG).toEqual(['autrefois']);
    bridge.legacyOnly = false;
  });
});

describe('what it is asked', () => {
  test('[B04] ping, both ways, and the ways in which it fails', async () => {
    const ping = (as: Appservice, id: string, expectation?: number | [number, string]) =>
      as.call(server.api, 'POST', path`/v1/appservice/${id}/ping`, undefined, {
        body: { transaction_id: 'meow' },
        expect: expectation,
      });
    const seen: Any[] = [];
    bridge.answer = (method, at, body) => {
      if (at !== '/_matrix/app/v1/ping') return undefined;
      seen.push([method, body]);
      return [200, {}];
    };
    expect((await ping(bridge, 'bridge')).body.duration_ms).toBeGreaterThanOrEqual(0);
    expect(seen).toEqual([['POST', { transaction_id: 'meow' }]]);
    await ping(logger, 'bridge', [403, 'M_FORBIDDEN']);
    const alice = await User.register(server.api, 'alice');
    await alice.post('/v1/appservice/bridge/ping', {}, { expect: [403, 'M_FORBIDDEN'] });
    bridge.answer = () => [418, { errcode: 'M_TEAPOT', error: 'tea' }];
    expect((await ping(bridge, 'bridge', [502, 'M_BAD_STATUS'])).body.status).toBe(418);
    await bridge.close();
    await ping(bridge, 'bridge', [502, 'M_CONNECTION_FAILED']);
    await bridge.listen();
  });

  test('[B04] aliases and users that are not there yet are asked for, made, and found', async () => {
    const alice = await User.register(server.api, 'alice');
    const host = await newGhost('hote');
    const name = unique('salon');
    const alias = `#_irc_${name}:localhost`;
    const late = ghost(unique('tard'));
    bridge.answer = async (_, at) => {
      if (at === `/_matrix/app/v1/rooms/${encodeURIComponent(alias)}`) {
        await as(host, 'POST', '/v3/createRoom', {
          body: { preset: 'public_chat', room_alias_name: `_irc_${name}` },
        });
        return [200, {}];
      }
      if (at === `/_matrix/app/v1/users/${encodeURIComponent(late)}`) {
        await register(late.slice(1).split(':')[0]);
        return [200, {}];
      }
      return undefined;
    };
    const { room_id } = await alice.post(path`/v3/join/${alias}`);
    expect((await alice.get(path`/v3/directory/room/${alias}`)).room_id).toBe(room_id);
    await alice.invite(room_id, late);
    // Those it does not make are not there.
    const never = ghost(unique('jamais'));
    await alice.invite(room_id, never, { expect: [404, 'M_NOT_FOUND'] });
    await alice.get(path`/v3/profile/${never}`, { expect: [404, 'M_NOT_FOUND'] });
    const nowhere = `#_irc_${unique('nulle')}:localhost`;
    await alice.get(path`/v3/directory/room/${nowhere}`, { expect: [404, 'M_NOT_FOUND'] });
    // What is nobody's is asked of nobody.
    const asked = bridge.asked.length;
    await alice.get(path`/v3/directory/room/${'#rien:localhost'}`, { expect: [404, 'M_NOT_FOUND'] });
    expect(bridge.asked.length).toBe(asked);
    // A conversation with one that is made on the way.
    const other = ghost(unique('direct'));
    bridge.answer = async (_, at) => {
      if (at !== `/_matrix/app/v1/users/${encodeURIComponent(other)}`) return undefined;
      await register(other.slice(1).split(':')[0]);
      return [200, {}];
    };
    await alice.createRoom({ invite: [other], is_direct: true });
    bridge.answer = () => undefined;
  });

  test('[B04] a request asks for few names, and a user for few a minute', async () => {
    const alice = await User.register(server.api, 'alice');
    const before = bridge.asked.length;
    const invite = Array.from({ length: 15 }, () => ghost(unique('foule')));
    await alice.post('/v3/createRoom', { invite }, { expect: [404, 'M_NOT_FOUND'] });
    expect(new Set(bridge.asked.slice(before).filter((at) => at.includes('/app/v1/users/'))).size).toBe(10);
    const own = await Server.start({
      set: { appservices: await bridge.write(directory), rate_limits: 'on' },
    });
    const [one, other] = [await User.register(own.api, 'un'), await User.register(own.api, 'deux')];
    const look = async (who: User) =>
      (await who.call('GET', path`/v3/profile/${ghost(unique('qui'))}`, { expect: 'any' })).status;
    const statuses: number[] = [];
    while (statuses.at(-1) !== 429 && statuses.length < 200) statuses.push(await look(one));
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(404));
    expect(statuses.at(-1)).toBe(429);
    expect(await look(other)).toBe(404);
    await own.dispose();
  });

  test('[B05] third-party networks are what it says', async () => {
    const alice = await User.register(server.api, 'alice');
    const protocol = {
      user_fields: ['nick'],
      location_fields: ['channel'],
      icon: 'mxc://localhost/irc',
      field_types: { nick: { regexp: '[^\\s#]+', placeholder: 'pseudo' } },
      instances: [{ desc: 'Libera', fields: {}, network_id: 'libera' }],
    };
    const location = [{ alias: '#_irc_x:localhost', protocol: 'irc', fields: { channel: '#x' } }];
    const user = [{ userid: ghost('x'), protocol: 'irc', fields: { nick: 'x' } }];
    const asked: string[] = [];
    bridge.answer = (_, at) => {
      asked.push(at);
      if (at.startsWith('/_matrix/app/v1/thirdparty/protocol/irc')) return [200, protocol];
      if (at.startsWith('/_matrix/app/v1/thirdparty/location')) return [200, location];
      if (at.startsWith('/_matrix/app/v1/thirdparty/user')) return [200, user];
      return undefined;
    };
    const named = {
      ...protocol,
      instances: [{ ...protocol.instances[0], instance_id: 'bridge|libera' }],
    };
    expect(await alice.get('/v3/thirdparty/protocols')).toEqual({ irc: named });
    expect(await alice.get('/v3/thirdparty/protocol/irc')).toEqual(named);
    await alice.get('/v3/thirdparty/protocol/xmpp', { expect: [404, 'M_NOT_FOUND'] });
    expect(await alice.get('/v3/thirdparty/location/irc', { query: { channel: '#x y' } })).toEqual(location);
    expect(asked.at(-1)).toMatch(/^\/_matrix\/app\/v1\/thirdparty\/location\/irc\?channel=%23x(\+|%20)y$/);
    expect(await alice.get('/v3/thirdparty/user/irc', { query: { nick: 'x' } })).toEqual(user);
    expect(await alice.get('/v3/thirdparty/location', { query: { alias: '#_irc_x:localhost' } })).toEqual(
      location,
    );
    expect(await alice.get('/v3/thirdparty/user', { query: { userid: ghost('x') } })).toEqual(user);
    await alice.get('/v3/thirdparty/user', { expect: [400, 'M_MISSING_PARAM'] });
    bridge.answer = () => [500, 'rubbish'];
    expect(await alice.get('/v3/thirdparty/protocols')).toEqual({});
    bridge.answer = () => undefined;
  });
});

test('[B05] rooms of its networks have lists of their own', async () => {
  const alice = await User.register(server.api, 'alice');
  const host = await newGhost('liste');
  const room = await bridged(alice, host, { preset: 'public_chat', name: 'Canal' });
  const at = path`/v3/directory/list/appservice/libera/${room}`;
  const list = async (third_party_instance_id?: string) =>
    (await alice.post('/v3/publicRooms', { third_party_instance_id, limit: 500 })).chunk.map(
      (r: Any) => r.room_id,
    );
  await as(host, 'PUT', at, { body: { visibility: 'public' } });
  expect(await list('bridge|libera')).toEqual([room]);
  expect(await list('bridge|oftc')).toEqual([]);
  expect(await list()).not.toContain(room);
  // All of them together: the larger first, each once, in pages.
  const large = await bridged(alice, await newGhost('grand'), {
    visibility: 'public',
    preset: 'public_chat',
  });
  await (await User.register(server.api, 'carol')).join(large);
  const small = await alice.createRoom({ visibility: 'public' });
  await as(host, 'POST', path`/v3/rooms/${large}/join`, { body: {} });
  await as(host, 'PUT', path`/v3/directory/list/appservice/oftc/${large}`, {
    body: { visibility: 'public' },
  });
  const all: string[] = [];
  let since: string | undefined;
  do {
    const body = { include_all_networks: true, limit: 1, since };
    const page = await alice.post('/v3/publicRooms', body);
    all.push(...page.chunk.map((r: Any) => r.room_id));
    since = page.next_batch;
  } while (since);
  expect(all.filter((id) => [large, room, small].includes(id))).toEqual([large, room, small]);
  expect(await list()).toEqual(expect.arrayContaining([large, small]));
  const networks = { third_party_instance_id: 'bridge|libera', include_all_networks: true };
  await alice.post('/v3/publicRooms', networks, { expect: [400, 'M_INVALID_PARAM'] });
  await alice.put(at, { visibility: 'private' }, { expect: [403, 'M_FORBIDDEN'] });
  await as(host, 'PUT', at, { body: { visibility: 'hidden' }, expect: [400, 'M_INVALID_PARAM'] });
  const private_ = await alice.createRoom();
  await as(host, 'PUT', path`/v3/directory/list/appservice/libera/${private_}`, {
    body: { visibility: 'public' },
    expect: [403, 'M_FORBIDDEN'],
  });
  await as(host, 'PUT', at, { body: { visibility: 'private' } });
  expect(await list('bridge|libera')).toEqual([]);
});

describe('its registration', () => {
  const good = {
    id: 'x',
    url: null,
    as_token: 'a'.repeat(20),
    hs_token: 'h'.repeat(20),
    sender_localpart: '_x',
    namespaces: { users: [{ regex: '@_x_.*', exclusive: true }] },
  };
  const check = async (...contents: unknown[]) => {
    const files: string[] = [];
    for (const content of contents) {
      const file = join(directory, `${unique('r')}.yaml`);
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
      files.push(file);
    }
    return server.command('config', 'check', '--set', `appservices=${files.join(',')}`);
  };

  test('[B01] is refused with a sentence, unless it is right', async () => {
    await check(good);
    await check(
      'id: y\nurl: null\nas_token: 0123456789abcdef\nhs_token: fedcba9876543210\nsender_localpart: y\nnamespaces:\n  users: []\n',
    );
    const wrong: [object, RegExp][] = [
      [{ id: undefined }, /id is missing/],
      [{ url: undefined }, /url is missing/],
      [{ url: 'ftp://x' }, /url must be/],
      [{ as_token: 'short' }, /as_token: 16 to 255/],
      [{ hs_token: undefined }, /hs_token: 16 to 255/],
      [{ hs_token: 'a'.repeat(20) }, /are the same/],
      [{ sender_localpart: 'É' }, /sender_localpart is no local part/],
      [{ rate_limited: 'perhaps' }, /true or false/],
      [{ surprise: 1 }, /no such member/],
      [{ namespaces: { users: [{ regex: '@x' }] } }, /exclusive is missing/],
      [{ namespaces: { users: [{ exclusive: true }] } }, /regex is missing/],
      [{ namespaces: { users: [{ regex: '@(a', exclusive: true }] } }, /regex: a \( is not closed, at byte/],
      [{ namespaces: { users: [{ regex: '@(.*)\\1', exclusive: true }] } }, /no back-references/],
      [{ namespaces: { friends: [] } }, /users, aliases and rooms/],
    ];
    for (const [change, sentence] of wrong)
      await expect(check({ ...good, ...change })).rejects.toThrow(sentence);
    const other = { ...good, id: 'y', as_token: 'b'.repeat(20), sender_localpart: '_y' };
    await check(good, other);
    await expect(check(good, { ...other, id: 'x' })).rejects.toThrow(/id is that of another/);
    await expect(check(good, { ...other, as_token: good.as_token })).rejects.toThrow(
      /as_token is that of another/,
    );
    await expect(check(good, { ...other, sender_localpart: '_x' })).rejects.toThrow(
      /sender_localpart is that/,
    );
    await expect(check('id: [')).rejects.toThrow(/yaml/);
    // It holds tokens.
    const open = join(directory, 'open.yaml');
    await writeFile(open, JSON.stringify(good));
    await chmod(open, 0o644);
    await expect(server.command('config', 'check', '--set', `appservices=${open}`)).rejects.toThrow(
      /open.yaml: everybody may read it/,
    );
    await expect(server.command('config', 'check', '--set', 'appservices=/nowhere.yaml')).rejects.toThrow(
      /nowhere/,
    );
  });

  test('one without a URL is sent nothing, and acts all the same', async () => {
    const mute = new Appservice({ id: 'mute', sender: '_mute', users: [['@_mute_.*', true]] });
    const file = await mute.write(directory, { url: null });
    const own = await Server.start({ set: { appservices: file } });
    expect((await mute.call(own.api, 'GET', '/v3/account/whoami')).body.user_id).toBe('@_mute:localhost');
    await mute.call(own.api, 'POST', '/v1/appservice/mute/ping', undefined, {
      body: {},
      expect: [400, 'M_URL_NOT_SET'],
    });
    await own.dispose();
  });

  test('[B01] rate limits are off where it says so, and for its sender', async () => {
    const limited = new Appservice({ id: 'limited', sender: '_l', users: [['@_l_.*', true]] });
    const free = new Appservice({ id: 'free', sender: '_f', users: [['@_f_.*', true]], rateLimited: false });
    const files = [await limited.write(directory, { url: null }), await free.write(directory, { url: null })];
    const own = await Server.start({
      set: {
        appservices: files.join(','),
        rate_limits: 'on',
        'rate_limits.read.burst': '3',
        'rate_limits.read.per_minute': '1',
      },
    });
    const make = (as: Appservice, username: string) =>
      as.call(own.api, 'POST', '/v3/register', undefined, {
        body: { type: 'm.login.application_service', username, inhibit_login: true },
      });
    await make(limited, '_l_a');
    for (let i = 0; i < 30; i++) await make(free, `_f_${i}`);
    const read = (as: Appservice, user?: string, expectation?: [number, string]) =>
      as.call(own.api, 'GET', '/v3/capabilities', user, { expect: expectation });
    for (let i = 0; i < 3; i++) await read(limited, '@_l_a:localhost');
    await read(limited, '@_l_a:localhost', [429, 'M_LIMIT_EXCEEDED']);
    for (let i = 0; i < 10; i++) {
      await read(limited);
      await read(free, '@_f_0:localhost');
    }
    await own.dispose();
  });
});
