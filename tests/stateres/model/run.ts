// SPDX-License-Identifier: EUPL-1.2
// Dumps random rooms, holds each against the model, prints the differences and counts the rooms.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkRoom, type Dump, type Result } from './check.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const USAGE = 'usage: tests/stateres/model/run [--program FILE] [--seeds N] [--first SEED]';
const SHOWN_PER_ROOM = 5;

interface Options {
  program: string;
  seeds: number;
  first: number;
}

function parseOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        program: { type: 'string', default: join(ROOT, 'build', 'tests', 'stateres', 'stateres_random') },
        seeds: { type: 'string', default: '100' },
        first: { type: 'string', default: '1' },
      },
    });
    const [seeds, first] = [Number(values.seeds), Number(values.first)];
    if (!Number.isSafeInteger(seeds) || seeds < 1 || !Number.isSafeInteger(first) || first < 0)
      throw new Error();
    return { program: values.program, seeds, first };
  } catch {
    console.error(USAGE);
    process.exit(64);
  }
}

function dumpRoom(program: string, seed: number, version: string): Dump {
  const args = ['--dump', String(seed), version];
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Dump;
}

/** The dump with one event left out of the first resolution, of a state before an event, of the end. */
function* spoil(dump: Dump): Generator<[string, Dump]> {
  const spoilt = (change: (copy: Dump) => void) => {
    const copy = structuredClone(dump);
    change(copy);
    return copy;
  };
  yield ['resolution', spoilt((copy) => copy.resolutions[0].resolved.pop())];
  yield ['state before', spoilt((copy) => copy.events.at(-1)?.state_before.pop())];
  yield ['end state', spoilt((copy) => copy.state.pop())];
  yield [
    'rejected',
    spoilt((copy) => Object.assign(copy.events.at(-1)!, { rejected: !dump.events.at(-1)?.rejected })),
  ];
}

/** A check that cannot fail proves nothing: each spoilt dump has to be told from a good one. */
function checkItself(program: string, first: number): boolean {
  let isGood = true;
  for (const version of ['10', '12']) {
    for (const [what, dump] of spoil(dumpRoom(program, first, version))) {
      const found = checkRoom(dump).differences.some((difference) => difference.startsWith(what));
      if (!found) console.log(`seed ${first}, version ${version}: a spoilt "${what}" is not noticed`);
      isGood &&= found;
    }
  }
  return isGood;
}

function checkSeed(program: string, seed: number, version: string): Result {
  try {
    return checkRoom(dumpRoom(program, seed, version));
  } catch (error) {
    return { compared: 0, differences: [error instanceof Error ? error.message : String(error)] };
  }
}

function main(): void {
  const { program, seeds, first } = parseOptions();
  if (!existsSync(program)) {
    console.log(`${program} is not built\n0 passed, 1 failed`);
    process.exit(1);
  }
  let [passed, failed, compared] = [0, 0, 0];
  for (const version of ['10', '12']) {
    for (let seed = first; seed < first + seeds; seed++) {
      const result = checkSeed(program, seed, version);
      compared += result.compared;
      if (result.differences.length === 0 && result.compared > 0) {
        passed++;
        continue;
      }
      failed++;
      console.log(`seed ${seed}, version ${version}: ${result.differences.length} differences`);
      for (const difference of result.differences.slice(0, SHOWN_PER_ROOM)) console.log(`  ${difference}`);
    }
  }
  if (failed === 0 && !checkItself(program, first)) failed++;
  console.log(`${compared} states and marks compared, in rooms of versions 10 and 12`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

main();
