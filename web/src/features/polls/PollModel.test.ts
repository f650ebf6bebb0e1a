// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeTimeline } from '../../core/fake/timeline.ts';
import { PollModel } from './PollModel.ts';

test('[UX-20] a poll has a question and two different answers; blanks are not answers', async () => {
  const timeline = new FakeTimeline();
  const model = new PollModel(timeline);
  expect(await model.submit()).toBe(false);
  expect(model.state.get()).toMatchObject({ questionFault: true, answersFault: true });
  model.setQuestion(' Quel jour ? ');
  model.setAnswer(0, 'Lundi');
  model.setAnswer(1, ' Lundi ');
  expect(await model.submit()).toBe(false);
  model.addAnswer();
  model.setAnswer(2, 'Mardi');
  model.setDisclosed(false);
  timeline.failing = new Failure('OFFLINE');
  expect(await model.submit()).toBe(false);
  expect(model.state.get().failure?.code).toBe('OFFLINE');
  expect(await model.submit()).toBe(true);
  expect(timeline.polls).toEqual([
    { question: 'Quel jour ?', answers: ['Lundi', 'Mardi'], most: 1, disclosed: false },
  ]);
  model.setSeveral(true);
  expect(await model.submit()).toBe(true);
  expect(timeline.polls[1]?.most).toBe(2);
});
