// SPDX-License-Identifier: EUPL-1.2
// What was said, as its source holds it, and one's own messages on their way under it.
import {
  Direction,
  EventStatus,
  type EventTimelineSet,
  MatrixEventEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  RoomEvent,
  ThreadEvent,
} from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/types.js';
import { Failure, failureOf } from '../failure.ts';
import { contentOfFile } from '../file-events.ts';
import type { Attachment } from '../files.ts';
import { Cell } from '../live.ts';
import {
  type Item,
  type NewPoll,
  type Outgoing,
  type Timeline,
  type TimelineState,
  WINDOW,
} from '../timeline.ts';
import type { Doubts } from './doubts.ts';
import type { Outbox } from './outbox.ts';
import { endOf, Polls, responseOf, startOf } from './polls.ts';
import { itemOf, mentionedIn, ownReaction } from './reading.ts';
import { soon } from './soon.ts';
import type { Source } from './source.ts';
import { telling } from './telling.ts';

/** After which something looks otherwise than before. */
const CHANGES = [
  RoomEvent.Redaction,
  RoomEvent.Receipt,
  RoomEvent.UnreadNotifications,
  ThreadEvent.New,
  ThreadEvent.Update,
  ThreadEvent.NewReply,
] as const;
const FIRST = 40;
const PAGE = 40;
const GAP_MS = 100;

const replyRelation = (replyTo: string | undefined): object =>
  replyTo ? { 'm.relates_to': { 'm.in_reply_to': { event_id: replyTo } } } : {};

export function contentToSend(message: Outgoing): RoomMessageEventContent {
  return {
    msgtype: 'm.text',
    body: message.text,
    ...(message.html ? { format: 'org.matrix.custom.html', formatted_body: message.html } : {}),
    'm.mentions': message.mentions.length > 0 ? { user_ids: [...message.mentions] } : {},
    ...replyRelation(message.replyTo),
  } as RoomMessageEventContent;
}

/** Who is mentioned anew is told of it; who was already, is not told twice. */
export function editToSend(id: string, message: Outgoing, before: object = {}): RoomMessageEventContent {
  const next = contentToSend({ ...message, replyTo: undefined });
  const known = mentionedIn(before);
  const added = message.mentions.filter((userId) => !known.includes(userId));
  return {
    ...next,
    body: `* ${message.text}`,
    ...(message.html ? { formatted_body: `* ${message.html}` } : {}),
    'm.mentions': added.length > 0 ? { user_ids: added } : {},
    'm.new_content': next,
    'm.relates_to': { rel_type: 'm.replace', event_id: id },
  } as RoomMessageEventContent;
}

/** What all timelines of a session share. */
export interface Helped {
  readonly outbox: Outbox;
  readonly doubts: Doubts;
}

export class SdkTimeline implements Timeline {
  readonly state = new Cell<TimelineState>({
    items: [],
    atStart: false,
    atEnd: false,
    loading: 'first',
    failure: undefined,
    readUpTo: undefined,
  });
  private readonly client: MatrixClient;
  private readonly room: Room;
  private readonly outbox: Outbox;
  private readonly me: string;
  private readonly source: Source;
  private readonly polls: Polls;
  private readonly doubts: Doubts;
  private readonly unwatch: () => void;
  private marked: string | undefined;
  private kept = new Map<string, Item>();
  private busy: Promise<void> = Promise.resolve();

  constructor(client: MatrixClient, room: Room, { outbox, doubts }: Helped, source: Source) {
    this.client = client;
    this.room = room;
    this.outbox = outbox;
    this.me = client.getSafeUserId();
    this.source = source;
    this.polls = new Polls(room, this.me, doubts, this.draw);
    this.doubts = doubts;
    this.unwatch = doubts.onChange(this.draw);
    room.on(RoomEvent.Timeline, this.onEvent);
    room.on(RoomEvent.TimelineReset, this.onReset);
    for (const change of CHANGES) room.on(change, this.draw);
    room.on(RoomEvent.LocalEchoUpdated, this.drawOwn);
    client.on(MatrixEventEvent.Decrypted, this.onChanged);
    client.on(MatrixEventEvent.Replaced, this.onChanged);
  }

