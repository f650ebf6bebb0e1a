// SPDX-License-Identifier: EUPL-1.2
// Accounts that end: docs/design/validity.md, line by line.
import { expect, test } from 'vitest';
import { Gateway } from './src/gateway.ts';
import { path } from './src/http.ts';
import { mailTo } from './src/mail.ts';
import { Server } from './src/server.ts';
import { newAddress, signUp } from './src/signup.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, User, unique } from './src/user.ts';

const t = stage({
  set: { 'registration.mode': 'email', 'accounts.validity': '90d', 'push.allow': '127.0.0.1' },
});
const OLD = '/_matrix/client/unstable/account_validity';
const NEW = '/_synapse/client/email_account_validity';
const DAY = 86_400_000;
const EXPIRED: [number, string] = [403, 'ORG_MATRIX_EXPIRED_ACCOUNT'];

let made: Promise<User> | undefined;
const makeAdmin = async (): Promise<User> => {
  const name = unique('admin');
  const { writeFile } = await import('node:fs/promises');
  const file = `${t.server.dataDir}/password`;
  await writeFile(file, `${PASSWORD}\n`);
  await t.server.command('user', 'add', name, '--password-file', file, '--admin');
  const body = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: name },
    password: PASSWORD,
  };
  return new User(t.api, (await t.api.call('POST', '/_matrix/client/v3/login', { body })).body);
};
const admin = () => {
  made ??= makeAdmin();
  return made;
};

const setEnd = async (
  user: User,
  expiration_ts: number | undefined,
  extra: object = {},
  at = `${NEW}/admin`,
) =>
  t.api.call('POST', at, {
    token: (await admin()).token,
    body: { user_id: user.id, expiration_ts, enable_renewal_emails: false, ...extra },
  });
const expire = (user: User) => setEnd(user, Date.now() - 1000);
const whoami = (user: User, expect?: [number, string]) => user.get('/v3/account/whoami', { expect });
const sendMail = (user: User, at = OLD, expect?: number | [number, string]) =>
  t.api.call('POST', `${at}/send_mail`, { token: user.token, expect });
