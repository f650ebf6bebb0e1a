// SPDX-License-Identifier: EUPL-1.2
import { Cell } from '../live.ts';
import type { Notice, Notices, Permission } from '../notices.ts';

export class FakeNotices implements Notices {
  readonly permission = new Cell<Permission>('default');
  readonly shown: Notice[] = [];
  readonly badges: number[] = [];
  /** What the person will answer. */
  answer: Permission = 'granted';

  async ask(): Promise<Permission> {
    if (this.permission.get() === 'default') this.permission.set(this.answer);
    return this.permission.get();
  }

  async show(notice: Notice): Promise<void> {
    this.shown.push(notice);
  }

  async clear(roomId: string): Promise<void> {
    const left = this.shown.filter((one) => one.roomId !== roomId);
    this.shown.splice(0, this.shown.length, ...left);
  }

  badge(unread: number): void {
    if (this.badges.at(-1) !== unread) this.badges.push(unread);
  }
}
