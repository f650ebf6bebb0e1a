// SPDX-License-Identifier: EUPL-1.2
// S3-compatible storage that is away, fails, is slow, cuts, lies and lists rubbish: no reader is deceived,
// no file is lost, the rest of the server goes on.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FakeClamd } from './src/clamd.ts';
import { type CallOptions, path } from './src/http.ts';
import { read, send, thumbnail } from './src/media.ts';
import { CHAPPE } from './src/paths.ts';
import { png } from './src/pictures.ts';
import { refuse } from './src/s3.ts';
import { stage } from './src/stage.ts';
import { hashOf, nameOf, S3Storage } from './src/storage.ts';
import type { User } from './src/user.ts';

const kept = new S3Storage();
const KIB = 1024;
const at = stage({
  storage: kept,
  set: {
    'media.max_size': String(64 * KIB),
    'media.cache_size': String(256 * KIB),
    'media.s3.timeout': '1s',
    'scanner.engine': 'none',
  },
});
const clamd = new FakeClamd();
const scanned = stage({ storage: kept, set: { 'scanner.engine': clamd.engine, 'scanner.gate': 'enforce' } });
beforeAll(() => clamd.start());
afterAll(async () => {
  await clamd.dispose();
  await kept.dispose();
});
afterEach(() => {
  kept.front.misbehave = () => false;
});

const someone = () => at.user('storage');
const some = () => randomBytes(1000);
const logOf = (event: string) => at.server.log.split('\n').filter((line) => line.includes(`"${event}"`));

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}

const upload = (user: User, raw: Uint8Array, expected: CallOptions['expect'] = 200) =>
  user.api.call('POST', '/_matrix/media/v3/upload', { token: user.token, raw, expect: expected });

/** A file that is in the storage alone. */
async function far(user: User, bytes: Uint8Array): Promise<string> {
  const uri = await send(user, bytes);
  kept.forget(at.server, bytes);
  return uri;
}

const AWAY: CallOptions['expect'] = [503, 'M_UNKNOWN'];

async function expectAway(user: User, uri: string): Promise<void> {
  const answer = await read(user, uri, { expect: AWAY });
  expect(answer.body['org.chappe.reason']).toBe('files_away');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

/** Without the harness, which takes an answer of 5xx that was not asked for to be a fault. */
async function ask(user: User, place: string, body?: Uint8Array): Promise<number> {
  const headers = { authorization: `Bearer ${user.token}` };
  const method = body ? 'POST' : 'GET';
  const answer = await fetch(`${at.server.url}${place}`, { method, headers, body: body as BodyInit });
  await answer.arrayBuffer();
  return answer.status;
}

function placeOf(uri: string): string {
  const [server, id] = uri.slice('mxc://'.length).split('/');
  return path`/_matrix/client/v1/media/download/${server}/${id}`;
}

/** Once the storage is back. */
async function expectRead(user: User, uri: string, bytes: Uint8Array): Promise<void> {
  await eventually(async () => (await ask(user, placeOf(uri))) === 200);
  expect(Buffer.from((await read(user, uri)).bytes).equals(bytes)).toBe(true);
}

test('a file is in the storage under its hash before its sender is answered', async () => {
  const user = await someone();
  const bytes = some();
  const uri = await send(user, bytes);
  expect(kept.has(at.server, bytes)).toBe(true);
  expect(kept.front.count('PUT', nameOf(bytes))).toBe(1);
  expect(Buffer.from((await read(user, uri)).bytes).equals(bytes)).toBe(true);
  expect(kept.front.count('GET', nameOf(bytes))).toBe(0);
});

test('what is not at hand is fetched once, whoever asks for which part of it', async () => {
  const user = await someone();
  const bytes = some();
  const uri = await far(user, bytes);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      read(user, uri, i % 2 ? { headers: { range: `bytes=${i}-${i + 9}` }, expect: 206 } : {}),
    ),
  );
  for (const [i, answer] of answers.entries())
    expect(Buffer.from(answer.bytes).equals(i % 2 ? bytes.subarray(i, i + 10) : bytes)).toBe(true);
  expect(kept.front.count('GET', nameOf(bytes))).toBe(1);
  await at.server.restart();
  await read(user, uri);
  expect(kept.front.count('GET', nameOf(bytes))).toBe(1);
});

