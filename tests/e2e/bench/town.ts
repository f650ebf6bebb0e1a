// SPDX-License-Identifier: EUPL-1.2
// Accounts, rooms and messages that a measure begins with, made over HTTP.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../api/src/paths.ts';
import { Program } from '../../api/src/program.ts';

export const PRELOADED_PASSWORD = 'mot de passe du banc';
const AT_ONCE = 8;

/** A room, and the last that was said in it. */
export interface Place {
  readonly room: string;
  readonly last: string;
}

export interface Agent {
  readonly name: string;
  readonly token: string;
}

export class Town {
  readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  static async open(set: Record<string, string> = {}, dataDir?: string): Promise<Town> {
    const options = {
      engine: 'sqlite' as const,
      set: { 'web.files': `${ROOT}/build/web`, 'scanner.engine': 'none', 'log.level': 'warn', ...set },
    };
    return new Town(await Program.start(dataDir ? { ...options, dataDir } : options));
  }

  /** A store with a room of as many people, made by the benchmark's own program. */
  static preload(people: number): string {
    const directory = join(mkdtempSync(join(tmpdir(), 'chappe-bench-')), 'data');
    const program = process.env.CHAPPE_BENCH_PRELOAD ?? `${ROOT}/build/tests/bench/preload`;
    const size = ['--users', String(people), '--rooms', '2', '--events', String(people + 2000)];
    execFileSync(program, [directory, '--shape', 'forum', '--set', 'registration.mode=open', ...size], {
      stdio: 'ignore',
    });
    return directory;
  }

  /** The first of the people of such a store, and the room of all. */
  static manifest(directory: string): { agent: Agent; room: string } {
    const lines = readFileSync(`${directory}/bench.tsv`, 'utf8')
      .split('\n')
      .map((line) => line.split('\t'));
    const room = lines.find((line) => line[0] === 'room' && line[1] === 'largest')?.[2] ?? '';
    const device = lines.find((line) => line[0]?.startsWith('@') && line[3]?.split(',').includes(room));
    return {
      room,
      agent: { name: /^@([^:]+)/.exec(device?.[0] ?? '')?.[1] ?? '', token: device?.[1] ?? '' },
    };
  }

  async call<T>(agent: Agent, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.program.url}/_matrix/client/v3${path}`, {
      method,
      headers: { Authorization: `Bearer ${agent.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async signIn(name: string, password: string): Promise<Agent> {
    const identifier = { type: 'm.id.user', user: name };
    const body = { type: 'm.login.password', identifier, password };
    const { access_token: token } = await this.call<{ access_token: string }>(
      { name, token: '' },
      'POST',
      '/login',
      body,
    );
    return { name, token };
  }

  say(agent: Agent, room: string, text: string): Promise<unknown> {
    const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/${crypto.randomUUID()}`;
    return this.call(agent, 'PUT', path, { msgtype: 'm.text', body: text });
  }

  /** Rooms with a name and `messages` messages each, a few at a time. */
  async rooms(agent: Agent, count: number, messages: number): Promise<Place[]> {
    const made: Place[] = [];
    const one = async (i: number) => {
      const { room_id: room } = await this.call<{ room_id: string }>(agent, 'POST', '/createRoom', {
        name: `Salon ${i}`,
        preset: 'public_chat',
      });
      made[i] = { room, last: `message ${messages} du salon ${i}.` };
      for (let n = 1; n <= messages; n++) await this.say(agent, room, `message ${n} du salon ${i}.`);
    };
    let next = 0;
    const work = async () => {
      while (next < count) await one(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return made;
  }
}
