// SPDX-License-Identifier: EUPL-1.2
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Failure } from '../core/failure.ts';
import { en } from './en/index.ts';
import { failureCode, failureText } from './failure-text.ts';
import { first } from './fr/first.ts';
import { fr } from './fr/index.ts';
import { type Key, type Plural, preferredLanguage, Text } from './text.ts';

const words = (entry: string | Plural): string[] =>
  typeof entry === 'string' ? [entry] : [entry.one, entry.other];
const entries = (catalogue: object) => Object.entries(catalogue) as [Key, string | Plural][];
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).toSorted();

const BANNED_FR = [
  /\bclés?\b/i,
  /\bclefs?\b/i,
  /\bsessions?\b/i,
  /\bjetons?\b/i,
  /signature croisée/i,
  /appareils? vérifiés?/i,
  /code de vérification/i,
];
const BANNED_EN = [/\bkeys?\b/i, /\bsessions?\b/i, /\btokens?\b/i, /cross-sign/i, /verified device/i];

test('[UX-2] no word of cryptography in what people read', () => {
  for (const [key, entry] of entries(fr))
    for (const text of words(entry)) for (const banned of BANNED_FR) expect(text, key).not.toMatch(banned);
  for (const [key, entry] of entries(en))
    for (const text of words(entry)) for (const banned of BANNED_EN) expect(text, key).not.toMatch(banned);
});

test('both languages fill in the same values', () => {
  for (const [key, entry] of entries(fr)) {
    const other = en[key];
    expect(typeof other, key).toBe(typeof entry);
    expect(holes(words(other).join(' ')), key).toEqual(holes(words(entry).join(' ')));
    expect(
      words(entry).every((t) => t.trim().length > 0) && words(other).every((t) => t.trim().length > 0),
    ).toBe(true);
  }
});

test('no name of a person or a room stands after a French word that would lose its vowel before it', () => {
  const before = /\b(?:de|que|le|la|ce|si)\s+(?:« )?\{(?:name|names|who|whom|by|room)\}/i;
  // Names of files are read as they are written.
  for (const [key, entry] of entries(fr))
    for (const text of words(entry)) if (!key.startsWith('attach.')) expect(text, key).not.toMatch(before);
});

test('French typography: typographic apostrophes, and signs that stay with their words', () => {
  expect(new Text('fr', fr).t('invite.title', { room: 'A b' })).toBe('Invitation dans «\u00A0A b\u00A0»');
  expect(new Text('fr', fr).t('signIn.forgotten')).toBe('Mot de passe oublié\u202F?');
  expect(new Text('en', en).t('signIn.forgotten')).toBe('Forgotten password?');
  for (const [key, entry] of entries(fr))
    for (const text of words(entry)) expect(text, key).not.toContain("'");
});

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sources(path);
    const counts = entry.name.endsWith('.c') && !entry.name.endsWith('_test.c');
    return counts ? [readFileSync(path, 'utf8')] : [];
  });
}

test('[UX-22] every errcode of the server has words', () => {
  const server = join(import.meta.dirname, '../../../src');
  const codes = new Set(
    sources(server).flatMap((source) => source.match(/(?<=")(?:ORG_MATRIX|M)_[A-Z_]+(?=")/g) ?? []),
  );
  expect(codes.size).toBeGreaterThan(20);
  for (const code of codes) expect(Object.keys(first), code).toContain(`error.${code}`);
});

test('[UX-22] every reason that the server gives has words of its own', () => {
  const server = join(import.meta.dirname, '../../../src');
  const calls = sources(server).flatMap(
    (source) => source.match(/\b(?:err_reason|deny|refuse)\([^;]*?;/g) ?? [],
  );
  const reasons = new Set(calls.flatMap((call) => call.match(/(?<=")[a-z]+(?:_[a-z]+)+(?=")/g) ?? []));
  expect(reasons.size).toBeGreaterThan(30);
  const keys = Object.keys(first).filter((key) => /^(?:reason|error\.M_[A-Z_]+)\.[a-z_]+$/.test(key));
  const known = keys.map((key) => key.slice(key.lastIndexOf('.') + 1));
  for (const reason of reasons) expect(known, reason).toContain(reason);
});

test('[UX-22] failures have their words before one is in, for they come at any time', () => {
  const failures = Object.keys(fr).filter((key) => /^(?:error|reason)\./.test(key));
  for (const key of failures) expect(Object.keys(first), key).toContain(key);
});

test('a code means what it means where it comes, and one without words is unforeseen', () => {
  const text = new Text('fr', fr);
  expect(failureText(text, new Failure('M_FORBIDDEN', 403), 'signIn')).toMatch(/mot de passe incorrect/);
  expect(failureText(text, new Failure('M_FORBIDDEN', 403))).toMatch(/pas le droit/);
  expect(failureText(text, new Failure('M_NEVER_HEARD_OF', 400))).toBe(text.t('error.UNEXPECTED'));
  expect(failureCode(new Failure('M_FORBIDDEN', 403))).toBe('M_FORBIDDEN-403');
  expect(failureCode(new Failure('OFFLINE'))).toBe('OFFLINE');
});

test('the language is the first of the browser’s that there is, else French', () => {
  expect(preferredLanguage(['de-DE', 'en-US', 'fr'])).toBe('en');
  expect(preferredLanguage(['fr-CA'])).toBe('fr');
  expect(preferredLanguage(['de'])).toBe('fr');
});
