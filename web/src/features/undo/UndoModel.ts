// SPDX-License-Identifier: EUPL-1.2
// [UX-20] What is done a moment after it was asked for, so that it can be taken back.
import type { Deed, Deeds } from '../../core/deeds.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Key, Values } from '../../i18n/text.ts';

/** WCAG 2.2.1: who reads slowly has the time. Whoever does not want it ends it. */
export const UNDO_MS = 20_000;

export interface Toast {
  readonly text: Key;
  readonly values: Values;
  /** It can be taken back; otherwise it is told that it could not be done. */
  readonly open: boolean;
}

interface Offer {
  readonly deed: Deed;
  readonly text: Key;
  /** What is said when it is refused. */
  readonly refused: Key;
  readonly values: Values;
}

/** Runs later, and gives what calls it off. */
export type Schedule = (run: () => void, ms: number) => () => void;

const onClock: Schedule = (run, ms) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

export class UndoModel {
  private readonly deeds: Deeds;
  private readonly schedule: Schedule;
  private readonly cell = new Cell<Toast | undefined>(undefined);
  private readonly gone = new Cell<ReadonlySet<string>>(new Set());
  private waiting: Offer | undefined;
  private stop: () => void = () => {};

  constructor(deeds: Deeds, schedule: Schedule = onClock) {
    this.deeds = deeds;
    this.schedule = schedule;
  }

  get state(): Live<Toast | undefined> {
    return this.cell;
  }

  /** Messages that are about to be deleted: not shown any more, wherever they stand. */
  get hidden(): Live<ReadonlySet<string>> {
    return this.gone;
  }

  private hide(deed: Deed, hidden: boolean): void {
    if (deed.what !== 'remove') return;
    const next = new Set(this.gone.get());
    if (hidden) next.add(deed.eventId);
    else next.delete(deed.eventId);
    this.gone.set(next);
  }

  /** Done when the time is up; at once when something else is offered, or at the end of the visit. */
  offer(offer: Offer): void {
    this.flush();
    this.waiting = offer;
    this.hide(offer.deed, true);
    void this.deeds.intend(offer.deed).catch(() => {});
    this.cell.set({ text: offer.text, values: offer.values, open: true });
    this.stop = this.schedule(() => this.flush(), UNDO_MS);
  }

  undo(): void {
    const offer = this.take();
    if (!offer) return;
    void this.deeds.takeBack(offer.deed).catch(() => {});
    this.hide(offer.deed, false);
  }

  /** Does at once what waits, and takes away what is told. */
  flush(): void {
    const offer = this.take();
    if (offer) void this.carryOut(offer);
  }

  private async carryOut({ deed, refused, values }: Offer): Promise<void> {
    try {
      await this.deeds.carryOut(deed);
    } catch {
      // What is offered meanwhile is in nobody's way for longer.
      if (!this.waiting) this.cell.set({ text: refused, values, open: false });
    }
    this.hide(deed, false);
  }

  /** While somebody points at it or stands on it, the time does not run. */
  hold(held: boolean): void {
    this.stop();
    if (!held && this.waiting) this.stop = this.schedule(() => this.flush(), UNDO_MS);
  }

  private take(): Offer | undefined {
    const { waiting } = this;
    this.stop();
    this.waiting = undefined;
    this.cell.set(undefined);
    return waiting;
  }
}
