// SPDX-License-Identifier: EUPL-1.2
// [UX-20] What is done a few seconds after it was asked for, so that it can be taken back.
import { Cell, type Live } from '../../core/live.ts';
import type { Key, Values } from '../../i18n/text.ts';

export const UNDO_MS = 5000;

export interface Offer {
  readonly text: Key;
  readonly values: Values;
}

interface Waiting extends Offer {
  readonly act: () => unknown;
  readonly undone: () => void;
}

/** Runs later, and gives what calls it off. */
export type Schedule = (run: () => void, ms: number) => () => void;

const onClock: Schedule = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export class UndoModel {
  private readonly schedule: Schedule;
  private readonly cell = new Cell<Offer | undefined>(undefined);
  private waiting: Waiting | undefined;
  private stop: () => void = () => {};

  constructor(schedule: Schedule = onClock) {
    this.schedule = schedule;
  }

  get state(): Live<Offer | undefined> {
    return this.cell;
  }

  /** Acts when the time is up; at once when something else is offered, or at the end of the visit. */
  offer(offer: Offer, act: () => unknown, undone: () => void = () => {}): void {
    this.flush();
    this.waiting = { ...offer, act, undone };
    this.cell.set(offer);
    this.stop = this.schedule(() => this.flush(), UNDO_MS);
  }

  undo(): void {
    this.take()?.undone();
  }

  flush(): void {
    this.take()?.act();
  }

  /** While somebody points at it or stands on it, the time does not run. */
  hold(held: boolean): void {
    this.stop();
    if (!held && this.waiting) this.stop = this.schedule(() => this.flush(), UNDO_MS);
  }

  private take(): Waiting | undefined {
    const waiting = this.waiting;
    this.stop();
    this.waiting = undefined;
    this.cell.set(undefined);
    return waiting;
  }
}
