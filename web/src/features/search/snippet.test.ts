// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { snippetOf } from './snippet.ts';

const shown = (text: string, query: string) =>
  snippetOf(text, query)
    .map(({ text: words, marked }) => (marked ? `[${words}]` : words))
    .join('');

test('words that begin as asked for are marked, accents or not', () => {
  expect(shown('L’été, la délégation', 'ete delegation')).toBe('L’[été], la [délégation]');
  expect(shown('Réunion\ndemain', '"réunion demain"')).toBe('[Réunion] [demain]');
  expect(shown('rien de tel', 'autre')).toBe('rien de tel');
});

test('of a long message the part with the words is shown', () => {
  const text = `${'avant '.repeat(60)}cible ${'après '.repeat(60)}`;
  const line = shown(text, 'cible');
  expect(line).toMatch(/^… avant .*\[cible\].*…$/);
  expect(line.length).toBeLessThan(240);
});
