// SPDX-License-Identifier: EUPL-1.2
import { ConnectionError, EventStatus, MatrixError } from 'matrix-js-sdk';
import { expect, test } from 'vitest';
import { lineOf, stateOf, wordsOf } from './reading.ts';

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

const stopped = (error: Error | null) => ({
  status: EventStatus.NOT_SENT,
  error: error as MatrixError | null,
});

test('[UX-15] what the network stopped waits for it, and all behind it; what was refused waits for its author', () => {
  const cut = stopped(new ConnectionError('no network'));
  const refused = stopped(new MatrixError({ errcode: 'M_FORBIDDEN' }, 403));
  expect(stateOf(cut, [cut])).toBe('waiting');
  expect(stateOf(refused, [refused])).toBe('failed');
  expect(stateOf(stopped(null), [cut, stopped(null)])).toBe('waiting');
  expect(stateOf(stopped(null), [refused, stopped(null)])).toBe('failed');
  expect(stateOf({ status: EventStatus.ENCRYPTING, error: null }, [])).toBe('sending');
  expect(stateOf({ status: null, error: null }, [])).toBe('sent');
});
