// SPDX-License-Identifier: EUPL-1.2
import { EventEmitter } from 'node:events';
import type { MatrixEvent, Room } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { type Ballot, countVotes, pollOf, Polls, startOf } from './polls.ts';

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
    unsure: 0,
    passed: 0,
    minePassed: false,
    answers: [
      { id: 'a', text: 'Lundi', votes: 1, mine: false },
      { id: 'b', text: 'Mardi', votes: 1, mine: true },
    ],
  });
  expect(countVotes(ANSWERS, ballots, 2, '@me').answers[1]?.votes).toBe(2);
});

test('a vote of a device that was not confirmed counts where there is no other of the same person, and is said', () => {
  const ballots = [
    { sender: '@x', at: 1, answers: ['a'] },
    { sender: '@x', at: 2, answers: ['b'], doubt: 'device' as const },
    { sender: '@y', at: 1, answers: ['b'], doubt: 'device' as const },
    { sender: '@y', at: 2, answers: ['a'], doubt: 'device' as const },
    { sender: '@z', at: 1, answers: ['b'], doubt: 'device' as const },
    { sender: '@z', at: 2, answers: ['a'] },
  ];
  const counted = countVotes(ANSWERS, ballots, 1, '@me');
  expect(counted.answers.map(({ votes }) => votes)).toEqual([3, 0]);
  // @x has changed it since.
  expect(counted).toMatchObject({ voters: 3, unsure: 1, passed: 1, minePassed: false });
  expect(countVotes(ANSWERS, ballots.toReversed(), 1, '@me')).toEqual(counted);
});

test('one’s own vote that does not count, since the device is not confirmed, is said beside it', () => {
  const ballots = [
    { sender: '@me', at: 1, answers: ['a'] },
    { sender: '@me', at: 2, answers: ['b'], doubt: 'device' as const },
  ];
  expect(countVotes(ANSWERS, ballots, 1, '@me')).toMatchObject({ passed: 0, minePassed: true });
  const confirmed = [...ballots, { sender: '@me', at: 3, answers: ['b'] }];
  expect(countVotes(ANSWERS, confirmed, 1, '@me')).toMatchObject({ minePassed: false });
});

/** Votes of one person for Monday, then for Tuesday. */
const changed = (session: string, other = session): [Ballot, Ballot] => [
  { sender: '@x', at: 1, answers: ['a'], seal: { session, number: 1 } },
  { sender: '@x', at: 2, answers: ['b'], seal: { session: other, number: 2 } },
];

test.each(['s', 'other'])(
  'a vote that is served again is the one that it was (changed under key %s)',
  (other) => {
    const [first, second] = changed('s', other);
    for (const copied of [first, second]) {
      const copy = { ...copied, at: 9, doubt: 'twice' as const };
      const originals = [first, second].map((one) =>
        one === copied ? { ...one, doubt: 'twice' as const } : one,
      );
      for (const ballots of [
        [...originals, copy],
        [copy, ...originals],
      ]) {
        const counted = countVotes(ANSWERS, ballots, 1, '@me');
        expect(counted.answers.map(({ votes }) => votes)).toEqual([0, 1]);
        expect(counted).toMatchObject({ voters: 1, unsure: 0, passed: 0 });
      }
    }
  },
);

test('of votes with one key, their numbers say which is the last, whatever hours the server gives them', () => {
  const [first, second] = changed('s');
  for (const ballots of [
    [{ ...first, at: 9 }, second],
    [second, { ...first, at: 9 }],
  ])
    expect(countVotes(ANSWERS, ballots, 1, '@me').answers.map(({ votes }) => votes)).toEqual([0, 1]);
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
    isEncrypted: () => false,
    getContent: () => ({}),
    getSender: () => sender,
    getTs: () => 1,
  }) as unknown as MatrixEvent;

test('in an encrypted room a vote that came in clear, or of nobody, is none; one of an unconfirmed device is told', async () => {
  const votes = ['@alix:x', '@paul:x', '@jo:x', '@nour:x'].map(vote);
  const sdkPoll = Object.assign(new EventEmitter(), {
    isEnded: false,
    getResponses: async () => ({ getRelations: () => votes }),
  });
  const room = Object.assign(new EventEmitter(), { polls: new Map([['$poll', sdkPoll]]) });
  const { content } = startOf({ question: 'Quel jour ?', answers: ['Lundi'], most: 1, disclosed: true });
  const [answer] = pollOf({ ...content }, [], false, '@me')?.answers ?? [];
  for (const one of votes) one.getContent = () => ({ 'm.selections': [answer?.id] }) as never;
  const doubts = {
    of: (...[, event]: [Room, MatrixEvent]) =>
      ([undefined, 'clear', 'author', 'device'] as const)[votes.indexOf(event)],
  };
  const polls = new Polls(room as unknown as Room, '@me', doubts, () => {});
  const put = { getId: () => '$poll', getContent: () => content } as unknown as MatrixEvent;
  await vi.waitFor(() =>
    expect(polls.read(put)).toMatchObject({ voters: 2, unsure: 1, answers: [{ votes: 2 }] }),
  );
});
