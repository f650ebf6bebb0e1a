// SPDX-License-Identifier: EUPL-1.2
// Files as they are, and the antivirus: the real clamd, and one that stops, is slow, cuts and lies.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statfsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { nest, zip } from './src/archive.ts';
import { eicar, FakeClamd, honest, realClamd, signaturesOf } from './src/clamd.ts';
import { read, send, thumbnail } from './src/media.ts';
import { ScannerClient } from './src/scanner.ts';
import { Server } from './src/server.ts';
import { stage } from './src/stage.ts';
import { User } from './src/user.ts';

const TMPFS = 0x01021994; // statfs(2)

const at = stage({ set: { 'scanner.engine': realClamd(), 'scanner.gate': 'enforce' } });

test('the clamd that we start keeps what passes through it in memory', () => {
  const directory = dirname(realClamd().slice('clamd:unix:'.length));
  const [, scratch] = /^TemporaryDirectory (.*)$/m.exec(
    readFileSync(join(directory, 'clamd.conf'), 'utf8'),
  ) as RegExpExecArray;
  expect(statfsSync(scratch).type).toBe(TMPFS);
});

const text = (words: string) => Buffer.from(`${words}\n`);

/** Every road by which somebody else may try to have a file as it is. */
async function expectBlocked(reader: User, uri: string, state: string, cause?: string): Promise<void> {
  const scanner = new ScannerClient(reader.api, reader.token);
  const verdict = await scanner.scan(uri);
  expect(verdict).toMatchObject({ clean: false, 'org.chappe.state': state });
  expect(verdict['org.chappe.cause']).toBe(cause);
  const refusals = [
    await read(reader, uri, { expect: [403, 'M_FORBIDDEN'] }),
    await read(reader, uri, { expect: [403, 'M_FORBIDDEN'], headers: { range: 'bytes=0-3' } }),
    await thumbnail(reader, uri, { expect: [403, 'M_FORBIDDEN'] }),
    await scanner.download(uri, { expect: [403, 'MCS_MEDIA_NOT_CLEAN'] }),
    await scanner.thumbnail(uri, { expect: [403, 'MCS_MEDIA_NOT_CLEAN'] }),
  ];
  for (const refusal of refusals) {
    expect(refusal.body['org.chappe.state']).toBe(state);
    expect(refusal.body['org.chappe.cause']).toBe(cause);
  }
  expect(refusals[4].body.reason).toBe('MCS_MEDIA_NOT_CLEAN');
}

test('[MED-10] the test virus is blocked on every road, as it is, zipped, and nested five times', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  for (const depth of [0, 1, 5]) {
    const uri = await send(sender, nest(eicar(), depth), depth ? 'application/zip' : 'text/plain');
    await expectBlocked(reader, uri, 'infected');
    const info = (await new ScannerClient(reader.api, reader.token).scan(uri)).info;
    expect(info).toBe('***VIRUS DETECTED***');
    expect((await read(sender, uri)).bytes.length).toBeGreaterThan(0);
  }
});

test('[MED-10] what nothing is found in is given to all, and called no more than it is', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const bytes = text('Ordre du jour');
  const uri = await send(sender, bytes, 'text/plain');
  expect(Buffer.from((await read(reader, uri)).bytes).equals(bytes)).toBe(true);
  const scanner = new ScannerClient(reader.api, reader.token);
  const verdict = await scanner.scan(uri);
  expect(verdict).toMatchObject({ clean: true, 'org.chappe.state': 'not_verified' });
  expect(verdict.info).toBe('File not verified');
  const given = await scanner.download(uri);
  expect(Buffer.from(given.bytes).equals(bytes)).toBe(true);
  expect(at.server.log).toContain('scanner_test_base');
});

const archives: [string, string, () => Buffer][] = [
  [
    'that asks for a password',
    'password',
    () => zip([{ name: 'a', bytes: randomBytes(64), encrypted: true }]),
  ],
  ['of 18 levels', 'depth', () => nest(text('x'), 18)],
  [
    'of 10,001 files',
    'depth',
    () => zip(Array.from({ length: 10_001 }, (_, i) => ({ name: `f${i}`, bytes: text(`${i}`) }))),
  ],
  [
    'of half a gigabyte under four others',
    'size',
    () => nest(zip([{ name: 'a', bytes: Buffer.alloc(512 << 20) }]), 4),
  ],
];

test.each(archives)('[MED-11] an archive %s is never clean: %s', async (_name, cause, make) => {
  const [sender, reader] = await at.users('sender', 'reader');
  const uri = await send(sender, make(), 'application/zip');
  await expectBlocked(reader, uri, 'not_scannable', cause);
});

test('what may be ciphertext has no verdict, and is not given as it is', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  for (const type of ['application/octet-stream', 'image/png']) {
    const uri = await send(sender, randomBytes(5000), type);
    await expectBlocked(reader, uri, 'not_scannable', 'ciphertext');
  }
});

