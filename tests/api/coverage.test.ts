// SPDX-License-Identifier: EUPL-1.2
// Every obligation has a test named after it, or a reason why it has none.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { TESTS } from './src/paths.ts';

interface Exception {
  id: string;
  reason: string;
}

const read = (name: string) => readFileSync(join(TESTS, name), 'utf8');
const sources = readdirSync(TESTS).filter((name) => name.endsWith('.test.ts') && name !== 'coverage.test.ts');
const obligations = read('obligations.tsv')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t')[0]);
const exceptions: Exception[] = parse(read('exceptions.yaml')) ?? [];

/** The ids in the brackets of test names: test('[R01] [ACL-09] same answer on replay', … */
function named(): Set<string> {
  const found = new Set<string>();
  for (const source of sources) {
    for (const [, name] of read(source).matchAll(
      /\b(?:test|it)(?:\.each\([^)]*\))?\(\s*(['"`].*?['"`]),/gs,
    )) {
      for (const [, ids] of name.matchAll(/\[([A-Z0-9 ,-]+)\]/g)) {
        for (const id of ids.split(/[ ,]+/)) found.add(id);
      }
    }
  }
  return found;
}

test('every obligation has a test or an exception', () => {
  const covered = new Set([...named(), ...exceptions.map((e) => e.id)]);
  expect(obligations.length).toBeGreaterThan(150);
  expect(obligations.filter((id) => !covered.has(id))).toEqual([]);
});

test('every exception has a reason, an obligation, and no test', () => {
  const tests = named();
  expect(exceptions.filter((e) => typeof e.reason !== 'string' || e.reason.length < 20)).toEqual([]);
  expect(exceptions.filter((e) => !obligations.includes(e.id) || tests.has(e.id))).toEqual([]);
});

test('every id in a test name exists', () => {
  expect([...named()].filter((id) => !obligations.includes(id))).toEqual([]);
});

test('no test is skipped or left to do', () => {
  const marks = /\b(?:test|it|describe)\.(?:skip|todo|only|skipIf|runIf)\b/;
  expect(sources.filter((name) => marks.test(read(name)))).toEqual([]);
});
