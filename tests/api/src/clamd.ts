// SPDX-License-Identifier: EUPL-1.2
// clamd for tests: the real one that run.ts starts once (CHAPPE_TEST_CLAMD), and one that misbehaves.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function realClamd(): string {
  const socket = process.env.CHAPPE_TEST_CLAMD;
  if (!socket) throw new Error('CHAPPE_TEST_CLAMD is not set: run through tests/api/run');
  return `clamd:unix:${socket}`;
}

/** No file of the repository holds its text: a scanner would find it there. */
export function eicar(): Buffer {
  const parts = ['X5O!P%@AP[4', '\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTI', 'VIRUS-TEST-FILE!$H+H*'];
  return Buffer.from(parts.join(''), 'latin1');
}

export interface Command {
  name: string; // "VERSION", "INSTREAM"
  bytes: Buffer; // of a stream: all that came
}

/** Answers; undefined: as a working clamd with a base for tests does. */
export type Behaviour = (
  command: Command,
  socket: Socket,
) => Promise<string | undefined> | string | undefined;

const NESTED = 101; // archives in archives: more than the 17 of our limits

function countOf(bytes: Buffer, mark: string): number {
  let n = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) n++;
  return n;
}

/** As clamd prints the time of its signatures. */
export function signaturesOf(ms: number): string {
  const date = new Date(ms);
  const [weekday] = date.toUTCString().split(',');
  const month = date.toUTCString().split(' ')[2];
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const time = date.toISOString().slice(11, 19);
  return `ClamAV 1.4.6/27800/${weekday} ${month} ${day} ${time} ${date.getUTCFullYear()}`;
}

/** What a clamd must say of the four files that it is tried with. */
export function honest(command: Command): string {
  if (command.name === 'VERSION') return 'ClamAV 1.4.6';
  if (command.bytes.includes(eicar())) return 'stream: Fake.EICAR FOUND';
  if (countOf(command.bytes, 'PK\x03\x04') >= NESTED)
    return 'stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND';
  const at = command.bytes.indexOf('PK\x03\x04');
  if (at >= 0 && command.bytes[at + 6] & 1) return 'stream: Heuristics.Encrypted.Zip FOUND';
  return 'stream: OK';
}

/** Takes one command off the connection; undefined until it is whole. */
function parse(got: Buffer): Command | undefined {
  const end = got.indexOf(0);
  if (end < 0) return undefined;
  const name = got.subarray(1, end).toString('latin1');
  if (name !== 'INSTREAM') return { name, bytes: Buffer.alloc(0) };
  const pieces: Buffer[] = [];
  for (let at = end + 1; at + 4 <= got.length; ) {
    const n = got.readUInt32BE(at);
    if (n === 0) return { name, bytes: Buffer.concat(pieces) };
    if (at + 4 + n > got.length) return undefined;
    pieces.push(got.subarray(at + 4, at + 4 + n));
    at += 4 + n;
  }
  return undefined;
}

export class FakeClamd {
  behaviour: Behaviour = () => undefined;
  readonly scanned: Buffer[] = [];
  private readonly directory = mkdtempSync(join(tmpdir(), 'chappe-fake-clamd-'));
  private server: NetServer | undefined;
  private readonly sockets = new Set<Socket>();

  get path(): string {
    return join(this.directory, 'clamd.sock');
  }

  get engine(): string {
    return `clamd:unix:${this.path}`;
  }

  async start(): Promise<void> {
    this.server = createServer((socket) => this.serve(socket));
    await new Promise<void>((resolve) => this.server?.listen(this.path, resolve));
  }

  private serve(socket: Socket): void {
    if (!this.server) {
      socket.destroy();
      return;
    }
    let got = Buffer.alloc(0);
    let answered = false;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', async (piece) => {
      got = Buffer.concat([got, piece]);
      const command = answered ? undefined : parse(got);
      if (!command) return;
      answered = true;
      if (command.name === 'INSTREAM') this.scanned.push(command.bytes);
      const own = await this.behaviour(command, socket);
      if (!socket.destroyed) socket.end(`${own ?? honest(command)}\0`);
    });
  }

  /** How often these bytes were scanned. */
  count(bytes: Uint8Array): number {
    return this.scanned.filter((one) => one.equals(bytes)).length;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const server = this.server;
    this.server = undefined;
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
