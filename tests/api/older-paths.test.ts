// SPDX-License-Identifier: EUPL-1.2
// Paths that deployed clients still use (tests/spec/endpoints-extra.tsv, "prose" and "compat").
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { Server } from './src/server.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, User } from './src/user.ts';

const t = stage();

test('the tree of before v1.1 is that of v3, for every method', async () => {
  const user = await t.user();
  const identifier = { type: 'm.id.user', user: user.localpart };
  const body = { type: 'm.login.password', identifier, password: PASSWORD };
  const old = new User(t.api, (await t.api.call('POST', '/_matrix/client/r0/login', { body })).body);
  expect((await old.get('/r0/account/whoami')).user_id).toBe(user.id);
  const room = (await old.post('/r0/createRoom', { name: 'Ancien' })).room_id;
  await old.put(path`/r0/rooms/${room}/send/m.room.message/t1`, { msgtype: 'm.text', body: 'é' });
  expect((await old.get(path`/r0/rooms/${room}/state/m.room.name`)).name).toBe('Ancien');
  expect((await old.get(path`/r0/rooms/${room}/state/m.room.name/`)).name).toBe('Ancien');
  const sync = await old.get('/r0/sync', { query: { timeout: 0 } });
  expect(sync.rooms.join[room]).toBeDefined();
  await t.api.call('GET', '/_matrix/client/r0/account/whoami', { expect: [401, 'M_MISSING_TOKEN'] });
  await old.call('GET', '/r0/nothing', { expect: [404, 'M_UNRECOGNIZED'] });
  await old.call('PATCH', '/r0/sync', { expect: [405, 'M_UNRECOGNIZED'] });
  await old.post('/r0/logout');
});

test('media of before v1.1 too', async () => {
  const user = await t.user();
  for (const version of ['r0', 'v1']) {
    const sent = await t.api.call('POST', `/_matrix/media/${version}/upload`, {
      token: user.token,
      raw: 'text',
      headers: { 'content-type': 'text/plain' },
    });
    expect(sent.body.content_uri).toMatch(/^mxc:/);
    const config = await t.api.call('GET', `/_matrix/media/${version}/config`, { token: user.token });
    expect(config.body['m.upload.size']).toBeGreaterThan(0);
  }
});

test('proposals under the names they had, and the flags that say so', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob], { name: 'Commun' });
  const profile = (field: string) => path`/unstable/uk.tcpip.msc4133/profile/${alice.id}/${field}`;
  await alice.put(profile('m.tz'), { 'm.tz': 'Europe/Paris' });
  expect(await bob.get(profile('m.tz'))).toEqual({ 'm.tz': 'Europe/Paris' });
  await alice.delete(profile('m.tz'));
  for (const at of [
    path`/unstable/im.nheko.summary/summary/${room}`,
    path`/unstable/im.nheko.summary/rooms/${room}/summary`,
  ])
    expect((await bob.get(at)).name).toBe('Commun');
  const mutual = '/unstable/uk.half-shot.msc2666/user/mutual_rooms';
  expect((await alice.get(mutual, { query: { user_id: bob.id } })).joined).toEqual([room]);
  for (const name of ['get_token', 'token']) {
    const given = await alice.withPassword('POST', `/unstable/org.matrix.msc3882/login/${name}`, {});
    expect(given.login_token).toBeTruthy();
  }
  await alice.get(path`/unstable/uk.timedout.msc4323/admin/lock/${bob.id}`, {
    expect: [403, 'M_FORBIDDEN'],
  });
  await alice.get('/unstable/org.matrix.msc3916/media/config');
  const flags = (await t.api.call('GET', '/_matrix/client/versions')).body.unstable_features;
  for (const flag of [
    'org.matrix.msc3882',
    'org.matrix.msc3916.stable',
    'uk.half-shot.msc2666.query_mutual_rooms',
    'uk.tcpip.msc4133',
    'uk.timedout.msc4323',
  ])
    expect(flags[flag]).toBe(true);
});

