// SPDX-License-Identifier: EUPL-1.2
import type { Account } from '../../core/account.ts';
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';

export interface PasswordState {
  readonly old: string;
  readonly next: string;
  /** The other devices are signed out. */
  readonly others: boolean;
  readonly least: number;
  readonly oldFault: 'missing' | undefined;
  readonly nextFault: 'missing' | 'short' | 'same' | undefined;
  readonly busy: boolean;
  readonly done: boolean;
  readonly failure: Failure | undefined;
}

const EMPTY = {
  old: '',
  next: '',
  others: true,
  oldFault: undefined,
  nextFault: undefined,
  busy: false,
} as const;

export class PasswordModel {
  private readonly account: Account;
  private readonly cell = new Cell<PasswordState>({ ...EMPTY, least: 0, done: false, failure: undefined });

  constructor(account: Account) {
    this.account = account;
  }

  get state(): Live<PasswordState> {
    return this.cell;
  }

  async findLeast(): Promise<void> {
    this.cell.patch({ least: await this.account.passwordLeast() });
  }

  setOld(old: string): void {
    this.cell.patch({ old, oldFault: undefined, done: false });
  }

  setNext(next: string): void {
    this.cell.patch({ next, nextFault: undefined, done: false });
  }

  setOthers(others: boolean): void {
    this.cell.patch({ others });
  }

  private check(): boolean {
    const { old, next, least } = this.cell.get();
    const short = new TextEncoder().encode(next).length < least;
    const nextFault = !next ? 'missing' : short ? 'short' : next === old ? 'same' : undefined;
    this.cell.patch({ oldFault: old ? undefined : 'missing', nextFault, failure: undefined, done: false });
    return old !== '' && !nextFault;
  }

  /** False when the form itself says no. */
  async submit(): Promise<boolean> {
    if (this.cell.get().busy) return true;
    if (!this.check()) return false;
    const { old, next, others } = this.cell.get();
    this.cell.patch({ busy: true });
    try {
      await this.account.changePassword(old, next, others);
      this.cell.patch({ ...EMPTY, done: true });
    } catch (error) {
      this.cell.patch({ busy: false, failure: failureOf(error) });
    }
    return true;
  }
}
