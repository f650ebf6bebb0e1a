// SPDX-License-Identifier: EUPL-1.2
// Registration, login, interactive authentication, devices, tokens, password, deactivation.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, register, User, unique } from './src/user.ts';

const t = stage();
const REGISTER = '/_matrix/client/v3/register';
const LOGIN = '/_matrix/client/v3/login';

const byPassword = (user: string, password = PASSWORD) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password,
});

test('[A01] registration asks its stages and never succeeds without them', async () => {
  const body = { username: unique('uia'), password: PASSWORD };
  const first = await t.api.call('POST', REGISTER, { body, expect: 401 });
  expect(first.body.flows).toEqual(expect.arrayContaining([{ stages: ['m.login.dummy'] }]));
  expect(first.body.session).toMatch(/^[0-9A-Za-z._~-]{1,255}$/);
  expect(first.body.errcode).toBeUndefined();
  // Only the session, no stage done.
  await t.api.call('POST', REGISTER, {
    body: { ...body, auth: { session: first.body.session } },
    expect: 401,
  });
  // A stage that no flow offers.
  const auth = { type: 'm.login.unheard.of', session: first.body.session };
  const wrong = await t.api.call('POST', REGISTER, { body: { ...body, auth }, expect: 'any' });
  expect([400, 401]).toContain(wrong.status);
  const dummy = { type: 'm.login.dummy', session: first.body.session };
  const done = await t.api.call('POST', REGISTER, { body: { ...body, auth: dummy } });
  expect(done.body.user_id).toBe(`@${body.username}:localhost`);
});

test('[A01] a failed stage keeps the session, says why, and can be tried again', async () => {
  const user = await t.user();
  const other = await user.login();
  const at = path`/v3/devices/${other.device}`;
  const first = await user.call('DELETE', at, { body: {}, expect: 401 });
  const { session } = first.body;
  const wrong = await user.call('DELETE', at, {
    body: { auth: { ...byPassword(user.id, 'not it'), session } },
    expect: 401,
  });
  expect(wrong.body.errcode).toBe('M_FORBIDDEN');
  expect(wrong.body.session).toBe(session);
  expect(wrong.body.completed ?? []).toEqual([]);
  await user.call('DELETE', at, { body: { auth: { ...byPassword(user.id), session } } });
  await other.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
});

test('[A01] [LOG-06] a session serves its own user, its own request, once', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const [second, third] = [await alice.login(), await alice.login()];
  const start = (user: User, devices: string[]) =>
    user.call('POST', '/v3/delete_devices', { body: { devices }, expect: 401 });

  const hers = (await start(alice, [second.device])).body.session;
  // Bob's password in Alice's session.
  const stolen = { auth: { ...byPassword(bob.id), session: hers }, devices: [second.device] };
  expect(
    (await bob.call('POST', '/v3/delete_devices', { body: stolen, expect: 'any' })).status,
  ).toBeGreaterThanOrEqual(400);
  // Another body than the one that opened the session.
  const swapped = { auth: { ...byPassword(alice.id), session: hers }, devices: [third.device] };
  expect(
    (await alice.call('POST', '/v3/delete_devices', { body: swapped, expect: 'any' })).status,
  ).toBeGreaterThanOrEqual(400);
  await third.get('/v3/account/whoami');
  // Another endpoint.
  const elsewhere = { auth: { ...byPassword(alice.id), session: hers }, new_password: 'another password' };
  expect(
    (await alice.call('POST', '/v3/account/password', { body: elsewhere, expect: 'any' })).status,
  ).toBeGreaterThanOrEqual(400);
  // Somebody else's password for one's own account.
  const session = (await start(alice, [second.device])).body.session;
  const impostor = { auth: { ...byPassword(bob.id), session }, devices: [second.device] };
  expect(
    (await alice.call('POST', '/v3/delete_devices', { body: impostor, expect: 'any' })).status,
  ).toBeGreaterThanOrEqual(400);

  await alice.withPassword('POST', '/v3/delete_devices', { devices: [second.device] });
  const fresh = (await start(alice, [third.device])).body.session;
  const good = { auth: { ...byPassword(alice.id), session: fresh }, devices: [third.device] };
  await alice.call('POST', '/v3/delete_devices', { body: good });
  const fourth = await alice.login();
  const reused = { auth: { session: fresh }, devices: [fourth.device] };
  expect(
    (await alice.call('POST', '/v3/delete_devices', { body: reused, expect: 'any' })).status,
  ).toBeGreaterThanOrEqual(400);
  await fourth.get('/v3/account/whoami');
});

