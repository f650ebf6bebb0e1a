// SPDX-License-Identifier: EUPL-1.2
// YAML files that every test file reads: parsing the specification takes most of a second.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { CACHE } from './paths.ts';

const KEPT = `${CACHE}/yaml`;

/** What the file holds; it is kept as JSON under the hash of its bytes, for whoever reads it next. */
export function readYaml(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  const kept = `${KEPT}/${createHash('sha256').update(text).digest('hex')}.json`;
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const value: unknown = parse(text) ?? null;
  mkdirSync(KEPT, { recursive: true });
  // Another process may be at the same file: neither reads half of it.
  const own = `${kept}.${process.pid}`;
  writeFileSync(own, JSON.stringify(value));
  renameSync(own, kept);
  return value;
}
