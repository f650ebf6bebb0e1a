// SPDX-License-Identifier: EUPL-1.2
// The content scanner's API: encrypted attachments, whose keys are sealed to a process in a cage.
import { createDecipheriv, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupDecryptionKey } from '@matrix-org/matrix-sdk-crypto-wasm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nest, zip } from './src/archive.ts';
import { eicar, FakeClamd, realClamd } from './src/clamd.ts';
import { read, send } from './src/media.ts';
import { type Attachment, type EncryptedFile, encrypt, PROXY, ScannerClient, seal } from './src/scanner.ts';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const at = stage({ set: { 'scanner.engine': realClamd(), 'scanner.gate': 'enforce' } });
const advisory = stage({
  set: { 'scanner.engine': realClamd(), 'scanner.gate': 'advisory', 'scanner.accept_plain_keys': 'on' },
});
const none = stage({ set: { 'scanner.engine': 'none', 'scanner.gate': 'enforce' } });

const fake = new FakeClamd();
const hostile = stage({ set: { 'scanner.engine': fake.engine, 'scanner.gate': 'enforce' } });
beforeAll(() => fake.start());
afterAll(() => fake.dispose());

const clientOf = (user: User) => new ScannerClient(user.api, user.token);

interface Shared {
  file: EncryptedFile;
  attachment: Attachment;
}

async function share(user: User, plain: Uint8Array): Promise<Shared> {
  const attachment = encrypt(plain);
  return { attachment, file: attachment.file(await send(user, attachment.bytes)) };
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}

test('the scheme of this test is the one that the clients have', async () => {
  const key = BackupDecryptionKey.createRandomKey();
  const sealed = seal('des mots', key.megolmV1PublicKey.publicKeyBase64);
  expect(key.decryptV1(sealed.ephemeral, sealed.mac, sealed.ciphertext)).toBe('des mots');
});

test('the public key is there for anybody, stays over a restart, and its file is for the server alone', async () => {
  const scanner = new ScannerClient(at.api);
  const key = await scanner.publicKey();
  expect(key).toMatch(/^[A-Za-z0-9+/]{43}$/);
  await at.server.restart();
  expect(await scanner.publicKey()).toBe(key);
  expect(statSync(join(at.server.dataDir, 'scanner.key')).mode & 0o777).toBe(0o600);
});

test('an encrypted file is scanned decrypted, and given as it is stored', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const plain = randomBytes(200_000);
  const { file, attachment } = await share(sender, plain);
  const scanner = clientOf(reader);
  expect(await scanner.scanEncrypted(file)).toEqual({
    clean: true,
    info: 'File not verified',
    'org.chappe.state': 'not_verified',
  });
  const given = Buffer.from((await scanner.downloadEncrypted(file)).bytes);
  expect(given.equals(attachment.bytes)).toBe(true);
  const key = Buffer.from(file.key.k, 'base64url');
  const cipher = createDecipheriv('aes-256-ctr', key, Buffer.from(file.iv, 'base64'));
  expect(Buffer.concat([cipher.update(given), cipher.final()]).equals(plain)).toBe(true);
});

test('[MED-10] the test virus in an encrypted file is blocked on every road', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  for (const plain of [eicar(), nest(eicar(), 1), nest(eicar(), 5)]) {
    const { file } = await share(sender, plain);
    const scanner = clientOf(reader);
    expect(await scanner.scanEncrypted(file)).toEqual({
      clean: false,
      info: '***VIRUS DETECTED***',
      'org.chappe.state': 'infected',
    });
    const refused = await scanner.downloadEncrypted(file, { expect: [403, 'MCS_MEDIA_NOT_CLEAN'] });
    expect(refused.body).toMatchObject({ reason: 'MCS_MEDIA_NOT_CLEAN', info: '***VIRUS DETECTED***' });
    await scanner.download(file.url, { expect: [403, 'MCS_MEDIA_NOT_CLEAN'] });
    expect((await scanner.scan(file.url)).clean).toBe(false);
    const ordinary = await read(reader, file.url, { expect: [403, 'M_FORBIDDEN'] });
    expect(ordinary.body['org.chappe.cause']).toBe('ciphertext');
  }
});

