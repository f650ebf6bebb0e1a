// SPDX-License-Identifier: EUPL-1.2
// A window over a room's events, and one's own messages on their way under it.
import {
  Direction,
  EventStatus,
  MatrixEventEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  RoomEvent,
  TimelineWindow,
} from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/types.js';
import { failureOf } from '../failure.ts';
import { Cell } from '../live.ts';
import { type Item, type Outgoing, type Timeline, type TimelineState, WINDOW } from '../timeline.ts';
import type { Outbox } from './outbox.ts';
import { itemOf, ownReaction } from './reading.ts';

const FIRST = 40;
const PAGE = 40;

export function contentToSend(message: Outgoing): RoomMessageEventContent {
  return {
    msgtype: 'm.text',
    body: message.text,
    ...(message.html ? { format: 'org.matrix.custom.html', formatted_body: message.html } : {}),
    'm.mentions': message.mentions.length > 0 ? { user_ids: [...message.mentions] } : {},
    ...(message.replyTo ? { 'm.relates_to': { 'm.in_reply_to': { event_id: message.replyTo } } } : {}),
  } as RoomMessageEventContent;
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
  private window: TimelineWindow;
  private drawing = false;
  private kept = new Map<string, Item>();
  private busy: Promise<void> = Promise.resolve();

  constructor(client: MatrixClient, room: Room, outbox: Outbox) {
    this.client = client;
    this.room = room;
    this.outbox = outbox;
    this.me = client.getSafeUserId();
    this.window = this.newWindow();
    room.on(RoomEvent.Timeline, this.onEvent);
    room.on(RoomEvent.TimelineReset, this.onReset);
    for (const change of [RoomEvent.LocalEchoUpdated, RoomEvent.Redaction, RoomEvent.Receipt] as const)
      room.on(change, this.draw);
    client.on(MatrixEventEvent.Decrypted, this.onChanged);
    client.on(MatrixEventEvent.Replaced, this.onChanged);
  }

  close(): void {
    this.room.off(RoomEvent.Timeline, this.onEvent);
    this.room.off(RoomEvent.TimelineReset, this.onReset);
    for (const change of [RoomEvent.LocalEchoUpdated, RoomEvent.Redaction, RoomEvent.Receipt] as const)
      this.room.off(change, this.draw);
    this.client.off(MatrixEventEvent.Decrypted, this.onChanged);
    this.client.off(MatrixEventEvent.Replaced, this.onChanged);
  }

  private newWindow(): TimelineWindow {
    return new TimelineWindow(this.client, this.room.getUnfilteredTimelineSet(), { windowLimit: WINDOW });
  }

  private readonly onEvent = (_: MatrixEvent, room: Room | undefined, toStart: boolean | undefined): void => {
    if (room !== this.room || toStart) return;
    if (this.state.get().atEnd) this.window.extend(Direction.Forward, WINDOW);
    this.draw();
  };

  /** The server left a gap: the end is elsewhere now. */
  private readonly onReset = (): void => {
    if (this.state.get().atEnd) void this.load();
  };

  private readonly onChanged = (event: MatrixEvent): void => {
    if (event.getRoomId() === this.room.roomId) this.draw();
  };

  /** Once for all that comes in one go. */
  private readonly draw = (): void => {
    if (this.drawing) return;
    this.drawing = true;
    setTimeout(() => {
      this.drawing = false;
      if (this.state.get().loading !== 'first') this.show({});
    });
  };

  private show(part: Partial<TimelineState>): void {
    const atEnd = !this.window.canPaginate(Direction.Forward);
    const events = [...this.window.getEvents(), ...(atEnd ? this.room.getPendingEvents() : [])];
    const items: Item[] = [];
    for (const event of events) {
      const item = itemOf(this.room, event, this.me);
      if (item) items.push(this.keep(item));
    }
    this.kept = new Map(items.map((item) => [item.id, item]));
    this.state.patch({
      items: items.slice(-WINDOW),
      atEnd,
      atStart: !this.window.canPaginate(Direction.Backward),
      ...part,
    });
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
    return this.run('first', async () => {
      const next = this.newWindow();
      await next.load(eventId, FIRST);
      this.window = next;
      const read = this.room.getEventReadUpTo(this.me, true) ?? undefined;
      this.state.patch({ readUpTo: read });
      // A first page of changes only would look empty.
      for (let i = 0; i < 3 && this.canShowMore(); i++) await next.paginate(Direction.Backward, PAGE);
    });
  }

  private canShowMore(): boolean {
    const shown = this.window.getEvents().filter((event) => itemOf(this.room, event, this.me)).length;
    return shown < FIRST / 2 && this.window.canPaginate(Direction.Backward);
  }

  back(): Promise<void> {
    if (this.state.get().atStart || this.state.get().loading !== 'no') return this.busy;
    return this.run('back', () => this.window.paginate(Direction.Backward, PAGE));
  }

  forward(): Promise<void> {
    if (this.state.get().atEnd || this.state.get().loading !== 'no') return this.busy;
    return this.run('forward', () => this.window.paginate(Direction.Forward, PAGE));
  }

  send(message: Outgoing): void {
    void this.outbox.send(this.room.roomId, contentToSend(message));
    if (!this.state.get().atEnd) void this.load();
  }

  private pending(id: string): MatrixEvent | undefined {
    return this.room.getPendingEvents().find((event) => event.getId() === id);
  }

  resend(id: string): void {
    const event = this.pending(id);
    if (event?.status === EventStatus.NOT_SENT) void this.outbox.resend(event, this.room);
  }

  discard(id: string): void {
    const event = this.pending(id);
    if (event) void this.outbox.discard(event);
  }

  async edit(id: string, message: Outgoing): Promise<void> {
    const next = contentToSend({ ...message, replyTo: undefined });
    const content = {
      ...next,
      body: `* ${message.text}`,
      ...(message.html ? { formatted_body: `* ${message.html}` } : {}),
      'm.new_content': next,
      'm.relates_to': { rel_type: 'm.replace', event_id: id },
    } as RoomMessageEventContent;
    await this.tell(() => this.client.sendMessage(this.room.roomId, content));
  }

  async remove(id: string): Promise<void> {
    await this.tell(() => this.client.redactEvent(this.room.roomId, id));
  }

  async react(id: string, emoji: string): Promise<void> {
    const mine = ownReaction(this.room, id, emoji, this.me)?.getId();
    const relation = { rel_type: 'm.annotation', event_id: id, key: emoji } as const;
    await this.tell(() =>
      mine
        ? this.client.redactEvent(this.room.roomId, mine)
        : this.client.sendEvent(
            this.room.roomId,
            'm.reaction' as never,
            { 'm.relates_to': relation } as never,
          ),
    );
  }

  private async tell(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw failureOf(error);
    }
  }

  async markRead(): Promise<void> {
    const last = this.room.getLastLiveEvent();
    const id = last?.getId();
    if (!last || !id || last.status !== null || this.room.getEventReadUpTo(this.me, true) === id) return;
    // Told again with the next event if it fails now.
    await this.client.setRoomReadMarkers(this.room.roomId, id, last).catch(() => {});
  }
}
