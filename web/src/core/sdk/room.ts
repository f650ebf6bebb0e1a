// SPDX-License-Identifier: EUPL-1.2
import {
  EventType,
  type MatrixClient,
  NotificationCountType,
  type Room as SdkRoomModel,
  RoomEvent,
  RoomMemberEvent,
  RoomStateEvent,
} from 'matrix-js-sdk';
import { isAddress } from '../file-events.ts';
import type { Files } from '../files.ts';
import { Cell } from '../live.ts';
import type { Calls, LastMessage, Member, Person, Room, RoomKind, RoomSummary } from '../rooms.ts';
import type { Item } from '../timeline.ts';
import { momentOf, str } from '../unchecked.ts';
import { callsOf, setCalls } from './calls.ts';
import { SdkGallery } from './gallery.ts';
import { accessRuleOf, roleOf, SdkGovernance } from './governance.ts';
import { historyOf } from './history.ts';
import type { Doubts } from './doubts.ts';
import type { EncryptedRooms } from './encrypted.ts';
import { Holding } from './holding.ts';
import { nameIn, personIn } from './names.ts';
import type { Outbox } from './outbox.ts';
import { SdkPins } from './pins.ts';
import { itemOf, lineOf } from './reading.ts';
import { soon } from './soon.ts';
import { RoomSource } from './source.ts';
import { telling } from './telling.ts';
import { SdkThreads } from './threads.ts';
import { type Helped, SdkTimeline } from './timeline.ts';
import { SdkTrust } from './trust.ts';

const TYPING_MS = 20_000;
const FAVOURITE = 'm.favourite';

/** Rooms between two people, by their account data. */
export function directRooms(client: MatrixClient): Map<string, string> {
  const content = client.getAccountData(EventType.Direct)?.getContent<Record<string, string[]>>() ?? {};
  const rooms = new Map<string, string>();
  for (const [userId, ids] of Object.entries(content))
    if (Array.isArray(ids)) for (const id of ids) rooms.set(id, userId);
  return rooms;
}

function lastOf(room: SdkRoomModel, me: string): LastMessage | undefined {
  const events = room.getLiveTimeline().getEvents();
  for (let i = events.length - 1; i >= 0; i--) {
    const item = itemOf(room, events[i]!, me);
    if (item?.type !== 'message') continue;
    const { content, mine, sender } = item;
    return { sender: sender.name, mine, kind: content.kind, text: lineOf(content) };
  }
  return undefined;
}

function kindOf(room: SdkRoomModel, other: string | undefined): RoomKind {
  if (room.isSpaceRoom()) return 'space';
  if (other !== undefined || accessRuleOf(room) === 'direct') return 'direct';
  if (room.getJoinRule() === 'public') return 'public';
  return accessRuleOf(room) === 'unrestricted' ? 'open' : 'private';
}

/** Who invites; of a room one is in, nobody. */
function inviterOf(room: SdkRoomModel, me: string): Person | undefined {
  const userId =
    room.getMyMembership() === 'invite' ? room.getMember(me)?.events.member?.getSender() : undefined;
  return userId ? personIn(room, userId) : undefined;
}

/** `direct`: for who asks of many rooms. */
export function summaryOf(
  client: MatrixClient,
  room: SdkRoomModel,
  direct = directRooms(client),
): RoomSummary {
  const me = client.getSafeUserId();
  const other = direct.get(room.roomId) ?? room.getDMInviter() ?? undefined;
  const kind = kindOf(room, other);
  const person = other ? personIn(room, other) : undefined;
  const picture: unknown = room.currentState.getStateEvents('m.room.avatar', '')?.getContent().url;
  const topic = str(room.currentState.getStateEvents('m.room.topic', '')?.getContent().topic);
  return {
    id: room.roomId,
    name: kind === 'direct' && person ? person.name : room.name,
    kind,
    membership: room.getMyMembership() === 'invite' ? 'invite' : 'join',
    encrypted: room.hasEncryptionStateEvent(),
    seed: kind === 'direct' && other ? other : room.roomId,
    external: kind === 'direct' && person?.external === true,
    favourite: FAVOURITE in room.tags,
    unread: room.getUnreadNotificationCount(NotificationCountType.Total),
    mentions: room.getUnreadNotificationCount(NotificationCountType.Highlight),
    last: lastOf(room, me),
    at: momentOf(room.getLastActiveTimestamp()),
    inviter: inviterOf(room, me),
    topic: topic || undefined,
    picture: kind === 'direct' || !isAddress(picture) ? undefined : picture,
  };
}

/** What all rooms of a session share. */
interface Shared extends Helped {
  readonly files: Files;
  readonly encrypted: EncryptedRooms;
}