test('[MED-10] with enforce an encrypted file is given by the scanner alone, however clean', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const { file } = await share(sender, Buffer.from('bonjour'));
  expect((await clientOf(reader).scanEncrypted(file)).clean).toBe(true);
  await read(reader, file.url, { expect: [403, 'M_FORBIDDEN'] });
  await clientOf(reader).downloadEncrypted(file);
  await read(sender, file.url);
});

test('with advisory the ordinary road stays open for encrypted files, and for no other', async () => {
  const [sender, reader] = await advisory.users('sender', 'reader');
  const { file, attachment } = await share(sender, eicar());
  expect((await clientOf(reader).scanEncrypted(file))['org.chappe.state']).toBe('infected');
  expect(Buffer.from((await read(reader, file.url)).bytes).equals(attachment.bytes)).toBe(true);
  await read(reader, await send(sender, eicar(), 'text/plain'), { expect: [403, 'M_FORBIDDEN'] });
});

test('[MED-11] an encrypted archive in an encrypted file is not scannable', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const { file } = await share(sender, zip([{ name: 'a', bytes: randomBytes(99), encrypted: true }]));
  expect(await clientOf(reader).scanEncrypted(file)).toMatchObject({
    clean: false,
    'org.chappe.state': 'not_scannable',
    'org.chappe.cause': 'password',
  });
  await clientOf(reader).downloadEncrypted(file, { expect: [403, 'MCS_MEDIA_NOT_CLEAN'] });
});

test('[MED-14] a verdict is of the bytes and the key', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const { file, attachment } = await share(sender, eicar());
  const other = encrypt(Buffer.alloc(0)).file(file.url);
  const withOtherKey = { ...file, key: other.key };
  const scanner = clientOf(reader);
  expect((await scanner.scanEncrypted(withOtherKey)).clean).toBe(true);
  expect((await scanner.scanEncrypted(file))['org.chappe.state']).toBe('infected');
  expect((await scanner.scanEncrypted(withOtherKey)).clean).toBe(true);
  const otherBlock = { ...file, iv: other.iv };
  expect((await scanner.scanEncrypted(otherBlock)).clean).toBe(true);
  const again = { ...file, url: await send(reader, attachment.bytes) };
  expect((await clientOf(sender).scanEncrypted(again))['org.chappe.state']).toBe('infected');
});

test('[MED-14] who asks again is answered without another scan, and who asks at once by one', async () => {
  const [sender, reader] = await hostile.users('sender', 'reader');
  const plain = randomBytes(3000);
  const { file } = await share(sender, plain);
  await eventually(() => fake.scanned.length > 0);
  const scanner = clientOf(reader);
  await eventually(async () => (await scanner.scanEncrypted(file)).clean);
  const before = fake.count(plain);
  await Promise.all(Array.from({ length: 8 }, () => scanner.scanEncrypted(file)));
  expect(fake.count(plain)).toBe(before);
  const second = await share(sender, randomBytes(3001));
  await Promise.all(Array.from({ length: 8 }, () => scanner.scanEncrypted(second.file)));
  expect(fake.scanned.filter((bytes) => bytes.length === 3001)).toHaveLength(1);
});

// ---- refusals ----

const bad = { status: 400, reason: 'MCS_MALFORMED_JSON' };

