// SPDX-License-Identifier: EUPL-1.2
// Runs every API test on the engines asked for, then holds the routes called against `chappe routes`.
// Usage: run [--engine sqlite|postgres|both] [--write-coverage] [test file filters and vitest options]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tally, tallyOf } from '../../../tools/vitest-report.mts';
import { CACHE, CHAPPE, ROOT, TESTS } from './paths.ts';
import { chooseProofs, faultsOfTable, formatTable, readTable, TABLE, uncalled, unrecorded } from './proof.ts';
import { parseCalls, parseRoutes } from './routes.ts';

function parseArguments(all: string[]): { engines: string[]; rest: string[]; write: boolean } {
  const args = all.filter((a) => a !== '--write-coverage');
  const write = args.length < all.length;
  const at = args.findIndex((a) => a === '--engine' || a.startsWith('--engine='));
  if (at < 0) return { engines: ['sqlite', 'postgres'], rest: args, write };
  const inline = args[at].split('=')[1];
  const engine = inline ?? args[at + 1];
  if (!['sqlite', 'postgres', 'both'].includes(engine)) {
    console.error(`unknown engine "${engine}": sqlite, postgres or both`);
    process.exit(64);
  }
  const rest = args.toSpliced(at, inline === undefined ? 2 : 1);
  return { engines: engine === 'both' ? ['sqlite', 'postgres'] : [engine], rest, write };
}

function listRoutes(file: string): void {
  try {
    writeFileSync(file, execFileSync(CHAPPE, ['routes'], { encoding: 'utf8' }));
  } catch (error) {
    writeFileSync(file, '');
    console.error(`chappe routes: ${(error as Error).message}`);
  }
}

function runEngine(engine: string, rest: string[], env: Record<string, string>): Tally {
  const report = join(CACHE, `report-${engine}.json`);
  rmSync(report, { force: true });
  const vitest = join(TESTS, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  let command = [process.execPath, vitest, 'run', '--root', TESTS, ...reporters, ...rest];
  if (engine === 'postgres' && !process.env.CHAPPE_TEST_PG_URI) {
    command = [join(ROOT, 'tools/with-postgres'), ...command];
  }
  // One real clamd for all of them.
  if (!process.env.CHAPPE_TEST_CLAMD) command = [join(ROOT, 'tools/with-clamd'), ...command];
  console.log(`== API tests on ${engine}`);
  const done = spawnSync(command[0], command.slice(1), {
    stdio: 'inherit',
    cwd: TESTS,
    env: { ...process.env, ...env, CHAPPE_ENGINE: engine },
  });
  if (done.error) console.error(`on ${engine}: ${done.error.message}`);
  return tallyOf(report, done.status);
}

/** One test more: every route that exists was called, and those of coverage.tsv by the test that it
 * names. Only when all files ran. */
function checkRoutes(routesFile: string, calledFile: string, write: boolean): Tally {
  const calls = parseCalls(existsSync(calledFile) ? readFileSync(calledFile, 'utf8') : '');
  const routes = parseRoutes(readFileSync(routesFile, 'utf8'));
  const before = existsSync(TABLE) ? readTable() : [];
  const table = write ? chooseProofs(routes, calls, before) : before;
  if (write) writeFileSync(TABLE, formatTable(table));
  const faults =
    routes.length === 0
      ? ['chappe routes lists nothing']
      : [...uncalled(routes, calls), ...faultsOfTable(routes, calls, table)];
  for (const fault of faults) console.error(fault);
  const news = unrecorded(routes, table);
  if (news.length > 0) console.error(`not in coverage.tsv yet: ${news.join(', ')}`);
  if (faults.length + news.length > 0)
    console.error('(tests/api/run --engine sqlite --write-coverage makes the table)');
  return faults.length === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

function main(): void {
  const { engines, rest, write } = parseArguments(process.argv.slice(2));
  mkdirSync(CACHE, { recursive: true });
  const routesFile = join(CACHE, 'routes.tsv');
  const calledFile = join(CACHE, 'called.tsv');
  rmSync(calledFile, { force: true });
  listRoutes(routesFile);
  const env = { CHAPPE_ROUTES_FILE: routesFile, CHAPPE_CALLED_FILE: calledFile };
  const tallies = engines.map((engine) => runEngine(engine, rest, env));
  if (rest.length === 0) tallies.push(checkRoutes(routesFile, calledFile, write));
  const sum = (key: keyof Tally) => tallies.reduce((total, t) => total + t[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
}

main();
