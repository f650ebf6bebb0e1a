// SPDX-License-Identifier: EUPL-1.2
// Accounts by e-mail: docs/design/accounts-by-mail.md, line by line.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { mailsOf, mailTo } from './src/mail.ts';
import { Server } from './src/server.ts';
import {
  askMail,
  credentials,
  newAddress,
  newSecret,
  type Proof,
  prove,
  registerWith,
  signUp,
  submitCode,
} from './src/signup.ts';
import { stage } from './src/stage.ts';
import { atOnce, PASSWORD, unique } from './src/user.ts';

const CLIENT = '/_matrix/client/v3';
const t = stage({ set: { 'registration.mode': 'email' } });

const login = (address: string, password = PASSWORD, expect?: number | [number, string]) =>
  t.api.call('POST', `${CLIENT}/login`, {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.thirdparty', medium: 'email', address },
      password,
    },
    expect,
  });

const admin = (...words: string[]) => t.server.command(...words);
const show = async (localpart: string) =>
  new Map((await admin('user', 'show', localpart)).split('\n').map((l) => l.split('\t') as [string, string]));

test('[A18] [ID-09] an agent signs up with nothing but an address; the name comes from it', async () => {
  const name = unique('jean-pierre.dupont');
  const user = await signUp(t.server, `${name.toUpperCase()}@Interieur.Example`, { username: 'le.ministre' });
  expect(user.id).toBe(`@${name}-interieur.example:localhost`);
  const profile = await user.get(path`/v3/profile/${user.id}`);
  expect(profile.displayname).toMatch(/^Jean-Pierre Dupont\w* \[Interieur\]$/);
  const { threepids } = await user.get('/v3/account/3pid');
  expect(threepids).toMatchObject([{ medium: 'email', address: `${name}@interieur.example` }]);
  const shown = await show(user.localpart);
  expect(shown.get('organisation')).toBe('Intérieur');
  expect(shown.get('state')).toBe('-');
  // The address signs in, whatever its case.
  expect((await login(`${name}@INTERIEUR.example`)).body.user_id).toBe(user.id);
  await login(`${name}@interieur.example`, 'not the password at all', [403, 'M_FORBIDDEN']);
  await login('nobody.at.all@interieur.example', PASSWORD, [403, 'M_FORBIDDEN']);
  await login('not an address', PASSWORD, [403, 'M_FORBIDDEN']);
});

test('[ID-09] [ACC-17] two addresses that derive one name are two accounts', async () => {
  const name = unique('x');
  const one = await signUp(t.server, `${name}-b@culture.example`);
  const server = t.server;
  // "@" becomes "-": another address with the same letters, and a number is appended.
  await server.command('user', 'add', `${name}-c-culture.example`, '--password-file', await passwordFile());
  const other = await signUp(server, `${name}-c@culture.example`);
  expect(one.localpart).toBe(`${name}-b-culture.example`);
  expect(other.localpart).toBe(`${name}-c-culture.example1`);
});

async function passwordFile(): Promise<string> {
  const { writeFile } = await import('node:fs/promises');
  const file = `${t.server.dataDir}/password`;
  await writeFile(file, `${PASSWORD}\n`);
  return file;
}

test('[ACC-01] [ACC-02] what is no address is refused, mails nothing and stores nothing', async () => {
  const before = (await mailsOf(t.server)).length;
  const bad = [
    'a@evil.org@interieur.example',
    'a@evil.org@real@interieur.example',
    'X <a@evil.org>',
    'a@evil.org,b@interieur.example',
    '"a@interieur.example"@evil.org',
    'a@[127.0.0.1]',
    'a%evil.org@interieur.example',
    'evil.org!a@interieur.example',
    'a@interieur.example.',
    'a@interieur.example\u0000',
    'a@interieur.example\r\nBcc: x@evil.org',
    ' a@interieur.example',
    'a@interieur.example ',
    'a\t@interieur.example',
    'a\uff20interieur.example',
    'a@int\u0435rieur.example',
    'a(c)@interieur.example',
    '=?utf-8?q?a?=@interieur.example',
    'a'.repeat(100_000),
  ];
  for (const email of bad) await askMail(t.server, email, { expect: [400, 'M_INVALID_EMAIL'] });
  await t.api.call('POST', `${CLIENT}/register/email/requestToken`, {
    body: { client_secret: 'x', email: 'a'.repeat(1 << 20), send_attempt: 1 },
    expect: 413,
  });
  expect((await mailsOf(t.server)).length).toBe(before);
});

