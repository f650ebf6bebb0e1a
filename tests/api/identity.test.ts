// SPDX-License-Identifier: EUPL-1.2
// The identity service: where an address belongs, tokens, look-ups, invitations by address; and the
// externals who sign up because of one.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { mailsOf, mailTo } from './src/mail.ts';
import { accessRule } from './src/people.ts';
import { askMail, newAddress, newSecret, prove, registerWith, signUp } from './src/signup.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, User } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'email' } });
const V2 = '/_matrix/identity/v2';
const info = (address: string, which = 'info', expect?: number | [number, string]) =>
  t.api.call('GET', `/_matrix/identity/api/v1/${which}`, { query: { medium: 'email', address }, expect });

/** A token of the identity service, as clients get one. */
async function identityToken(user: User): Promise<string> {
  const openid = await user.post(path`/v3/user/${user.id}/openid/request_token`, {});
  return (await t.api.call('POST', `${V2}/account/register`, { body: openid })).body.token;
}

async function storeInvite(inviter: User, room: string, address: string, expect?: number | [number, string]) {
  return t.api.call('POST', `${V2}/store-invite`, {
    token: await identityToken(inviter),
    body: { medium: 'email', address, room_id: room, sender: inviter.id },
    expect,
  });
}

test('info tells the server of an address by the map alone', async () => {
  const known = newAddress('known');
  await signUp(t.server, known);
  for (const address of [known, newAddress('unknown')])
    expect((await info(address)).body).toEqual({
      hs: 'localhost',
      'org.chappe.organisation': 'Intérieur',
      'org.chappe.external': false,
    });
  const external = (await info('A+b@Partenaire.example')).body;
  expect([external.hs, external['org.chappe.external']]).toEqual(['localhost', true]);
  for (const bad of ['a@evil.org@interieur.example', 'a', '', 'a b@interieur.example'])
    await info(bad, 'info', [400, 'M_INVALID_EMAIL']);
  await t.api.call('GET', '/_matrix/identity/api/v1/info', {
    query: { medium: 'msisdn', address: '33612345678' },
    expect: [400, 'M_UNRECOGNIZED'],
  });
  expect((await info(known, 'internal-info')).body).toEqual({
    hs: 'localhost',
    requires_invite: false,
    invited: false,
  });
  // A proxy of this machine brings who is elsewhere.
  await t.api.call('GET', '/_matrix/identity/api/v1/internal-info', {
    query: { medium: 'email', address: known },
    headers: { 'x-forwarded-for': '192.0.2.7' },
    expect: [404, 'M_UNRECOGNIZED'],
  });
});

test('[A17] an OpenID token is traded for a token of the identity service, which ends at its logout', async () => {
  const user = await signUp(t.server, newAddress('openid'));
  const other = await signUp(t.server, newAddress('openid'));
  const openid = await user.post(path`/v3/user/${user.id}/openid/request_token`, {});
  expect(openid).toMatchObject({ token_type: 'Bearer', matrix_server_name: 'localhost', expires_in: 3600 });
  await user.post(path`/v3/user/${other.id}/openid/request_token`, {}, { expect: [403, 'M_FORBIDDEN'] });
  const { token } = (await t.api.call('POST', `${V2}/account/register`, { body: openid })).body;
  const account = () => t.api.call('GET', `${V2}/account`, { token, expect: 'any' });
  expect((await account()).body).toEqual({ user_id: user.id });
  // Neither is good for the other, nor for the client API.
  for (const wrong of [openid.access_token, user.token, 'nothing'])
    await t.api.call('GET', `${V2}/account`, { token: wrong, expect: [401, 'M_UNAUTHORIZED'] });
  await t.api.call('GET', `${V2}/account`, { expect: [401, 'M_UNAUTHORIZED'] });
  for (const wrong of [token, openid.access_token])
    await t.api.call('GET', '/_matrix/client/v3/account/whoami', {
      token: wrong,
      expect: [401, 'M_UNKNOWN_TOKEN'],
    });
  for (const body of [
    { ...openid, matrix_server_name: 'evil.example' },
    { ...openid, access_token: 'x' },
    { ...openid, access_token: token },
  ])
    await t.api.call('POST', `${V2}/account/register`, { body, expect: [401, 'M_UNAUTHORIZED'] });
  expect((await t.api.call('GET', `${V2}/terms`)).body).toEqual({ policies: {} });
  await t.api.call('POST', `${V2}/terms`, { token, body: { user_accepts: [] } });
  await t.api.call('POST', `${V2}/account/logout`, { token, body: {} });
  expect((await account()).status).toBe(401);
});

