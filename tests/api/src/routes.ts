// SPDX-License-Identifier: EUPL-1.2
// Remembers which routes of `chappe routes` the tests called, across the processes of one run: each
// process appends the rows it is the first to see to one file, which run.ts reads at the end.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { templatePattern, templateRank } from './spec.ts';

export interface Route {
  method: string;
  template: string;
  pattern: RegExp;
}

export const ROUTES_FILE = process.env.CHAPPE_ROUTES_FILE;
export const CALLED_FILE = process.env.CHAPPE_CALLED_FILE;

export function parseRoutes(text: string): Route[] {
  return text
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => line.split('\t'))
    .map(([method, template]) => ({ method, template, pattern: templatePattern(template) }))
    .sort((a, b) => templateRank(a.template) - templateRank(b.template));
}

const routes: Route[] =
  ROUTES_FILE && existsSync(ROUTES_FILE) ? parseRoutes(readFileSync(ROUTES_FILE, 'utf8')) : [];
const seen = new Set<string>();

/** These answers say nothing about a route: it may not exist, or was not reached. */
const NO_PROOF = ['M_UNRECOGNIZED', 'M_MISSING_TOKEN', 'M_UNKNOWN_TOKEN'];

/** Notes one answered request. */
export function recordCall(method: string, path: string, body: unknown): void {
  if (!CALLED_FILE) return;
  if (NO_PROOF.includes((body as { errcode?: string } | null)?.errcode ?? '')) return;
  const route = routes.find((r) => r.method === method && r.pattern.test(path));
  if (!route) return;
  const row = `${route.method}\t${route.template}`;
  if (seen.has(row)) return;
  seen.add(row);
  appendFileSync(CALLED_FILE, `${row}\n`);
}