test('what is no request is refused with its reason', async () => {
  const reader = await at.user('reader');
  const scanner = clientOf(reader);
  const { file } = await share(reader, Buffer.from('x'));
  const seals = (json: unknown) =>
    scanner.publicKey().then((key) => ({ encrypted_body: seal(JSON.stringify(json), key) }));
  const without = (key: keyof EncryptedFile) => ({ file: { ...file, [key]: undefined } });
  const bodies: unknown[] = [
    {},
    { file: 7, encrypted_body: {} },
    { encrypted_body: { ciphertext: 'AAAA', mac: 'AAAA' } },
    { encrypted_body: { ciphertext: '=', mac: '=', ephemeral: '=' } },
    { encrypted_body: [] },
    await seals({}),
    await seals([]),
    await seals({ file: {} }),
    await seals(without('v')),
    await seals(without('iv')),
    await seals(without('key')),
    await seals(without('hashes')),
    await seals(without('url')),
    await seals({ file: { ...file, v: 'v1' } }),
    await seals({ file: { ...file, url: 'https://localhost/x' } }),
    await seals({ file: { ...file, url: 'mxc://localhost/../../etc/passwd' } }),
    await seals({ file: { ...file, key: { ...file.key, k: 'short' } } }),
    await seals({ file: { ...file, key: { ...file.key, key_ops: ['decrypt'] } } }),
  ];
  for (const body of bodies)
    for (const place of ['/scan_encrypted', '/download_encrypted']) {
      const answer = await scanner.post(place, body, { expect: [bad.status, bad.reason] });
      expect(answer.body.reason).toBe(bad.reason);
      expect(typeof answer.body.info).toBe('string');
    }
  for (const raw of ['', '{', '[]', 'null', '\xff', '{"file":{},"file":{}}'])
    await reader.api.call('POST', `${PROXY}/scan_encrypted`, {
      token: reader.token,
      raw: Buffer.from(raw, 'latin1'),
      headers: { 'content-type': 'application/json' },
      expect: [bad.status, bad.reason],
    });
});

test('what is sealed to another key, and a key that is not sealed, are refused', async () => {
  const reader = await at.user('reader');
  const scanner = clientOf(reader);
  const { file } = await share(reader, Buffer.from('x'));
  const other = BackupDecryptionKey.createRandomKey().megolmV1PublicKey.publicKeyBase64;
  const elsewhere = { encrypted_body: seal(JSON.stringify({ file }), other) };
  for (const body of [elsewhere, { file }, { file, ...elsewhere }])
    for (const place of ['/scan_encrypted', '/download_encrypted'])
      expect((await scanner.post(place, body, { expect: [403, 'MCS_BAD_DECRYPTION'] })).body.reason).toBe(
        'MCS_BAD_DECRYPTION',
      );
});

test('keys that are not sealed are taken where the operator allows them; what is sealed wins', async () => {
  const reader = await advisory.user('reader');
  const scanner = clientOf(reader);
  const { file } = await share(reader, Buffer.from('x'));
  expect((await scanner.post('/scan_encrypted', { file })).body.clean).toBe(true);
  const other = BackupDecryptionKey.createRandomKey().megolmV1PublicKey.publicKeyBase64;
  const both = { file, encrypted_body: seal(JSON.stringify({ file }), other) };
  await scanner.post('/scan_encrypted', both, { expect: [403, 'MCS_BAD_DECRYPTION'] });
});

test('a file that is not the one described does not decrypt', async () => {
  const reader = await at.user('reader');
  const { file } = await share(reader, Buffer.from('one'));
  const other = await share(reader, Buffer.from('another'));
  const mixed = { ...file, url: other.file.url };
  const scanner = clientOf(reader);
  for (const place of ['/scan_encrypted', '/download_encrypted'])
    await scanner.post(place, await scanner.sealedBody(mixed), {
      expect: [400, 'MCS_MEDIA_FAILED_TO_DECRYPT'],
    });
});

test('files are given with a token only', async () => {
  const reader = await at.user('reader');
  const { file } = await share(reader, Buffer.from('x'));
  const nobody = new ScannerClient(at.api);
  const wrong = new ScannerClient(at.api, 'wrong');
  for (const [client, expected] of [
    [nobody, [404, 'M_NOT_FOUND']],
    [wrong, [401, 'M_UNKNOWN_TOKEN']],
  ] as [ScannerClient, [number, string]][]) {
    const answers = [
      await client.scanAnswer(file.url, { expect: expected }),
      await client.download(file.url, { expect: expected }),
      await client.post('/scan_encrypted', await client.sealedBody(file), { expect: expected }),
      await client.downloadEncrypted(file, { expect: expected }),
    ];
    for (const answer of answers) expect(answer.body.reason).toBe(expected[1]);
  }
});