test('keys: the long-term one is the signing key, and there are no ephemeral ones', async () => {
  expect((await t.api.call('GET', V2)).body).toEqual({});
  expect((await t.api.call('GET', '/_matrix/identity/versions')).body.versions).toContain('v1.6');
  const user = await signUp(t.server, newAddress('keys'));
  const room = await user.createRoom({ initial_state: [accessRule('unrestricted')] });
  const stored = (await storeInvite(user, room, newAddress('keys', 'partenaire.example'))).body;
  const key = stored.public_keys[0].public_key;
  const valid = async (which: string, public_key: string) =>
    (await t.api.call('GET', `${V2}/pubkey/${which}`, { query: { public_key } })).body.valid;
  expect(stored.public_keys[0].key_validity_url).toBe(`${t.server.url}${V2}/pubkey/isvalid`);
  expect(await valid('isvalid', key)).toBe(true);
  expect(await valid('isvalid', key.replaceAll('+', '-').replaceAll('/', '_'))).toBe(true);
  expect(await valid('isvalid', 'AAAA')).toBe(false);
  expect(await valid('ephemeral/isvalid', key)).toBe(false);
  const id = (await t.server.command('key', 'show')).split(/\s/)[1];
  expect((await t.api.call('GET', `${V2}/pubkey/${encodeURIComponent(id)}`)).body).toEqual({
    public_key: key,
  });
  await t.api.call('GET', `${V2}/pubkey/ed25519:none`, { expect: [404, 'M_NOT_FOUND'] });
});

test('people are found by the hash of their address, and by nothing less', async () => {
  const address = newAddress('lookup');
  const user = await signUp(t.server, address);
  const token = await identityToken(user);
  const { lookup_pepper, algorithms } = (await t.api.call('GET', `${V2}/hash_details`, { token })).body;
  expect(algorithms).toContain('sha256');
  const hash = (a: string) => createHash('sha256').update(`${a} email ${lookup_pepper}`).digest('base64url');
  const lookup = (body: object, expect?: number | [number, string]) =>
    t.api.call('POST', `${V2}/lookup`, {
      token,
      body: { algorithm: 'sha256', pepper: lookup_pepper, ...body },
      expect,
    });
  const addresses = [hash(address), hash(address.toUpperCase()), hash(newAddress('nobody')), '%', ''];
  expect((await lookup({ addresses })).body).toEqual({ mappings: { [hash(address)]: user.id } });
  // Asked for twice, it is answered once: a JSON object has each key once.
  const twice = await lookup({ addresses: [hash(address), hash(address)] });
  expect(twice.text.split(hash(address)).length).toBe(2);
  await lookup({ addresses, pepper: 'old' }, [400, 'M_INVALID_PEPPER']);
  await lookup({ addresses, algorithm: 'none' }, [400, 'M_INVALID_PARAM']);
  await lookup({ addresses: [5] }, [400, 'M_BAD_JSON']);
  await lookup({ addresses: Array.from({ length: 1001 }, () => '') }, [400, 'M_INVALID_PARAM']);
  // The address moves: so does what finds it.
  const moved = newAddress('lookup', 'culture.example');
  await t.server.command('user', 'email', user.localpart, moved);
  expect((await lookup({ addresses: [hash(address), hash(moved)] })).body).toEqual({
    mappings: { [hash(moved)]: user.id },
  });
});