test('[A02] each stage offered has its fallback page', async () => {
  const first = await t.api.call('POST', REGISTER, {
    body: { username: unique('f'), password: PASSWORD },
    expect: 401,
  });
  const stages = new Set<string>(first.body.flows.flatMap((f: { stages: string[] }) => f.stages));
  for (const stageName of stages) {
    const at = path`/_matrix/client/v3/auth/${stageName}/fallback/web`;
    const page = await t.api.call('GET', at, { query: { session: first.body.session } });
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  }
});

test('[A03] a user is named by id, by localpart, by the old field, or not at all', async () => {
  const user = await t.user();
  for (const name of [user.id, user.localpart]) {
    const answer = await t.api.call('POST', LOGIN, { body: byPassword(name) });
    expect(answer.body.user_id).toBe(user.id);
  }
  const old = { type: 'm.login.password', user: user.localpart, password: PASSWORD };
  expect((await t.api.call('POST', LOGIN, { body: old })).body.user_id).toBe(user.id);
  for (const identifier of [
    { type: 'm.id.thirdparty', medium: 'email', address: 'nobody@example.org' },
    { type: 'm.id.phone', country: 'FR', phone: '0123456789' },
    { type: 'm.id.user', user: '@somebody:elsewhere.example' },
    { type: 'm.id.user', user: 'nobody-of-that-name' },
  ]) {
    const body = { type: 'm.login.password', identifier, password: PASSWORD };
    await t.api.call('POST', LOGIN, { body, expect: [403, 'M_FORBIDDEN'] });
  }
  await t.api.call('POST', LOGIN, { body: { type: 'm.login.unheard.of' }, expect: 400 });
  await t.api.call('POST', LOGIN, { body: { type: 'm.login.password', password: PASSWORD }, expect: 400 });
  const flows = await t.api.call('GET', LOGIN);
  expect(flows.body.flows).toEqual(
    expect.arrayContaining([expect.objectContaining({ type: 'm.login.password' })]),
  );
});

test('[A04] the same device id again kills the older token; a new device has a new id', async () => {
  const user = await t.user();
  const first = await user.login({ device_id: 'PHONE', initial_device_display_name: 'Téléphone' });
  expect(first.device).toBe('PHONE');
  const again = await user.login({ device_id: 'PHONE' });
  await first.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  await again.get('/v3/account/whoami');
  expect((await again.get('/v3/devices/PHONE')).display_name).toBe('Téléphone');
  const [one, two] = [await user.login(), await user.login()];
  expect(one.device).not.toBe(two.device);
  expect((await user.get('/v3/devices')).devices).toHaveLength(4);
});

test('devices can be read, renamed and removed, only by their user', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const second = await alice.login({ initial_device_display_name: 'ordinateur' });
  const at = path`/v3/devices/${second.device}`;
  await alice.put(at, { display_name: 'bureau' });
  expect((await alice.get(at)).display_name).toBe('bureau');
  await bob.get(at, { expect: [404, 'M_NOT_FOUND'] });
  await bob.put(at, { display_name: 'volé' }, { expect: [404, 'M_NOT_FOUND'] });
  await alice.get('/v3/devices/NONE', { expect: [404, 'M_NOT_FOUND'] });
  await alice.withPassword('DELETE', at, {});
  await alice.get(at, { expect: [404, 'M_NOT_FOUND'] });
  await second.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
});

