// SPDX-License-Identifier: EUPL-1.2
// Which test proves a route: the table coverage.tsv, made and held by full runs (run.ts). A proof is a
// test that had the route do what it is for; of a route that only ever refuses, one that it refused.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TESTS } from './paths.ts';
import type { Call, Route } from './routes.ts';

export const TABLE = join(TESTS, 'coverage.tsv');

export interface Proof {
  method: string;
  template: string;
  outcome: 'done' | 'refused';
  file: string;
  test: string;
}

const keyOf = (r: { method: string; template: string }) => `${r.method}\t${r.template}`;

export function readTable(): Proof[] {
  const lines = readFileSync(TABLE, 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => {
    const [method, template, outcome, file, test] = line.split('\t');
    return { method, template, outcome, file, test } as Proof;
  });
}

export function formatTable(proofs: Proof[]): string {
  const rows = proofs.map((p) => [p.method, p.template, p.outcome, p.file, p.test].join('\t'));
  return `${['method\tpath\toutcome\tfile\ttest', ...rows.sort()].join('\n')}\n`;
}

/** Tests whose name stands in their file as it is, so that a reader finds them. */
function isFound(call: Call, sources: Map<string, string>): boolean {
  if (call.test === '' || call.file === '') return false;
  let source = sources.get(call.file);
  if (source === undefined) {
    source = readFileSync(join(TESTS, call.file), 'utf8').replaceAll("\\'", "'");
    sources.set(call.file, source);
  }
  return source.includes(call.test.split(' > ').at(-1) ?? '');
}

/** Of each route the test that calls the fewest others: it is the one that is about it. */
export function chooseProofs(routes: Route[], calls: Call[], before: Proof[]): Proof[] {
  const sources = new Map<string, string>();
  const breadth = new Map<string, Set<string>>();
  for (const c of calls) {
    const name = `${c.file}\t${c.test}`;
    if (!breadth.has(name)) breadth.set(name, new Set());
    breadth.get(name)?.add(keyOf(c));
  }
  const width = (c: Call) => breadth.get(`${c.file}\t${c.test}`)?.size ?? 0;
  const order = (a: Call, b: Call) =>
    Number(b.done) - Number(a.done) ||
    width(a) - width(b) ||
    `${a.file}\t${a.test}`.localeCompare(`${b.file}\t${b.test}`);
  const kept = new Map(before.map((p) => [keyOf(p), p]));
  return routes.flatMap((route) => {
    const own = calls.filter((c) => keyOf(c) === keyOf(route) && isFound(c, sources));
    const old = kept.get(keyOf(route));
    const same = own.find((c) => c.file === old?.file && c.test === old?.test && c.done);
    const call = same ?? own.sort(order)[0];
    if (!call) return [];
    const { method, template, done, file, test } = call;
    return [{ method, template, outcome: done ? 'done' : 'refused', file, test } as Proof];
  });
}

/** Routes that no test has called. */
export function uncalled(routes: Route[], calls: Call[]): string[] {
  const called = new Set(calls.map(keyOf));
  return routes.filter((r) => !called.has(keyOf(r))).map((r) => `no test calls ${r.method} ${r.template}`);
}

/** Routes that are newer than the table. */
export function unrecorded(routes: Route[], table: Proof[]): string[] {
  const proved = new Set(table.map(keyOf));
  return routes.filter((r) => !proved.has(keyOf(r))).map((r) => `${r.method} ${r.template}`);
}

/** What of the table no longer holds in this run. */
export function faultsOfTable(routes: Route[], calls: Call[], table: Proof[]): string[] {
  const served = new Set(routes.map(keyOf));
  const seen = new Set(
    calls.map((c) => [c.method, c.template, c.done ? 'done' : 'refused', c.file, c.test].join('\t')),
  );
  return [
    ...table.filter((p) => !served.has(keyOf(p))).map((p) => `not served: ${p.method} ${p.template}`),
    ...table
      .filter((p) => served.has(keyOf(p)))
      .filter((p) => !seen.has([p.method, p.template, p.outcome, p.file, p.test].join('\t')))
      .map((p) => `${p.file} "${p.test}" does not prove ${p.method} ${p.template}`),
  ];
}
