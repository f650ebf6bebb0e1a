// SPDX-License-Identifier: EUPL-1.2
import { type Failure, failureOf } from '../core/failure.ts';
import { Cell, type Live } from '../core/live.ts';

export interface AttemptState {
  readonly busy: boolean;
  readonly done: boolean;
  readonly failure: Failure | undefined;
}

/** Something that is asked of the server, one at a time, and may be refused. */
export class Attempt {
  private readonly cell = new Cell<AttemptState>({ busy: false, done: false, failure: undefined });

  get state(): Live<AttemptState> {
    return this.cell;
  }

  /** True once it is done; false: the state says why, or another one is at work. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.cell.get().busy) return false;
    this.cell.set({ busy: true, done: false, failure: undefined });
    try {
      await action();
      this.cell.set({ busy: false, done: true, failure: undefined });
      return true;
    } catch (error) {
      this.cell.set({ busy: false, done: false, failure: failureOf(error) });
      return false;
    }
  }

  forget(): void {
    this.cell.set({ busy: false, done: false, failure: undefined });
  }
}
