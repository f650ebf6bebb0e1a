// SPDX-License-Identifier: EUPL-1.2
import {
  ClientEvent,
  EventType,
  type ICreateRoomOpts,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  Method,
  Preset,
  RoomType,
  type Room as SdkRoomModel,
  RoomEvent,
  RoomStateEvent,
  Visibility,
} from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/types.js';
import { aboutAddress, type AddressInfo } from '../identity.ts';
import { Failure } from '../failure.ts';
import { contentOfFile } from '../file-events.ts';
import type { Attachment, Files, UploadOptions } from '../files.ts';
import { Cell, type Live } from '../live.ts';
import type { HeldRoom, ListedRoom, NewRoom, Person, Room, Rooms, RoomSummary } from '../rooms.ts';
import type { Outgoing } from '../timeline.ts';
import type { Vault } from '../vault.ts';
import { Doubts } from './doubts.ts';
import { EncryptedRooms } from './encrypted.ts';
import { ACCESS_RULES } from './governance.ts';
import type { Line } from './line.ts';
import { heldRooms, type Listed, listedRoom, namedIn } from './listing.ts';
import { personOf } from './names.ts';
import { Outbox } from './outbox.ts';
import type { OwnDevice } from './own-device.ts';
import type { Waiting } from './restoring.ts';
import { directRooms, SdkRoom, summaryOf } from './room.ts';
import { soon } from './soon.ts';
import { telling } from './telling.ts';
import { contentToSend } from './timeline.ts';

const ENCRYPTED = [
  { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
  // Who comes later reads from then on: what was said before is not theirs.
  { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'invited' } },
];
const OPEN = { type: ACCESS_RULES, state_key: '', content: { rule: 'unrestricted' } };
const FOUND = 20;
const LISTED = 50;
const GAP_MS = 250;

function same(a: RoomSummary, b: RoomSummary): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

interface Parts {
  readonly client: MatrixClient;
  readonly vault: Vault;
  readonly own: OwnDevice;
  readonly files: Files;
  readonly line: Line;
  readonly waiting: Waiting;
  /** The list of the last visit. */
  readonly shown: readonly RoomSummary[];
}

export class SdkRooms implements Rooms {
  readonly list = new Cell<readonly RoomSummary[]>([]);
  readonly outbox: Outbox;
  readonly encrypted: EncryptedRooms;
  readonly doubts: Doubts;
  private readonly client: MatrixClient;
  readonly files: Files;
  private readonly waiting: Waiting;
  /** What the list of the last visit says of rooms that wait. */
  private readonly shown: ReadonlyMap<string, RoomSummary>;
  /** Stands for a room that waits. */
  standIn: (summary: RoomSummary) => Room | undefined = () => undefined;
  private stale: Set<string> | 'all' = new Set();

  constructor({ client, vault, own, files, line, waiting, shown }: Parts) {
    this.client = client;
    this.files = files;
    this.waiting = waiting;
    this.shown = new Map(shown.map((summary) => [summary.id, summary]));
    this.outbox = new Outbox(client, vault, line, waiting);
    this.encrypted = new EncryptedRooms(client);
    this.doubts = new Doubts({ client, rooms: this.encrypted, own, vault });
    const { changed } = this;
    client.on(ClientEvent.Room, (room) => changed(room.roomId));
    // Which rooms are between two people.
    client.on(ClientEvent.AccountData, () => changed(undefined));
    for (const event of [RoomEvent.Name, RoomEvent.MyMembership] as const)
      client.on(event, (room: SdkRoomModel) => changed(room.roomId));
    for (const event of [RoomEvent.Timeline, RoomEvent.Receipt, RoomEvent.Tags] as const)
      client.on(event, (_: MatrixEvent, room?: SdkRoomModel) => changed(room?.roomId));
    for (const event of [
      RoomStateEvent.Events,
      MatrixEventEvent.Decrypted,
      MatrixEventEvent.Replaced,
    ] as const)
      client.on(event, (told: MatrixEvent) => changed(told.getRoomId()));
  }

  /** Of one room, or of any. */
  private readonly changed = (roomId: string | undefined): void => {
    if (roomId === undefined) this.stale = 'all';
    else if (this.stale !== 'all') this.stale.add(roomId);
    this.look();
  };

  /** Once for all that one sync brings, and for all of a stream a few times a second. */
  private readonly look = soon(() => this.readChanged(), GAP_MS);

  /** All of it: what the SDK does not tell by an event of its own. */
  read(): void {
    this.stale = 'all';
    this.readChanged();
  }

  /** Rooms that have not changed keep their object, so that their rows are not drawn again; with a thousand
   * rooms, looking at each of them for every message would be felt in every key. */
  private readChanged(): void {
    const before = new Map(this.list.get().map((room) => [room.id, room]));
    const direct = directRooms(this.client);
    const { stale } = this;
    this.stale = new Set();
    const next = this.client
      .getVisibleRooms()
      .filter((room) => ['join', 'invite'].includes(room.getMyMembership()))
      .map((room) => {
        const old = before.get(room.roomId);
        if (old && stale !== 'all' && !stale.has(room.roomId)) return old;
        const summary = summaryOf(this.client, room, direct);
        return old && same(old, summary) ? old : summary;
      })
      .concat(this.stillShown())
      .toSorted((a, b) => b.at - a.at || a.id.localeCompare(b.id));
    const old = this.list.get();
    if (next.length !== old.length || next.some((room, i) => room !== old[i])) this.list.set(next);
  }

  /** Of the rooms that wait, what the last visit says. */
  private stillShown(): RoomSummary[] {
    return [...this.waiting.waiting].flatMap((id) => {
      const summary = this.client.getRoom(id) ? undefined : this.shown.get(id);
      return summary?.membership === 'join' ? [summary] : [];
    });
  }

