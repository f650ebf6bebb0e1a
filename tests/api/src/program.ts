// SPDX-License-Identifier: EUPL-1.2
// One real `chappe serve`, on a free port of the loopback, in a temporary directory.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Database, ENGINE, type Engine, newDatabase } from './engine.ts';
import { CHAPPE } from './paths.ts';
import type { Storage } from './storage.ts';

const LOG_KEPT = 1 << 20;

export interface ProgramOptions {
  engine?: Engine;
  serverName?: string;
  set?: Record<string, string>;
  /** Shared by several nodes of one service. */
  database?: Database;
  dataDir?: string;
  /** Where it keeps its files; the default is a directory of its own. */
  storage?: Storage;
}

const DEFAULTS: Record<string, string> = {
  'registration.mode': 'open',
  rate_limits: 'off',
  // The real one that run.ts starts; `none` where a test is run without it.
  'scanner.engine': process.env.CHAPPE_TEST_CLAMD ? `clamd:unix:${process.env.CHAPPE_TEST_CLAMD}` : 'none',
};

export class Program {
  readonly dataDir: string;
  readonly database: Database;
  readonly serverName: string;
  log = '';
  private readonly options: ProgramOptions;
  private child: ChildProcess | undefined;
  private port = 0;

  protected constructor(options: ProgramOptions, dataDir: string, database: Database) {
    this.options = options;
    this.dataDir = dataDir;
    this.database = database;
    this.serverName = options.serverName ?? 'localhost';
  }

  protected static async place(options: ProgramOptions): Promise<[ProgramOptions, string, Database]> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'chappe-api-')));
    const database = options.database ?? (await newDatabase(options.engine ?? ENGINE));
    const set = { ...options.set, ...(await options.storage?.settings(dataDir)) };
    return [{ ...options, set }, dataDir, database];
  }

  static async start(options: ProgramOptions = {}): Promise<Program> {
    const program = new Program(...(await Program.place(options)));
    await program.launch();
    return program;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get tcpPort(): number {
    return this.port;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private arguments(): string[] {
    const settings = { ...DEFAULTS, ...this.options.set };
    if (this.database.uri) settings.database = this.database.uri;
    const listed = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const listen = `127.0.0.1:${this.port}`;
    return ['serve', '--data', this.dataDir, '--listen', listen, '--server-name', this.serverName, ...listed];
  }

  /** Starts the process and waits for its `ready` line. After the first time the port stays the same. */
  async launch(): Promise<void> {
    const child = spawn(CHAPPE, this.arguments(), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const ready = Promise.withResolvers<void>();
    let out = '';
    const keep = (chunk: string) => {
      this.log = (this.log + chunk).slice(-LOG_KEPT);
    };
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      keep(chunk);
      out += chunk;
      const line = /^ready https?:\/\/[^\s]*:(\d+)\s*$/m.exec(out);
      if (!line) return;
      this.port = Number(line[1]);
      ready.resolve();
    });
    child.once('error', (error) => ready.reject(error));
    child.once('exit', (code, signal) => {
      ready.reject(
        new Error(`chappe serve ended (${code ?? signal}) before it was ready:\n${this.log.slice(-4000)}`),
      );
    });
    await ready.promise;
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (!child || !this.running) return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  /** The worst death: nothing is flushed, nothing is told. */
  async kill9(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** The polite end; gives the exit status. */
  stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  async restart(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.end(how);
    await this.launch();
  }

  /** One statement on the data of a server that is stopped. */
  sql(statement: string): Promise<string[][]> {
    if (this.running) throw new Error('the server runs');
    return this.database.run(statement, this.dataDir);
  }

  /** Runs another command of the program on the same data. */
  async command(...args: string[]): Promise<string> {
    const database = this.database.uri ? ['--set', `database=${this.database.uri}`] : [];
    const media = Object.entries(this.options.set ?? {})
      .filter(([key]) => key.startsWith('media.'))
      .flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const run = promisify(execFile);
    const { stdout } = await run(CHAPPE, [...args, '--data', this.dataDir, ...database, ...media], {
      maxBuffer: 1 << 26,
    });
    return stdout;
  }

  async dispose(): Promise<void> {
    await this.end('SIGTERM');
    if (!this.options.database) await this.database.drop();
    if (!this.options.dataDir) await rm(this.dataDir, { recursive: true, force: true });
  }
}
