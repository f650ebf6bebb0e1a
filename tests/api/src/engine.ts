// SPDX-License-Identifier: EUPL-1.2
// The two stores a test server may stand on. SQLite lives in the data directory; on PostgreSQL each
// test server has a database of its own in the private cluster that run.ts starts once.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Engine = 'sqlite' | 'postgres';
export const ENGINE: Engine = process.env.CHAPPE_ENGINE === 'postgres' ? 'postgres' : 'sqlite';

export interface Database {
  uri: string | undefined; // undefined: the default, SQLite in the data directory
  /** How many rows a table has; on PostgreSQL alone. */
  count(table: string): Promise<number>;
  /** Runs one statement behind the back of the servers, on SQLite of one that is stopped. Rows come as
   * text. */
  run(statement: string, dataDir: string): Promise<string[][]>;
  drop(): Promise<void>;
}

function cluster(): string {
  const uri = process.env.CHAPPE_TEST_PG_URI;
  if (!uri) throw new Error('CHAPPE_TEST_PG_URI is not set: run through tests/api/run --engine postgres');
  return uri;
}

const withDatabase = (uri: string, name: string) => {
  const [address, query] = uri.split('?');
  const root = address.replace(/^(postgres(?:ql)?:\/\/[^/]*)(\/.*)?$/, '$1');
  return `${root}/${name}${query === undefined ? '' : `?${query}`}`;
};

const psql = (statement: string, database = 'postgres') =>
  run('psql', [
    '--no-psqlrc',
    '--quiet',
    '--tuples-only',
    '--no-align',
    '--set=ON_ERROR_STOP=1',
    '--command',
    statement,
    withDatabase(cluster(), database),
  ]);

const noCount = async (): Promise<number> => {
  throw new Error('only the tables of PostgreSQL can be counted');
};

async function runOnSqlite(statement: string, dataDir: string): Promise<string[][]> {
  const database = new DatabaseSync(join(dataDir, 'chappe.db'));
  try {
    return database
      .prepare(statement)
      .all()
      .map((row) => Object.values(row).map(String));
  } finally {
    database.close();
  }
}

export async function newDatabase(engine: Engine): Promise<Database> {
  if (engine === 'sqlite') return { uri: undefined, count: noCount, run: runOnSqlite, drop: async () => {} };
  const name = `chappe_${randomBytes(6).toString('hex')}`;
  await psql(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
  return {
    uri: withDatabase(cluster(), name),
    count: async (table) => Number((await psql(`SELECT count(*) FROM ${table}`, name)).stdout),
    run: async (statement) => {
      const lines = (await psql(statement, name)).stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => line.split('|'));
    },
    drop: async () => {
      await psql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