test('[ACC-03] a domain matches whole, label by label', async () => {
  for (const domain of ['evilinterieur.example', 'interieur.example.evil.org', 'sub.interieur.example']) {
    const answer = await askMailRaw(`a@${domain}`);
    expect([answer.status, answer.body.errcode, answer.body['org.chappe.reason']]).toEqual([
      403,
      'M_THREEPID_DENIED',
      'invitation_missing',
    ]);
  }
});

const askMailRaw = (email: string, body: object = {}, at = 'register') =>
  t.api.call('POST', `${CLIENT}/${at}/email/requestToken`, {
    body: { client_secret: newSecret(), email, send_attempt: 1, ...body },
    expect: 'any',
  });

test('[ACC-05] a mail has one recipient, the address that is stored', async () => {
  const address = newAddress('recipient');
  await askMail(t.server, address.toUpperCase());
  const mail = await mailTo(t.server, address);
  expect(mail.headers.get('to')).toBe(`<${address}>`);
  for (const name of ['cc', 'bcc']) expect(mail.headers.has(name)).toBe(false);
  expect(mail.code).toMatch(/^\d{8}$/);
  expect(mail.html).toContain(mail.code.slice(0, 4));
});

test('[ACC-06] a code is void after five wrong ones, and good for one purpose, secret and session', async () => {
  const address = newAddress('code');
  const proof = await askMail(t.server, address);
  const { code } = await mailTo(t.server, address);
  const wrong = code === '00000000' ? '00000001' : '00000000';
  await submitCode(t.server, { ...proof, client_secret: newSecret() }, code, [404, 'M_NO_VALID_SESSION']);
  await submitCode(t.server, { ...proof, sid: newSecret() }, code, [404, 'M_NO_VALID_SESSION']);
  await registerWith(t.server, proof, {}, [401, 'M_UNAUTHORIZED']);
  for (let i = 0; i < 5; i++) {
    const answer = await submitCode(t.server, proof, wrong, [400, 'M_TOKEN_INCORRECT']);
    expect(answer.body['org.chappe.reason']).toBe('code_wrong');
  }
  const late = await submitCode(t.server, proof, code, [400, 'M_SESSION_EXPIRED']);
  expect(late.body['org.chappe.reason']).toBe('code_void');
  // Another mail, the same session: its own code, and the old one is void.
  const again = await askMail(t.server, address, { secret: proof.client_secret, attempt: 2 });
  expect(again.sid).toBe(proof.sid);
  const second = await mailTo(t.server, address, 2);
  expect(second.code).not.toBe(code);
  await submitCode(t.server, proof, `${second.code.slice(0, 4)} ${second.code.slice(4)}`);
  // Proved for signing up, and for nothing else.
  const first = await t.api.call('POST', `${CLIENT}/account/password`, {
    body: { new_password: `${PASSWORD} 2` },
    expect: 401,
  });
  await t.api.call('POST', `${CLIENT}/account/password`, {
    body: {
      new_password: `${PASSWORD} 2`,
      auth: { ...credentials(proof), session: first.body.session },
    },
    expect: [401, 'M_UNAUTHORIZED'],
  });
  await registerWith(t.server, proof);
  // Used once.
  await registerWith(t.server, proof, {}, [401, 'M_UNAUTHORIZED']);
  await submitCode(t.server, proof, second.code, [404, 'M_NO_VALID_SESSION']);
});

test('[ACC-06] the same attempt sends nothing again', async () => {
  const address = newAddress('attempt');
  const secret = newSecret();
  const first = await askMail(t.server, address, { secret });
  await mailTo(t.server, address);
  const again = await askMail(t.server, address, { secret });
  expect(again.sid).toBe(first.sid);
  const marker = newAddress('marker');
  await askMail(t.server, marker);
  await mailTo(t.server, marker);
  expect((await mailsOf(t.server)).filter((mail) => mail.to === address).length).toBe(1);
});