  get unsent(): Live<number> {
    return this.outbox.unsent;
  }

  open(roomId: string): Room | undefined {
    const room = this.client.getRoom(roomId);
    if (!room) {
      const summary = this.stillShown().find(({ id }) => id === roomId);
      return summary && this.standIn(summary);
    }
    return ['join', 'invite'].includes(room.getMyMembership())
      ? new SdkRoom(this.client, room, this)
      : undefined;
  }

  private make(options: ICreateRoomOpts): Promise<string> {
    return telling(async () => (await this.client.createRoom(options)).room_id);
  }

  create({ name, topic, kind }: NewRoom): Promise<string> {
    const told = topic ? { name, topic } : { name };
    if (kind === 'public')
      return this.make({ ...told, preset: Preset.PublicChat, visibility: Visibility.Public });
    if (kind === 'space')
      return this.make({
        ...told,
        preset: Preset.PrivateChat,
        visibility: Visibility.Private,
        creation_content: { type: RoomType.Space },
        power_level_content_override: { events_default: 100 },
      });
    const initial_state = kind === 'open' ? [...ENCRYPTED, OPEN] : ENCRYPTED;
    return this.make({ ...told, preset: Preset.PrivateChat, visibility: Visibility.Private, initial_state });
  }

  async talkTo(userId: string): Promise<string> {
    const direct = [...directRooms(this.client)].flatMap(([id, other]) => (other === userId ? [id] : []));
    await this.waiting.restore(direct);
    const known = direct.find((id) => this.client.getRoom(id)?.getMyMembership() === 'join');
    if (known) return known;
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

  async forward(roomId: string, { text, html }: Pick<Outgoing, 'text' | 'html'>): Promise<void> {
    const content = contentToSend({ text, html, mentions: [], replyTo: undefined });
    await this.outbox.send(roomId, content);
  }

  async forwardFile(
    roomId: string,
    file: Attachment,
    options: Omit<UploadOptions, 'encrypted'>,
  ): Promise<void> {
    const { name, type, description, source, voice } = file;
    const bytes = new Blob([await this.files.read(source)], { type });
    await this.waiting.restore([roomId]);
    const encrypted = await this.encrypted.learn(roomId);
    const sent = await this.files.upload({ bytes, name, description, asIs: true }, { ...options, encrypted });
    if (options.signal.aborted) throw new Failure('ABORTED');
    const content = contentOfFile(voice ? { ...sent, voice } : sent);
    await this.outbox.send(roomId, { ...content, 'm.mentions': {} } as unknown as RoomMessageEventContent);
  }

  async accept(roomId: string): Promise<void> {
    const inviter = this.client.getRoom(roomId)?.getDMInviter();
    await telling(async () => {
      await this.client.joinRoom(roomId);
      if (inviter) await this.noteDirect(inviter, roomId);
    });
  }

  refuse(roomId: string): Promise<void> {
    return telling(async () => {
      await this.client.leave(roomId);
      await this.client.forget(roomId).catch(() => {});
    });
  }

  async findRooms(term: string): Promise<readonly ListedRoom[]> {
    const filter = term.trim() ? { generic_search_term: term.trim() } : {};
    const { chunk } = await telling(() => this.client.publicRooms({ limit: LISTED, filter }));
    await this.waiting.restore(namedIn(chunk));
    return chunk.map((room) => listedRoom(this.client, room));
  }

  async preview(roomId: string): Promise<ListedRoom> {
    const path = `/room_summary/${encodeURIComponent(roomId)}`;
    return telling(async () => {
      const room = await this.client.http.authedRequest<Listed>(Method.Get, path, undefined, undefined, {
        prefix: '/_matrix/client/v1',
      });
      await this.waiting.restore(namedIn([room]));
      return listedRoom(this.client, room);
    });
  }

  ask(roomId: string, reason: string): Promise<void> {
    return telling(async () => void (await this.client.knockRoom(roomId, reason ? { reason } : {})));
  }

  withdraw(roomId: string): Promise<void> {
    return telling(async () => void (await this.client.leave(roomId)));
  }

  joinListed(roomId: string): Promise<void> {
    return telling(async () => void (await this.client.joinRoom(roomId)));
  }

  held(spaceId: string, deep = false): Promise<readonly HeldRoom[]> {
    return heldRooms(this.client, this.waiting, spaceId, deep);
  }

  async hold(spaceId: string, roomId: string, held: boolean): Promise<void> {
    const me = this.client.getSafeUserId();
    const content = held ? { via: [me.slice(me.indexOf(':') + 1)] } : {};
    await telling(() => this.client.sendStateEvent(spaceId, EventType.SpaceChild, content as never, roomId));
  }

  /** The directory, and whoever has exactly the name that was typed: it may know them not. */
  async findPeople(term: string): Promise<readonly Person[]> {
    const me = this.client.getSafeUserId();
    const wanted = term.trim();
    const server = me.slice(me.indexOf(':'));
    const exact = wanted.startsWith('@') ? wanted : `@${wanted.toLowerCase()}${server}`;
    const [directory, profile] = await telling(() =>
      Promise.all([
        this.client.searchUserDirectory({ term: wanted, limit: FOUND }),
        this.client.getProfileInfo(exact).catch(() => undefined),
      ]),
    );
    const people = directory.results.map((one) =>
      personOf(one.user_id, one.display_name, one as unknown as Record<string, unknown>),
    );
    if (profile && !people.some((one) => one.id === exact))
      people.unshift(personOf(exact, profile.displayname, profile as Record<string, unknown>));
    return people.filter((one) => one.id !== me);
  }

  about(address: string): Promise<AddressInfo> {
    return aboutAddress(this.client.getHomeserverUrl().replace(/\/$/, ''), address.trim());
  }
}