test('[A05] [LOG-04] a refresh token lives until the new pair is used; using it later ends the family', async () => {
  const user = await t.user();
  const login = (await t.api.call('POST', LOGIN, { body: { ...byPassword(user.id), refresh_token: true } }))
    .body;
  expect(login.expires_in_ms).toBeGreaterThan(0);
  const refresh = (token: string, expected: Any = 200) =>
    t.api.call('POST', '/_matrix/client/v3/refresh', { body: { refresh_token: token }, expect: expected });
  const lost = (await refresh(login.refresh_token)).body;
  const second = (await refresh(login.refresh_token)).body; // the first answer was lost on its way
  expect(second.access_token).not.toBe(lost.access_token);
  const whoami = (token: string, expected: Any = 200) =>
    t.api.call('GET', '/_matrix/client/v3/account/whoami', { token, expect: expected });
  expect((await whoami(second.access_token)).body.device_id).toBe(login.device_id);
  await refresh(login.refresh_token, [401, 'M_UNKNOWN_TOKEN']);
  // That was a stolen token being tried: the whole family is dead.
  await whoami(second.access_token, [401, 'M_UNKNOWN_TOKEN']);
  await refresh('never given', [401, 'M_UNKNOWN_TOKEN']);
});

test('a logout leaves no session, though refreshes are under way', async () => {
  const user = await t.user();
  for (let i = 0; i < 15; i++) {
    const body = { ...byPassword(user.id), refresh_token: true };
    const first = (await t.api.call('POST', LOGIN, { body })).body;
    const refresh = () =>
      t.api.call('POST', '/_matrix/client/v3/refresh', {
        body: { refresh_token: first.refresh_token },
        expect: 'any',
      });
    const logout = t.api.call('POST', '/_matrix/client/v3/logout', {
      token: first.access_token,
      body: {},
    });
    const heirs = await Promise.all([refresh(), refresh(), logout, refresh(), refresh()]);
    for (const { body: heir } of heirs.filter((answer) => answer.body.access_token))
      await t.api.call('GET', '/_matrix/client/v3/account/whoami', {
        token: heir.access_token,
        expect: [401, 'M_UNKNOWN_TOKEN'],
      });
  }
});

test('[A06] a refreshed access token is dead but its device lives; a logout deletes the device', async () => {
  const user = await t.user();
  const login = (await t.api.call('POST', LOGIN, { body: { ...byPassword(user.id), refresh_token: true } }))
    .body;
  const next = (
    await t.api.call('POST', '/_matrix/client/v3/refresh', { body: { refresh_token: login.refresh_token } })
  ).body;
  const fresh = new User(t.api, { ...login, access_token: next.access_token });
  await fresh.get('/v3/account/whoami');
  const old = await t.api.call('GET', '/_matrix/client/v3/account/whoami', {
    token: login.access_token,
    expect: 401,
  });
  expect(old.body.errcode).toBe('M_UNKNOWN_TOKEN');
  await user.get(path`/v3/devices/${fresh.device}`);
  await fresh.post('/v3/logout');
  const gone = await t.api.call('GET', '/_matrix/client/v3/account/whoami', {
    token: next.access_token,
    expect: 401,
  });
  expect(gone.body.soft_logout ?? false).toBe(false);
  await user.get(path`/v3/devices/${fresh.device}`, { expect: [404, 'M_NOT_FOUND'] });
});

test('[LOG-04] logging out everywhere kills every token, also under an open poll', async () => {
  const user = await t.user();
  const [second, third] = [await user.login(), await user.login()];
  const since = (await second.sync()).next_batch;
  const parked = second.sync({ since, timeout: 30_000, expect: [401, 'M_UNKNOWN_TOKEN'] });
  await user.post('/v3/logout/all');
  await parked;
  for (const device of [user, second, third])
    await device.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  expect((await (await user.login()).get('/v3/devices')).devices).toHaveLength(1);
});