test('[ACC-07] opening the link changes nothing; its button proves the address', async () => {
  const address = newAddress('link');
  const proof = await askMail(t.server, address);
  const { link } = await mailTo(t.server, address);
  const url = new URL(link);
  expect(url.origin).toBe(t.server.url);
  for (let i = 0; i < 3; i++) {
    const page = await t.api.call('GET', `${url.pathname}${url.search}`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).toContain('lang="fr"');
    expect(page.text).toContain('<form method="post"');
    await fetch(link, { method: 'HEAD' });
  }
  await registerWith(t.server, proof, {}, [401, 'M_UNAUTHORIZED']);
  const token = url.searchParams.get('token') ?? '';
  const press = (pressed: string, expect: number) =>
    t.api.call('POST', url.pathname, {
      raw: new URLSearchParams({ sid: proof.sid, token: pressed }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      expect,
    });
  await press('not-the-token', 410);
  await press(token, 200);
  await registerWith(t.server, proof);
  await press(token, 410);
  const english = await t.api.call('GET', `${url.pathname}${url.search}`, {
    headers: { 'accept-language': 'en-GB,en;q=0.9,fr;q=0.2' },
    expect: 410,
  });
  expect(english.text).toContain('lang="en"');
});

test('[ACC-08] session ids are random, and what names a session is short', async () => {
  const sids = await Promise.all([1, 2, 3].map(() => askMail(t.server, newAddress('sid'))));
  for (const { sid } of sids) expect(sid).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(new Set(sids.map((s) => s.sid)).size).toBe(3);
  const big = 'x'.repeat(200_000);
  const ask = { email: newAddress('big'), send_attempt: 1 };
  for (const client_secret of [big, '', 'é', 'a b'])
    await t.api.call('POST', `${CLIENT}/register/email/requestToken`, {
      body: { ...ask, client_secret },
      expect: [400, 'M_INVALID_PARAM'],
    });
  await submitCode(t.server, { sid: big, client_secret: 'x' }, '1', [400, 'M_INVALID_PARAM']);
  await submitCode(t.server, { sid: 'x', client_secret: 'x' }, big, [400, 'M_INVALID_PARAM']);
});

test('[ACC-09] next_link and the host of the request are not looked at', async () => {
  const address = newAddress('nextlink');
  await t.api.call('POST', `${CLIENT}/register/email/requestToken`, {
    body: {
      client_secret: newSecret(),
      email: address,
      send_attempt: 1,
      next_link: 'https://evil.example/phish',
    },
    headers: { 'x-forwarded-host': 'evil.example' },
  });
  const mail = await mailTo(t.server, address);
  expect(mail.raw + mail.text + mail.html).not.toContain('evil.example');
  expect(mail.link.startsWith(t.server.url)).toBe(true);
});

test('[ACC-10] an address gets five mails an hour, and 30 s are between two', async () => {
  const server = await Server.start({ set: { 'registration.mode': 'email', rate_limits: 'on' } });
  try {
    const address = newAddress('limited');
    const secret = newSecret();
    await askMail(server, address, { secret });
    const soon = await server.api.call('POST', `${CLIENT}/register/email/requestToken`, {
      body: { client_secret: secret, email: address, send_attempt: 2 },
      expect: [429, 'M_LIMIT_EXCEEDED'],
    });
    expect(soon.body.retry_after_ms).toBeGreaterThan(20_000);
    expect(soon.body.retry_after_ms).toBeLessThanOrEqual(30_000);
    for (let i = 0; i < 4; i++) await askMail(server, address);
    await askMail(server, address, { expect: [429, 'M_LIMIT_EXCEEDED'] });
    // The same for an address without an account, whose mails are never sent.
    for (let i = 0; i < 5; i++) await askMail(server, 'nobody@interieur.example', { at: 'account/password' });
    await askMail(server, 'nobody@interieur.example', {
      at: 'account/password',
      expect: [429, 'M_LIMIT_EXCEEDED'],
    });
  } finally {
    await server.dispose();
  }
});

test('[ACC-15] a hundred registrations at once make one account', async () => {
  const address = newAddress('rush');
  const proofs: Proof[] = [];
  for (let i = 0; i < 20; i++) proofs.push(await prove(t.server, address, { nth: i + 1 }));
  const answers = await atOnce(100, async (i) => {
    const body = { password: PASSWORD };
    const first = await t.api.call('POST', `${CLIENT}/register`, { body, expect: 401 });
    const { session } = first.body;
    const auth = { type: 'm.login.terms', session };
    await t.api.call('POST', `${CLIENT}/register`, { body: { ...body, auth }, expect: 401 });
    return t.api.call('POST', `${CLIENT}/register`, {
      body: { ...body, auth: { ...credentials(proofs[i % proofs.length]), session } },
      expect: 'any',
    });
  });
  const made = answers.filter((a) => a.status === 200);
  expect(made.length).toBe(1);
  for (const other of answers.filter((a) => a.status !== 200))
    expect(['M_THREEPID_IN_USE', 'M_FORBIDDEN', 'M_UNAUTHORIZED']).toContain(other.body.errcode);
  expect((await login(address)).body.user_id).toBe(made[0].body.user_id);
});

test('an address that has an account is told after the code, and not before', async () => {
  const address = newAddress('taken');
  const user = await signUp(t.server, address);
  const known = await askMailRaw(address);
  const fresh = await askMailRaw(newAddress('fresh'));
  expect([known.status, Object.keys(known.body)]).toEqual([fresh.status, Object.keys(fresh.body)]);
  const proof = await prove(t.server, address, { nth: 3 });
  await registerWith(t.server, proof, {}, [400, 'M_THREEPID_IN_USE']);
  expect((await login(address)).body.user_id).toBe(user.id);
});

test('a forgotten password is changed with the mailbox, and every session ends', async () => {
  const address = newAddress('forgot');
  const user = await signUp(t.server, address);
  const proof = await prove(t.server, address, { at: 'account/password', nth: 2 });
  const body = { new_password: 'entirely another phrase' };
  const first = await t.api.call('POST', `${CLIENT}/account/password`, { body, expect: 401 });
  expect(first.body.flows).toEqual([{ stages: ['m.login.email.identity'] }]);
  const auth = { ...credentials(proof), session: first.body.session };
  await t.api.call('POST', `${CLIENT}/account/password`, { body: { ...body, auth } });
  await user.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
  await login(address, PASSWORD, [403, 'M_FORBIDDEN']);
  expect((await login(address, body.new_password)).body.user_id).toBe(user.id);
  // Used once.
  const second = await t.api.call('POST', `${CLIENT}/account/password`, { body, expect: 401 });
  await t.api.call('POST', `${CLIENT}/account/password`, {
    body: { ...body, auth: { ...auth, session: second.body.session } },
    expect: [401, 'M_UNAUTHORIZED'],
  });
});

test('whoever resets the password of nobody learns nothing and mails nobody', async () => {
  const nobody = newAddress('nobody');
  const somebody = newAddress('somebody');
  await signUp(t.server, somebody);
  const answers = await Promise.all([nobody, somebody].map((a) => askMailRaw(a, {}, 'account/password')));
  expect(answers[0].status).toBe(200);
  expect(Object.keys(answers[0].body)).toEqual(Object.keys(answers[1].body));
  await mailTo(t.server, somebody, 2);
  expect((await mailsOf(t.server)).filter((mail) => mail.to === nobody)).toEqual([]);
});

test('passwords have 12 characters and are not what is tried first', async () => {
  const refused = async (password: string, reason: string) => {
    const answer = await t.api.call('POST', `${CLIENT}/register`, {
      body: { password },
      expect: [400, 'M_WEAK_PASSWORD'],
    });
    expect(answer.body['org.chappe.reason']).toBe(reason);
  };
  await refused('elevenchars', 'password_short');
  await refused('ééééééééééé', 'password_short');
  await refused('MotDePasse2026!', 'password_common');
  await refused('azertyuiop123', 'password_common');
  for (const version of ['v3', 'r0']) {
    const policy = await t.api.call('GET', `/_matrix/client/${version}/password_policy`);
    expect(policy.body).toEqual({ 'm.minimum_length': 12 });
  }
});

test('[ACC-20] a name is the address’s, and its owner cannot change it', async () => {
  const user = await signUp(t.server, newAddress('name'));
  const at = path`/v3/profile/${user.id}/displayname`;
  const before = await user.get(at);
  const answer = await user.call('PUT', at, {
    body: { displayname: 'Le Ministre [Interieur]' },
    expect: [403, 'M_FORBIDDEN'],
  });
  expect(answer.body['org.chappe.reason']).toBe('name_fixed');
  await user.call('DELETE', at, { expect: [403, 'M_FORBIDDEN'] });
  expect(await user.get(at)).toEqual(before);
  // Nor by the room's own road.
  const room = await user.createRoom({});
  const member = await user.getState(room, 'm.room.member', user.id);
  const setMember = (content: object, expect?: number | [number, string]) =>
    user.put(path`/v3/rooms/${room}/state/m.room.member/${user.id}`, { ...member, ...content }, { expect });
  await setMember({ displayname: 'Le Ministre [Interieur]' }, [403, 'M_FORBIDDEN']);
  await setMember({ 'org.example.extra': true });
  // What else is the server's to say is put right, for whoever the event is of.
  const said = () => user.getState(room, 'm.room.member', user.id);
  await setMember({
    avatar_url: 'mxc://localhost/of-the-minister',
    displayname: undefined,
    'org.chappe.organisation': 'Premier ministre',
    'org.chappe.external': true,
  });
  expect(await said()).toEqual(member);
  const other = await signUp(t.server, newAddress('other'));
  const others = path`/v3/rooms/${room}/state/m.room.member/${other.id}`;
  await user.put(others, {
    membership: 'invite',
    avatar_url: 'mxc://localhost/x',
    'org.chappe.organisation': 'Evil',
  });
  const invited = await user.getState(room, 'm.room.member', other.id);
  expect(invited).toMatchObject({ membership: 'invite', 'org.chappe.organisation': 'Intérieur' });
  expect(invited.avatar_url).toBeUndefined();
  await user.put(
    others,
    { membership: 'invite', displayname: 'Le Ministre' },
    { expect: [403, 'M_FORBIDDEN'] },
  );
  await user.put(others, {
    membership: 'leave',
    avatar_url: 'mxc://localhost/x',
    'org.chappe.external': true,
  });
  expect(await user.getState(room, 'm.room.member', other.id)).toEqual({ membership: 'leave' });
  const { capabilities } = await user.get('/v3/capabilities');
  expect(capabilities['m.set_displayname'].enabled).toBe(false);
  expect(capabilities['m.3pid_changes'].enabled).toBe(true);
});

test('[ACC-16] [ACC-17] a closed account never comes back; the next at its address begins with nothing', async () => {
  const address = newAddress('closed');
  const user = await signUp(t.server, address);
  const room = await user.createRoom({ visibility: 'public' });
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.id },
    password: PASSWORD,
  };
  await user.post('/v3/account/deactivate', { erase: true, auth });
  await login(address, PASSWORD, [403, 'M_FORBIDDEN']);
  const reset = await askMailRaw(address, {}, 'account/password');
  expect(reset.status).toBe(200);
  const next = await signUp2(address);
  expect(next.id).toBe(`@${user.localpart}1:localhost`);
  expect((await next.get('/v3/joined_rooms')).joined_rooms).not.toContain(room);
  expect((await mailsOf(t.server)).filter((m) => m.to === address).length).toBe(2);
  const shown = await show(user.localpart);
  expect([shown.get('email'), shown.get('organisation'), shown.get('display_name')]).toEqual(['', '', '']);
  expect(shown.get('state')).toContain('deactivated');
});

