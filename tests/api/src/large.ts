// SPDX-License-Identifier: EUPL-1.2
// Files that no memory is to hold whole, and what a server's processes hold meanwhile.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { User } from './user.ts';

interface Running {
  url: string;
  pid: number;
}

const READ_MS = 20;

/** Resident memory of a process; 0 when it is gone. */
function kilobytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The processes that a server has started. */
function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) => {
    const listed = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
    return listed === '' ? [] : listed.split(' ').map(Number);
  });
}

/** By how much a server, and each process that it has now, grows at most while something is done. */
export async function growth(server: Running, act: () => Promise<void>): Promise<number> {
  const pids = [server.pid, ...childrenOf(server.pid)];
  const before = pids.map(kilobytes);
  let most = 0;
  const look = () => {
    for (const [i, pid] of pids.entries()) most = Math.max(most, kilobytes(pid) - before[i]);
  };
  const timer = setInterval(look, READ_MS);
  try {
    await act();
    look();
  } finally {
    clearInterval(timer);
  }
  return most;
}

/** What a test may say of memory: AddressSanitizer keeps what was freed. */
export const memoryCounts = process.env.ASAN_OPTIONS === undefined;

export interface Sent {
  uri: string;
  hash: string; // of all its bytes, in hexadecimal
}

/** Sends pieces one after the other, as fast as they are taken. */
export async function sendPieces(
  server: Running,
  user: User,
  size: number,
  pieces: Iterable<Uint8Array>,
): Promise<Sent> {
  const hash = createHash('sha256');
  const headers = { authorization: `Bearer ${user.token}`, 'content-length': String(size) };
  const answered = Promise.withResolvers<string>();
  const sending = request(`${server.url}/_matrix/media/v3/upload`, { method: 'POST', headers }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    answer.on('end', () => answered.resolve(text));
  });
  sending.on('error', answered.reject);
  for (const piece of pieces) {
    hash.update(piece);
    if (!sending.write(piece)) await new Promise((resolve) => sending.once('drain', resolve));
    else await turn();
  }
  sending.end();
  return { uri: JSON.parse(await answered.promise).content_uri, hash: hash.digest('hex') };
}

/** The hash of what a server gives, in hexadecimal. */
export async function hashOfAnswer(answer: Response): Promise<string> {
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
  const hash = createHash('sha256');
  for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) hash.update(part);
  return hash.digest('hex');
}

export const fetchFile = (server: Running, user: User, place: string) =>
  fetch(`${server.url}${place}`, { headers: { authorization: `Bearer ${user.token}` } });