// ---- a clamd that misbehaves ----

const fake = new FakeClamd();
let server: Server;
let sender: User;
let reader: User;
let metricsPort: number;

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}

/** One figure of /metrics. */
async function figure(name: string, port = metricsPort): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^chappe_${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

const HOUR = 3600_000;
const started = Date.now();
const official = (age: number) => (name: string) =>
  name === 'VERSION' ? signaturesOf(started - age) : undefined;

beforeAll(async () => {
  await fake.start();
  metricsPort = await freePort();
  const listen = `127.0.0.1:${metricsPort}`;
  server = await Server.start({ set: { 'scanner.engine': fake.engine, 'metrics.listen': listen } });
  sender = await User.register(server.api, 'sender');
  reader = await User.register(server.api, 'reader');
});

afterEach(async (context) => {
  if (context.task.result?.state === 'fail') console.error(server.log.slice(-3000));
  fake.behaviour = () => undefined;
  await fake.stop();
  await fake.start();
});

afterAll(async () => {
  await server.dispose();
  await fake.dispose();
});

const now = { query: { timeout_ms: 0 } };

async function expectPending(uri: string): Promise<void> {
  const refusal = await read(reader, uri, { ...now, expect: [504, 'M_NOT_YET_UPLOADED'] });
  expect(refusal.body['org.chappe.state']).toBe('pending');
  expect((await read(sender, uri)).bytes.length).toBeGreaterThan(0);
}

/** Waits for a verdict that opens the file, as a client does. */
const readWhenScanned = (uri: string) => read(reader, uri, { query: { timeout_ms: 60_000 } });

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('[MED-14] a thumbnail is given as its picture is', async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const scanner = new ScannerClient(reader.api, reader.token);
  const good = await send(sender, PNG, 'image/png');
  for (const answer of [await thumbnail(reader, good), await scanner.thumbnail(good)])
    expect(answer.headers.get('content-type')).toBe('image/png');
  await scanner.thumbnail(good, { query: { width: 0, height: 32 }, expect: [400, 'M_INVALID_PARAM'] });
  const bad = await send(sender, Buffer.concat([PNG, eicar()]), 'image/png');
  await expectBlocked(reader, bad, 'infected');
});

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}

const alerts = () => server.log.split('scanner_alert').length - 1;
const trials = () => server.log.split('"trial ').length - 1;
const anything = () => text(randomBytes(20).toString('hex'));

/** Bytes that stand behind others in lists that are in the order of hashes. */
function lastByHash(words: string): Buffer {
  for (let i = 0; ; i++) {
    const bytes = text(`${words} ${i}`);
    if (createHash('sha256').update(bytes).digest().readUInt16BE() > 0xffe0) return bytes;
  }
}

/** The scanner goes away, is missed, and comes back as another. */
async function comeBackAs(behaviour: FakeClamd['behaviour']): Promise<void> {
  await readWhenScanned(await send(sender, anything(), 'text/plain'));
  const before = alerts();
  await fake.stop();
  await send(sender, anything(), 'text/plain');
  await eventually(() => alerts() > before);
  fake.behaviour = behaviour;
  await fake.start();
}

test('[MED-12] a scanner that is stopped: files wait, the rest works, and there is an alert', async () => {
  const before = alerts();
  await fake.stop();
  const uri = await send(sender, text('while it is away'), 'text/plain');
  await expectPending(uri);
  await eventually(() => alerts() > before);
  expect(await figure('scanner_ready')).toBe(0);
  expect(await figure('scanner_waiting')).toBeGreaterThan(0);
  expect(await figure('scanner_alerts_total')).toBeGreaterThan(0);
  const room = await sender.createRoom({});
  await sender.send(room, 'the rest works');
  const waiting = readWhenScanned(uri);
  await fake.start();
  expect((await waiting).text).toBe('while it is away\n');
  expect(await figure('scanner_ready')).toBe(1);
});

test('[MED-12] a scanner that is slow holds up the readers of its file alone', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = text('slow one');
  fake.behaviour = async (command) => {
    if (command.bytes.equals(slow)) await gate.promise;
    return undefined;
  };
  const uri = await send(sender, slow, 'text/plain');
  await eventually(() => fake.count(slow) > 0);
  await expectPending(uri);
  const other = await send(sender, text('quick one'), 'text/plain');
  expect((await readWhenScanned(other)).text).toBe('quick one\n');
  gate.resolve();
  expect((await readWhenScanned(uri)).text).toBe('slow one\n');
});

