// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { countVotes, pollOf, startOf } from './polls.ts';

const ANSWERS = [
  { id: 'a', text: 'Lundi' },
  { id: 'b', text: 'Mardi' },
];

test('the last ballot of each counts, with answers that there are, and no more than allowed', () => {
  const ballots = [
    { sender: '@me', at: 1, answers: ['a'] },
    { sender: '@me', at: 3, answers: ['b'] },
    { sender: '@x', at: 2, answers: ['a', 'b'] },
    { sender: '@y', at: 2, answers: ['nothing of the kind'] },
    { sender: '@z', at: 2, answers: ['a'] },
    { sender: '@z', at: 3, answers: [] },
  ];
  expect(countVotes(ANSWERS, ballots, 1, '@me')).toEqual({
    voters: 2,
    answers: [
      { id: 'a', text: 'Lundi', votes: 1, mine: false },
      { id: 'b', text: 'Mardi', votes: 1, mine: true },
    ],
  });
  expect(countVotes(ANSWERS, ballots, 2, '@me').answers[1]?.votes).toBe(2);
});

test('a poll is read as it was put, and under the names of the specification', () => {
  const put = startOf({ question: 'Quel jour ?', answers: ['Lundi', 'Mardi'], most: 1, disclosed: true });
  expect(pollOf({ ...put.content }, [], false, '@me')).toMatchObject({
    question: 'Quel jour ?',
    answers: [{ text: 'Lundi' }, { text: 'Mardi' }],
    most: 1,
    shown: true,
  });
  const stable = {
    'm.poll': {
      question: { 'm.text': [{ body: 'Où ?' }] },
      kind: 'm.undisclosed',
      max_selections: 2,
      answers: [{ 'm.id': '1', 'm.text': [{ body: 'Ici' }] }, 'rubbish'],
    },
  };
  expect(pollOf(stable, [], false, '@me')).toMatchObject({
    question: 'Où ?',
    answers: [{ id: '1', text: 'Ici' }],
    most: 2,
    shown: false,
  });
  expect(pollOf({ body: 'rien' }, [], false, '@me')).toBeUndefined();
});
