// SPDX-License-Identifier: EUPL-1.2
import { useEffect } from 'react';
import { until } from '../core/live.ts';
import type { Session } from '../core/session.ts';
import { goTo } from './useRoute.ts';

/** Who has just made an account because of an invitation lands in its room: an external in the conversation
 * itself, for which the account was made; an agent before the door. */
export async function land(session: Session): Promise<void> {
  const invited = await until(session.rooms.list, (list) =>
    list.some((room) => room.membership === 'invite'),
  );
  const room = invited.find((one) => one.membership === 'invite');
  if (!room) return;
  const { external } = await until(session.me, (me) => me.known);
  goTo({ at: 'room', roomId: room.id, eventId: undefined });
  // A refusal is met again, and said, on the page of the invitation.
  if (external) await session.rooms.accept(room.id).catch(() => {});
}

export function useLanding(session: Session, isNew: boolean): void {
  useEffect(() => {
    if (isNew) void land(session);
  }, [session, isNew]);
}