test('an association is proved by one’s own mailbox, and signed', async () => {
  const address = newAddress('bind');
  const user = await signUp(t.server, address);
  const token = await identityToken(user);
  const client_secret = newSecret();
  const ask = (email: string, expect?: number | [number, string]) =>
    t.api.call('POST', `${V2}/validate/email/requestToken`, {
      token,
      body: { client_secret, email, send_attempt: 1 },
      expect,
    });
  await ask(newAddress('another'), [403, 'M_FORBIDDEN']);
  const { sid } = (await ask(address)).body;
  const query = { sid, client_secret };
  const validated = (expect?: number | [number, string]) =>
    t.api.call('GET', `${V2}/3pid/getValidated3pid`, { token, query, expect });
  await validated([400, 'M_SESSION_NOT_VALIDATED']);
  const submit = (code: string, expect?: [number, string]) =>
    t.api.call('POST', `${V2}/validate/email/submitToken`, {
      token,
      body: { ...query, token: code },
      expect,
    });
  await submit('wrong', [400, 'M_TOKEN_INCORRECT']);
  expect((await submit((await mailTo(t.server, address, 2)).code)).body).toEqual({ success: true });
  expect((await validated()).body).toMatchObject({ medium: 'email', address });
  await t.api.call('GET', `${V2}/3pid/getValidated3pid`, {
    token,
    query: { ...query, sid: 'x' },
    expect: [404, 'M_NO_VALID_SESSION'],
  });
  const bind = (mxid: string, expect?: number | [number, string]) =>
    t.api.call('POST', `${V2}/3pid/bind`, { token, body: { ...query, mxid }, expect });
  await bind('@someone:localhost', [403, 'M_FORBIDDEN']);
  const bound = (await bind(user.id)).body;
  expect(bound).toMatchObject({ address, medium: 'email', mxid: user.id });
  expect(Object.keys(bound.signatures)).toEqual(['localhost']);
  const threepid = { medium: 'email', address };
  await t.api.call('POST', `${V2}/3pid/unbind`, {
    token,
    body: { mxid: user.id, threepid },
    expect: [403, 'M_FORBIDDEN'],
  });
});

test('[ACC-12] an external signs up only while an invitation waits, and every refusal says the same', async () => {
  const agent = await signUp(t.server, newAddress('agent'));
  const room = await agent.createRoom({ initial_state: [accessRule('unrestricted')] });
  const partner = newAddress('partner', 'partenaire.example');
  const refused = async (address: string) => {
    const answer = await t.api.call('POST', '/_matrix/client/v3/register/email/requestToken', {
      body: { client_secret: newSecret(), email: address, send_attempt: 1 },
      expect: [403, 'M_THREEPID_DENIED'],
    });
    expect(answer.body['org.chappe.reason']).toBe('invitation_missing');
    return answer.text;
  };
  const absent = await refused(partner);
  const stored = (await storeInvite(agent, room, partner.toUpperCase())).body;
  expect(stored.token).toMatch(/^[0-9a-zA-Z]{40}$/);
  expect(stored.display_name).toBe('p...@p...');
  expect((await info(partner, 'internal-info')).body).toMatchObject({ requires_invite: true, invited: true });
  // Somebody else's invitation.
  expect(await refused(newAddress('partner', 'partenaire.example'))).toBe(absent);
  const mail = await mailTo(t.server, partner);
  expect(mail.text.indexOf('Bonjour')).toBeLessThan(mail.text.indexOf('Hello'));
  expect(mail.link).toBe(`${t.server.url}/#/inscription/${partner}`);
  const proof = await askMail(t.server, partner);
  // The inviter leaves: the invitation holds no longer, even for who has begun.
  await agent.post(path`/v3/rooms/${room}/leave`, {});
  expect(await refused(partner)).toBe(absent);
  const code = (await mailTo(t.server, partner, 2)).code;
  await t.api.call('POST', '/_matrix/client/unstable/org.chappe/email/submit_token', {
    body: { ...proof, token: code },
  });
  await registerWith(t.server, proof, {}, [403, 'M_THREEPID_DENIED']);
  // Another invitation, and it works, once.
  const second = await agent.createRoom({ initial_state: [accessRule('unrestricted')] });
  await storeInvite(agent, second, partner);
  const user = (await registerWith(t.server, proof)).body;
  const shown = await t.server.command('user', 'show', user.user_id.slice(1, user.user_id.indexOf(':')));
  expect(shown).toContain('state\texternal');
  // Used: for an account that was closed, nothing waits any more.
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.user_id },
    password: PASSWORD,
  };
  await t.api.call('POST', '/_matrix/client/v3/account/deactivate', {
    token: user.access_token,
    body: { auth },
  });
  expect(await refused(partner)).toBe(absent);
});

