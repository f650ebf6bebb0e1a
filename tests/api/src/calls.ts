// SPDX-License-Identifier: EUPL-1.2
// Remembers which routes the tests called, across the processes of one run: each process appends
// what it is the first to see to one file, which run.ts reads at the end.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'vitest';
import { CALLED_FILE, formatCall, parseRoutes, ROUTES_FILE, type Route } from './routes.ts';

const routes: Route[] =
  ROUTES_FILE && existsSync(ROUTES_FILE) ? parseRoutes(readFileSync(ROUTES_FILE, 'utf8')) : [];
const seen = new Set<string>();

/** These answers say nothing about a route: it may not exist, or was not reached. */
const NO_PROOF = ['M_UNRECOGNIZED', 'M_MISSING_TOKEN', 'M_UNKNOWN_TOKEN'];

/** Notes one answered request. */
export function recordCall(method: string, path: string, status: number, body: unknown): void {
  if (!CALLED_FILE) return;
  if (NO_PROOF.includes((body as { errcode?: string } | null)?.errcode ?? '')) return;
  const route = routes.find((r) => r.method === method && r.pattern.test(path));
  if (!route) return;
  const { currentTestName = '', testPath = '' } = expect.getState();
  const row = formatCall({
    method: route.method,
    template: route.template,
    done: status < 400,
    file: basename(testPath),
    test: currentTestName.replaceAll(/\s+/g, ' '),
  });
  if (seen.has(row)) return;
  seen.add(row);
  appendFileSync(CALLED_FILE, `${row}\n`);
}
