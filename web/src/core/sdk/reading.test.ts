// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { lineOf, wordsOf } from './reading.ts';

test('a quotation and a list show the words, not what lays them out', () => {
  expect(wordsOf('<p>Bonjour, la note est <strong>prête</strong>.</p>')).toBe('Bonjour, la note est prête.');
  expect(wordsOf('<mx-reply><blockquote>avant</blockquote></mx-reply>oui &amp; non &lt;b&gt;')).toBe(
    'oui & non <b>',
  );
  expect(lineOf({ kind: 'text', text: '**x**', html: '<b>x</b>' })).toBe('x');
  expect(lineOf({ kind: 'text', text: 'x', html: undefined })).toBe('x');
  expect(lineOf({ kind: 'file', name: 'note.pdf', attachment: undefined })).toBe('note.pdf');
  expect(lineOf({ kind: 'deleted' })).toBeUndefined();
});