test('[H11] whom to ask is told where the operator says so', async () => {
  await t.api.call('GET', '/.well-known/matrix/support', { expect: [404, 'M_NOT_FOUND'] });
  const server = await Server.start({
    set: { 'support.email': 'admin@interieur.example', 'support.page': 'https://aide.example/aide' },
  });
  try {
    expect((await server.api.call('GET', '/.well-known/matrix/support')).body).toEqual({
      contacts: [{ email_address: 'admin@interieur.example', role: 'm.role.admin' }],
      support_page: 'https://aide.example/aide',
    });
  } finally {
    await server.dispose();
  }
});

test('who runs the service is told to its clients and on its legal pages, where it is named', async () => {
  const known = '/.well-known/matrix/client';
  expect((await t.api.call('GET', known)).body).not.toHaveProperty(['org.chappe.operator']);
  const name = 'Ministère <b> & Cie';
  const server = await Server.start({ set: { 'operator.name': name } });
  try {
    expect((await server.api.call('GET', known)).body['org.chappe.operator']).toEqual({ name });
    for (const at of ['/legal/notice', '/terms'])
      expect((await server.api.call('GET', at)).text).toContain('Ministère &lt;b&gt; &amp; Cie');
  } finally {
    await server.dispose();
  }
});

test('[R23] what was reported is listed for the operator', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const event = await bob.send(room, 'méchant');
  await alice.post(path`/v3/rooms/${room}/report/${event}`, { reason: 'insulte' });
  await alice.post(path`/v3/rooms/${room}/report`, { reason: 'salon' });
  await alice.post(path`/v3/users/${bob.id}/report`, { reason: 'personne\tet tabulation' });
  const listed = (await t.server.command('report', 'list')).split('\n').filter((l) => l.includes(alice.id));
  expect(listed).toHaveLength(3);
  expect(listed[2].split('\t').slice(2)).toEqual([alice.id, bob.id, room, event, 'insulte']);
  expect(listed[1].split('\t').slice(2)).toEqual([alice.id, '-', room, '-', 'salon']);
  expect(listed[0].split('\t').slice(2, 6)).toEqual([alice.id, bob.id, '-', '-']);
  const number = listed[1].split('\t')[0];
  const older = await t.server.command('report', 'list', '--before', number);
  expect(older).toContain('insulte');
  expect(older).not.toContain('salon');
});

/** The page's script on a stand-in for the browser: what it asks, and what it hands over. */
function openPage(script: string, search: string) {
  const alert = { hidden: true };
  const form: Any = {
    elements: { user: { value: '' }, password: { value: '' } },
    querySelector: () => alert,
  };
  const given: Any[] = [];
  const window = { matrixLogin: { onLogin: (session: Any) => given.push(session) } };
  const fetchHere = (at: string, options: RequestInit) => fetch(`${t.server.url}${at}`, options);
  const document = { querySelector: () => form };
  runInNewContext(script, { document, window, location: { search }, fetch: fetchHere, URLSearchParams });
  const submit = async (user: string, password: string) => {
    form.elements.user.value = user;
    form.elements.password.value = password;
    await form.onsubmit({ preventDefault: () => {} });
  };
  return { submit, given, alert };
}

test('the page of the login fallback signs in and hands the session over', async () => {
  const user = await t.user();
  const at = '/_matrix/static/client/login/';
  const page = await t.api.call('GET', `${at}?device_id=ABC&initial_device_display_name=Vieux&password=x`);
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'");
  expect(page.text).not.toContain('ABC');
  const script = /<script nonce="[^"]+">(.*?)<\/script>/s.exec(page.text)?.[1] ?? '';
  const opened = openPage(script, '?device_id=ABC&initial_device_display_name=Vieux&password=x');
  await opened.submit(user.localpart, 'wrong');
  expect([opened.given, opened.alert.hidden]).toEqual([[], false]);
  await opened.submit(user.localpart, PASSWORD);
  expect(opened.alert.hidden).toBe(true);
  expect(opened.given).toHaveLength(1);
  expect(opened.given[0]).toMatchObject({ user_id: user.id, device_id: 'ABC' });
  const device = await new User(t.api, opened.given[0]).get('/v3/devices/ABC');
  expect(device.display_name).toBe('Vieux');
});
