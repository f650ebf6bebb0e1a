// SPDX-License-Identifier: EUPL-1.2
import { ClientEvent, type MatrixClient, type MatrixEvent, Method, type Room } from 'matrix-js-sdk';
import { Cell } from '../live.ts';
import type { People } from '../people.ts';
import type { Person } from '../rooms.ts';
import { personOf } from './names.ts';
import type { Waiting } from './restoring.ts';
import { telling } from './telling.ts';

/** Rooms of more members than this are not asked for all of them. */
const ASKED = 200;

export class SdkPeople implements People {
  readonly blocked: Cell<ReadonlySet<string>>;
  private readonly client: MatrixClient;
  private readonly rooms: Pick<Waiting, 'all'>;

  constructor(client: MatrixClient, rooms: Pick<Waiting, 'all'>) {
    this.client = client;
    this.rooms = rooms;
    this.blocked = new Cell<ReadonlySet<string>>(new Set(client.getIgnoredUsers()));
    client.on(ClientEvent.AccountData, this.look);
  }

  private readonly look = (event: MatrixEvent): void => {
    if (event.getType() === 'm.ignored_user_list') this.read();
  };

  read(): void {
    const ids = this.client.getIgnoredUsers();
    const known = this.blocked.get();
    if (ids.length !== known.size || ids.some((id) => !known.has(id))) this.blocked.set(new Set(ids));
  }

  async about(userId: string): Promise<Person> {
    const profile = await telling(() => this.client.getProfileInfo(userId));
    return personOf(userId, profile.displayname, { ...profile });
  }

  async shared(userId: string): Promise<readonly string[]> {
    await this.rooms.all();
    const joined = this.client.getVisibleRooms().filter((room) => room.getMyMembership() === 'join');
    const found = await Promise.all(joined.map((room) => this.isIn(room, userId)));
    return joined.filter((_, i) => found[i]).map(({ roomId }) => roomId);
  }

  /** Members are only known of rooms that were looked at. */
  private async isIn(room: Room, userId: string): Promise<boolean> {
    const known = room.getMember(userId)?.membership;
    if (known === undefined && room.getJoinedMemberCount() <= ASKED)
      await room.loadMembersIfNeeded().catch(() => {});
    return room.getMember(userId)?.membership === 'join';
  }

  async block(userId: string, blocked: boolean): Promise<void> {
    const others = this.client.getIgnoredUsers().filter((id) => id !== userId);
    await telling(() => this.client.setIgnoredUsers(blocked ? [...others, userId] : others));
    this.blocked.set(new Set(blocked ? [...others, userId] : others));
  }

  report(userId: string, reason: string): Promise<void> {
    const path = `/users/${encodeURIComponent(userId)}/report`;
    return telling(
      async () => void (await this.client.http.authedRequest(Method.Post, path, undefined, { reason })),
    );
  }
}
