// SPDX-License-Identifier: EUPL-1.2
import { type MatrixClient, MatrixEvent, type Room } from 'matrix-js-sdk';
import type { Message } from '../timeline.ts';
import type { Doubts } from './doubts.ts';
import { itemOf } from './reading.ts';

/** One message by its identifier, wherever it stands; undefined: it cannot be had. */
export async function findMessage(
  client: MatrixClient,
  room: Room,
  id: string,
  doubts: Doubts,
): Promise<Message | undefined> {
  const event =
    room.findEventById(id) ??
    (await client
      .fetchRoomEvent(room.roomId, id)
      .then((raw) => new MatrixEvent(raw))
      .catch(() => undefined));
  if (!event) return undefined;
  await client.decryptEventIfNeeded(event);
  await doubts.settle(room, [event]);
  const item = itemOf(room, event, client.getSafeUserId(), { doubts });
  return item?.type === 'message' && item.content.kind !== 'deleted' ? item : undefined;
}