test('what a reader has is not fetched to be told so', async () => {
  const user = await someone();
  const bytes = some();
  const uri = await far(user, bytes);
  const tag = `"${Buffer.from(hashOf(bytes), 'hex').toString('base64url')}"`;
  const answer = await read(user, uri, { headers: { 'if-none-match': tag }, expect: 304 });
  expect(answer.headers.get('etag')).toBe(tag);
  expect(kept.front.count('GET', nameOf(bytes))).toBe(0);
});

test('a picture and its thumbnail are fetched when they are not at hand', async () => {
  const user = await someone();
  const bytes = png(300, 200);
  const uri = await far(user, bytes);
  const made = await thumbnail(user, uri);
  const small = Buffer.from(made.bytes);
  kept.forget(at.server, bytes);
  kept.forget(at.server, small);
  expect(Buffer.from((await thumbnail(user, uri)).bytes).equals(small)).toBe(true);
  expect(kept.front.count('GET', nameOf(bytes))).toBe(1);
  expect(kept.front.count('GET', nameOf(small))).toBe(1);
});

test('copies take the room that they may, and no more', async () => {
  const user = await someone();
  const all = Array.from({ length: 8 }, () => randomBytes(60 * KIB));
  const uris = [];
  for (const bytes of all) uris.push(await send(user, bytes));
  for (const [i, uri] of uris.entries()) await expectRead(user, uri, all[i]);
  const copies = join(at.server.dataDir, 'media-cache', 'copies');
  const sizes = readdirSync(copies).map((name) => statSync(join(copies, name)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(256 * KIB);
});

// ---- away ----

test('storage that is away: it is told, files at hand are given, and the rest works', async () => {
  const user = await someone();
  const [near, distant, late] = [some(), some(), some()];
  const distantUri = await far(user, distant);
  const nearUri = await send(user, near);
  await kept.front.silence();
  const refused = await upload(user, late, AWAY);
  expect(refused.body['org.chappe.reason']).toBe('files_away');
  await expectAway(user, distantUri);
  await expectRead(user, nearUri, near);
  await user.send(await user.createRoom(), 'the rest works');
  await at.server.restart();
  await expectAway(user, distantUri);
  await expectRead(user, nearUri, near);
  await kept.front.listen();
  await expectRead(user, distantUri, distant);
  await eventually(async () => (await ask(user, '/_matrix/media/v3/upload', late)) === 200);
  expect(kept.has(at.server, late)).toBe(true);
  const [shown] = (await at.server.command('user', 'show', user.localpart)).match(/^files\t.*$/m) ?? [];
  expect(shown).toBe('files\t3\t3000 bytes');
  expect(kept.incoming(at.server)).toHaveLength(0);
});

test('an upload in parts is not sent again when the storage fails at its end', async () => {
  const user = await someone();
  const bytes = some();
  const { content_uri: uri } = (
    await user.api.call('POST', '/_matrix/media/v1/create', { token: user.token })
  ).body;
  const [server, id] = uri.slice('mxc://'.length).split('/');
  const place = path`/_matrix/client/unstable/org.chappe/media/upload/${server}/${id}`;
  const put = (offset: number, raw: Uint8Array, expected: CallOptions['expect'] = 200) =>
    user.api.call('PUT', place, {
      token: user.token,
      raw,
      query: { offset, size: bytes.length },
      expect: expected,
    });
  kept.front.once('PUT', nameOf(bytes), (response) => refuse(response, 500, 'InternalError'), 3);
  await put(0, bytes, AWAY);
  const progress = (await user.api.call('GET', place, { token: user.token })).body;
  expect(progress).toMatchObject({ offset: bytes.length, complete: false });
  expect((await put(bytes.length, Buffer.alloc(0))).body).toEqual({ offset: bytes.length, complete: true });
  await expectRead(user, uri, bytes);
});

test('what the antivirus cannot have waits, and is no failure of the file', async () => {
  const [sender, reader] = await scanned.users('sender', 'reader');
  const bytes = Buffer.from(`plain words ${randomBytes(8).toString('hex')}`);
  await clamd.stop();
  kept.front.once('GET', nameOf(bytes), (response) => refuse(response, 500, 'InternalError'), 1000);
  const uri = await send(sender, bytes, 'text/plain');
  kept.forget(scanned.server, bytes);
  await clamd.start();
  await eventually(() => scanned.server.log.includes('"scan_postponed"'));
  expect(clamd.count(bytes)).toBe(0);
  const now = { query: { timeout_ms: 0 } };
  await read(reader, uri, { ...now, expect: [504, 'M_NOT_YET_UPLOADED'] });
  kept.front.misbehave = () => false;
  const answer = await read(reader, uri, { query: { timeout_ms: 60_000 } });
  expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
  expect(clamd.count(bytes)).toBe(1);
});

// ---- failing once, failing always ----

const cut = (response: ServerResponse) => response.socket?.destroy();
const halves = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write(Buffer.alloc(500), () => response.socket?.destroy());
};

test.each([
  ['PUT', 'refuses for the moment', (response: ServerResponse) => refuse(response, 503, 'SlowDown')],
  ['PUT', 'asks for patience', (response: ServerResponse) => refuse(response, 429, 'SlowDown')],
  ['PUT', 'cuts the connection', cut],
  ['GET', 'fails', (response: ServerResponse) => refuse(response, 500, 'InternalError')],
  ['GET', 'cuts the connection', cut],
  ['GET', 'cuts in the middle', halves],
])('%s: storage that %s once is asked again', async (method, _what, how) => {
  const user = await someone();
  const bytes = some();
  if (method === 'PUT') {
    kept.front.once(method, nameOf(bytes), how);
    await send(user, bytes);
  } else {
    const uri = await far(user, bytes);
    kept.front.once(method, nameOf(bytes), how);
    expect(Buffer.from((await read(user, uri)).bytes).equals(bytes)).toBe(true);
  }
  expect(kept.front.count(method, nameOf(bytes))).toBe(2);
});

/** Answers each time with these bytes, whatever was asked for. */
const give =
  (bytes: Uint8Array, length = bytes.length) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': String(length) });
    response.end(bytes);
  };