const faults: [string, (bytes: Buffer) => FakeClamd['behaviour']][] = [
  [
    'cuts in the middle',
    (bytes) => (command, socket) => {
      if (command.bytes.equals(bytes)) socket.destroy();
      return undefined;
    },
  ],
  ['answers rubbish', (bytes) => (command) => (command.bytes.equals(bytes) ? 'stream: perhaps' : undefined)],
  [
    'answers twice',
    (bytes) => (command) => (command.bytes.equals(bytes) ? 'stream: OK\0stream: OK' : undefined),
  ],
  [
    'has an error',
    (bytes) => (command) => (command.bytes.equals(bytes) ? "stream: Can't allocate memory ERROR" : undefined),
  ],
];

test.each(faults)(
  '[MED-12] a scanner that %s gives no verdict; the file is scanned again',
  async (name, fault) => {
    const bytes = text(`a file, and it ${name}`);
    fake.behaviour = fault(bytes);
    const uri = await send(sender, bytes, 'text/plain');
    await eventually(() => fake.count(bytes) >= 2);
    await expectPending(uri);
    fake.behaviour = () => undefined;
    expect((await readWhenScanned(uri)).bytes.length).toBe(bytes.length);
  },
);

const liars: [string, FakeClamd['behaviour']][] = [
  ['finds nothing', (command) => (command.name === 'INSTREAM' ? 'stream: OK' : undefined)],
  [
    'finds something in everything',
    (command) => (command.name === 'INSTREAM' ? 'stream: Liar FOUND' : undefined),
  ],
  [
    'lets archives pass that ask for a password',
    (command) => (honest(command).includes('Encrypted') ? 'stream: OK' : undefined),
  ],
  [
    'lets archives pass that are nested too deep',
    (command) => (honest(command).includes('Limits') ? 'stream: OK' : undefined),
  ],
];

test.each(liars)('[MED-11] [MED-12] a scanner that %s is not believed', async (_name, behaviour) => {
  const bytes = anything();
  const before = trials();
  await comeBackAs(behaviour);
  const uri = await send(sender, bytes, 'text/plain');
  await eventually(() => trials() > before);
  await expectPending(uri);
  fake.behaviour = () => undefined;
  expect((await readWhenScanned(uri)).status).toBe(200);
  expect(fake.count(bytes)).toBe(1);
});

test('[MED-12] signatures older than 48 h: files wait until they are renewed', async () => {
  await comeBackAs((command) => official(50 * HOUR)(command.name));
  const uri = await send(sender, text('old signatures'), 'text/plain');
  const scanner = new ScannerClient(reader.api, reader.token);
  await eventually(async () => {
    const refusal = await read(reader, uri, { ...now, expect: [504, 'M_NOT_YET_UPLOADED'] });
    return refusal.body['org.chappe.cause'] === 'signatures';
  });
  expect(server.log).toContain('older than 48 h');
  fake.behaviour = (command) => official(HOUR)(command.name);
  expect((await readWhenScanned(uri)).text).toBe('old signatures\n');
  expect(await scanner.scan(uri)).toMatchObject({ clean: true, 'org.chappe.state': 'clean' });
});

test('[MED-14] new signatures judge again what older ones have passed, and the other way round', async () => {
  const bytes = text('harmless, it seemed');
  const wronged = text('suspicious, it seemed');
  await comeBackAs((command) =>
    command.bytes.equals(wronged) ? 'stream: Too.Keen FOUND' : official(3 * HOUR)(command.name),
  );
  const uri = await send(sender, bytes, 'text/plain');
  const other = await send(sender, wronged, 'text/plain');
  const scanner = new ScannerClient(reader.api, reader.token);
  await eventually(async () => (await scanner.scan(uri))['org.chappe.state'] === 'clean');
  expect((await scanner.scan(other))['org.chappe.state']).toBe('infected');
  await comeBackAs((command) =>
    command.bytes.equals(bytes) ? 'stream: New.Find FOUND' : official(HOUR)(command.name),
  );
  await eventually(async () => (await scanner.scan(uri))['org.chappe.state'] === 'infected');
  await eventually(async () => (await scanner.scan(other))['org.chappe.state'] === 'clean');
  await read(reader, uri, { expect: [403, 'M_FORBIDDEN'] });
});

test('[MED-12] [MED-14] files that end each scan in the middle keep no other from being judged again', async () => {
  const breaking = Array.from({ length: 20 }, (_, i) => text(`it breaks the scanner, later: ${i}`));
  const hidden = lastByHash('harmless, it seemed as well');
  await comeBackAs((command) => official(2.5 * HOUR)(command.name));
  const uris: string[] = [];
  for (const bytes of [...breaking, hidden]) uris.push(await send(sender, bytes, 'text/plain'));
  const uri = uris.at(-1) as string;
  for (const one of uris) await readWhenScanned(one);
  await comeBackAs((command, socket) => {
    if (breaking.some((bytes) => command.bytes.equals(bytes))) socket.destroy();
    return command.bytes.equals(hidden) ? 'stream: New.Find FOUND' : official(0.5 * HOUR)(command.name);
  });
  const scanner = new ScannerClient(reader.api, reader.token);
  await eventually(async () => (await scanner.scan(uri))['org.chappe.state'] === 'infected');
  await eventually(() => breaking.every((bytes) => fake.count(bytes) > 1));
  // Nobody who had one loses it by that.
  await read(reader, uris[0]);
});

