// SPDX-License-Identifier: EUPL-1.2
// What every answer of the HTTP front has in common: CORS, errors, versions, capabilities, well-known.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Server } from './src/server.ts';
import { stage } from './src/stage.ts';
import { User } from './src/user.ts';

const t = stage({ set: { public_url: 'https://matrix.example.org' } });

test('[H01] preflight answers on every path and runs nothing', async () => {
  const user = await t.user();
  const before = await user.get('/v3/joined_rooms');
  for (const at of [
    '/_matrix/client/v3/createRoom',
    '/_matrix/client/v3/nothing/here',
    '/.well-known/matrix/client',
  ]) {
    const answer = await t.api.call('OPTIONS', at, { token: user.token, expect: 'any' });
    expect([200, 204]).toContain(answer.status);
    expect(answer.headers.get('access-control-allow-methods')).toMatch(/GET.*POST.*PUT.*DELETE.*OPTIONS/);
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('content-type');
  }
  expect(await user.get('/v3/joined_rooms')).toEqual(before);
});

test('[H01] [HTTP-18] CORS is open and without credentials, on errors too', async () => {
  const headers = { origin: 'https://evil.example' };
  for (const at of [
    '/_matrix/client/versions',
    '/_matrix/client/v3/account/whoami',
    '/_matrix/client/v3/none',
  ]) {
    const answer = await t.api.call('GET', at, { headers, expect: 'any' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  }
});

test('[H02] unknown routes are 404 and wrong methods 405, both M_UNRECOGNIZED', async () => {
  for (const at of [
    '/_matrix/client/v3/nothing',
    '/_matrix/nothing',
    '/_matrix',
    '/_matrix/client/v99/sync',
  ]) {
    await t.api.call('GET', at, { expect: [404, 'M_UNRECOGNIZED'] });
  }
  await t.api.call('DELETE', '/_matrix/client/versions', { expect: [405, 'M_UNRECOGNIZED'] });
  await t.api.call('PUT', '/_matrix/client/v3/createRoom', { body: {}, expect: [405, 'M_UNRECOGNIZED'] });
  await t.api.call('POST', '/_matrix/client/v3/sync', { body: {}, expect: [405, 'M_UNRECOGNIZED'] });
});

test('[H03] every error has a code, a text and the JSON type', async () => {
  const user = await t.user();
  const answers = [
    await t.api.call('GET', '/_matrix/client/v3/none', { expect: 404 }),
    await user.call('POST', '/v3/createRoom', { raw: '{', expect: [400, 'M_NOT_JSON'] }),
    await user.call('POST', '/v3/createRoom', { raw: '[]', expect: [400, 'M_BAD_JSON'] }),
    await user.call('GET', '/v3/rooms/!none/state', { expect: 403 }),
    await user.call('GET', '/v3/sync?since=rubbish', { expect: 400 }),
  ];
  for (const answer of answers) expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
});

test('[H05] a missing token and an unknown one are different, and neither is M_FORBIDDEN', async () => {
  await t.api.call('GET', '/_matrix/client/v3/account/whoami', { expect: [401, 'M_MISSING_TOKEN'] });
  const bad = await t.api.call('GET', '/_matrix/client/v3/account/whoami', {
    token: 'no',
    expect: [401, 'M_UNKNOWN_TOKEN'],
  });
  expect(bad.body.soft_logout ?? false).toBe(false);
  for (const authorization of ['Basic abc', 'Bearer', 'Bearer ', 'bearer']) {
    const answer = await t.api.call('GET', '/_matrix/client/v3/account/whoami', {
      headers: { authorization },
      expect: 'any',
    });
    expect(answer.status).toBe(401);
  }
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.createRoom();
  await bob.allState(room, { expect: [403, 'M_FORBIDDEN'] });
});

test('[H06] a body without content type is read; logout needs no body', async () => {
  const user = await t.user();
  const answer = await user.call('POST', '/v3/createRoom', { raw: new TextEncoder().encode('{"name":"x"}') });
  expect(answer.body.room_id).toMatch(/^!/);
  await user.call('POST', '/v3/createRoom', { expect: 400 });
  await user.call('POST', '/v3/logout');
  await user.get('/v3/account/whoami', { expect: [401, 'M_UNKNOWN_TOKEN'] });
});

test('[H08] pages of the public directory end without next_batch, and bounds are applied', async () => {
  const user = await t.user();
  const word = `needle${Date.now()}`;
  const made = new Set<string>();
  for (let i = 0; i < 3; i++)
    made.add(await user.createRoom({ preset: 'public_chat', visibility: 'public', name: `${word} ${i}` }));
  const found: string[] = [];
  let since: string | undefined;
  let pages = 0;
  do {
    const page = await user.post('/v3/publicRooms', {
      limit: 2,
      since,
      filter: { generic_search_term: word },
    });
    expect(page.chunk.length).toBeLessThanOrEqual(2);
    found.push(...page.chunk.map((r: { room_id: string }) => r.room_id));
    since = page.next_batch;
    pages++;
  } while (since !== undefined && pages < 10);
  expect(new Set(found)).toEqual(made);
  expect(found).toHaveLength(3);
  await user.get('/v3/publicRooms', { query: { limit: 1_000_000 } });
  await user.get('/v3/publicRooms', { query: { limit: 1 } });
  await user.get('/v3/publicRooms', { query: { since: 'rubbish' }, expect: 400 });
});

test('[H09] versions answers without a token and with one', async () => {
  const user = await t.user();
  const open = await t.api.call('GET', '/_matrix/client/versions');
  const mine = await t.api.call('GET', '/_matrix/client/versions', { token: user.token });
  // matrix-js-sdk refuses a server that shares none of v1.1 to v1.13 with it.
  for (const answer of [open, mine])
    expect(answer.body.versions).toEqual(expect.arrayContaining(['v1.1', 'v1.11']));
  const cache = open.headers.get('cache-control') ?? '';
  if (/max-age=[1-9]/.test(cache)) expect(open.headers.get('vary')?.toLowerCase()).toContain('authorization');
});

test('[H10] capabilities name the room versions and what a user may change', async () => {
  const user = await t.user();
  const { capabilities } = await user.get('/v3/capabilities');
  expect(capabilities['m.room_versions'].default).toBe('12');
  for (const version of ['6', '10', '11', '12'])
    expect(capabilities['m.room_versions'].available[version]).toBe('stable');
  expect(capabilities['m.change_password'].enabled).toBe(true);
  expect(capabilities['org.chappe.access_rules'].enabled).toBe(false);
  for (const [name, value] of Object.entries<{ enabled?: boolean }>(capabilities)) {
    if (['m.set_displayname', 'm.set_avatar_url', 'm.3pid_changes', 'm.get_login_token'].includes(name)) {
      expect(typeof value.enabled).toBe('boolean');
    }
  }
  await t.api.call('GET', '/_matrix/client/v3/capabilities', { expect: [401, 'M_MISSING_TOKEN'] });
});

test('[H11] well-known names the public address of the server', async () => {
  const client = await t.api.call('GET', '/.well-known/matrix/client');
  expect(client.body['m.homeserver'].base_url).toMatch(/^https:\/\/matrix\.example\.org\/?$/);
  for (const name of ['server', 'support']) {
    const answer = await t.api.call('GET', `/.well-known/matrix/${name}`, { expect: 'any' });
    expect([200, 404]).toContain(answer.status);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  }
});

test('without web client the root page says what this server is, and /health answers', async () => {
  const server = await Server.start({ set: { 'web.client': 'off' } });
  try {
    const root = await server.api.call('GET', '/');
    expect(root.headers.get('content-type')).toMatch(/^text\/html/);
    expect(root.text).toContain('Matrix');
    await server.api.call('GET', '/health');
  } finally {
    await server.dispose();
  }
});

test('the files of the web client carry a policy that keeps them to themselves and the API', async () => {
  const files = await mkdtemp(join(tmpdir(), 'chappe-web-'));
  await writeFile(join(files, 'index.html'), '<p>the client');
  await writeFile(join(files, 'main-5f3c9A1b.js'), 'export {};');
  const set = { 'web.files': files, 'web.host': 'chat.example.org', public_url: 'https://api.example.org' };
  const server = await Server.start({ set });
  try {
    const page = await fetch(`${server.url}/`);
    expect(await page.text()).toBe('<p>the client');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("connect-src 'self' https://api.example.org;");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    // Once each: two values would be one that nobody means.
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const script = await fetch(`${server.url}/main-5f3c9A1b.js`);
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const unknown = await fetch(`${server.url}/_matrix/client/v3/nothing`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
  } finally {
    await server.dispose();
    await rm(files, { recursive: true });
  }
});

test('a directory without web client is refused at the start', async () => {
  const files = await mkdtemp(join(tmpdir(), 'chappe-web-'));
  await expect(Server.start({ set: { 'web.files': files } })).rejects.toThrow(/web\.files: no index\.html/);
  await rm(files, { recursive: true });
});

test('[ACL-13] a token in the query string is refused where it is not for old clients', async () => {
  const at = '/_matrix/client/v3/account/whoami?access_token=';
  const user = await t.user();
  expect((await t.api.call('GET', `${at}${user.token}`)).body.user_id).toBe(user.id);
  await t.api.call('GET', `${at}x`, { expect: [401, 'M_UNKNOWN_TOKEN'] });
  await t.api.call('GET', at, { expect: [401, 'M_UNKNOWN_TOKEN'] });
  // The header wins.
  await t.api.call('GET', `${at}${user.token}`, { token: 'x', expect: [401, 'M_UNKNOWN_TOKEN'] });
  const strict = await Server.start({ set: { 'tokens.header_only': 'on' } });
  try {
    const other = await User.register(strict.api);
    await strict.api.call('GET', `${at}${other.token}`, { expect: [401, 'M_MISSING_TOKEN'] });
  } finally {
    await strict.dispose();
  }
});

test('[ACL-13] answers are not cached, and tokens are in no log', async () => {
  const user = await t.user();
  const answer = await user.call('GET', '/v3/account/whoami');
  expect(answer.headers.get('cache-control')).toContain('no-store');
  expect(t.server.log).not.toContain(user.token);
});

test('[HTTP-19] every known path refuses every wrong method and a trailing slash', async () => {
  const user = await t.user();
  const { operations } = await import('./src/spec.ts');
  const byPath = Map.groupBy(operations, (o) => o.template);
  for (const [template, list] of byPath) {
    const concrete = template.replace(/\{[^}]+\}/g, 'x');
    const known = new Set(list.map((o) => o.method));
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].filter((m) => !known.has(m))) {
      const body = method === 'GET' ? undefined : {};
      const answer = await user.api.call(method, concrete, { token: user.token, body, expect: 'any' });
      if (operations.some((o) => o.method === method && o.pattern.test(concrete))) continue;
      expect([404, 405], `${method} ${concrete}`).toContain(answer.status);
      expect(answer.body.errcode, `${method} ${concrete}`).toBe('M_UNRECOGNIZED');
    }
    if (concrete.endsWith('/') || /\/(state|pushrules\/global)(\/|$)/.test(concrete)) continue;
    const slash = await user.api.call('GET', `${concrete}/`, { token: user.token, expect: 'any' });
    expect([404, 405], `GET ${concrete}/`).toContain(slash.status);
  }
});
