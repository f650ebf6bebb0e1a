// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { momentOf, str } from './unchecked.ts';

test.each([8.64e15 + 1, 1e300, -1, Number.NaN, Infinity, '2026', { toString: 1 }, null, undefined])(
  'whatever is told as a moment (%j) can be written as one',
  (value) => {
    const moment = momentOf(value);
    expect(() => new Date(moment).toISOString()).not.toThrow();
    expect(() => new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long' }).format(moment)).not.toThrow();
  },
);

test('a moment of today is itself; what is no text is none', () => {
  expect(momentOf(1_790_000_000_000)).toBe(1_790_000_000_000);
  expect(str('a')).toBe('a');
  for (const value of [{ toString: 1 }, ['a'], 1, null, undefined]) expect(str(value)).toBeUndefined();
});
