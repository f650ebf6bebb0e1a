// SPDX-License-Identifier: EUPL-1.2
// Figures in the form of the other scenarios (tests/bench/table.py).
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Case {
  scenario: 'web';
  case: string;
  n: number;
  p50_ms: number;
  p90_ms: number;
  p95_ms: number;
  max_ms: number;
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;

export function caseOf(name: string, times: readonly number[]): Case {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(quantile(sorted, part) * 10) / 10;
  return {
    scenario: 'web',
    case: name,
    n: times.length,
    p50_ms: at(0.5),
    p90_ms: at(0.9),
    p95_ms: at(0.95),
    max_ms: at(1),
  };
}

function fsyncs(): number[] {
  const directory = mkdtempSync(join(tmpdir(), 'chappe-fsync-'));
  const file = openSync(join(directory, 'file'), 'w');
  const page = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    writeSync(file, page, 0, page.length, 0);
    const begun = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - begun);
  }
  closeSync(file);
  rmSync(directory, { recursive: true });
  return times.toSorted((a, b) => a - b);
}

/** One run, as `make bench` keeps them. */
export function runOf(cases: readonly Case[]): object {
  const sorted = fsyncs();
  return {
    server: 'chappe and its web client',
    protocol: 'HTTP/1.1',
    tls: 'no',
    durability: 'each commit fsynced (WAL, synchronous=FULL)',
    fsync_p50_ms: quantile(sorted, 0.5),
    fsync_p99_ms: quantile(sorted, 0.99),
    load_average: loadavg()[0],
    cases,
  };
}
