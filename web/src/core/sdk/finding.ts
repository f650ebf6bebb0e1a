// SPDX-License-Identifier: EUPL-1.2
import { type MatrixClient, MatrixEvent, RelationType, type Room } from 'matrix-js-sdk';
import type { Message } from '../timeline.ts';
import type { Doubts } from './doubts.ts';
import { itemOf } from './reading.ts';

type Raw = ConstructorParameters<typeof MatrixEvent>[0];

/** Its latest edit comes along with what is asked for by its identifier, and is put in its place by nobody.
 * Only its author edits a message, and only into one of the same type. */
async function replaced(client: MatrixClient, event: MatrixEvent): Promise<void> {
  const raw = event.getServerAggregatedRelation<Raw | null>(RelationType.Replace);
  if (typeof raw !== 'object' || raw === null || typeof raw.content !== 'object') return;
  const edit = new MatrixEvent({ ...raw, room_id: event.getRoomId() ?? '' });
  await client.decryptEventIfNeeded(edit);
  const { rel_type: kind, event_id: id } = edit.getRelation() ?? {};
  const fits =
    kind === RelationType.Replace &&
    id === event.getId() &&
    edit.getSender() === event.getSender() &&
    edit.getType() === event.getType();
  const next: unknown = edit.getContent()['m.new_content'];
  if (fits && !edit.isDecryptionFailure() && typeof next === 'object' && next !== null)
    event.makeReplaced(edit);
}

async function fetched(client: MatrixClient, roomId: string, id: string): Promise<MatrixEvent> {
  const event = new MatrixEvent(await client.fetchRoomEvent(roomId, id));
  await client.decryptEventIfNeeded(event);
  await replaced(client, event);
  return event;
}

/** One message by its identifier, wherever it stands, with its latest edit; undefined: it cannot be had. */
export async function findMessage(
  client: MatrixClient,
  room: Room,
  id: string,
  doubts: Doubts,
): Promise<Message | undefined> {
  const event = room.findEventById(id) ?? (await fetched(client, room.roomId, id).catch(() => undefined));
  if (!event) return undefined;
  await client.decryptEventIfNeeded(event);
  await doubts.settle(room, [event]);
  const item = itemOf(room, event, client.getSafeUserId(), { doubts });
  return item?.type === 'message' && item.content.kind !== 'deleted' ? item : undefined;
}
