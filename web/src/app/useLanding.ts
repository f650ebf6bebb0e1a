// SPDX-License-Identifier: EUPL-1.2
import { useEffect } from 'react';
import { until } from '../core/live.ts';
import type { Session } from '../core/session.ts';
import { parseRoute } from './route.ts';
import { goTo } from './useRoute.ts';

/** The invitation of the sign-up is there with the first answers of the server: what comes later is another
 * one, and nobody is led, let alone taken, into that. */
const LONGEST_MS = 30_000;

/** Who has just made an account because of an invitation lands in its room: an external in the conversation
 * itself, for which the account was made; an agent before the door. */
export async function land(session: Session): Promise<void> {
  const { list } = session.rooms;
  const invitation = () => list.get().find((one) => one.membership === 'invite');
  const late = new Promise<void>((resolve) => {
    setTimeout(resolve, LONGEST_MS);
  });
  await Promise.race([until(list, () => invitation() !== undefined), late]);
  const room = invitation();
  if (!room) return;
  const { external } = await until(session.me, (me) => me.known);
  // Taken back meanwhile, or the person has gone elsewhere.
  if (invitation()?.id !== room.id || parseRoute(window.location.hash).at !== 'rooms') return;
  goTo({ at: 'room', roomId: room.id, eventId: undefined });
  // A refusal is met again, and said, on the page of the invitation.
  if (external) await session.rooms.accept(room.id).catch(() => {});
}

export function useLanding(session: Session, isNew: boolean): void {
  useEffect(() => {
    if (isNew) void land(session);
  }, [session, isNew]);
}
