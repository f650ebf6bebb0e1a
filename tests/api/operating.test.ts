// SPDX-License-Identifier: EUPL-1.2
// What operators and administrators do beside the conversation: moderation, fallback pages, the audit table.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, User, unique } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'token' } });
const REGISTER = '/_matrix/client/v3/register';
const LOGIN = '/_matrix/client/v3/login';
const TOKEN_PAGE = '/_matrix/client/v3/auth/m.login.registration_token/fallback/web';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function account(...options: string[]): Promise<User> {
  const folder = await mkdtemp(join(tmpdir(), 'chappe-password-'));
  const file = join(folder, 'password');
  const name = unique('op');
  await writeFile(file, PASSWORD, { mode: 0o600 });
  await t.server.command('user', 'add', name, '--password-file', file, ...options);
  await rm(folder, { recursive: true });
  return new User(t.api, (await t.api.call('POST', LOGIN, { body: login(name, PASSWORD) })).body);
}

const login = (user: string, password: string) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password,
});

/** Acts of the audit table about somebody, in order. */
async function actsOn(id: string): Promise<string[][]> {
  const lines = (await t.server.command('audit', 'list')).trim().split('\n');
  return lines.map((line) => line.split('\t')).filter((fields) => fields[4] === id);
}

test('[A02] a stage completed on its page counts, and its token is used up by the account', async () => {
  const token = (await t.server.command('token', 'add', '--uses', '1')).trim();
  const body = { username: unique('page'), password: PASSWORD };
  const { session } = (await t.api.call('POST', REGISTER, { body, expect: 401 })).body;
  const post = (fields: Record<string, string>, expected: Any = 200) =>
    t.api.call('POST', TOKEN_PAGE, {
      raw: `${new URLSearchParams(fields)}`,
      headers: FORM,
      expect: expected,
    });
  const wrong = await post({ session, token: '<script>"&\'' });
  expect(wrong.text).toContain('role="alert"');
  expect(wrong.text).not.toContain('onAuthDone');
  const early = await t.api.call('POST', REGISTER, { body: { ...body, auth: { session } }, expect: 401 });
  expect(early.body.completed ?? []).toEqual([]);
  const page = await post({ session, token });
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(page.text).toMatch(/onAuthDone.*postMessage\('authDone'/s);
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const done = await t.api.call('POST', REGISTER, { body: { ...body, auth: { session } } });
  expect(done.body.user_id).toBe(`@${body.username}:localhost`);
  const validity = '/_matrix/client/v1/register/m.login.registration_token/validity';
  expect((await t.api.call('GET', validity, { query: { token } })).body.valid).toBe(false);
  // The session went with the account, and so did the token.
  await post({ session, token }, [403, 'M_FORBIDDEN']);
});

test('[A02] a page asks for a session of ours and for a stage that has one', async () => {
  const at = (stageName: string) => path`/_matrix/client/v3/auth/${stageName}/fallback/web`;
  await t.api.call('GET', TOKEN_PAGE, { expect: [400, 'M_MISSING_PARAM'] });
  for (const session of ['unknown', '"><script>', '\u0000', 'é'.repeat(300)]) {
    await t.api.call('GET', TOKEN_PAGE, { query: { session }, expect: [403, 'M_FORBIDDEN'] });
  }
  await t.api.call('POST', TOKEN_PAGE, { raw: 'session=%zz', headers: FORM, expect: 400 });
  for (const stageName of ['m.login.sso', 'x']) {
    await t.api.call('GET', at(stageName), { query: { session: 'x' }, expect: [404, 'M_UNRECOGNIZED'] });
  }
  for (const stageName of ['m.login.dummy', 'm.login.password']) {
    await t.api.call('POST', at(stageName), {
      raw: 'session=unknown',
      headers: FORM,
      expect: [403, 'M_FORBIDDEN'],
    });
  }
});

test('[A02] the password given on its page confirms what its owner asked for', async () => {
  const user = await account();
  const other = await user.login();
  const body = { devices: [other.device] };
  const ask = (auth: object, expected: Any) =>
    user.call('POST', '/v3/delete_devices', { body: { ...body, ...auth }, expect: expected });
  const { session } = (await ask({}, 401)).body;
  const at = '/_matrix/client/v3/auth/m.login.password/fallback/web';
  const post = (password: string, expected: Any = 200) =>
    t.api.call('POST', at, {
      raw: `${new URLSearchParams({ session, password })}`,
      headers: FORM,
      expect: expected,
    });
  const page = await t.api.call('GET', at, { query: { session } });
  expect(page.text).toContain(user.id);
  expect(page.text).toContain('type="password"');
  const wrong = await post('not the password');
  expect(wrong.text).toContain('role="alert"');
  expect(wrong.text).not.toContain('onAuthDone');
  expect(wrong.text).not.toContain('not the password');
  expect((await ask({ auth: { session } }, 401)).body.completed ?? []).toEqual([]);
  await other.get('/v3/account/whoami');
  expect((await post(PASSWORD)).text).toMatch(/onAuthDone.*postMessage\('authDone'/s);
  await ask({ auth: { session } }, 200);
  await other.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  await post(PASSWORD, [403, 'M_FORBIDDEN']); // the session went with it

  // A stage has its page in the sessions that may ask for it.
  const again = (await ask({}, 401)).body.session;
  await t.api.call('GET', TOKEN_PAGE, { query: { session: again }, expect: [403, 'M_FORBIDDEN'] });
  const signUp = { username: unique('page'), password: PASSWORD };
  const theirs = (await t.api.call('POST', REGISTER, { body: signUp, expect: 401 })).body.session;
  await t.api.call('GET', at, { query: { session: theirs }, expect: [403, 'M_FORBIDDEN'] });
});

test('[A12] [A13] administrators moderate the accounts of this server, not their own nor each other’s', async () => {
  const [admin, other, user] = [await account('--admin'), await account('--admin'), await account()];
  for (const [what, flag] of [
    ['lock', 'locked'],
    ['suspend', 'suspended'],
  ]) {
    const at = (id: string) => path`/v1/admin/${what}/${id}`;
    const put = (id: string, expected: Any) => admin.put(at(id), { [flag]: true }, { expect: expected });
    await put(admin.id, [403, 'M_FORBIDDEN']);
    await put(other.id, [403, 'M_FORBIDDEN']);
    await put('@nobody:localhost', [404, 'M_NOT_FOUND']);
    await put('@somebody:elsewhere.example', [400, 'M_INVALID_PARAM']);
    await put('somebody', [400, 'M_INVALID_PARAM']);
    await admin.put(at(user.id), {}, { expect: [400, 'M_MISSING_PARAM'] });
    await admin.put(at(user.id), { [flag]: 'yes' }, { expect: [400, 'M_BAD_JSON'] });
    // Whether an account exists is for administrators.
    await user.get(at('@nobody:localhost'), { expect: [403, 'M_FORBIDDEN'] });
    expect(await admin.get(at(user.id))).toEqual({ [flag]: false });
  }
  expect((await admin.get('/v3/capabilities')).capabilities['m.account_moderation']).toEqual({
    suspend: true,
    lock: true,
  });
  expect((await user.get('/v3/capabilities')).capabilities['m.account_moderation']).toBeUndefined();
});

test('[A12] a lock is at once on every session, and an operator’s too', async () => {
  const user = await account();
  const sessions = [user, await user.login(), await user.login()];
  for (const session of sessions) await session.get('/v3/account/whoami');
  await t.server.command('user', 'lock', user.localpart);
  for (const session of sessions) {
    await session.get('/v3/account/whoami', { expect: [401, 'M_USER_LOCKED'] });
  }
  await t.server.command('user', 'unlock', user.localpart);
  for (const session of sessions) await session.get('/v3/account/whoami');
  await t.server.command('user', 'deactivate', user.localpart);
  for (const session of sessions) {
    await session.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  }
});

test('whois tells people of their own sessions, and administrators of anybody’s', async () => {
  const [admin, user] = [await account('--admin'), await account()];
  const at = path`/v3/admin/whois/${user.id}`;
  for (const who of [admin, user]) {
    const answer = await who.get(at);
    expect(answer.user_id).toBe(user.id);
    expect(Object.keys(answer.devices)).toEqual([user.device]);
  }
  await user.get(path`/v3/admin/whois/${admin.id}`, { expect: [403, 'M_FORBIDDEN'] });
  await admin.get(path`/v3/admin/whois/${'@nobody:localhost'}`, { expect: [404, 'M_NOT_FOUND'] });
});

test('who signs up without a session first is no administrator in the audit table', async () => {
  const token = (await t.server.command('token', 'add', '--uses', '1')).trim();
  const body = { username: unique('own'), password: PASSWORD };
  const auth = { type: 'm.login.registration_token', token };
  const { user_id } = (await t.api.call('POST', REGISTER, { body: { ...body, auth } })).body;
  expect(await actsOn(user_id)).toEqual([]);
});

test('every administrative act is in the audit table, with who did it', async () => {
  const [admin, user] = [await account('--admin'), await account()];
  await admin.put(path`/v1/admin/lock/${user.id}`, { locked: true });
  await admin.put(path`/v1/admin/lock/${user.id}`, { locked: false });
  await admin.put(path`/v1/admin/suspend/${user.id}`, { suspended: true });
  expect((await actsOn(user.id)).map((fields) => [fields[2], fields[3]])).toEqual([
    ['operator', 'user.add'],
    [admin.id, 'user.lock'],
    [admin.id, 'user.unlock'],
    [admin.id, 'user.suspend'],
  ]);
  await t.api.call('POST', LOGIN, { body: login(admin.id, 'not the password'), expect: 403 });
  await t.api.call('POST', LOGIN, { body: login(user.id, 'not the password'), expect: 403 });
  await expect
    .poll(async () => (await actsOn(admin.id)).map((fields) => fields[3]))
    .toEqual(['user.add', 'admin.sign_in', 'admin.wrong_password']);
  expect((await actsOn(admin.id))[1][5]).toBe('{"address":"127.0.0.1"}');
  expect(await t.server.command('audit', 'verify')).toMatch(/^sound\t\d+\t/);
  expect(await actsOn(user.id)).toHaveLength(4);
});
