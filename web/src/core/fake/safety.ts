// SPDX-License-Identifier: EUPL-1.2
import { Failure } from '../failure.ts';
import { Cell } from '../live.ts';
import type { Comparison, Safety, SafetyState } from '../safety.ts';

export const FAKE_CODE = 'EsTf 4f2e tzWX';

export class FakeSafety implements Safety {
  readonly state = new Cell<SafetyState>({ at: 'ready', code: undefined });
  readonly comparison = new Cell<Comparison | undefined>(undefined);
  offeredAt: number | undefined;
  password = 'un mot de passe';
  /** Thrown by the next call. */
  failing: Failure | undefined;

  private check(): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
  }

  async retry(): Promise<void> {
    this.state.set({ at: 'ready', code: undefined });
  }

  async lastOffered(): Promise<number | undefined> {
    return this.offeredAt;
  }

  async noteOffered(): Promise<void> {
    this.offeredAt = Date.now();
  }

  async noteSaved(): Promise<void> {
    this.state.set({ at: 'ready', code: undefined });
  }

  async unlock(code: string): Promise<void> {
    this.check();
    if (code !== FAKE_CODE) throw new Failure('WRONG_CODE');
    this.state.set({ at: 'ready', code: undefined });
  }

  async restart(password: string): Promise<void> {
    this.check();
    if (password !== this.password) throw new Failure('M_FORBIDDEN', 401);
    this.state.set({ at: 'ready', code: FAKE_CODE });
  }

  async compare(): Promise<void> {
    this.check();
    this.step('asking');
  }

  async acceptComparison(): Promise<void> {
    this.step('choosing');
  }

  async choosePictures(): Promise<void> {
    this.step('comparing');
  }

  /** The code is three bytes. */
  async readCode(code: Uint8Array): Promise<void> {
    if (code.length !== 3) throw new Failure('WRONG_QR');
    this.step('recognised');
  }

  async confirmRead(mine: boolean): Promise<void> {
    this.step(mine ? 'done' : 'mismatch');
  }

  private step(step: Comparison['step']): void {
    const code = step === 'choosing' ? Uint8Array.of(1, 2, 3) : undefined;
    this.comparison.set({ step, pictures: [], code, mayRead: step === 'choosing' });
  }

  async confirmPictures(same: boolean): Promise<void> {
    this.step(same ? 'confirmed' : 'mismatch');
  }

  async closeComparison(): Promise<void> {
    this.comparison.set(undefined);
  }
}
