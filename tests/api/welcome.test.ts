// SPDX-License-Identifier: EUPL-1.2
// The forum « Bienvenue »: docs/design/room-rules.md, "The forum of the demonstration".
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ENGINE, newDatabase } from './src/engine.ts';
import { path } from './src/http.ts';
import { newAgent, newExternal } from './src/people.ts';
import { Server, type ServerOptions } from './src/server.ts';
import { askMail, newAddress, registerWith, submitCode } from './src/signup.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { bodiesOf, PASSWORD, register, User } from './src/user.ts';

const t = stage({ set: { 'registration.mode': 'email' } });
const OWNER = '@chappe:localhost';
const ALIAS = '#bienvenue:localhost';

async function forumsOf(user: User): Promise<Any[]> {
  const { chunk } = await user.post('/v3/publicRooms', { filter: { generic_search_term: 'Bienvenue' } });
  return chunk.filter((room: Any) => room.canonical_alias === ALIAS);
}

test('in the demonstration an agent finds the forum in the directory, joins, reads and writes', async () => {
  const agent = await newAgent(t.server);
  const [listed, ...others] = await forumsOf(agent);
  expect(others).toEqual([]);
  expect(listed.name).toBe('Bienvenue');
  expect(listed.topic).toMatch(/^Faire connaissance/);
  expect(listed.join_rule ?? 'public').toBe('public');
  await agent.join(listed.room_id);
  const { chunk } = await agent.messages(listed.room_id);
  const [welcome, ...more] = bodiesOf(chunk);
  expect(more).toEqual([]);
  expect(welcome).toMatch(/^Bienvenue dans Chappe .*\n\nWelcome to Chappe/s);
  const rules = await agent.getState(listed.room_id, 'im.vector.room.access_rules');
  expect(rules).toMatchObject({ rule: 'restricted', visibility: 'public' });
  await agent.send(listed.room_id, 'Bonjour !');
});

test('who has neither a mailbox nor a mail server signs up from /demo/mail and speaks in the forum', async () => {
  const address = newAddress('passant', 'culture.example');
  const proof = await askMail(t.server, address);
  const mails = () => t.api.call('GET', '/demo/mail');
  await expect.poll(async () => (await mails()).text, { timeout: 20_000 }).toContain(address);
  // The newest mail stands first.
  const code = /data-code="(\d{8})"/.exec((await mails()).text.split('<article>')[1] ?? '')?.[1] ?? '';
  await submitCode(t.server, proof, code);
  const agent = new User(t.api, (await registerWith(t.server, proof)).body);
  const [listed] = await forumsOf(agent);
  await agent.join(listed.room_id);
  await agent.send(listed.room_id, 'Bonjour, je découvre.');
  const { displayname } = await agent.get(path`/v3/profile/${agent.id}`);
  expect(displayname).toMatch(/^Passant.* \[Culture\]$/);
});

test('it is made once: restarts, also after a crash, find the same room with one message', async () => {
  const agent = await newAgent(t.server);
  const [before] = await forumsOf(agent);
  for (const how of ['SIGTERM', 'SIGKILL'] as const) {
    await t.server.restart(how);
    expect((await forumsOf(agent)).map((room) => room.room_id)).toEqual([before.room_id]);
  }
  await agent.join(before.room_id);
  const { chunk } = await agent.messages(before.room_id);
  expect(chunk.filter((e: Any) => e.type === 'm.room.message' && e.sender === OWNER).length).toBe(1);
});

test('nobody signs in as its owner, or finds them among the people', async () => {
  for (const password of ['', 'chappe', 'correct horse battery staple'])
    await t.api.call('POST', '/_matrix/client/v3/login', {
      body: { type: 'm.login.password', identifier: { type: 'm.id.user', user: OWNER }, password },
      expect: [403, 'M_FORBIDDEN'],
    });
  const shown = (await t.server.command('user', 'show', 'chappe')).split('\n');
  expect(shown).toContain('password\tno');
  expect(shown).toContain('email\t');
  const agent = await newAgent(t.server);
  const [forum] = await forumsOf(agent);
  await agent.join(forum.room_id);
  expect((await agent.post('/v3/user_directory/search', { search_term: 'chappe' })).results).toEqual([]);
});

test('[ACC-13] an external neither sees nor enters it', async () => {
  const partner = await newExternal(t.server);
  const agent = await newAgent(t.server);
  const [forum] = await forumsOf(agent);
  const refused = async (method: string, at: string, reason: string) => {
    const body = method === 'GET' ? undefined : {};
    const answer = await partner.call(method, at, { body, expect: [403, 'M_FORBIDDEN'] });
    expect(answer.body['org.chappe.reason']).toBe(reason);
  };
  await refused('POST', '/v3/publicRooms', 'external_directory');
  await refused('POST', path`/v3/join/${ALIAS}`, 'external_forum');
  await refused('POST', path`/v3/rooms/${forum.room_id}/join`, 'external_forum');
  await partner.get(path`/v1/room_summary/${forum.room_id}`, { expect: [404, 'M_NOT_FOUND'] });
});

async function onServer(options: ServerOptions, act: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.start(options);
  try {
    await act(server);
  } finally {
    await server.dispose();
  }
}

test('outside the demonstration there is no forum and no owner', async () => {
  await onServer({}, async (server) => {
    const user = await User.register(server.api);
    await user.get(path`/v3/directory/room/${ALIAS}`, { expect: [404, 'M_NOT_FOUND'] });
    expect((await user.get('/v3/publicRooms')).chunk).toEqual([]);
    expect(await server.command('user', 'list')).not.toContain(OWNER);
  });
});

test('who had the name of the owner before keeps it: nothing is done in their name', async () => {
  const database = await newDatabase(ENGINE);
  const dataDir = await mkdtemp(join(tmpdir(), 'chappe-welcome-'));
  try {
    await onServer({ database, dataDir }, async (server) => {
      await register(server.api, { username: 'chappe', password: PASSWORD });
    });
    const set = { 'registration.mode': 'email' };
    await onServer({ database, dataDir, set }, async (server) => {
      expect(server.log).toContain('"event":"no_welcome_forum"');
      expect(await forumsOf(await newAgent(server))).toEqual([]);
    });
  } finally {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
