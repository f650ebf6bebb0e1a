// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { type Entry, SEGMENT_MOST, type Saying, Shard } from './shard.ts';

const entry = (id: string, at: number, part: Partial<Entry> = {}): Entry => ({
  id,
  sender: '@a:x',
  at,
  text: id,
  file: false,
  edit: undefined,
  ...part,
});
const message = (id: string, at: number, part: Partial<Entry> = {}): Saying => ({
  what: 'message',
  entry: entry(id, at, part),
});
const edit = (target: string, at: number, text: string, sender = '@a:x'): Saying => ({
  what: 'edit',
  target,
  id: `$edit${at}`,
  sender,
  at,
  text,
});
const texts = (shard: Shard) => shard.all.flatMap(({ entries }) => entries.map(({ text }) => text));

function filled(...sayings: Saying[]): Shard {
  const shard = new Shard([]);
  for (const saying of sayings) shard.apply(saying);
  return shard;
}

test('messages stand in the order of their hours, each once, whichever way they came', () => {
  expect(texts(filled(message('c', 3), message('a', 1), message('b', 2), message('a', 1)))).toEqual([
    'a',
    'b',
    'c',
  ]);
});

test('[UX-12] an edit puts its words in the place of the old, also when it is read before the message', () => {
  expect(texts(filled(message('a', 1), edit('a', 5, 'mieux'), edit('a', 4, 'avant')))).toEqual(['mieux']);
  expect(texts(filled(edit('a', 5, 'mieux'), message('a', 1), message('b', 2)))).toEqual(['mieux', 'b']);
});

test('an edit by somebody else is none', () => {
  expect(texts(filled(message('a', 1), edit('a', 5, 'faux', '@b:x')))).toEqual(['a']);
  expect(texts(filled(edit('a', 5, 'faux', '@b:x'), message('a', 1)))).toEqual(['a']);
});

test('[UX-12] what is redacted is gone; a redacted edit gives the words before it back', () => {
  const shard = filled(message('a', 1), message('b', 2), edit('b', 3, 'mieux'));
  shard.apply({ what: 'redaction', target: 'a' });
  expect(texts(shard)).toEqual(['mieux']);
  shard.apply({ what: 'redaction', target: '$edit3' });
  expect(texts(shard)).toEqual(['b']);
  shard.apply({ what: 'redaction', target: 'unknown' });
  expect(texts(shard)).toEqual(['b']);
});

test('what is older than a moment goes, and the rest stays', () => {
  const shard = filled(message('a', 1), message('b', 2), message('c', 3));
  shard.dropBefore(3);
  expect(texts(shard)).toEqual(['c']);
  shard.dropBefore(9);
  expect(texts(shard)).toEqual([]);
});

test('only segments that have changed are written again, and full ones are left', () => {
  const n = SEGMENT_MOST;
  const shard = filled(...Array.from({ length: n + 1 }, (_, i) => message(`$${i}`, i)));
  expect(shard.all.map(({ entries }) => entries.length)).toEqual([n, 1]);
  shard.takeChanges();
  shard.apply(message('new', n + 5));
  expect(shard.takeChanges().changed.map(({ entries }) => entries.length)).toEqual([2]);
  shard.apply(message('old', -1));
  expect(texts(shard)[0]).toBe('old');
  expect(shard.dropOldest()).toBe(n / 2 - 1);
  expect(shard.takeChanges().gone).toHaveLength(1);
  const again = new Shard(shard.all);
  expect(texts(again)).toEqual(texts(shard));
  again.apply(message('new', n + 5));
  expect(again.takeChanges().changed).toEqual([]);
});
