// SPDX-License-Identifier: EUPL-1.2
// What the screen showed last, kept in the vault, so that the next visit begins with it before anything is
// loaded or asked: who one is, the list of conversations, and the end of those that were looked at last. What
// does not fit on the screen, the rest of the list, is in a record of its own (last-list.ts), read once the
// screen is there and written seldom: the first one is small, and is written soon (visit-keeper.ts).
import type { Member, RoomSummary } from './rooms.ts';
import type { SavedPlace } from './saved.ts';
import type { Me } from './session.ts';
import type { Item } from './timeline.ts';
import type { Vault } from './vault.ts';

export const NAME = 'lastVisit';
/** To be raised with each change of what is kept: another form is not read. */
export const FORM = 2;

export interface KeptConversation {
  readonly roomId: string;
  readonly items: readonly Item[];
  readonly atStart: boolean;
  readonly readUpTo: string | undefined;
  readonly members: readonly Member[];
  /** How long its messages are kept, in milliseconds, where the room says so. */
  readonly lifetime?: number | undefined;
}

export interface LastVisit {
  readonly me: Me;
  /** Those of the list that fill the screen. */
  readonly rooms: readonly RoomSummary[];
  readonly blocked: readonly string[];
  readonly saved: readonly SavedPlace[];
  /** The last that was looked at first. */
  readonly conversations: readonly KeptConversation[];
}

export interface Kept extends LastVisit {
  readonly form: number;
}

/** Of this device; undefined: none, or one that cannot be read. */
export async function readLastVisit(vault: Vault): Promise<LastVisit | undefined> {
  const kept = await vault.read<Kept>(NAME).catch(() => undefined);
  if (kept?.form !== FORM) return undefined;
  return { ...kept, conversations: kept.conversations.map(withoutOver) };
}

/** Messages whose time is over are not shown again, nor kept: the server has none of them any more. */
export function withoutOver(one: KeptConversation): KeptConversation {
  const { lifetime = Infinity, items } = one;
  const from = Date.now() - lifetime;
  return { ...one, items: items.filter((item) => item.type === 'change' || item.at >= from) };
}
