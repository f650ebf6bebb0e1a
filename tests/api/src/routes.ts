// SPDX-License-Identifier: EUPL-1.2
// The routes of `chappe routes`, and which tests called them with what outcome (src/calls.ts).
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

/** One line of CALLED_FILE: a test had an answer of a route. */
export interface Call {
  method: string;
  template: string;
  done: boolean; // the route did what it is for: a status below 400
  file: string;
  test: string; // empty: in the preparation of a file
}

export const formatCall = (c: Call) =>
  [c.method, c.template, c.done ? 'done' : 'refused', c.file, c.test].join('\t');

export function parseCalls(text: string): Call[] {
  return text
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => line.split('\t'))
    .map(([method, template, done, file, test]) => ({ method, template, done: done === 'done', file, test }));
}