  close(): void {
    this.room.off(RoomEvent.Timeline, this.onEvent);
    this.room.off(RoomEvent.TimelineReset, this.onReset);
    for (const change of CHANGES) this.room.off(change, this.draw);
    this.room.off(RoomEvent.LocalEchoUpdated, this.drawOwn);
    this.polls.close();
    this.unwatch();
    this.client.off(MatrixEventEvent.Decrypted, this.onChanged);
    this.client.off(MatrixEventEvent.Replaced, this.onChanged);
  }

  private readonly onEvent = (_: MatrixEvent, room: Room | undefined, toStart: boolean | undefined): void => {
    if (room !== this.room || (toStart && this.source.threadId === null)) return;
    if (this.state.get().atEnd) this.source.extend();
    this.draw();
  };

  /** The server left a gap: the end is elsewhere now. What stands there stays until that is known. */
  private readonly onReset = (_: Room | undefined, set: EventTimelineSet): void => {
    if (this.state.get().atEnd && this.source.isOf(set)) void this.run('forward', () => this.toEnd());
  };

  private readonly onChanged = (event: MatrixEvent): void => {
    if (event.getRoomId() === this.room.roomId) this.draw();
  };

  private readonly drawAll = (): void => {
    if (this.state.get().loading !== 'first') this.show({});
  };

  /** Once for all that comes in one go, and for all of a stream some times a second. */
  private readonly draw = soon(this.drawAll, GAP_MS);

  /** What one has just written waits for no stream. */
  private readonly drawOwn = soon(this.drawAll);

  private show(part: Partial<TimelineState>): void {
    const atEnd = !this.source.canMove(Direction.Forward);
    const pending = atEnd ? this.room.getPendingEvents().filter((event) => this.source.owns(event)) : [];
    const items: Item[] = [];
    for (const event of [...this.source.events(), ...pending]) {
      const item = this.read(event);
      if (item) items.push(this.keep(item));
    }
    this.kept = new Map(items.map((item) => [item.id, item]));
    this.state.patch({
      items: items.slice(-WINDOW),
      atEnd,
      atStart: !this.source.canMove(Direction.Backward),
      ...part,
    });
  }

  private read(event: MatrixEvent): Item | undefined {
    return itemOf(this.room, event, this.me, { polls: this.polls, doubts: this.doubts });
  }

  /** What has not changed stays the same object, so that its row is not drawn again. */
  private keep(item: Item): Item {
    const old = this.kept.get(item.id);
    return old && JSON.stringify(old) === JSON.stringify(item) ? old : item;
  }

  private run(loading: TimelineState['loading'], action: () => Promise<unknown>): Promise<void> {
    this.busy = this.busy.then(async () => {
      this.state.patch({ loading, failure: undefined });
      try {
        await action();
        this.show({ loading: 'no' });
      } catch (error) {
        this.state.patch({ loading: 'no', failure: failureOf(error) });
      }
    });
    return this.busy;
  }

  load(eventId?: string): Promise<void> {
    return this.run('first', () => this.toEnd(eventId));
  }

  /** Or around a message. */
  private async toEnd(eventId?: string): Promise<void> {
    await this.source.load(eventId, FIRST);
    const read = this.room.getEventReadUpTo(this.me, true) ?? undefined;
    this.state.patch({ readUpTo: this.source.threadId === null ? read : undefined });
    await this.fill();
  }

  /** A first page of changes only would look empty. Without a network, what is there is what is shown. */
  private async fill(): Promise<void> {
    try {
      for (let i = 0; i < 3 && this.canShowMore(); i++) await this.source.move(Direction.Backward, PAGE);
    } catch (error) {
      if (this.source.events().length === 0) throw error;
    }
  }

  async loadAt(at: number): Promise<boolean> {
    const eventId = await telling(() => this.client.timestampToEvent(this.room.roomId, at, Direction.Forward))
      .then(({ event_id }) => event_id)
      .catch((error: unknown) => {
        if (error instanceof Failure && error.code === 'M_NOT_FOUND') return undefined;
        throw error;
      });
    if (!eventId) return false;
    await this.load(eventId);
    return true;
  }

