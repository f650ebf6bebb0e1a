// SPDX-License-Identifier: EUPL-1.2
// What is shown of a message that was found: the words that were looked for, marked, with what stands around.
import { folded, termsOf } from '../../core/search/words.ts';

export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** Letters before the first word that fits, and in all. */
const BEFORE = 60;
const LONGEST = 220;
const WORD = /[\p{Letter}\p{Number}\p{Mark}]+/gu;

export function snippetOf(text: string, query: string): readonly Piece[] {
  const wanted = termsOf(query).flatMap((term) => term.trim().split(' '));
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const isWanted = (word: string) => wanted.some((one) => folded(word).startsWith(` ${one}`));
  const words = [...line.matchAll(WORD)].map(({ 0: word, index }) => ({ word, index }));
  const first = words.find(({ word }) => isWanted(word))?.index ?? 0;
  const start = first > BEFORE ? (words.findLast(({ index }) => index <= first - BEFORE)?.index ?? 0) : 0;
  const end = start + LONGEST;
  const pieces: Piece[] = [];
  const add = (from: number, to: number, marked: boolean) => {
    if (to > from) pieces.push({ text: line.slice(from, to), marked });
  };
  let at = start;
  for (const { word, index } of words) {
    if (index < start || index + word.length > end || !isWanted(word)) continue;
    add(at, index, false);
    add(index, index + word.length, true);
    at = index + word.length;
  }
  add(at, Math.min(end, line.length), false);
  if (start > 0) pieces.unshift({ text: '… ', marked: false });
  if (end < line.length) pieces.push({ text: ' …', marked: false });
  return pieces;
}

/** One line of what was said before or after. */
export function lineOf(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 90 ? `${line.slice(0, 90)}…` : line;
}
