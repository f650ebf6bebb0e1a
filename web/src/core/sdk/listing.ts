// SPDX-License-Identifier: EUPL-1.2
// Rooms as the server shows them to who is not in them: in its directory, in a space, before they are joined.
import { type MatrixClient, RoomType } from 'matrix-js-sdk';
import { isAddress } from '../file-events.ts';
import type { EntryRule, HeldRoom, ListedRoom } from '../rooms.ts';
import type { Waiting } from './restoring.ts';
import { telling } from './telling.ts';

const THEME = 'org.chappe.room.theme';
const str = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** As it comes: another server may have said all but its identifier. */
export interface Listed {
  room_id: string;
  name?: unknown;
  canonical_alias?: unknown;
  topic?: unknown;
  avatar_url?: unknown;
  num_joined_members?: unknown;
  room_type?: unknown;
  join_rule?: unknown;
  allowed_room_ids?: unknown;
  /** One's own. */
  membership?: unknown;
  [THEME]?: unknown;
}

const PAGE = 50;
/** Of one space; the server has a bound too. */
const MOST = 2000;

export function listedRoom(client: MatrixClient, room: Listed): ListedRoom {
  return {
    id: room.room_id,
    name: str(room.name) ?? str(room.canonical_alias) ?? '—',
    topic: str(room.topic),
    theme: str(room[THEME]),
    picture: isAddress(room.avatar_url) ? room.avatar_url : undefined,
    members: typeof room.num_joined_members === 'number' ? room.num_joined_members : 0,
    entry: entryOf(client, room),
  };
}

/** Rooms of which it matters whether one is in them. */
export const namedIn = (rooms: readonly Listed[]): string[] =>
  rooms.flatMap(({ room_id, allowed_room_ids: allowed }) => [
    room_id,
    ...(Array.isArray(allowed) ? allowed.filter((id) => typeof id === 'string') : []),
  ]);

const isIn = (client: MatrixClient, roomId: string): boolean =>
  client.getRoom(roomId)?.getMyMembership() === 'join';

function entryOf(client: MatrixClient, room: Listed): EntryRule {
  const rule = str(room.join_rule) ?? 'public';
  if (rule === 'public') return 'free';
  // For the members of a room that one is in.
  const bound = rule === 'restricted' || rule === 'knock_restricted';
  const allowed: readonly unknown[] = Array.isArray(room.allowed_room_ids) ? room.allowed_room_ids : [];
  if (bound && allowed.some((id) => typeof id === 'string' && isIn(client, id))) return 'free';
  if (rule !== 'knock' && rule !== 'knock_restricted') return 'closed';
  const mine = client.getRoom(room.room_id)?.getMyMembership() ?? room.membership;
  return mine === 'knock' ? 'asked' : 'ask';
}

/** What a space holds, page by page. */
export async function heldRooms(
  client: MatrixClient,
  waiting: Pick<Waiting, 'restore'>,
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
  await waiting.restore(namedIn(found));
  return found
    .filter((room) => room.room_id !== spaceId)
    .map((room) => ({
      ...listedRoom(client, room),
      kind: room.room_type === RoomType.Space ? 'space' : 'room',
      joined: isIn(client, room.room_id),
    }));
}