async function signUp2(address: string) {
  const { User } = await import('./src/user.ts');
  const proof = await prove(t.server, address, { nth: 2 });
  return new User(t.api, (await registerWith(t.server, proof)).body);
}

test('[ACC-19] an address is changed with the password and both mailboxes; name and organisation follow', async () => {
  const old = newAddress('mover');
  const next = newAddress('moved', 'culture.example');
  const user = await signUp(t.server, old);
  const fresh = await prove(t.server, next, { at: 'account/3pid' });
  const present = await prove(t.server, old, { at: 'account/3pid', nth: 2 });
  const creds = { sid: fresh.sid, client_secret: fresh.client_secret };
  const add = (extra: object, expect?: number | [number, string]) =>
    user.call('POST', '/v3/account/3pid/add', { body: { ...creds, ...extra }, expect });
  const { session } = (await add({}, 401)).body;
  const password = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.id },
    password: PASSWORD,
    session,
  };
  expect((await add({ auth: password }, 401)).body.completed).toEqual(['m.login.password']);
  // The new mailbox is not the old one.
  await add({ auth: { ...credentials(fresh), session } }, [400, 'M_THREEPID_AUTH_FAILED']);
  await add({ auth: { ...credentials(present), session } });
  const { threepids } = await user.get('/v3/account/3pid');
  expect(threepids.map((p: { address: string }) => p.address)).toEqual([next]);
  const shown = await show(user.localpart);
  expect(shown.get('organisation')).toBe('Culture');
  expect(shown.get('display_name')).toMatch(/^Moved\w* \[Culture\]$/);
  const notice = await mailTo(t.server, old, 3);
  expect(notice.subject).toContain('a changé');
  expect(notice.code).toBe('');
  await login(old, PASSWORD, [403, 'M_FORBIDDEN']);
  expect((await login(next)).body.user_id).toBe(user.id);
  await user.post(
    '/v3/account/3pid/delete',
    { medium: 'email', address: next },
    { expect: [403, 'M_FORBIDDEN'] },
  );
});