test('[MED-15] only our own store is looked at, whatever is named', async () => {
  const reader = await at.user('reader');
  const connections: string[] = [];
  const trap = createServer((socket) => {
    connections.push(String(socket.remotePort));
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
  const { port } = trap.address() as { port: number };
  const scanner = clientOf(reader);
  const { file } = await share(reader, Buffer.from('x'));
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'matrix.example', '169.254.169.254']) {
    const url = `mxc://${host}/abc`;
    expect((await scanner.scanAnswer(url, { expect: [404, 'M_NOT_FOUND'] })).body.reason).toBe('M_NOT_FOUND');
    await scanner.download(url, { expect: [404, 'M_NOT_FOUND'] });
    const body = await scanner.sealedBody({ ...file, url });
    await scanner.post('/scan_encrypted', body, { expect: [404, 'M_NOT_FOUND'] });
  }
  expect(connections).toEqual([]);
  await new Promise((resolve) => trap.close(resolve));
});

test('[MED-15] paths that name no file are not clean', async () => {
  const scanner = clientOf(await at.user('reader'));
  for (const url of [
    'mxc://localhost/..%2f..%2fetc',
    'mxc://a b/passwd',
    'mxc://localhost/a b',
    'mxc://localhost/a.b',
  ])
    expect((await scanner.scanAnswer(url)).body).toMatchObject({
      clean: false,
      'org.chappe.state': 'failed',
    });
});

test('scripts of any page may ask, a slash at the end changes nothing, unknown routes are told', async () => {
  const reader = await at.user('reader');
  const { file } = await share(reader, Buffer.from('x'));
  const scanner = clientOf(reader);
  const uri = await send(reader, Buffer.from('des mots'), 'text/plain');
  const [server, id] = uri.slice(6).split('/');
  const get = (place: string, expected: 200 | [number, string] = 200) =>
    reader.api.call('GET', `${PROXY}${place}`, { token: reader.token, expect: expected });
  await get('/public_key/');
  await get(`/scan/${server}/${id}/`);
  await get(`/download/${server}/${id}/`);
  await get(`/thumbnail/${server}/${id}/?width=32&height=32`, [400, 'M_UNKNOWN']);
  await scanner.post('/scan_encrypted/', await scanner.sealedBody(file));
  await scanner.post('/download_encrypted/', await scanner.sealedBody(file));
  const asked = await reader.api.call('OPTIONS', `${PROXY}/scan_encrypted`, { expect: 204 });
  expect(asked.headers.get('access-control-allow-origin')).toBe('*');
  await get('/nothing', [404, 'M_UNRECOGNIZED']);
  await get('/scan_encrypted', [405, 'M_UNRECOGNIZED']);
  await reader.api.call('POST', `${PROXY}/public_key`, { body: {}, expect: [405, 'M_UNRECOGNIZED'] });
});

test('without a scanner files are given, and nothing is called clean', async () => {
  const [sender, reader] = await none.users('sender', 'reader');
  const { file } = await share(sender, Buffer.from('x'));
  expect(await clientOf(reader).scanEncrypted(file)).toEqual({
    clean: false,
    info: 'File not verified',
    'org.chappe.state': 'not_verified',
  });
  await clientOf(reader).downloadEncrypted(file);
  await read(reader, file.url);
  expect((await read(reader, await send(sender, Buffer.from('y'), 'text/plain'))).text).toBe('y');
  expect(none.server.log).toContain('scanner_none');
});

// ---- the process in the cage ----

interface Process {
  pid: number;
  status: Record<string, string>;
}

