// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import type { MatrixEvent, Room } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { countVotes, pollOf, Polls, startOf } from './polls.ts';

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

const vote = (sender: string) =>
  ({
    isRedacted: () => false,
    getContent: () => ({}),
    getSender: () => sender,
    getTs: () => 1,
  }) as unknown as MatrixEvent;

test('in an encrypted room a vote that came in clear is none', async () => {
  const votes = [vote('@alix:x'), vote('@paul:x')];
  const sdkPoll = Object.assign(new EventEmitter(), {
    isEnded: false,
    getResponses: async () => ({ getRelations: () => votes }),
  });
  const room = Object.assign(new EventEmitter(), { polls: new Map([['$poll', sdkPoll]]) });
  const { content } = startOf({ question: 'Quel jour ?', answers: ['Lundi'], most: 1, disclosed: true });
  const [answer] = pollOf({ ...content }, [], false, '@me')?.answers ?? [];
  for (const one of votes) one.getContent = () => ({ 'm.selections': [answer?.id] }) as never;
  const doubts = {
    of: (...[, event]: [Room, MatrixEvent]) => (event === votes[1] ? 'clear' : undefined),
  } as const;
  const polls = new Polls(room as unknown as Room, '@me', doubts, () => {});
  const put = { getId: () => '$poll', getContent: () => content } as unknown as MatrixEvent;
  await vi.waitFor(() => expect(polls.read(put)).toMatchObject({ voters: 1, answers: [{ votes: 1 }] }));
});