export class SdkRoom implements Room {
  readonly id: string;
  readonly summary: Cell<RoomSummary>;
  readonly members = new Cell<readonly Member[]>([]);
  readonly typing = new Cell<readonly string[]>([]);
  readonly timeline: SdkTimeline;
  readonly governance: SdkGovernance;
  readonly threads: SdkThreads;
  readonly pins: SdkPins;
  readonly files: Files;
  private readonly encrypted: EncryptedRooms;
  private readonly doubts: Doubts;
  private readonly outbox: Outbox;
  private readonly trust: SdkTrust;
  private readonly holding: Holding;
  readonly calls: Cell<Calls>;
  private readonly client: MatrixClient;
  private readonly room: SdkRoomModel;
  private typingUntil = 0;

  constructor(client: MatrixClient, room: SdkRoomModel, shared: Shared) {
    this.id = room.roomId;
    this.files = shared.files;
    this.encrypted = shared.encrypted;
    this.doubts = shared.doubts;
    this.outbox = shared.outbox;
    void this.encrypted.learn(room.roomId);
    this.client = client;
    this.room = room;
    this.summary = new Cell(summaryOf(client, room));
    this.timeline = new SdkTimeline(client, room, shared, new RoomSource(client, room));
    this.threads = new SdkThreads(client, room, shared);
    this.pins = new SdkPins(client, room, shared.doubts);
    this.trust = new SdkTrust(client, room);
    this.holding = new Holding(client, room);
    this.calls = new Cell(callsOf(client, room.roomId));
    this.governance = new SdkGovernance(client, room);
    room.on(RoomEvent.Name, this.look);
    room.on(RoomEvent.Tags, this.look);
    room.on(RoomStateEvent.Members, this.lookAtMembers);
    room.on(RoomStateEvent.Events, this.look);
    client.on(RoomMemberEvent.Typing, this.lookAtTyping);
    this.readMembers();
  }

  close(): void {
    this.timeline.close();
    this.governance.close();
    this.pins.close();
    this.trust.close();
    this.holding.close();
    this.room.off(RoomEvent.Name, this.look);
    this.room.off(RoomEvent.Tags, this.look);
    this.room.off(RoomStateEvent.Members, this.lookAtMembers);
    this.room.off(RoomStateEvent.Events, this.look);
    this.client.off(RoomMemberEvent.Typing, this.lookAtTyping);
    this.setTyping(false);
  }

  private readonly look = soon(() => this.summary.set(summaryOf(this.client, this.room)));

  private readonly lookAtMembers = soon(() => this.readMembers());

  private readMembers(): void {
    const power = this.room.getMember(this.client.getSafeUserId())?.powerLevel ?? 0;
    const members = this.room
      .getMembers()
      .filter((m) => m.membership === 'join' || m.membership === 'invite')
      .map((m) => ({
        ...personIn(this.room, m.userId),
        role: roleOf(m.powerLevel),
        invited: m.membership === 'invite',
        below: m.powerLevel < power,
      }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
    this.members.set(members);
  }

  private readonly lookAtTyping = (): void => {
    const me = this.client.getSafeUserId();
    const names = this.room
      .getMembers()
      .filter((m) => m.typing && m.userId !== me)
      .map((m) => nameIn(this.room, m.userId));
    if (names.join('\n') !== this.typing.get().join('\n')) this.typing.set(names);
  };

  get spaces() {
    return this.holding.spaces;
  }

  get changed() {
    return this.trust.changed;
  }

  async acceptIdentity(userId: string): Promise<void> {
    await this.trust.accept(userId);
    void this.outbox.resendHeld();
  }

  isEncrypted(): Promise<boolean> {
    return this.encrypted.learn(this.id);
  }

  async loadMembers(): Promise<void> {
    await telling(() => this.room.loadMembersIfNeeded());
    this.readMembers();
  }

  invite(userId: string): Promise<void> {
    return telling(async () => void (await this.client.invite(this.id, userId)));
  }

  inviteAddress(address: string): Promise<void> {
    return telling(async () => void (await this.client.inviteByEmail(this.id, address.trim().toLowerCase())));
  }

  async setCalls(calls: Calls): Promise<void> {
    await telling(() => setCalls(this.client, this.id, calls));
    this.calls.set(calls);
  }

  setFavourite(favourite: boolean): Promise<void> {
    return telling(
      async () =>
        void (await (favourite
          ? this.client.setRoomTag(this.id, FAVOURITE, { order: 0.5 })
          : this.client.deleteRoomTag(this.id, FAVOURITE))),
    );
  }

  gallery(): SdkGallery {
    return new SdkGallery(this.client, this.room, this.doubts);
  }

  history(onProgress: (count: number) => void): Promise<readonly Item[]> {
    return telling(() => historyOf(this.client, this.room, this.doubts, onProgress));
  }

  /** The server is told when it changes, and again before it would forget. */
  setTyping(typing: boolean): void {
    const now = Date.now();
    if (typing ? now < this.typingUntil - TYPING_MS / 2 : this.typingUntil === 0) return;
    this.typingUntil = typing ? now + TYPING_MS : 0;
    this.client.sendTyping(this.id, typing, TYPING_MS).catch(() => {});
  }
}
