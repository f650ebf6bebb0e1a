// SPDX-License-Identifier: EUPL-1.2
// Rooms as the server shows them to who is not in them: in its directory, in a space, before they are joined.
import { type MatrixClient, RoomType } from 'matrix-js-sdk';
import { isAddress } from '../file-events.ts';
import type { HeldRoom, ListedRoom } from '../rooms.ts';
import { telling } from './telling.ts';

export interface Listed {
  room_id: string;
  name?: string;
  canonical_alias?: string;
  topic?: string;
  avatar_url?: string;
  num_joined_members: number;
  room_type?: string;
  join_rule?: string;
  allowed_room_ids?: readonly string[];
}

const THEME = 'org.chappe.room.theme';
const PAGE = 50;
/** Of one space; the server has a bound too. */
const MOST = 2000;

export function listedRoom(room: Listed): ListedRoom {
  const theme: unknown = (room as unknown as Record<string, unknown>)[THEME];
  return {
    id: room.room_id,
    name: room.name ?? room.canonical_alias ?? '—',
    topic: room.topic,
    theme: typeof theme === 'string' ? theme : undefined,
    picture: isAddress(room.avatar_url) ? room.avatar_url : undefined,
    members: room.num_joined_members,
  };
}

const isIn = (client: MatrixClient, roomId: string): boolean =>
  client.getRoom(roomId)?.getMyMembership() === 'join';

/** Without an invitation: a public room, and one that is for the members of a room that one is in. */
export function isOpenTo(client: MatrixClient, room: Listed): boolean {
  if (room.join_rule === 'public') return true;
  const bound = room.join_rule === 'restricted' || room.join_rule === 'knock_restricted';
  return bound && (room.allowed_room_ids ?? []).some((id) => isIn(client, id));
}

/** What a space holds, page by page. */
export async function heldRooms(
  client: MatrixClient,
  spaceId: string,
  deep: boolean,
): Promise<readonly HeldRoom[]> {
  const found: Listed[] = [];
  let from: string | undefined;
  do {
    const page = await telling(() =>
      client.getRoomHierarchy(spaceId, PAGE, deep ? undefined : 1, false, from),
    );
    found.push(...page.rooms);
    from = page.next_batch;
  } while (from && found.length < MOST);
  return found
    .filter((room) => room.room_id !== spaceId)
    .map((room) => ({
      ...listedRoom(room),
      kind: room.room_type === RoomType.Space ? 'space' : 'room',
      joined: isIn(client, room.room_id),
      open: isOpenTo(client, room),
    }));
}