test('[ACC-19] a new address that is external, elsewhere or another’s is refused', async () => {
  const user = await signUp(t.server, newAddress('stayer'));
  const other = newAddress('other');
  await signUp(t.server, other);
  const answer = await user.call('POST', '/v3/account/3pid/email/requestToken', {
    body: { client_secret: newSecret(), email: 'a@partenaire.example', send_attempt: 1 },
    expect: [403, 'M_THREEPID_DENIED'],
  });
  expect(answer.body['org.chappe.reason']).toBe('external_address');
  const taken = await prove(t.server, other, { at: 'account/3pid', nth: 2 });
  const present = await prove(t.server, (await user.get('/v3/account/3pid')).threepids[0].address, {
    at: 'account/3pid',
    nth: 2,
  });
  const body = { sid: taken.sid, client_secret: taken.client_secret };
  const first = await user.call('POST', '/v3/account/3pid/add', { body, expect: 401 });
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.id },
    password: PASSWORD,
  };
  await user.call('POST', '/v3/account/3pid/add', {
    body: { ...body, auth: { ...auth, session: first.body.session } },
    expect: 401,
  });
  await user.call('POST', '/v3/account/3pid/add', {
    body: { ...body, auth: { ...credentials(present), session: first.body.session } },
    expect: [400, 'M_THREEPID_IN_USE'],
  });
});

