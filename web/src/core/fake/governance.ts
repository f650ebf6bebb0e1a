// SPDX-License-Identifier: EUPL-1.2
import { Failure } from '../failure.ts';
import type { Asking, Governance, Kept, Retention, Rights } from '../governance.ts';
import { Cell } from '../live.ts';
import type { Person, Role } from '../rooms.ts';

export class FakeGovernance implements Governance {
  readonly rights = new Cell<Rights>({
    invite: true,
    rename: true,
    describe: true,
    roles: true,
    remove: true,
    ban: true,
    pin: true,
    picture: true,
    hold: true,
    open: true,
    retain: true,
    letAsk: true,
  });
  readonly banned = new Cell<readonly Person[]>([]);
  readonly asking = new Cell<readonly Asking[]>([]);
  readonly mayAsk = new Cell(false);
  readonly kept = new Cell<Kept | undefined>(undefined);
  allowed: Retention | undefined;
  /** What was asked for, in order. */
  readonly done: string[] = [];
  failing: Failure | undefined;

  private note(what: string): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
    this.done.push(what);
  }

  async rename(name: string): Promise<void> {
    this.note(`rename ${name}`);
  }

  async describe(topic: string): Promise<void> {
    this.note(`describe ${topic}`);
  }

  async setPicture(url: string | undefined): Promise<void> {
    this.note(`picture ${url ?? ''}`);
  }

  async openToExternals(): Promise<void> {
    this.note('open');
    this.rights.patch({ open: false });
  }

  async retention(): Promise<Retention | undefined> {
    return this.allowed;
  }

  async keepFor(kept: Kept): Promise<void> {
    this.note(`keep ${kept}`);
    this.kept.set(kept);
  }

  async letAsk(yes: boolean): Promise<void> {
    this.note(`letAsk ${yes}`);
    this.mayAsk.set(yes);
  }

  async setRole(userId: string, role: Role): Promise<void> {
    this.note(`role ${userId} ${role}`);
  }

  async remove(userId: string): Promise<void> {
    this.note(`remove ${userId}`);
  }

  async ban(userId: string): Promise<void> {
    this.note(`ban ${userId}`);
  }

  async unban(userId: string): Promise<void> {
    this.note(`unban ${userId}`);
  }
}
