// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import type { Poll } from '../../core/timeline.ts';
import { nextChoice } from './PollView.tsx';

const poll = (mine: string[], most: number): Poll => ({
  question: 'Quand ?',
  answers: ['a', 'b', 'c'].map((id) => ({ id, text: id, votes: 0, mine: mine.includes(id) })),
  most,
  voters: 0,
  unsure: 0,
  passed: 0,
  minePassed: false,
  ended: false,
  shown: true,
});
const press = (of: Poll, id: string) => nextChoice(of, of.answers.find((answer) => answer.id === id)!);

test('one answer takes the place of another, or is taken back', () => {
  expect(press(poll([], 1), 'a')).toEqual(['a']);
  expect(press(poll(['a'], 1), 'b')).toEqual(['b']);
  expect(press(poll(['a'], 1), 'a')).toEqual([]);
});

test('of several, the last ones count', () => {
  expect(press(poll(['a'], 2), 'b')).toEqual(['a', 'b']);
  expect(press(poll(['a', 'b'], 2), 'c')).toEqual(['b', 'c']);
});