  private canShowMore(): boolean {
    const shown = this.source.events().filter((event) => this.read(event)).length;
    return shown < FIRST / 2 && this.source.canMove(Direction.Backward);
  }

  back(): Promise<void> {
    if (this.state.get().atStart || this.state.get().loading !== 'no') return this.busy;
    return this.run('back', () => this.source.move(Direction.Backward, PAGE));
  }

  forward(): Promise<void> {
    if (this.state.get().atEnd || this.state.get().loading !== 'no') return this.busy;
    return this.run('forward', () => this.source.move(Direction.Forward, PAGE));
  }

  async send(message: Outgoing): Promise<void> {
    this.hand(contentToSend(message));
  }

  async sendFile(attachment: Attachment, replyTo: string | undefined): Promise<void> {
    const content = { ...contentOfFile(attachment), 'm.mentions': {}, ...replyRelation(replyTo) };
    this.hand(content as unknown as RoomMessageEventContent);
  }

  private hand(content: RoomMessageEventContent): void {
    void this.outbox.send(this.room.roomId, content, this.source.threadId);
    void this.showEnd();
  }

  /** What is being loaded may be the end. */
  private async showEnd(): Promise<void> {
    await this.busy;
    if (!this.state.get().atEnd) await this.load();
  }

  /** The message, or the edits of it, on their way. */
  private pending(id: string): MatrixEvent[] {
    return this.room.getPendingEvents().filter((event) => {
      const relation = event.getRelation();
      return event.getId() === id || (relation?.rel_type === 'm.replace' && relation.event_id === id);
    });
  }

  async resend(id: string): Promise<void> {
    for (const event of this.pending(id))
      if (event.status === EventStatus.NOT_SENT) void this.outbox.resend(event, this.room);
  }

  async discard(id: string): Promise<void> {
    for (const event of this.pending(id)) void this.outbox.discard(event);
  }

  async edit(id: string, message: Outgoing): Promise<void> {
    const before = this.room.findEventById(id)?.getContent();
    void this.outbox.send(this.room.roomId, editToSend(id, message, before));
  }

  async react(id: string, emoji: string): Promise<void> {
    const mine = ownReaction(this.room, id, emoji, this.me)?.getId();
    const relation = { rel_type: 'm.annotation', event_id: id, key: emoji } as const;
    if (mine) await telling(() => this.client.redactEvent(this.room.roomId, mine));
    else await this.put('m.reaction', { 'm.relates_to': relation });
  }

  async report(id: string, reason: string): Promise<void> {
    await telling(() => this.client.reportEvent(this.room.roomId, id, -100, reason));
  }

  async putPoll(poll: NewPoll): Promise<void> {
    const { type, content } = startOf(poll);
    await this.put(type, content, this.source.threadId);
  }

  async vote(id: string, answers: readonly string[]): Promise<void> {
    const { type, content } = responseOf(id, answers);
    await this.put(type, content);
  }

  async endPoll(id: string, words: string): Promise<void> {
    const { type, content } = endOf(id, words);
    await this.put(type, content);
  }

  private async put(type: string, content: object, threadId: string | null = null): Promise<void> {
    await telling(() => this.client.sendEvent(this.room.roomId, threadId, type as never, content as never));
  }

  /** The place in the room and the line of new messages move with it; in a thread, its own count alone. */
  async markRead(): Promise<void> {
    const last = this.source.threadId
      ? this.source.events().findLast((event) => event.status === null)
      : this.room.getLiveTimeline().getEvents().at(-1);
    const id = last?.getId();
    if (!last || !id || last.status !== null || this.isRead(id)) return;
    this.marked = id;
    // Told again with the next event if it fails now.
    if (!this.source.threadId) await this.client.setRoomReadMarkers(this.room.roomId, id).catch(() => {});
    await this.client.sendReadReceipt(last).catch(() => {});
  }

  private isRead(id: string): boolean {
    if (this.marked === id) return true;
    return this.source.threadId === null && this.room.getEventReadUpTo(this.me, true) === id;
  }
}