test('[A08] a password change logs out the others and never oneself', async () => {
  const user = await t.user();
  const other = await user.login();
  await user.withPassword('POST', '/v3/account/password', { new_password: 'a second long password' });
  await user.get('/v3/account/whoami');
  await other.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  await t.api.call('POST', LOGIN, { body: byPassword(user.id), expect: [403, 'M_FORBIDDEN'] });
  const third = await user.login({}, 'a second long password');
  const change = { new_password: 'a third long password', logout_devices: false };
  await user.withPassword('POST', '/v3/account/password', change, {}, 'a second long password');
  await third.get('/v3/account/whoami');
});

test('[A08] a deactivated account leaves its rooms, its tokens and its name behind for good', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await bob.withPassword('POST', '/v3/account/deactivate', { erase: true });
  await bob.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  await alice.syncUntil((s) =>
    (s.rooms?.join?.[room]?.timeline?.events ?? []).some(
      (e: Any) => e.type === 'm.room.member' && e.state_key === bob.id && e.content.membership === 'leave',
    ),
  );
  const login = await t.api.call('POST', LOGIN, { body: byPassword(bob.id), expect: 'any' });
  expect([login.status, ['M_FORBIDDEN', 'M_USER_DEACTIVATED'].includes(login.body.errcode)]).toEqual([
    403,
    true,
  ]);
  const again = { username: bob.localpart, password: PASSWORD };
  expect((await register(t.api, again, 'any')).body.errcode).toBe('M_USER_IN_USE');
  const available = await t.api.call('GET', `${REGISTER}/available?username=${bob.localpart}`, {
    expect: 400,
  });
  expect(available.body.errcode).toBe('M_USER_IN_USE');
});

test('[A09] [ID-01] names: taken, invalid, lowered, and the availability endpoint agrees', async () => {
  const user = await t.user();
  const verdict = async (username: string) => {
    const available = await t.api.call('GET', `${REGISTER}/available`, {
      query: { username },
      expect: 'any',
    });
    const registered = await register(t.api, { username, password: PASSWORD }, 'any');
    expect(registered.status === 200, username).toBe(available.status === 200);
    if (registered.status !== 200) expect(registered.body.errcode, username).toBe(available.body.errcode);
    return registered;
  };
  expect((await verdict(user.localpart)).body.errcode).toBe('M_USER_IN_USE');
  for (const bad of [
    '',
    'é',
    'a b',
    'a:b',
    '@a',
    'a\nb',
    'a\u0000b',
    'а',
    'x'.repeat(256),
    'a#b',
    'a?b',
    '_\u202Ea',
  ]) {
    expect((await verdict(bad)).body.errcode, JSON.stringify(bad)).toBe('M_INVALID_USERNAME');
  }
  expect((await verdict(unique('a.b_c=d-e/f+'))).status).toBe(200);
  const upper = unique('MixedCase');
  const answer = await register(t.api, { username: upper, password: PASSWORD }, 'any');
  if (answer.status === 200) expect(answer.body.user_id).toBe(`@${upper.toLowerCase()}:localhost`);
  else expect(answer.body.errcode).toBe('M_INVALID_USERNAME');
});

test('[A09] inhibit_login gives no token; device id and name are taken', async () => {
  const quiet = await register(t.api, { username: unique('q'), password: PASSWORD, inhibit_login: true });
  expect(quiet.body.access_token).toBeUndefined();
  expect(quiet.body.device_id).toBeUndefined();
  const named = await t.user('n', { device_id: 'TABLET', initial_device_display_name: 'tablette' });
  expect(named.device).toBe('TABLET');
  expect((await named.get('/v3/devices/TABLET')).display_name).toBe('tablette');
});