const open = (link: string, expect = 200) => {
  const url = new URL(link);
  return t.api.call('GET', `${url.pathname}${url.search}`, { expect });
};
const press = (link: string, expect = 200, at?: string) => {
  const url = new URL(link);
  return t.api.call('POST', at ?? url.pathname, {
    raw: new URLSearchParams({ token: url.searchParams.get('token') ?? '' }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    expect,
  });
};
const info = async (who: User, user_ids: unknown, expect?: [number, string]) =>
  who.post('/unstable/users/info', { user_ids }, { expect });

test('[2.3] any call of an expired account is refused, and a mail with a link renews it', async () => {
  const address = newAddress('fini');
  const user = await signUp(t.server, address);
  await whoami(user);
  await expire(user);
  await whoami(user, EXPIRED);
  await user.sync({ expect: EXPIRED });
  await user.get(path`/v3/profile/${user.id}`, { expect: EXPIRED });
  await user.call('POST', '/v3/createRoom', { body: {}, expect: EXPIRED });
  await sendMail(user);
  const mail = await mailTo(t.server, address, 2);
  expect(mail.link.startsWith(`${t.server.url}${OLD}/renew?token=`)).toBe(true);
  expect(mail.text).toContain('Bonjour');
  expect(mail.text).toContain('Hello');
  // A link that is opened changes nothing.
  for (let i = 0; i < 3; i++) {
    const page = await open(mail.link);
    expect(page.text).toContain('<form method="post"');
    expect(page.text).toContain('lang="fr"');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  }
  await whoami(user, EXPIRED);
  expect((await press(mail.link)).text).toContain('Votre compte est prolongé');
  await whoami(user);
  expect((await press(mail.link)).text).toContain('déjà prolongé');
  expect((await open(mail.link)).text).toContain('déjà prolongé');
});

test('[2.3] only the token of the last mail is valid', async () => {
  const address = newAddress('dernier');
  const user = await signUp(t.server, address);
  await expire(user);
  await sendMail(user, NEW);
  const first = await mailTo(t.server, address, 2);
  await sendMail(user);
  const second = await mailTo(t.server, address, 3);
  await open(first.link, 404);
  await press(first.link, 404);
  await press(`${t.server.url}${NEW}/renew?token=${'x'.repeat(32)}`, 404);
  await open(`${t.server.url}${NEW}/renew`, 404);
  await whoami(user, EXPIRED);
  // The same token by the other family.
  const token = new URL(second.link).search;
  expect((await open(`${t.server.url}${NEW}/renew${token}`)).text).toContain(`action="${NEW}/renew"`);
  await press(second.link, 200, `${NEW}/renew`);
  await whoami(user);
});

test('[1.2] who signs in to an expired account is told so, and mailed a link', async () => {
  const address = newAddress('retour');
  const user = await signUp(t.server, address);
  await expire(user);
  await user.call('POST', '/v3/logout');
  const login = (password: string, expect?: [number, string]) =>
    t.api.call('POST', '/_matrix/client/v3/login', {
      body: { type: 'm.login.password', identifier: { type: 'm.id.user', user: user.id }, password },
      expect,
    });
  await login('not the password at all', [403, 'M_FORBIDDEN']);
  await login(PASSWORD, EXPIRED);
  const mail = await mailTo(t.server, address, 2);
  await press(mail.link);
  await login(PASSWORD);
});

test('[1.2] an expired account is absent from the directory until it is renewed', async () => {
  const name = `absent${[...unique('')].map((c) => String.fromCharCode(97 + (c.charCodeAt(0) % 26))).join('')}`;
  const address = `anne.${name}@interieur.example`;
  const user = await signUp(t.server, address);
  const other = await signUp(t.server, newAddress('other'));
  const find = async (search_term: string) =>
    (await other.post('/v3/user_directory/search', { search_term })).results.map((r: Any) => r.user_id);
  for (const term of [name, address, user.id]) expect(await find(term), term).toEqual([user.id]);
  await expire(user);
  for (const term of [name, address, user.id]) expect(await find(term), term).toEqual([]);
  await setEnd(user, undefined);
  for (const term of [name, address, user.id]) expect(await find(term), term).toEqual([user.id]);
});

test('[2.3] users/info tells of each account whether it is expired or deactivated', async () => {
  const [alive, late, gone] = await Promise.all(
    ['alive', 'late', 'gone'].map((name) => signUp(t.server, newAddress(name))),
  );
  await expire(late);
  await gone.withPassword('POST', '/v3/account/deactivate', {});
  const ids = [alive.id, late.id, gone.id, late.id, '@nobody:localhost', '@x:elsewhere.example', 'x', ''];
  expect(await info(alive, ids)).toEqual({
    [alive.id]: { expired: false, deactivated: false },
    [late.id]: { expired: true, deactivated: false },
    [gone.id]: { expired: false, deactivated: true },
  });
  expect(await info(alive, [])).toEqual({});
  await info(alive, [7], [400, 'M_BAD_JSON']);
  await info(alive, Array(1001).fill(alive.id), [400, 'M_INVALID_PARAM']);
  await t.api.call('POST', '/_matrix/client/unstable/users/info', {
    body: { user_ids: [] },
    expect: [401, 'M_MISSING_TOKEN'],
  });
});

test('[2.3] an administrator sets an end, in both families; nobody else does', async () => {
  const user = await signUp(t.server, newAddress('sujet'));
  const at = Date.now() + 50 * DAY;
  for (const family of [`${NEW}/admin`, '/_synapse/admin/v1/account_validity/validity']) {
    expect((await setEnd(user, at, {}, family)).body).toEqual({ expiration_ts: at });
    await t.api.call('POST', family, {
      token: user.token,
      body: { user_id: user.id, expiration_ts: at },
      expect: [403, 'M_FORBIDDEN'],
    });
    const missing = { body: { user_id: '@nobody:localhost' }, token: (await admin()).token };
    await t.api.call('POST', family, { ...missing, expect: [404, 'M_NOT_FOUND'] });
  }
  const { expiration_ts } = (await setEnd(user, undefined)).body;
  expect(Math.abs(expiration_ts - Date.now() - 90 * DAY)).toBeLessThan(DAY);
  expect(await t.server.command('audit', 'list')).toContain('user.validity');
  await sendMail(await admin(), OLD, [400, 'M_UNKNOWN']);
});

test('the owner is mailed before the end, without asking', async () => {
  const address = newAddress('averti');
  const user = await signUp(t.server, address);
  await setEnd(user, Date.now() + DAY / 2, { enable_renewal_emails: true });
  const mail = await mailTo(t.server, address, 2);
  await whoami(user);
  await press(mail.link);
  await whoami(user);
});

test('past the end a session still refreshes its tokens, so that it can ask for a mail', async () => {
  const address = newAddress('session');
  const user = await signUp(t.server, address);
  const identifier = { type: 'm.id.user', user: user.id };
  const login = await t.api.call('POST', '/_matrix/client/v3/login', {
    body: { type: 'm.login.password', identifier, password: PASSWORD, refresh_token: true },
  });
  await expire(user);
  const { refresh_token } = login.body;
  const fresh = await t.api.call('POST', '/_matrix/client/v3/refresh', { body: { refresh_token } });
  const again = new User(t.api, { ...login.body, ...fresh.body });
  await whoami(again, EXPIRED);
  await sendMail(again);
  await press((await mailTo(t.server, address, 2)).link);
  await whoami(again);
});

test('off by default: nothing ends, and what was set means nothing', async () => {
  const server = await Server.start({ set: { 'registration.mode': 'email' } });
  try {
    const user = await signUp(server, newAddress('eternel'));
    await server.api.call('POST', `${OLD}/send_mail`, { token: user.token, expect: [403, 'M_FORBIDDEN'] });
    await server.api.call('GET', `${OLD}/renew`, { query: { token: 'x' }, expect: 404 });
    await user.get('/v3/account/whoami');
  } finally {
    await server.dispose();
  }
});

test('no push past the end of an account, nor while it is suspended; ids alone in email mode', async () => {
  const people = [];
  for (const name of ['writer', 'reader', 'witness']) people.push(await signUp(t.server, newAddress(name)));
  const [alice, bob, carol] = people;
  const forum = await alice.createRoom({ visibility: 'public', name: 'Canari forum' });
  const [to, witness] = [await Gateway.start(), await Gateway.start()];
  const gateways = new Map([
    [bob, to],
    [carol, witness],
  ]);
  for (const [user, { url }] of gateways) {
    await user.join(forum);
    await user.post('/v3/pushers/set', {
      kind: 'http',
      app_id: 'org.example.app',
      pushkey: user.id,
      app_display_name: 'App',
      device_display_name: 'Phone',
      lang: 'fr',
      data: { url },
    });
  }
  // Who came first is looked at first: what the witness has, the other would have.
  const tell = async (text: string) => {
    const id = await alice.send(forum, text);
    await witness.until(() => witness.events.some((n) => n.event_id === id));
    return id;
  };
  const told = () => to.events.map((n) => n.event_id);
  try {
    const first = await tell('Canari texte');
    await to.until(() => told().includes(first));
    const short = ['counts', 'devices', 'event_id', 'prio', 'room_id'];
    expect(Object.keys(to.events[0]).sort()).toEqual(short);
    expect(to.pushes[0].body.toString()).not.toContain('Canari');
    await expire(bob);
    const over = await tell('fini');
    await setEnd(bob, Date.now() + 30 * DAY);
    const again = await tell('renouvelé');
    await to.until(() => told().includes(again));
    const suspend = path`/v1/admin/suspend/${bob.id}`;
    await (await admin()).put(suspend, { suspended: true });
    const silent = await tell('suspendu');
    await (await admin()).put(suspend, { suspended: false });
    const last = await tell('la fin');
    await to.until(() => told().includes(last));
    expect(told()).not.toContain(over);
    expect(told()).not.toContain(silent);
  } finally {
    await to.close();
    await witness.close();
  }
});