test('[ACC-19] the operator changes an address: audited, the old one told', async () => {
  const old = newAddress('operated');
  const next = newAddress('renamed', 'education.example');
  const user = await signUp(t.server, old);
  await admin('user', 'email', user.localpart, next.toUpperCase());
  expect((await show(user.localpart)).get('email')).toBe(next);
  expect((await login(next)).body.user_id).toBe(user.id);
  await mailTo(t.server, old, 2);
  expect(await admin('audit', 'list')).toContain('user.email');
  await expect(admin('user', 'email', user.localpart, 'a@partenaire.example')).rejects.toThrow();
  await expect(admin('user', 'email', user.localpart, 'a@b@interieur.example')).rejects.toThrow();
});

test('the operator makes an account with an address, and gives a person what is kept of them', async () => {
  const address = newAddress('made');
  const name = unique('made');
  await admin('user', 'add', name, '--password-file', await passwordFile(), '--email', address);
  expect((await login(address)).body.user_id).toBe(`@${name}:localhost`);
  const lines = (await admin('user', 'export', name))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({
    kind: 'account',
    email: address,
    organisation: 'Intérieur',
    external: false,
  });
  expect(lines.some((line) => line.kind === 'device')).toBe(true);
  expect(lines.some((line) => line.kind === 'event')).toBe(false);
  const second = admin(
    'user',
    'add',
    unique('made'),
    '--password-file',
    await passwordFile(),
    '--email',
    address,
  );
  await expect(second).rejects.toThrow();
});

test('what a person is given of themselves holds what they sent, as it is stored, and nobody else’s words', async () => {
  const [alice, bob] = [
    await signUp(t.server, newAddress('author')),
    await signUp(t.server, newAddress('reader')),
  ];
  const forum = await alice.createRoom({ visibility: 'public' });
  await bob.join(forum);
  const sent: string[] = [];
  // More than one page of an answer.
  for (let i = 0; i < 40; i++) sent.push(await alice.send(forum, `mot ${i} ${'é'.repeat(25_000)}`));
  const other = await bob.send(forum, 'les mots de Bob');
  const gone = await alice.send(forum, 'un mot de trop');
  await alice.redact(forum, gone);
  const secret = await alice.createRoom({});
  const cipher = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'AwgAEnACgAkLmt6q', session_id: 's' };
  await alice.send(secret, cipher, 'm.room.encrypted');
  await alice.leave(secret);
  const text = await admin('user', 'export', alice.localpart);
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.kind === 'event');
  expect(events.every((line) => line.event.sender === alice.id)).toBe(true);
  const bodies = events
    .filter((line) => line.room_id === forum && line.event.type === 'm.room.message')
    .map((line) => line.event.content.body);
  expect(bodies.map((body?: string) => body?.slice(0, 6).trim())).toEqual([
    undefined,
    ...sent.map((_, i) => `mot ${i}`).reverse(),
  ]);
  const encrypted = events.find((line) => line.event.type === 'm.room.encrypted');
  expect(encrypted).toMatchObject({ room_id: secret, event: { content: cipher } });
  expect(text).not.toContain('les mots de Bob');
  expect(text).not.toContain('un mot de trop');
  expect(other).toBeDefined();
});

test('the pages that are owed are there in both languages, without a token', async () => {
  for (const [at, title] of [
    ['/legal/accessibility', 'Déclaration d’accessibilité'],
    ['/legal/notice', 'Mentions légales'],
    ['/legal/privacy', 'Données personnelles'],
    ['/legal/help', 'Aide'],
  ] as const) {
    const french = await t.api.call('GET', at, { query: { lang: 'fr' } });
    expect(french.text).toContain(title);
    expect(french.text).toContain('lang="fr"');
    const english = await t.api.call('GET', at, { query: { lang: 'en' } });
    expect(english.text).toContain('lang="en"');
    expect(english.text).not.toContain(title);
  }
});

test('the terms have a page, and registering needs both stages', async () => {
  const first = await t.api.call('POST', `${CLIENT}/register`, { body: {}, expect: 401 });
  expect(first.body.flows).toEqual([{ stages: ['m.login.terms', 'm.login.email.identity'] }]);
  const { terms } = first.body.params['m.login.terms'].policies;
  for (const language of ['fr', 'en']) {
    const url = new URL(terms[language].url);
    const page = await t.api.call('GET', `${url.pathname}${url.search}`);
    expect(page.text).toContain(`<html lang="${language}">`);
  }
  const proof = await prove(t.server, newAddress('skipper'));
  const answer = await t.api.call('POST', `${CLIENT}/register`, {
    body: { password: PASSWORD, auth: { ...credentials(proof), session: first.body.session } },
    expect: 401,
  });
  expect(answer.body.completed).toEqual(['m.login.email.identity']);
  const available = await t.api.call('GET', `${CLIENT}/register/available`, {
    query: { username: 'anything' },
  });
  expect(available.body).toEqual({ available: true });
});

