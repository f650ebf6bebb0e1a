// SPDX-License-Identifier: EUPL-1.2
import { Cell } from '../live.ts';
import type { People } from '../people.ts';
import type { Person } from '../rooms.ts';
import { fakePerson } from './rooms.ts';

export class FakePeople implements People {
  readonly blocked = new Cell<ReadonlySet<string>>(new Set());
  readonly reported: [string, string][] = [];

  async about(userId: string): Promise<Person> {
    return fakePerson(userId, userId.slice(1));
  }

  async shared(): Promise<readonly string[]> {
    return [];
  }

  async block(userId: string, blocked: boolean): Promise<void> {
    const next = new Set(this.blocked.get());
    if (blocked) next.add(userId);
    else next.delete(userId);
    this.blocked.set(next);
  }

  async report(userId: string, reason: string): Promise<void> {
    this.reported.push([userId, reason]);
  }
}
