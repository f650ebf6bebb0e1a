// SPDX-License-Identifier: EUPL-1.2
// The port of one person: who they are, what one shares with them, and keeping them away.
import type { Live } from './live.ts';
import type { Person } from './rooms.ts';

export interface People {
  /** Whom one has blocked: nothing of theirs is shown. */
  readonly blocked: Live<ReadonlySet<string>>;
  /** As their profile says it. */
  about(userId: string): Promise<Person>;
  /** Rooms where both are, as far as this device knows. */
  shared(userId: string): Promise<readonly string[]>;
  block(userId: string, blocked: boolean): Promise<void>;
  /** Tells those who run the service; nobody else knows. */
  report(userId: string, reason: string): Promise<void>;
}
