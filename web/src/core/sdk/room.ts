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
import { failureOf } from '../failure.ts';
import { Cell } from '../live.ts';
import type { LastMessage, Member, Role, Room, RoomKind, RoomSummary } from '../rooms.ts';
import type { Outbox } from './outbox.ts';
import { itemOf, nameIn } from './reading.ts';
import { SdkTimeline } from './timeline.ts';

const TYPING_MS = 20_000;

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
    const text = 'text' in content ? content.text : content.kind === 'file' ? content.name : undefined;
    return { sender: sender.name, mine, kind: content.kind, text };
  }
  return undefined;
}

function kindOf(client: MatrixClient, room: SdkRoomModel): RoomKind {
  if (directRooms(client).has(room.roomId) || room.getDMInviter()) return 'direct';
  return room.getJoinRule() === 'public' ? 'public' : 'private';
}

export function summaryOf(client: MatrixClient, room: SdkRoomModel): RoomSummary {
  const me = client.getSafeUserId();
  const invited = room.getMyMembership() === 'invite';
  const inviter = invited ? room.getMember(me)?.events.member?.getSender() : undefined;
  const topic: unknown = room.currentState.getStateEvents('m.room.topic', '')?.getContent().topic;
  return {
    id: room.roomId,
    name: room.name,
    kind: kindOf(client, room),
    membership: invited ? 'invite' : 'join',
    encrypted: room.hasEncryptionStateEvent(),
    unread: room.getUnreadNotificationCount(NotificationCountType.Total),
    mentions: room.getUnreadNotificationCount(NotificationCountType.Highlight),
    last: lastOf(room, me),
    at: Math.max(room.getLastActiveTimestamp(), 0),
    inviter: inviter ? nameIn(room, inviter) : undefined,
    topic: typeof topic === 'string' ? topic : undefined,
  };
}

const roleOf = (power: number): Role => (power >= 100 ? 'admin' : power >= 50 ? 'moderator' : 'member');

export class SdkRoom implements Room {
  readonly id: string;
  readonly summary: Cell<RoomSummary>;
  readonly members = new Cell<readonly Member[]>([]);
  readonly typing = new Cell<readonly string[]>([]);
  readonly timeline: SdkTimeline;
  private readonly client: MatrixClient;
  private readonly room: SdkRoomModel;
  private typingUntil = 0;

  constructor(client: MatrixClient, room: SdkRoomModel, outbox: Outbox) {
    this.id = room.roomId;
    this.client = client;
    this.room = room;
    this.summary = new Cell(summaryOf(client, room));
    this.timeline = new SdkTimeline(client, room, outbox);
    room.on(RoomEvent.Name, this.look);
    room.on(RoomStateEvent.Members, this.lookAtMembers);
    room.on(RoomStateEvent.Events, this.look);
    client.on(RoomMemberEvent.Typing, this.lookAtTyping);
    this.lookAtMembers();
  }

  close(): void {
    this.timeline.close();
    this.room.off(RoomEvent.Name, this.look);
    this.room.off(RoomStateEvent.Members, this.lookAtMembers);
    this.room.off(RoomStateEvent.Events, this.look);
    this.client.off(RoomMemberEvent.Typing, this.lookAtTyping);
    this.setTyping(false);
  }

  private readonly look = (): void => this.summary.set(summaryOf(this.client, this.room));

  private readonly lookAtMembers = (): void => {
    const members = this.room
      .getMembers()
      .filter((m) => m.membership === 'join' || m.membership === 'invite');
    this.members.set(
      members
        .map((m) => ({
          id: m.userId,
          name: nameIn(this.room, m.userId),
          role: roleOf(m.powerLevel),
          invited: m.membership === 'invite',
        }))
        .toSorted((a, b) => a.name.localeCompare(b.name)),
    );
  };

  private readonly lookAtTyping = (): void => {
    const me = this.client.getSafeUserId();
    const names = this.room
      .getMembers()
      .filter((m) => m.typing && m.userId !== me)
      .map((m) => nameIn(this.room, m.userId));
    if (names.join('\n') !== this.typing.get().join('\n')) this.typing.set(names);
  };

  async loadMembers(): Promise<void> {
    try {
      await this.room.loadMembersIfNeeded();
    } catch (error) {
      throw failureOf(error);
    }
    this.lookAtMembers();
  }

  mayInvite(): boolean {
    return this.room.canInvite(this.client.getSafeUserId());
  }

  async invite(userId: string): Promise<void> {
    try {
      await this.client.invite(this.id, userId);
    } catch (error) {
      throw failureOf(error);
    }
  }

  async leave(): Promise<void> {
    try {
      await this.client.leave(this.id);
      await this.client.forget(this.id).catch(() => {});
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** The server is told when it changes, and again before it would forget. */
  setTyping(typing: boolean): void {
    const now = Date.now();
    if (typing ? now < this.typingUntil - TYPING_MS / 2 : this.typingUntil === 0) return;
    this.typingUntil = typing ? now + TYPING_MS : 0;
    this.client.sendTyping(this.id, typing, TYPING_MS).catch(() => {});
  }
}
