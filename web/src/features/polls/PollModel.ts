// SPDX-License-Identifier: EUPL-1.2
// A poll that is being written.
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Timeline } from '../../core/timeline.ts';

export const MOST_ANSWERS = 20;

export interface PollState {
  readonly question: string;
  readonly answers: readonly string[];
  readonly disclosed: boolean;
  /** One may choose several answers. */
  readonly several: boolean;
  readonly questionFault: boolean;
  readonly answersFault: boolean;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

export class PollModel {
  private readonly timeline: Timeline;
  private readonly cell = new Cell<PollState>({
    question: '',
    answers: ['', ''],
    disclosed: true,
    several: false,
    questionFault: false,
    answersFault: false,
    busy: false,
    failure: undefined,
  });

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  get state(): Live<PollState> {
    return this.cell;
  }

  setQuestion(question: string): void {
    this.cell.patch({ question, questionFault: false });
  }

  setAnswer(at: number, answer: string): void {
    const answers = this.cell.get().answers.with(at, answer);
    this.cell.patch({ answers, answersFault: false });
  }

  addAnswer(): void {
    const { answers } = this.cell.get();
    if (answers.length < MOST_ANSWERS) this.cell.patch({ answers: [...answers, ''] });
  }

  setDisclosed(disclosed: boolean): void {
    this.cell.patch({ disclosed });
  }

  setSeveral(several: boolean): void {
    this.cell.patch({ several });
  }

  /** True once it is put; false: the state says why not. */
  async submit(): Promise<boolean> {
    const { question, answers: typed, disclosed, several, busy } = this.cell.get();
    const answers = [...new Set(typed.map((answer) => answer.trim()).filter(Boolean))];
    const faults = { questionFault: !question.trim(), answersFault: answers.length < 2 };
    this.cell.patch({ ...faults, failure: undefined });
    if (busy || faults.questionFault || faults.answersFault) return false;
    this.cell.patch({ busy: true });
    try {
      const most = several ? answers.length : 1;
      await this.timeline.putPoll({ question: question.trim(), answers, most, disclosed });
      return true;
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
      return false;
    } finally {
      this.cell.patch({ busy: false });
    }
  }
}