test('the mailbox proved in the first request of all is used up like another', async () => {
  const address = newAddress('hasty');
  const proof = await prove(t.server, address);
  const body = { password: PASSWORD };
  const register = (auth: object, expect: 200 | 401) =>
    t.api.call('POST', `${CLIENT}/register`, { body: { ...body, auth }, expect });
  const first = await register(credentials(proof), 401);
  expect(first.body.completed).toEqual(['m.login.email.identity']);
  const done = await register({ type: 'm.login.terms', session: first.body.session }, 200);
  expect(done.body.user_id).toBe(`@${address.replace('@', '-')}:localhost`);
  const again = await registerWith(t.server, proof, {}, 401);
  expect(again.body.error).toBe('No such proof');
});

test('[A02] the terms are accepted on their page as well', async () => {
  const proof = await prove(t.server, newAddress('reader'));
  const body = { password: PASSWORD };
  const { session } = (await t.api.call('POST', `${CLIENT}/register`, { body, expect: 401 })).body;
  const at = (stageName: string) => path`/_matrix/client/v3/auth/${stageName}/fallback/web`;
  const page = await t.api.call('GET', at('m.login.terms'), { query: { session } });
  expect(page.text).toContain('href="/terms"');
  const form = (stageName: string, expect?: number) =>
    t.api.call('POST', at(stageName), {
      raw: `${new URLSearchParams({ session })}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      expect,
    });
  // No press proves a mailbox.
  expect((await form('m.login.email.identity')).text).not.toContain('onAuthDone');
  expect((await form('m.login.terms')).text).toContain('onAuthDone');
  await t.api.call('POST', `${CLIENT}/register`, { body: { ...body, auth: { session } }, expect: 401 });
  const auth = { ...credentials(proof), session };
  await t.api.call('POST', `${CLIENT}/register`, { body: { ...body, auth } });
});

test('[A02] [1.2] the mailbox is proved on pages of the server: the address, then the code or the link', async () => {
  const at = '/_matrix/client/v3/auth/m.login.email.identity/fallback/web';
  const post = (fields: Record<string, string>, expect?: number | [number, string]) =>
    t.api.call('POST', at, {
      raw: `${new URLSearchParams(fields)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      expect,
    });
  const hidden = (html: string, name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
  const begin = async (body: object) =>
    (await t.api.call('POST', `${CLIENT}/register`, { body, expect: 401 })).body.session;
  for (const way of ['code', 'link']) {
    const body = { password: PASSWORD, initial_device_display_name: way };
    const session = await begin(body);
    const address = newAddress('page');
    const page = await t.api.call('GET', at, { query: { session } });
    expect(page.text).toContain('<html lang="fr">');
    expect(page.text).toMatch(/<label>Adresse de courriel.*<input name="email" type="email" required/s);
    expect(page.text).toContain('aria-describedby="why"');
    // What went wrong is said on the page, and the form is there again.
    for (const wrong of [
      'pas une adresse',
      'x@evil.example@interieur.example',
      newAddress('x', 'evil.example'),
    ]) {
      const refused = await post({ session, email: wrong });
      expect(refused.text).toContain('role="alert"');
      expect(refused.text).toContain('name="email"');
    }
    const second = (await post({ session, email: address })).text;
    const proof = { sid: hidden(second, 'sid'), client_secret: hidden(second, 'client_secret') };
    expect(second).toContain('autocomplete="one-time-code"');
    const mail = await mailTo(t.server, address);
    // Neither a wrong code nor none proves anything, nor does the proof of another session.
    expect((await post({ session, ...proof, token: '00000000' })).text).toContain('pas le bon code');
    const early = await post({ session, ...proof, token: '' });
    expect(early.text).toContain('pas encore confirmée');
    expect(early.text).not.toContain('onAuthDone');
    expect((await post({ session, ...proof, client_secret: 'x', token: '' })).text).not.toContain(
      'onAuthDone',
    );
    expect((await post({ session, ...proof, again: '1' })).text).toContain('name="email"');
    if (way === 'link') {
      const url = new URL(mail.link);
      await t.api.call('POST', url.pathname, {
        raw: url.search.slice(1),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    }
    expect((await post({ session, ...proof, token: way === 'link' ? '' : mail.code })).text).toContain(
      'onAuthDone',
    );
    await t.api.call('POST', `${CLIENT}/register`, {
      body: { ...body, auth: { type: 'm.login.terms', session } },
    });
    expect((await login(address)).body.user_id).toContain('page');
  }
  await post({ session: 'unknown', email: newAddress('x') }, [403, 'M_FORBIDDEN']);
});

test('[A02] the page serves who has forgotten their password, and nobody else’s stage', async () => {
  const at = '/_matrix/client/v3/auth/m.login.email.identity/fallback/web';
  const address = newAddress('forgot');
  await signUp(t.server, address);
  const body = { new_password: 'another correct horse battery' };
  const change = (auth?: object, expect?: 200 | 401) =>
    t.api.call('POST', `${CLIENT}/account/password`, { body: { ...body, auth }, expect });
  const { session } = (await change(undefined, 401)).body;
  const post = (fields: Record<string, string>) =>
    t.api.call('POST', at, {
      raw: `${new URLSearchParams({ session, ...fields })}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const page = (await post({ email: address })).text;
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
  const { code } = await mailTo(t.server, address, 2);
  await post({ sid: field('sid'), client_secret: field('client_secret'), token: code });
  await change({ session }, 200);
  const user = { type: 'm.id.thirdparty', medium: 'email', address };
  await t.api.call('POST', `${CLIENT}/login`, {
    body: { type: 'm.login.password', identifier: user, password: body.new_password },
  });
  // A session that asks for no mailbox has no such page.
  const signedIn = await signUp(t.server, newAddress('other'));
  const other = await signedIn.call('POST', '/v3/delete_devices', {
    body: { devices: [signedIn.device] },
    expect: 401,
  });
  await t.api.call('GET', at, { query: { session: other.body.session }, expect: [403, 'M_FORBIDDEN'] });
});

test('stages completed at once are all kept', async () => {
  for (let i = 0; i < 5; i++) {
    const proof = await prove(t.server, newAddress('both'));
    const body = { password: PASSWORD };
    const register = (auth: object, expect?: 200 | 401) =>
      t.api.call('POST', `${CLIENT}/register`, { body: { ...body, auth }, expect: expect ?? 'any' });
    const { session } = (await t.api.call('POST', `${CLIENT}/register`, { body: {}, expect: 401 })).body;
    const answers = await Promise.all([
      register({ type: 'm.login.terms', session }),
      register({ ...credentials(proof), session }),
    ]);
    if (answers.every((a) => a.status === 401)) await register({ session }, 200);
  }
});

test('what a new password signs out has no token of the identity service left', async () => {
  const address = newAddress('stolen');
  const user = await signUp(t.server, address);
  const at = '/_matrix/identity/v2/account';
  const bearer = async () => {
    const openid = await user.post(path`/v3/user/${user.id}/openid/request_token`, {});
    const token = (await t.api.call('POST', `${at}/register`, { body: openid })).body.token;
    return { headers: { authorization: `Bearer ${token}` } };
  };
  const stolen = await bearer();
  await t.api.call('GET', at, stolen);
  const proof = await prove(t.server, address, { at: 'account/password', nth: 2 });
  await t.api.call('POST', `${CLIENT}/account/password`, {
    body: { new_password: `${PASSWORD} new`, auth: credentials(proof) },
  });
  await t.api.call('GET', at, { ...stolen, expect: [401, 'M_UNAUTHORIZED'] });
});

test('pages are for who opens them: no script of another site reads them', async () => {
  for (const at of ['/demo/mail', '/terms']) {
    const page = await t.api.call('GET', at);
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('the demonstration shows the mails, and nothing else does', async () => {
  const address = newAddress('shown');
  await askMail(t.server, address);
  const mail = await mailTo(t.server, address);
  const html = (await t.api.call('GET', '/demo/mail')).text;
  expect(html).toContain(address);
  expect(html).toContain(`data-code="${mail.code}"`);
  expect(html).toContain(mail.link.replaceAll('&', '&amp;'));
  const open = await Server.start();
  try {
    await open.api.call('GET', '/demo/mail', { expect: [404, 'M_UNRECOGNIZED'] });
  } finally {
    await open.dispose();
  }
});

test('a mail is in English for who prefers it', async () => {
  const address = newAddress('english');
  await askMail(t.server, address, { headers: { 'accept-language': 'en' } });
  const mail = await mailTo(t.server, address);
  expect(mail.text).toContain('Hello,');
  expect(mail.html).toContain('<html lang="en">');
});

test('[ADM-04] no address, code or link is in the log', async () => {
  const address = newAddress('canary');
  await signUp(t.server, address);
  const mail = await mailTo(t.server, address);
  for (const secret of [address, mail.code, new URL(mail.link).searchParams.get('token') ?? 'none'])
    expect(t.server.log).not.toContain(secret);
});