test('[A14] guests are refused with an error that says so', async () => {
  const answer = await t.api.call('POST', `${REGISTER}?kind=guest`, { body: {}, expect: 'any' });
  expect(answer.status).toBe(403);
  expect(['M_GUEST_ACCESS_FORBIDDEN', 'M_FORBIDDEN']).toContain(answer.body.errcode);
  await t.api.call('POST', `${REGISTER}?kind=emperor`, { body: {}, expect: 400 });
});

test('[A10] login tokens: capability and route agree; a token serves once', async () => {
  const user = await t.user();
  const { capabilities } = await user.get('/v3/capabilities');
  expect(capabilities['m.get_login_token'].enabled).toBe(true);
  const flows = (await t.api.call('GET', LOGIN)).body.flows;
  expect(flows.some((f: Any) => f.type === 'm.login.token' && f.get_login_token)).toBe(true);
  const { login_token, expires_in_ms } = await user.withPassword('POST', '/v1/login/get_token', {});
  expect(expires_in_ms).toBeLessThanOrEqual(120_000);
  const body = { type: 'm.login.token', token: login_token };
  await t.api.call('GET', '/_matrix/client/v3/account/whoami', {
    token: login_token,
    expect: [401, 'M_UNKNOWN_TOKEN'],
  });
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => t.api.call('POST', LOGIN, { body, expect: 'any' })),
  );
  expect(answers.map((a) => a.status).toSorted()).toEqual([200, 403, 403, 403]);
  expect(answers.find((a) => a.status === 200)?.body.user_id).toBe(user.id);
  await t.api.call('POST', LOGIN, { body, expect: [403, 'M_FORBIDDEN'] });
  await t.api.call('POST', LOGIN, { body: { type: 'm.login.token' }, expect: [400, 'M_MISSING_PARAM'] });
});

test('[A10] a login token goes with a new password, also when the other sessions stay', async () => {
  const new_password = 'another good battery staple';
  for (const logout_devices of [true, false]) {
    const user = await t.user();
    const { login_token } = await user.withPassword('POST', '/v1/login/get_token', {});
    await user.withPassword('POST', '/v3/account/password', { new_password, logout_devices });
    const body = { type: 'm.login.token', token: login_token };
    await t.api.call('POST', LOGIN, { body, expect: [403, 'M_FORBIDDEN'] });
  }
});

test('[A11] single sign-on, telephone numbers and old forms of addresses are refused clearly', async () => {
  const user = await t.user();
  for (const at of ['redirect', 'redirect/keycloak'])
    await t.api.call('GET', `${LOGIN}/sso/${at}?redirectUrl=https://evil.example`, {
      expect: [404, 'M_NOT_FOUND'],
    });
  const telephone = { client_secret: 's', country: 'FR', phone_number: '0102030405', send_attempt: 1 };
  for (const at of ['register', 'account/password', 'account/3pid'])
    await t.api.call('POST', `/_matrix/client/v3/${at}/msisdn/requestToken`, {
      body: telephone,
      expect: [400, 'M_THREEPID_MEDIUM_NOT_SUPPORTED'],
    });
  const creds = { client_secret: 's', id_access_token: 't', id_server: 'evil.example', sid: '1' };
  await user.post('/v3/account/3pid', { three_pid_creds: creds }, { expect: [403, 'M_THREEPID_DENIED'] });
  await user.post('/v3/account/3pid/bind', creds, { expect: [400, 'M_SERVER_NOT_TRUSTED'] });
  expect(await user.post('/v3/account/3pid/unbind', { medium: 'email', address: 'a@b.example' })).toEqual({
    id_server_unbind_result: 'no-support',
  });
});

async function administrator(): Promise<User> {
  const folder = await mkdtemp(join(tmpdir(), 'chappe-password-'));
  const file = join(folder, 'password');
  const name = unique('admin');
  await writeFile(file, PASSWORD, { mode: 0o600 });
  await t.server.command('user', 'add', name, '--password-file', file, '--admin');
  await rm(folder, { recursive: true });
  return new User(t.api, (await t.api.call('POST', LOGIN, { body: byPassword(name) })).body);
}