/** The caged scanners that a server has started. */
function cagedOf(pid: number): Process[] {
  const found: Process[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (!readFileSync(`/proc/${name}/cmdline`, 'latin1').startsWith('chappe\0scan\0')) continue;
      const lines = readFileSync(`/proc/${name}/status`, 'latin1').split('\n');
      const status = Object.fromEntries(lines.map((line) => line.split(/:\s*/) as [string, string]));
      if (Number(status.PPid) === pid) found.push({ pid: Number(name), status });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

test('the process that has the key can do nothing else, and the server has not opened it', async () => {
  const reader = await at.user('reader');
  const { file } = await share(reader, Buffer.from('x'));
  await clientOf(reader).scanEncrypted(file);
  const caged = cagedOf(at.server.pid);
  expect(caged.length).toBeGreaterThan(0);
  for (const { status } of caged) {
    expect(status.Seccomp).toBe('2');
    expect(status.NoNewPrivs).toBe('1');
    expect(BigInt(`0x${status.CapEff}`)).toBe(0n);
    expect(status.Threads).toBe('1');
  }
  const open = readdirSync(`/proc/${at.server.pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${at.server.pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  expect(open.filter((place) => place.includes('scanner.key'))).toEqual([]);
});

test('a caged process that is killed is replaced', async () => {
  const reader = await at.user('reader');
  const scanner = clientOf(reader);
  const { file } = await share(reader, Buffer.from('un'));
  expect((await scanner.scanEncrypted(file)).clean).toBe(true);
  const second = await share(reader, Buffer.from('deux'));
  const body = await scanner.sealedBody(second.file);
  const first = cagedOf(at.server.pid).map((one) => one.pid);
  for (const pid of first) process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    // Until another one is there, an error of the server's (which `any` does not take).
    const answer = await scanner.post('/scan_encrypted', body, { expect: 'any' }).catch(() => undefined);
    return answer?.status === 200 && answer.body.clean === true;
  });
  const now = cagedOf(at.server.pid).map((one) => one.pid);
  expect(now.length).toBeGreaterThan(0);
  expect(now.filter((pid) => first.includes(pid))).toEqual([]);
});

test('[MED-12] a caged process that dies in the middle of a scan leaves no verdict', async () => {
  const [sender, reader] = await hostile.users('sender', 'reader');
  const plain = randomBytes(4000);
  const gate = Promise.withResolvers<void>();
  fake.behaviour = async (command) => {
    if (command.bytes.equals(plain)) await gate.promise;
    return undefined;
  };
  const { file } = await share(sender, plain);
  const scanner = clientOf(reader);
  await eventually(
    async () => (await scanner.scanEncrypted((await share(sender, randomBytes(9))).file)).clean,
  );
  const waiting = scanner.scanEncrypted(file);
  await eventually(() => fake.count(plain) === 1);
  for (const { pid } of cagedOf(hostile.server.pid)) process.kill(pid, 'SIGKILL');
  expect(await waiting).toMatchObject({ clean: false, 'org.chappe.state': 'pending' });
  gate.resolve();
  fake.behaviour = () => undefined;
  expect((await scanner.scanEncrypted(file)).clean).toBe(true);
});

test('[MED-12] an encrypted file waits while the scanner is away', async () => {
  const [sender, reader] = await hostile.users('sender', 'reader');
  const { file } = await share(sender, randomBytes(500));
  const scanner = clientOf(reader);
  await eventually(
    async () => (await scanner.scanEncrypted((await share(sender, randomBytes(9))).file)).clean,
  );
  await fake.stop();
  expect(await scanner.scanEncrypted(file)).toMatchObject({
    clean: false,
    'org.chappe.state': 'pending',
    'org.chappe.cause': 'scanner',
  });
  await scanner.downloadEncrypted(file, { expect: [504, 'M_NOT_YET_UPLOADED'] });
  await fake.start();
  await eventually(async () => (await scanner.scanEncrypted(file)).clean);
  await scanner.downloadEncrypted(file);
});

test('a server that is stopped in the middle of a scan ends well, and scans it after', async () => {
  const [sender, reader] = await hostile.users('sender', 'reader');
  const plain = randomBytes(5000);
  const gate = Promise.withResolvers<void>();
  const { file } = await share(sender, plain);
  const scanner = clientOf(reader);
  await eventually(
    async () => (await scanner.scanEncrypted((await share(sender, randomBytes(9))).file)).clean,
  );
  fake.behaviour = async (command) => {
    if (command.bytes.equals(plain)) await gate.promise;
    return undefined;
  };
  const waiting = scanner.scanEncrypted(file).catch(() => undefined);
  await eventually(() => fake.count(plain) === 1);
  expect(await hostile.server.stop()).toBe(0);
  gate.resolve();
  expect((await waiting)?.clean).not.toBe(true);
  fake.behaviour = () => undefined;
  await hostile.server.launch();
  await eventually(async () => (await scanner.scanEncrypted(file)).clean);
});
