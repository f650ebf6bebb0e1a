// SPDX-License-Identifier: EUPL-1.2
// Words as they are compared: folded, parted by whatever is neither letter nor digit.
import { fold } from '../fold.ts';

const BETWEEN = /[^\p{Letter}\p{Number}]+/gu;

/** " comite de suivi ": a word begins after a space, so that looking for the beginning of one is one
 * search in a string. */
export const folded = (text: string): string => ` ${fold(text).replaceAll(BETWEEN, ' ').trim()} `;

/** Each of them must be there: the beginning of a word, or of several that were quoted together. */
export function termsOf(query: string): readonly string[] {
  const terms: string[] = [];
  const rest = query.replaceAll(/["«“]([^"»”]*)["»”]/g, (_, quoted: string) => {
    const phrase = folded(quoted).trim();
    if (phrase) terms.push(` ${phrase}`);
    return ' ';
  });
  for (const word of folded(rest).trim().split(' ')) if (word) terms.push(` ${word}`);
  return terms;
}

export const fits = (text: string, terms: readonly string[]): boolean =>
  terms.every((term) => text.includes(term));
