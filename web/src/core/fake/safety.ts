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
    this.comparison.set({ step: 'asking', pictures: [] });
  }

  async acceptComparison(): Promise<void> {
    this.comparison.set({ step: 'preparing', pictures: [] });
  }

  async confirmPictures(same: boolean): Promise<void> {
    this.comparison.set({ step: same ? 'confirmed' : 'mismatch', pictures: [] });
  }

  async closeComparison(): Promise<void> {
    this.comparison.set(undefined);
  }
}
