// SPDX-License-Identifier: EUPL-1.2
import type { Account, Device } from '../../core/account.ts';
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';

export interface DevicesState {
  /** Undefined until they have come. */
  readonly devices: readonly Device[] | undefined;
  /** What is being renamed, and signed out. */
  readonly renaming: string | undefined;
  readonly leaving: readonly string[];
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

export class DevicesModel {
  private readonly account: Account;
  private readonly cell = new Cell<DevicesState>({
    devices: undefined,
    renaming: undefined,
    leaving: [],
    busy: false,
    failure: undefined,
  });

  constructor(account: Account) {
    this.account = account;
  }

  get state(): Live<DevicesState> {
    return this.cell;
  }

  async load(): Promise<void> {
    await this.attempt(async () => this.cell.patch({ devices: await this.account.devices() }));
  }

  startRenaming(id: string | undefined): void {
    this.cell.patch({ renaming: id, failure: undefined });
  }

  async rename(id: string, name: string): Promise<void> {
    const wanted = name.trim();
    const done =
      !wanted ||
      (await this.attempt(async () => {
        await this.account.renameDevice(id, wanted);
        this.cell.patch({ devices: await this.account.devices() });
      }));
    if (done) this.startRenaming(undefined);
  }

  /** Asks for the password first; none: not any more. */
  startLeaving(ids: readonly string[]): void {
    this.cell.patch({ leaving: ids, failure: undefined });
  }

  /** True once they are signed out. */
  async signOut(password: string): Promise<boolean> {
    const { leaving } = this.cell.get();
    const done = await this.attempt(async () => {
      await this.account.signOutDevices(leaving, password);
      this.cell.patch({ devices: await this.account.devices() });
    });
    if (done) this.startLeaving([]);
    return done;
  }

  private async attempt(action: () => Promise<void>): Promise<boolean> {
    this.cell.patch({ busy: true, failure: undefined });
    try {
      await action();
      return true;
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
      return false;
    } finally {
      this.cell.patch({ busy: false });
    }
  }
}
