// SPDX-License-Identifier: EUPL-1.2
// A domain that is taken from the map: docs/design/accounts-by-mail.md.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { path } from './src/http.ts';
import { Server } from './src/server.ts';
import { newAddress, signUp } from './src/signup.ts';
import { PASSWORD, type User } from './src/user.ts';

const WHOLE = [
  '- {domain: interieur.example, server: localhost}',
  '- {domain: culture.example, server: localhost}',
  '- {domain: sante.example, server: localhost}',
];
const BARRED: [number, string] = [401, 'M_USER_LOCKED'];
const servers: Server[] = [];
const directories: string[] = [];
afterAll(async () => {
  for (const server of servers) await server.dispose();
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

async function begin(set: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'chappe-map-'));
  directories.push(directory);
  const domains = join(directory, 'domains.yaml');
  const map = (lines: string[]) => writeFile(domains, `domains:\n${lines.map((l) => `  ${l}\n`).join('')}`);
  await map(WHOLE);
  const server = await Server.start({ set: { 'registration.mode': 'email', domains, ...set } });
  servers.push(server);
  const use = async (lines: string[]) => {
    await map(lines);
    await server.command('domains', 'reload');
  };
  return { server, map, use };
}

const whoami = (user: User, expect?: [number, string]) => user.get('/v3/account/whoami', { expect });
const barred = (user: User) =>
  expect
    .poll(async () => (await user.call('GET', '/v3/account/whoami', { expect: 'any' })).status, {
      timeout: 20_000,
    })
    .toBe(401);
const welcome = (user: User) =>
  expect
    .poll(async () => (await user.call('GET', '/v3/account/whoami', { expect: 'any' })).status, {
      timeout: 20_000,
    })
    .toBe(200);

test('[ACC-18] a domain taken from the map leaves no silent access, on no road, until it is back', async () => {
  const { server, use } = await begin();
  const address = newAddress('gone', 'culture.example');
  const [kept, gone, moved, outside] = [
    await signUp(server, newAddress('kept')),
    await signUp(server, address),
    await signUp(server, newAddress('moved', 'sante.example')),
    await signUp(server, newAddress('outside', 'culture.example')),
  ];
  await use([
    WHOLE[0],
    '- {domain: sante.example, server: other.example}',
    '- {domain: culture.example, server: localhost, external: true}',
  ]);
  // No place, a place elsewhere, and an agent whose domain is one of partners by now.
  await barred(moved);
  await barred(gone);
  await barred(outside);
  await whoami(kept);
  const answer = await gone.call('GET', '/v3/account/whoami', { expect: BARRED });
  expect(answer.body).toMatchObject({ 'org.chappe.reason': 'address_displaced', soft_logout: true });
  const login = (expect?: [number, string]) =>
    server.api.call('POST', '/_matrix/client/v3/login', {
      body: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: gone.id },
        password: PASSWORD,
      },
      expect,
    });
  await login(BARRED);
  const found = await kept.post('/v3/user_directory/search', { search_term: 'Gone' });
  expect(found.results).toEqual([]);
  expect(await server.command('user', 'show', gone.localpart)).toContain('displaced');
  expect(await server.command('audit', 'list')).toContain('user.displace');
  // A restart is no way in.
  await server.restart('SIGKILL');
  await login(BARRED);
  await use(WHOLE);
  await welcome(gone);
  await welcome(moved);
  await login();
  expect(await server.command('audit', 'list')).toContain('user.replace');
});

test('[ACC-18] the operator who only wants to be told is told, with the domain gone while the server was', async () => {
  const { server, map } = await begin({ 'accounts.displaced': 'report' });
  const gone = await signUp(server, newAddress('told', 'culture.example'));
  await server.stop();
  await map([WHOLE[0]]);
  await server.launch();
  await expect.poll(() => server.log, { timeout: 20_000 }).toContain('account_displaced');
  expect(server.log).toContain(gone.id);
  await whoami(gone);
  await server.api.call('GET', path`/_matrix/client/v3/profile/${gone.id}`, { token: gone.token });
});