test('[ACC-09] an invitation by mail says nothing that a user wrote, and only who is in a room sends one', async () => {
  const agent = await signUp(t.server, newAddress('writer'));
  const outsider = await signUp(t.server, newAddress('outsider'));
  const room = await agent.createRoom({
    initial_state: [accessRule('unrestricted')],
    name: '<b>Gagnez</b> https://evil.example/ \r\nBcc: x@evil.example',
  });
  const partner = newAddress('reader', 'partenaire.example');
  await storeInvite(outsider, room, partner, [403, 'M_FORBIDDEN']);
  // Being in the room is not enough: one must have the power to invite.
  await agent.invite(room, outsider.id);
  await outsider.join(room);
  await storeInvite(outsider, room, partner, [403, 'M_FORBIDDEN']);
  await t.api.call('POST', `${V2}/store-invite`, {
    token: await identityToken(agent),
    body: {
      medium: 'email',
      address: partner,
      room_id: room,
      sender: agent.id,
      room_name: '<script>evil.example</script>',
      sender_display_name: 'Le ministre https://evil.example',
    },
  });
  const mail = await mailTo(t.server, partner);
  expect(mail.raw + mail.text + mail.html).not.toContain('evil');
  expect(mail.text).toContain('Writer');
  await t.api.call('POST', `${V2}/store-invite`, {
    token: await identityToken(agent),
    body: { medium: 'email', address: partner, room_id: room, sender: outsider.id },
    expect: [403, 'M_FORBIDDEN'],
  });
  await storeInvite(agent, room, 'a@b@partenaire.example', [400, 'M_INVALID_EMAIL']);
  const known = newAddress('known');
  await signUp(t.server, known);
  await storeInvite(agent, room, known, [400, 'M_THREEPID_IN_USE']);
  expect((await mailsOf(t.server)).filter((m) => m.to === partner).length).toBe(1);
});

test('an external neither looks people up nor invites by address', async () => {
  const agent = await signUp(t.server, newAddress('host'));
  const room = await agent.createRoom({ initial_state: [accessRule('unrestricted')] });
  const address = newAddress('guest', 'partenaire.example');
  await storeInvite(agent, room, address);
  const proof = await prove(t.server, address, { nth: 2 });
  const guest = new User(t.api, (await registerWith(t.server, proof)).body);
  const token = await identityToken(guest);
  const { lookup_pepper: pepper } = (await t.api.call('GET', `${V2}/hash_details`, { token })).body;
  const looked = await t.api.call('POST', `${V2}/lookup`, {
    token,
    body: { algorithm: 'sha256', pepper, addresses: [] },
    expect: [403, 'M_FORBIDDEN'],
  });
  expect(looked.body['org.chappe.reason']).toBe('external_directory');
  const invited = await storeInvite(guest, room, newAddress('third', 'partenaire.example'), [
    403,
    'M_FORBIDDEN',
  ]);
  expect(invited.body['org.chappe.reason']).toBe('external_invite');
});
