// SPDX-License-Identifier: EUPL-1.2
// The list of conversations as the last visit left it, all of it.
import { FORM, type LastVisit } from './last-visit.ts';
import type { RoomSummary } from './rooms.ts';
import type { Vault } from './vault.ts';

export const LAST_LIST = 'lastList';

export interface KeptList {
  readonly form: number;
  readonly userId: string;
  readonly rooms: readonly RoomSummary[];
}

/** Where it cannot be read, what filled the screen. */
export async function readList(vault: Vault, { me, rooms }: LastVisit): Promise<readonly RoomSummary[]> {
  const kept = await vault.read<KeptList>(LAST_LIST).catch(() => undefined);
  if (kept?.form !== FORM || kept.userId !== me.userId) return rooms;
  // Of these, it may say what was so before.
  const near = new Set(rooms.map(({ id }) => id));
  const others = kept.rooms.filter(({ id }) => !near.has(id));
  return others.concat(rooms).toSorted((a, b) => b.at - a.at || a.id.localeCompare(b.id));
}
