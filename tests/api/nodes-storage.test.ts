// SPDX-License-Identifier: EUPL-1.2
// Two nodes of one service that keep their files in one bucket: what one takes, the other gives, scans and
// deletes. Left out on SQLite, as nodes.test.ts.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClamd } from './src/clamd.ts';
import { type Database, newDatabase } from './src/engine.ts';
import { read, send, thumbnail } from './src/media.ts';
import { png } from './src/pictures.ts';
import { S3 } from './src/s3.ts';
import { Server } from './src/server.ts';
import { hashOf, nameOf } from './src/storage.ts';
import { User } from './src/user.ts';

const PREFIX = 'service';
const s3 = new S3();
let database: Database;
let dataDir: string;
let one: Server;
let two: Server;

beforeAll(async () => {
  await s3.start();
  database = await newDatabase('postgres');
  dataDir = await mkdtemp(join(tmpdir(), 'chappe-nodes-'));
  for (const name of ['one', 'two']) await mkdir(join(dataDir, name));
  const start = (name: string, engine: string) => {
    const signing = {
      signing_key: join(dataDir, 'signing.key'),
      'scanner.key': join(dataDir, 'scanner.key'),
    };
    const scanner = { 'scanner.engine': engine, 'scanner.gate': 'enforce' };
    const set = { ...signing, ...scanner, ...s3.settings(join(dataDir, name), PREFIX) };
    return Server.start({ database, dataDir: join(dataDir, name), set });
  };
  // The antivirus answers one of them alone.
  one = await start('one', `clamd:unix:${join(dataDir, 'nobody.sock')}`);
  two = await start('two', realClamd());
});

afterAll(async () => {
  await one?.dispose();
  await two?.dispose();
  await database?.drop();
  await s3.dispose();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
});

const on = (user: User, server: Server) =>
  new User(server.api, { user_id: user.id, access_token: user.token, device_id: user.device });

const isKept = (bytes: Uint8Array) => existsSync(s3.fileOf(PREFIX, nameOf(bytes)));

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}

const text = () => Buffer.from(`words that anybody may read ${randomBytes(8).toString('hex')}\n`);

test('what one node takes the other gives, whole and in parts, and its thumbnails', async () => {
  const alice = await User.register(one.api, 'alice');
  const [bytes, picture] = [randomBytes(5000), png(300, 200)];
  const [uri, pictureUri] = [await send(alice, bytes), await send(alice, picture, 'image/png')];
  expect(Buffer.from((await read(on(alice, two), uri)).bytes).equals(bytes)).toBe(true);
  const part = await read(on(alice, two), uri, { headers: { range: 'bytes=10-19' }, expect: 206 });
  expect(Buffer.from(part.bytes).equals(bytes.subarray(10, 20))).toBe(true);
  const small = Buffer.from((await thumbnail(on(alice, two), pictureUri)).bytes);
  expect(Buffer.from((await thumbnail(alice, pictureUri)).bytes).equals(small)).toBe(true);
  expect(isKept(small)).toBe(true);
});

test('[MED-12] what one node takes the other scans', async () => {
  const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(one.api, 'bob')];
  const bytes = text();
  const uri = await send(alice, bytes, 'text/plain');
  const answer = await read(bob, uri, { query: { timeout_ms: 60_000 } });
  expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
});

test('[MED-09] what one node deletes is gone from the storage, and given by none', async () => {
  const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
  const bytes = text();
  const first = await send(alice, bytes, 'text/plain');
  const second = await send(bob, bytes, 'text/plain');
  await read(on(alice, two), first);
  await two.command('media', 'delete', first);
  await read(alice, first, { expect: [404, 'M_NOT_FOUND'] });
  expect(isKept(bytes)).toBe(true);
  await one.command('media', 'delete', second);
  await eventually(() => !isKept(bytes));
  for (const server of [one, two]) {
    await read(on(alice, server), first, { expect: [404, 'M_NOT_FOUND'] });
    await read(on(bob, server), second, { expect: [404, 'M_NOT_FOUND'] });
  }
});

test('[MED-09] a file that is sent to one node while another deletes the same bytes is not lost', async () => {
  const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
  const bytes = randomBytes(500);
  const first = await send(alice, bytes);
  const held: [IncomingMessage, ServerResponse][] = [];
  s3.misbehave = (request, response) => {
    const deletes = request.method === 'DELETE' && (request.url?.endsWith(hashOf(bytes)) ?? false);
    if (deletes) held.push([request, response]);
    return deletes;
  };
  await one.command('media', 'delete', first);
  await eventually(() => held.length > 0);
  const post = (expected: number | [number, string]) =>
    bob.api.call('POST', '/_matrix/media/v3/upload', { token: bob.token, raw: bytes, expect: expected });
  const refused = await post([503, 'M_UNKNOWN']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  s3.misbehave = () => false;
  for (const [request, response] of held) s3.pass(request, response);
  await eventually(() => !isKept(bytes));
  await eventually(async () => (await database.count(`media_claim WHERE goes = 1`)) === 0);
  const { content_uri: uri } = (await post(200)).body;
  expect(isKept(bytes)).toBe(true);
  expect(Buffer.from((await read(on(bob, one), uri)).bytes).equals(bytes)).toBe(true);
});

test('[MED-09] a file that is under way at one node is not deleted by another', async () => {
  const [alice, bob] = [await User.register(one.api, 'alice'), await User.register(two.api, 'bob')];
  const bytes = randomBytes(500);
  const first = await send(alice, bytes);
  const held: [IncomingMessage, ServerResponse][] = [];
  s3.misbehave = (request, response) => {
    const puts = request.method === 'PUT' && (request.url?.endsWith(hashOf(bytes)) ?? false);
    if (puts) held.push([request, response]);
    return puts;
  };
  const sending = send(bob, bytes);
  await eventually(() => held.length > 0);
  await one.command('media', 'delete', first);
  await read(alice, first, { expect: [404, 'M_NOT_FOUND'] });
  s3.misbehave = () => false;
  for (const [request, response] of held) s3.pass(request, response);
  const uri = await sending;
  // The node that deleted looks again, and finds the row.
  await one.restart();
  await eventually(async () => (await database.count('media_claim')) === 0);
  expect(Buffer.from((await read(on(bob, one), uri)).bytes).equals(bytes)).toBe(true);
  expect(isKept(bytes)).toBe(true);
  expect(s3.count('DELETE', hashOf(bytes))).toBe(0);
});

test('an upload in parts goes on where it began, and begins again at the other node', async () => {
  const alice = await User.register(one.api, 'alice');
  const bytes = randomBytes(1000);
  const { content_uri: uri } = await alice.api
    .call('POST', '/_matrix/media/v1/create', { token: alice.token })
    .then((answer) => answer.body);
  const place = `/_matrix/client/unstable/org.chappe/media/upload/${uri.slice('mxc://'.length)}`;
  const put = (server: Server, offset: number, raw: Uint8Array) =>
    server.api.call('PUT', place, { token: alice.token, raw, query: { offset, size: bytes.length } });
  await put(one, 0, bytes.subarray(0, 400));
  const offset = async (server: Server) =>
    (await server.api.call('GET', place, { token: alice.token })).body.offset;
  expect(await offset(one)).toBe(400);
  expect(await offset(two)).toBe(0);
  await put(two, 0, bytes);
  expect(Buffer.from((await read(on(alice, one), uri)).bytes).equals(bytes)).toBe(true);
});
