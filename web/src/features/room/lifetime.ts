// SPDX-License-Identifier: EUPL-1.2
// How long the messages of a room are kept, and what may be chosen (docs/design/retention.md).
import type { Kept, Retention } from '../../core/governance.ts';

export const DAY = 86_400_000;
const DAYS = [1, 7, 30, 90, 365];

/** By what the room says, within what the server allows: as the server reckons it. */
export function inForce(said: Kept | undefined, retention: Retention): Kept {
  if (said === undefined) return retention.otherwise;
  const asked = said === 'forever' ? Number.POSITIVE_INFINITY : said;
  const most = retention.most === 'forever' ? Number.POSITIVE_INFINITY : retention.most;
  const kept = Math.min(Math.max(asked, retention.least), most);
  return Number.isFinite(kept) ? kept : 'forever';
}

/** Shortest first, what is in force among them. */
export function choicesOf(now: Kept, retention: Retention): readonly Kept[] {
  const { least, most } = retention;
  const offered = DAYS.map((days) => days * DAY).filter(
    (kept) => kept >= least && (most === 'forever' || kept <= most),
  );
  if (now !== 'forever' && !offered.includes(now)) offered.push(now);
  offered.sort((a, b) => a - b);
  return most === 'forever' || now === 'forever' ? [...offered, 'forever'] : offered;
}