const chunked = (bytes: Uint8Array) => (response: ServerResponse) => {
  response.writeHead(200);
  response.end(bytes);
};

test.each([
  ['other bytes', 500, give(Buffer.alloc(1000))],
  ['too few bytes', 500, give(Buffer.alloc(10))],
  ['too few bytes, without a length', 500, chunked(Buffer.alloc(10))],
  ['nothing', 500, chunked(Buffer.alloc(0))],
  ['too many bytes', 503, give(Buffer.alloc(1001))],
  ['too many bytes, without a length', 503, chunked(Buffer.alloc(5000))],
  ['less than it announces, each time', 503, halves],
  ['a success that is none', 503, (response: ServerResponse) => response.writeHead(206).end('x')],
])('a reader is never given %s', async (_what, status, how) => {
  const user = await someone();
  const bytes = some();
  const uri = await far(user, bytes);
  kept.front.once('GET', nameOf(bytes), how, 1000);
  await read(user, uri, { expect: [status, 'M_UNKNOWN'] });
  const range = { headers: { range: 'bytes=0-9' } };
  await read(user, uri, { ...range, expect: [status, 'M_UNKNOWN'] });
  if (status === 500) expect(logOf('media_damaged').some((line) => line.includes(hashOf(bytes)))).toBe(true);
  kept.front.misbehave = () => false;
  await expectRead(user, uri, bytes);
});

test('[MED-13] bytes that were changed after they were scanned are given to nobody', async () => {
  const [sender, reader] = await scanned.users('sender', 'reader');
  const bytes = Buffer.from(`scanned ${randomBytes(8).toString('hex')}\n`);
  const uri = await send(sender, bytes, 'text/plain');
  expect((await read(reader, uri, { query: { timeout_ms: 60_000 } })).text).toBe(bytes.toString());
  kept.put(scanned.server, bytes, { contents: Buffer.from(bytes.toString().replace('scanned', 'changed')) });
  for (const user of [sender, reader]) await read(user, uri, { expect: [500, 'M_UNKNOWN'] });
  expect(clamd.count(bytes)).toBe(1);
});

test('storage that says nothing is given up, and holds nobody else up', async () => {
  const user = await someone();
  const [silent, quick] = [some(), some()];
  const [silentUri, quickUri] = [await far(user, silent), await far(user, quick)];
  const held: ServerResponse[] = [];
  kept.front.once('GET', nameOf(silent), (response) => held.push(response), 1000);
  const waiting = expectAway(user, silentUri);
  await eventually(() => held.length > 0);
  await expectRead(user, quickUri, quick);
  await user.createRoom();
  await waiting;
  for (const response of held) response.destroy();
});