test('[A12] a locked account keeps its tokens and can only log out', async () => {
  const [admin, user] = [await administrator(), await t.user()];
  const at = path`/v1/admin/lock/${user.id}`;
  await user.put(at, { locked: true }, { expect: [403, 'M_FORBIDDEN'] });
  await admin.put(at, { locked: true });
  expect((await admin.get(at)).locked).toBe(true);
  const refused = await user.call('GET', '/v3/account/whoami', { expect: [401, 'M_USER_LOCKED'] });
  expect(refused.body.soft_logout).toBe(true);
  await user.post('/v3/createRoom', {}, { expect: [401, 'M_USER_LOCKED'] });
  await admin.put(at, { locked: false });
  expect((await user.get('/v3/account/whoami')).device_id).toBe(user.device);
  await admin.put(at, { locked: true });
  await user.post('/v3/logout');
});

test('[A13] a suspended account reads, leaves, redacts its own and logs out, no more', async () => {
  const [admin, user, friend] = [await administrator(), await t.user(), await t.user()];
  const room = await friend.roomWith([user]);
  const mine = await user.send(room, 'before');
  const at = path`/v1/admin/suspend/${user.id}`;
  await admin.put(at, { suspended: true });
  expect((await admin.get(at)).suspended).toBe(true);
  await user.put(
    path`/v3/rooms/${room}/send/m.room.message/x1`,
    { msgtype: 'm.text', body: 'no' },
    { expect: [403, 'M_USER_SUSPENDED'] },
  );
  await user.post('/v3/createRoom', {}, { expect: [403, 'M_USER_SUSPENDED'] });
  await user.invite(room, admin.id, { expect: [403, 'M_USER_SUSPENDED'] });
  await user.put(
    path`/v3/profile/${user.id}/displayname`,
    { displayname: 'x' },
    { expect: [403, 'M_USER_SUSPENDED'] },
  );
  await user.sync();
  await user.messages(room);
  await user.redact(room, mine);
  await user.leave(room);
  await admin.put(at, { suspended: false });
  await user.createRoom();
  await admin.put(at, { suspended: true });
  await user.post('/v3/logout');
});

test('[A16] whoami names the user and the device', async () => {
  const user = await t.user();
  expect(await user.get('/v3/account/whoami')).toEqual(
    expect.objectContaining({ user_id: user.id, device_id: user.device }),
  );
  expect((await user.get('/v3/account/whoami')).is_guest ?? false).toBe(false);
});

test('[ACL-06] a login says the same whether the account exists or not', async () => {
  const user = await t.user();
  const known = await t.api.call('POST', LOGIN, { body: byPassword(user.id, 'wrong password'), expect: 403 });
  const unknown = await t.api.call('POST', LOGIN, {
    body: byPassword(unique('ghost'), 'wrong password'),
    expect: 403,
  });
  expect(unknown.text).toBe(known.text);
});

test('[LOG-02] passwords: bounds, no truncation, NUL is data, one normal form', async () => {
  const attempt = (password: Any) => register(t.api, { username: unique('p'), password }, 'any');
  for (const password of ['', 'short', 'x'.repeat(1025), 'é'.repeat(513)]) {
    const answer = await attempt(password);
    expect(answer.status, `${password.length}`).toBe(400);
    expect(['M_WEAK_PASSWORD', 'M_INVALID_PARAM']).toContain(answer.body.errcode);
  }
  expect((await attempt('x'.repeat(200_000))).status).toBe(400);
  expect((await attempt(5)).status).toBe(400);
  const login = (user: string, password: string) =>
    t.api.call('POST', LOGIN, { body: byPassword(user, password), expect: 'any' });
  const start = 'xkqjvwzpmtrb'.repeat(6);
  const long = (await attempt(`${start}b`)).body.user_id;
  expect((await login(long, `${start}c`)).status).toBe(403);
  expect((await login(long, `${start}b`)).status).toBe(200);
  const nul = (await attempt('before\u0000after')).body.user_id;
  expect((await login(nul, 'before\u0000other')).status).toBe(403);
  expect((await login(nul, 'before\u0000after')).status).toBe(200);
  const accents = (await attempt('mot de passé'.normalize('NFC'))).body.user_id;
  expect((await login(accents, 'mot de passé'.normalize('NFD'))).status).toBe(200);
});

