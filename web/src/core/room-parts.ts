// SPDX-License-Identifier: EUPL-1.2
import type { RoomSummary } from './rooms.ts';

/** Parts of the list of conversations, from the top. */
export const PARTS = ['invitations', 'favourites', 'spaces', 'direct', 'rooms'] as const;
export type Part = (typeof PARTS)[number];

/** What of each part is in the page at first: it fills the highest screens. With a thousand rooms, every message
 * that moves one up would be felt in every key. */
export const FIRST_ROWS = 30;

export function partOf(room: RoomSummary): Part {
  if (room.membership === 'invite') return 'invitations';
  if (room.favourite) return 'favourites';
  if (room.kind === 'space') return 'spaces';
  return room.kind === 'direct' ? 'direct' : 'rooms';
}

/** Those of the list that are in the page at first, and those of these identifiers, in its order. */
export function nearest(list: readonly RoomSummary[], ids: ReadonlySet<string>): readonly RoomSummary[] {
  const counts = new Map<Part, number>();
  return list.filter((room) => {
    const part = partOf(room);
    const before = counts.get(part) ?? 0;
    counts.set(part, before + 1);
    return before < FIRST_ROWS || ids.has(room.id);
  });
}
