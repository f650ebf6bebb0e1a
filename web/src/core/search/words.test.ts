// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fits, folded, termsOf } from './words.ts';

const found = (text: string, query: string) => fits(folded(text), termsOf(query));

test('[UX-12] words are found by their beginning, without accents, in any order', () => {
  expect(found('La délégation à l’Économie', 'economie DELEG')).toBe(true);
  expect(found('Le cœur du réacteur', 'coeur')).toBe(true);
  expect(found('La délégation', 'legation')).toBe(false);
  expect(found('budget 2027-2028', '2028')).toBe(true);
  expect(found('un mot', 'un autre')).toBe(false);
});

test('what is quoted stands together', () => {
  expect(found('la note de service', '"note de serv"')).toBe(true);
  expect(found('la note du service', '« note de service »')).toBe(false);
  expect(termsOf('  ')).toEqual([]);
});