test('[MED-14] the same bytes are scanned once, whoever sends them how often', async () => {
  const bytes = text('sent many times');
  fake.behaviour = (command) => (command.bytes.equals(bytes) ? 'stream: Often FOUND' : undefined);
  const uris = await Promise.all(Array.from({ length: 6 }, () => send(sender, bytes, 'text/plain')));
  uris.push(await send(sender, bytes, 'image/png'));
  for (const uri of uris) await read(reader, uri, { expect: [403, 'M_FORBIDDEN'] });
  expect(fake.count(bytes)).toBe(1);
});

test('[MED-12] what waits is not forgotten by a server that is killed', async () => {
  await fake.stop();
  const uri = await send(sender, text('over a restart'), 'text/plain');
  await server.restart('SIGKILL');
  await expectPending(uri);
  await fake.start();
  expect((await readWhenScanned(uri)).text).toBe('over a restart\n');
});

/** The queue is left as if the one content that waits had been tried so often, and is due. */
async function leaveQueue(server: Server, tries: number): Promise<void> {
  await server.stop();
  expect(await server.sql('SELECT count(*) FROM media_scan')).toEqual([['1']]);
  await server.sql(`UPDATE media_scan SET tries = ${tries}, due_ms = 0`);
}

const TRIES_MAX = 10; // src/service/scan/queue.c

test('[MED-12] a file that ended ten scans in the middle is failed: given to nobody, until signatures change or it is asked for', async () => {
  const clamd = new FakeClamd();
  const breaking = text('it breaks the scanner');
  const breaks: FakeClamd['behaviour'] = (command, socket) => {
    if (command.bytes.equals(breaking)) socket.destroy();
    return official(3 * HOUR)(command.name);
  };
  clamd.behaviour = breaks;
  await clamd.start();
  const port = await freePort();
  const server = await Server.start({
    set: { 'scanner.engine': clamd.engine, 'metrics.listen': `127.0.0.1:${port}` },
  });
  const tried = () => [...server.log.matchAll(/"tries":(\d+)/g)].map(([, n]) => Number(n));
  try {
    const [sender, reader] = [await User.register(server.api, 's'), await User.register(server.api, 'r')];
    const uri = await send(sender, breaking, 'text/plain');
    await eventually(() => tried().includes(1));

    // The ninth is not the last.
    await leaveQueue(server, TRIES_MAX - 2);
    await server.launch();
    await eventually(() => tried().includes(TRIES_MAX - 1));
    await read(reader, uri, { ...now, expect: [504, 'M_NOT_YET_UPLOADED'] });
    expect(server.log).not.toContain('scan_given_up');

    await leaveQueue(server, TRIES_MAX - 1);
    await server.launch();
    await expectBlocked(reader, uri, 'failed', 'scanner');
    expect(server.log.match(/scan_given_up/g)?.length).toBe(1);
    expect(await figure('scanner_failed_total', port)).toBe(1);
    expect(await figure('scanner_waiting', port)).toBe(0);
    expect((await read(sender, uri)).text).toBe(breaking.toString());

    // A restart is no other try, nor is to send it again.
    const scans = clamd.count(breaking);
    await server.restart('SIGKILL');
    await expectBlocked(reader, uri, 'failed', 'scanner');
    const again = await send(sender, breaking, 'image/png');
    await expectBlocked(reader, again, 'failed', 'scanner');
    expect(clamd.count(breaking)).toBe(scans);

    // The operator asks: it is tried as one that has just come.
    await server.command('media', 'rescan', uri);
    await eventually(() => clamd.count(breaking) > scans + 1);
    await read(reader, uri, { ...now, expect: [504, 'M_NOT_YET_UPLOADED'] });
    expect(await server.command('audit', 'list')).toContain(`media.rescan\t${uri}`);

    // Given up again; then there are other signatures, with which it can be scanned.
    await leaveQueue(server, TRIES_MAX - 1);
    await server.launch();
    await expectBlocked(reader, uri, 'failed', 'scanner');
    await server.stop();
    clamd.behaviour = (command) => official(HOUR)(command.name);
    await server.launch();
    const scanner = new ScannerClient(reader.api, reader.token);
    await eventually(async () => (await scanner.scan(uri))['org.chappe.state'] === 'clean');
    for (const one of [uri, again]) await read(reader, one);
  } catch (error) {
    console.error(server.log.slice(-3000));
    throw error;
  } finally {
    await server.dispose();
    await clamd.dispose();
  }
});
