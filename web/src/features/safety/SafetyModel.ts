// SPDX-License-Identifier: EUPL-1.2
// When the recovery code is offered, how a new device is let in, and what to do when the code is lost.
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Safety } from '../../core/safety.ts';

const DAY_MS = 86_400_000;

/** What takes the place of the page. */
export type SafetyScreen = 'none' | 'code' | 'unlock' | 'loss' | 'restart';
/** What is said above the page, calmly. */
export type SafetyBanner = 'none' | 'code' | 'locked' | 'failed';

export interface SafetyView {
  readonly screen: SafetyScreen;
  readonly banner: SafetyBanner;
  readonly code: string;
  /** This device was confirmed, and is no more. */
  readonly replaced: boolean;
  readonly hasCode: boolean;
  readonly hasOtherDevice: boolean;
  /** What the person types: the code on `unlock`, the password on `restart`. */
  readonly typed: string;
  readonly missing: boolean;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

const EMPTY: SafetyView = {
  screen: 'none',
  banner: 'none',
  code: '',
  replaced: false,
  hasCode: false,
  hasOtherDevice: false,
  typed: '',
  missing: false,
  busy: false,
  failure: undefined,
};

export class SafetyModel {
  private readonly safety: Safety;
  private readonly now: () => number;
  private readonly cell = new Cell<SafetyView>(EMPTY);
  private postponed = false;

  constructor(safety: Safety, now: () => number = Date.now) {
    this.safety = safety;
    this.now = now;
  }

  get view(): Live<SafetyView> {
    return this.cell;
  }

  get comparison(): Safety['comparison'] {
    return this.safety.comparison;
  }

  /** Follows the port until the returned function is called. */
  watch(): () => void {
    const stop = this.safety.state.subscribe(() => void this.look());
    void this.look();
    return stop;
  }

  private async look(): Promise<void> {
    const state = this.safety.state.get();
    if (state.at === 'locked') {
      const { replaced, hasCode, hasOtherDevice } = state;
      const screen = this.postponed ? 'none' : this.screenWhileLocked();
      const banner = this.postponed ? 'locked' : 'none';
      this.cell.patch({ screen, banner, replaced, hasCode, hasOtherDevice });
    } else if (state.at === 'failed') {
      this.cell.set({ ...EMPTY, banner: 'failed', failure: state.failure });
    } else if (state.at === 'ready' && state.code) {
      await this.offer(state.code);
    } else if (state.at === 'ready') {
      this.cell.set(EMPTY);
    }
  }

  private screenWhileLocked(): SafetyScreen {
    const { screen } = this.cell.get();
    return screen === 'loss' || screen === 'restart' ? screen : 'unlock';
  }

  /** The first time as a screen, later once a day as a reminder. */
  private async offer(code: string): Promise<void> {
    const last = await this.safety.lastOffered();
    const due = last === undefined || this.now() - last >= DAY_MS;
    const screen = last === undefined || this.cell.get().screen === 'code' ? 'code' : 'none';
    this.cell.set({ ...EMPTY, screen, banner: screen === 'none' && due ? 'code' : 'none', code });
  }

  type(typed: string): void {
    this.cell.patch({ typed, missing: false });
  }

  /** From a banner, or from the settings. */
  show(screen: 'code' | 'unlock'): void {
    this.postponed = false;
    this.cell.patch({ screen, banner: 'none' });
  }

  async later(): Promise<void> {
    if (this.cell.get().code) await this.safety.noteOffered();
    else this.postponed = true;
    this.cell.patch({
      screen: 'none',
      banner: this.postponed ? 'locked' : 'none',
      typed: '',
      failure: undefined,
    });
  }

  async saved(): Promise<void> {
    await this.safety.noteSaved();
  }

  lost(step: 'unlock' | 'loss' | 'restart'): void {
    this.cell.patch({ screen: step, typed: '', missing: false, failure: undefined });
  }

  retry(): Promise<void> {
    return this.safety.retry();
  }

  unlock(): Promise<boolean> {
    return this.attempt((typed) => this.safety.unlock(typed));
  }

  restart(): Promise<boolean> {
    return this.attempt((typed) => this.safety.restart(typed));
  }

  /** False when nothing was typed. */
  private async attempt(action: (typed: string) => Promise<void>): Promise<boolean> {
    const { typed, busy } = this.cell.get();
    if (busy) return true;
    if (!typed.trim()) {
      this.cell.patch({ missing: true, failure: undefined });
      return false;
    }
    this.cell.patch({ busy: true, failure: undefined });
    try {
      await action(typed);
      this.cell.patch({ busy: false, typed: '' });
    } catch (error) {
      this.cell.patch({ busy: false, failure: failureOf(error) });
    }
    return true;
  }

  async compare(): Promise<void> {
    try {
      await this.safety.compare();
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
    }
  }

  accept(): Promise<void> {
    return this.safety.acceptComparison();
  }

  choosePictures(): Promise<void> {
    return this.safety.choosePictures();
  }

  /** Undefined: it is the code. */
  async readCode(code: Uint8Array): Promise<Failure | undefined> {
    try {
      await this.safety.readCode(code);
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }

  confirmRead(mine: boolean): Promise<void> {
    return this.safety.confirmRead(mine);
  }

  confirm(same: boolean): Promise<void> {
    return this.safety.confirmPictures(same);
  }

  closeComparison(): Promise<void> {
    return this.safety.closeComparison();
  }
}