test('[LOG-03] many logins at once all end well', async () => {
  const user = await t.user();
  const devices = await Promise.all(Array.from({ length: 24 }, () => user.login()));
  expect(new Set(devices.map((d) => d.device)).size).toBe(24);
});

test('[LOG-05] a token is exact: doubled, cut, in capitals, huge', async () => {
  const user = await t.user();
  const whoami = (authorization: string) =>
    t.api.call('GET', '/_matrix/client/v3/account/whoami', { headers: { authorization }, expect: 'any' });
  const { token } = user;
  for (const bad of [
    token + token,
    token.slice(0, -1),
    `${token} x`,
    token.toUpperCase(),
    token.toLowerCase(),
    'x'.repeat(20_000),
  ]) {
    if (bad === token) continue;
    expect((await whoami(`Bearer ${bad}`)).status, bad.slice(0, 40)).toBe(401);
  }
});

async function* filesUnder(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) yield join(entry.parentPath, entry.name);
  }
}

test('[LOG-11] [LOG-05] passwords and tokens are nowhere in clear, on disk or in the log', async () => {
  const canary = `canary-${unique('pw')}-Zq7`;
  const { body } = await register(t.api, { username: unique('c'), password: canary });
  const user = new User(t.api, body);
  const second = await user.login({}, canary);
  await t.api.call('POST', LOGIN, { body: byPassword(user.id, `${canary}-wrong`), expect: 403 });
  await user.withPassword(
    'POST',
    '/v3/account/password',
    { new_password: `${canary}-new`, logout_devices: false },
    {},
    canary,
  );
  const secrets = [canary, user.token, second.token];
  for await (const file of filesUnder(t.server.dataDir)) {
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    for (const secret of secrets) expect(content.includes(secret), `${file} holds a secret`).toBe(false);
  }
  for (const secret of secrets) expect(t.server.log.includes(secret)).toBe(false);
});

test('registration closed and by token', async () => {
  const { Server } = await import('./src/server.ts');
  const closed = await Server.start({ set: { 'registration.mode': 'closed' } });
  const guarded = await Server.start({ set: { 'registration.mode': 'token' } });
  try {
    const body = { username: 'someone', password: PASSWORD };
    await closed.api.call('POST', REGISTER, { body, expect: [403, 'M_FORBIDDEN'] });
    const first = await guarded.api.call('POST', REGISTER, { body, expect: 401 });
    for (const flow of first.body.flows) expect(flow.stages).toContain('m.login.registration_token');
    const auth = { type: 'm.login.registration_token', token: 'guess', session: first.body.session };
    const refused = await guarded.api.call('POST', REGISTER, { body: { ...body, auth }, expect: 401 });
    expect(refused.body.errcode).toBeDefined();
    const dummy = { type: 'm.login.dummy', session: first.body.session };
    const around = await guarded.api.call('POST', REGISTER, {
      body: { ...body, auth: dummy },
      expect: 'any',
    });
    expect(around.status).toBeGreaterThanOrEqual(400);
    const validity = '/_matrix/client/v1/register/m.login.registration_token/validity?token=guess';
    expect((await guarded.api.call('GET', validity)).body.valid).toBe(false);
  } finally {
    await closed.dispose();
    await guarded.dispose();
  }
});