test('a server that is stopped does not wait for its storage', async () => {
  const user = await someone();
  const bytes = some();
  const uri = await far(user, bytes);
  const held: ServerResponse[] = [];
  kept.front.once('GET', nameOf(bytes), (response) => held.push(response), 1000);
  const waiting = ask(user, placeOf(uri)).catch(() => undefined);
  await eventually(() => held.length > 0);
  expect(await at.server.stop()).toBe(0);
  await waiting;
  for (const response of held) response.destroy();
  await at.server.launch();
});

test('[MED-15] a storage that sends elsewhere is not followed', async () => {
  const user = await someone();
  let asked = 0;
  const elsewhere = createServer((_request, response) => {
    asked++;
    response.end('x');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
  const bytes = some();
  const uri = await far(user, bytes);
  kept.front.once('GET', nameOf(bytes), (response) => response.writeHead(307, { location }).end(), 1000);
  await expectAway(user, uri);
  kept.front.once('PUT', nameOf(bytes), (response) => response.writeHead(307, { location }).end(), 1000);
  await upload(user, bytes, AWAY);
  expect(asked).toBe(0);
  await new Promise((resolve) => elsewhere.close(resolve));
});

test('a secret that is not the right one is told in the log, and is not in it', async () => {
  const user = await someone();
  const bytes = some();
  const { secret } = kept.front;
  kept.front.secret = 'something-else';
  await upload(user, bytes, AWAY);
  kept.front.secret = secret;
  expect(logOf('media_storage').at(-1)).toContain('SignatureDoesNotMatch');
  expect(await at.server.command('config', 'show')).not.toContain(secret);
  await upload(user, bytes);
});

// ---- the operator ----

const checked = async () => {
  try {
    return { status: 0, told: await at.server.command('check') };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { status: failed.code, told: failed.stdout + failed.stderr };
  }
};

test('a bucket that is not there, or lists rubbish, is no sign that files are lost', async () => {
  const user = await someone();
  const bytes = some();
  const uri = await far(user, bytes);
  expect(await checked()).toEqual({ status: 0, told: '' });
  const rubbish: ((response: ServerResponse) => void)[] = [
    (response) => refuse(response, 404, 'NoSuchBucket'),
    (response) => response.end('<ListBucketResult><IsTruncated>true</IsTruncated>'),
    (response) => response.end('{}'),
    (response) => response.writeHead(301).end(),
  ];
  for (const how of rubbish) {
    kept.front.misbehave = (request, response) => {
      const lists = request.url?.includes('list-type=2') ?? false;
      if (lists) how(response);
      return lists;
    };
    const { status, told } = await checked();
    expect(status).toBe(1);
    expect(told).not.toContain('lost');
  }
  kept.front.misbehave = (_request, response) => {
    refuse(response, 404, 'NoSuchBucket');
    return true;
  };
  const { status, told } = await checked();
  expect(status).toBe(1);
  expect(told).not.toContain('lost');
  await expectAway(user, uri);
  kept.front.misbehave = () => false;
  expect(await checked()).toEqual({ status: 0, told: '' });
  await expectRead(user, uri, bytes);
});

test('a backup says that it holds no files; what it brings back finds them where they are', async () => {
  const user = await someone();
  const bytes = some();
  const uri = await far(user, bytes);
  const directory = mkdtempSync(join(tmpdir(), 'chappe-backup-'));
  if (at.server.database.uri === undefined) {
    const archive = join(directory, 'backup.tar');
    expect(await at.server.command('backup', archive)).toContain('files are not in it');
    const settings = Object.entries(await kept.settings(at.server.dataDir)).flatMap(([key, value]) => [
      '--set',
      `${key}=${value}`,
    ]);
    const restored = ['--data', join(directory, 'data'), ...settings];
    const run = promisify(execFile);
    await run(CHAPPE, ['restore', archive, ...restored]);
    expect((await run(CHAPPE, ['check', ...restored])).stdout).toBe('');
    const shown = (await run(CHAPPE, ['media', 'show', uri, ...restored])).stdout;
    expect(shown).toContain(`sha256\t${hashOf(bytes)}`);
  } else {
    await expect(at.server.command('backup', join(directory, 'backup.tar'))).rejects.toThrow();
  }
  rmSync(directory, { recursive: true });
});
