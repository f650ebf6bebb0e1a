// SPDX-License-Identifier: EUPL-1.2
import {
  ClientEvent,
  EventType,
  type ICreateRoomOpts,
  type MatrixClient,
  MatrixEventEvent,
  Preset,
  RoomEvent,
  RoomStateEvent,
  Visibility,
} from 'matrix-js-sdk';
import { failureOf } from '../failure.ts';
import { Cell } from '../live.ts';
import type { ListedRoom, NewRoom, Person, Room, Rooms, RoomSummary } from '../rooms.ts';
import { nameOf } from './names.ts';
import { Outbox } from './outbox.ts';
import { directRooms, SdkRoom, summaryOf } from './room.ts';
import type { Vault } from '../vault.ts';

const ENCRYPTED = [
  { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
  // Who comes later reads from then on: what was said before is not theirs.
  { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'invited' } },
];
const FOUND = 20;
const LISTED = 50;

function same(a: RoomSummary, b: RoomSummary): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export class SdkRooms implements Rooms {
  readonly list = new Cell<readonly RoomSummary[]>([]);
  readonly outbox: Outbox;
  private readonly client: MatrixClient;
  private looking = false;

  constructor(client: MatrixClient, vault: Vault) {
    this.client = client;
    this.outbox = new Outbox(client, vault);
    for (const event of [
      ClientEvent.Room,
      ClientEvent.AccountData,
      RoomEvent.Name,
      RoomEvent.MyMembership,
      RoomEvent.Timeline,
      RoomEvent.Receipt,
      RoomStateEvent.Events,
      MatrixEventEvent.Decrypted,
      MatrixEventEvent.Replaced,
    ] as const)
      client.on(event, this.look);
  }

  /** Once for all that one sync brings. */
  private readonly look = (): void => {
    if (this.looking) return;
    this.looking = true;
    setTimeout(() => {
      this.looking = false;
      this.read();
    });
  };

  /** Rooms that have not changed keep their object, so that their rows are not drawn again. */
  read(): void {
    const before = new Map(this.list.get().map((room) => [room.id, room]));
    const next = this.client
      .getVisibleRooms()
      .filter((room) => ['join', 'invite'].includes(room.getMyMembership()) && !room.isSpaceRoom())
      .map((room) => {
        const summary = summaryOf(this.client, room);
        const old = before.get(summary.id);
        return old && same(old, summary) ? old : summary;
      })
      .toSorted((a, b) => b.at - a.at || a.id.localeCompare(b.id));
    const old = this.list.get();
    if (next.length !== old.length || next.some((room, i) => room !== old[i])) this.list.set(next);
  }

  open(roomId: string): Room | undefined {
    const room = this.client.getRoom(roomId);
    return room && ['join', 'invite'].includes(room.getMyMembership())
      ? new SdkRoom(this.client, room, this.outbox)
      : undefined;
  }

  private async make(options: ICreateRoomOpts): Promise<string> {
    try {
      return (await this.client.createRoom(options)).room_id;
    } catch (error) {
      throw failureOf(error);
    }
  }

  create({ name, kind }: NewRoom): Promise<string> {
    return this.make(
      kind === 'public'
        ? { name, preset: Preset.PublicChat, visibility: Visibility.Public }
        : { name, preset: Preset.PrivateChat, visibility: Visibility.Private, initial_state: ENCRYPTED },
    );
  }

  async talkTo(userId: string): Promise<string> {
    const known = [...directRooms(this.client)].find(
      ([id, with_]) => with_ === userId && this.client.getRoom(id)?.getMyMembership() === 'join',
    );
    if (known) return known[0];
    const roomId = await this.make({
      is_direct: true,
      invite: [userId],
      preset: Preset.TrustedPrivateChat,
      visibility: Visibility.Private,
      initial_state: ENCRYPTED,
    });
    await this.noteDirect(userId, roomId);
    return roomId;
  }

  private async noteDirect(userId: string, roomId: string): Promise<void> {
    const content =
      this.client.getAccountData(EventType.Direct)?.getContent<Record<string, string[]>>() ?? {};
    const rooms = { ...content, [userId]: [...(content[userId] ?? []), roomId] };
    await this.client.setAccountData(EventType.Direct, rooms);
  }

  async accept(roomId: string): Promise<void> {
    const inviter = this.client.getRoom(roomId)?.getDMInviter();
    try {
      await this.client.joinRoom(roomId);
      if (inviter) await this.noteDirect(inviter, roomId);
    } catch (error) {
      throw failureOf(error);
    }
  }

  async refuse(roomId: string): Promise<void> {
    try {
      await this.client.leave(roomId);
      await this.client.forget(roomId).catch(() => {});
    } catch (error) {
      throw failureOf(error);
    }
  }

  async findRooms(term: string): Promise<readonly ListedRoom[]> {
    const filter = term.trim() ? { generic_search_term: term.trim() } : {};
    try {
      const { chunk } = await this.client.publicRooms({ limit: LISTED, filter });
      return chunk.map((room) => ({
        id: room.room_id,
        name: room.name ?? room.canonical_alias ?? '—',
        topic: room.topic,
        members: room.num_joined_members,
      }));
    } catch (error) {
      throw failureOf(error);
    }
  }

  async joinListed(roomId: string): Promise<void> {
    try {
      await this.client.joinRoom(roomId);
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** The directory, and whoever has exactly the name that was typed: it may know them not. */
  async findPeople(term: string): Promise<readonly Person[]> {
    const me = this.client.getSafeUserId();
    const wanted = term.trim();
    const server = me.slice(me.indexOf(':'));
    const exact = wanted.startsWith('@') ? wanted : `@${wanted.toLowerCase()}${server}`;
    try {
      const [directory, profile] = await Promise.all([
        this.client.searchUserDirectory({ term: wanted, limit: FOUND }),
        this.client.getProfileInfo(exact).catch(() => undefined),
      ]);
      const people = directory.results.map((one) => person(one.user_id, one.display_name));
      if (profile && !people.some((one) => one.id === exact))
        people.unshift(person(exact, profile.displayname));
      return people.filter((one) => one.id !== me);
    } catch (error) {
      throw failureOf(error);
    }
  }
}

const person = (id: string, name: string | undefined): Person => ({ id, name: nameOf(id, name) });
