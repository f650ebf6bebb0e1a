// SPDX-License-Identifier: EUPL-1.2
// Where a timeline takes its events from: a window over a room, or the whole of a thread.
import {
  Direction,
  type EventTimelineSet,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  type Thread,
  ThreadEvent,
  TimelineWindow,
} from 'matrix-js-sdk';
import { WINDOW } from '../timeline.ts';

export interface Source {
  /** The thread, for what is sent; null: the room itself. */
  readonly threadId: string | null;
  load(eventId: string | undefined, first: number): Promise<void>;
  events(): MatrixEvent[];
  canMove(direction: Direction): boolean;
  move(direction: Direction, page: number): Promise<unknown>;
  /** Takes in what a sync has added at the end. */
  extend(): void;
  /** Its events are of that set. */
  isOf(set: EventTimelineSet): boolean;
  /** Of the messages on their way, those that belong here. */
  owns(event: MatrixEvent): boolean;
}

export class RoomSource implements Source {
  readonly threadId = null;
  private readonly client: MatrixClient;
  private readonly room: Room;
  private window: TimelineWindow;

  constructor(client: MatrixClient, room: Room) {
    this.client = client;
    this.room = room;
    this.window = this.newWindow();
  }

  private newWindow(): TimelineWindow {
    return new TimelineWindow(this.client, this.room.getUnfilteredTimelineSet(), { windowLimit: WINDOW });
  }

  async load(eventId: string | undefined, first: number): Promise<void> {
    const next = this.newWindow();
    await next.load(eventId, first);
    this.window = next;
    this.findPolls();
  }

  events(): MatrixEvent[] {
    return this.window.getEvents();
  }

  canMove(direction: Direction): boolean {
    return this.window.canPaginate(direction);
  }

  async move(direction: Direction, page: number): Promise<unknown> {
    const moved = await this.window.paginate(direction, page);
    this.findPolls();
    return moved;
  }

  /** The SDK looks for polls in what a sync brings, not in what is loaded. */
  private findPolls(): void {
    void this.room.processPollEvents(this.window.getEvents());
  }

  extend(): void {
    this.window.extend(Direction.Forward, WINDOW);
  }

  isOf(set: EventTimelineSet): boolean {
    return set === this.room.getUnfilteredTimelineSet();
  }

  owns(event: MatrixEvent): boolean {
    return this.room.eventShouldLiveIn(event).shouldLiveInRoom;
  }
}

/** How long the SDK is waited for, which fetches the last events of a thread by itself. */
const PATIENCE_MS = 10_000;

/** The end of a thread, as far back as one goes; around a message that stands further back, a window. */
export class ThreadSource implements Source {
  readonly threadId: string;
  private readonly client: MatrixClient;
  private readonly thread: Thread;
  private window: TimelineWindow | undefined;

  constructor(client: MatrixClient, thread: Thread) {
    this.threadId = thread.id;
    this.client = client;
    this.thread = thread;
  }

  async load(eventId: string | undefined, first: number): Promise<void> {
    this.window = undefined;
    if (!eventId) return;
    await this.begun();
    const { liveTimeline, timelineSet } = this.thread;
    if (timelineSet.getTimelineForEvent(eventId) === liveTimeline) return;
    const window = new TimelineWindow(this.client, timelineSet, { windowLimit: WINDOW });
    await window.load(eventId, first);
    this.window = window;
  }

  /** The SDK has fetched the last events, or could not: before that, it would take away what is loaded. */
  private begun(): Promise<void> {
    if (this.thread.initialEventsFetched) return Promise.resolve();
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        this.thread.off(ThreadEvent.Update, over);
        resolve();
      };
      const timer = setTimeout(over, PATIENCE_MS);
      this.thread.on(ThreadEvent.Update, over);
    });
  }

  /** The message that is answered comes first, also while the SDK has not put it there yet. */
  events(): MatrixEvent[] {
    const events = this.window?.getEvents() ?? this.thread.liveTimeline.getEvents();
    const root = this.thread.rootEvent;
    return root && events[0]?.getId() !== root.getId() && !this.canMove(Direction.Backward)
      ? [root, ...events.filter((event) => event.getId() !== root.getId())]
      : events;
  }

  canMove(direction: Direction): boolean {
    if (this.window) return this.window.canPaginate(direction);
    return (
      direction === Direction.Backward &&
      this.thread.initialEventsFetched &&
      this.thread.liveTimeline.getPaginationToken(Direction.Backward) !== null
    );
  }

  move(direction: Direction, page: number): Promise<unknown> {
    if (this.window) return this.window.paginate(direction, page);
    return this.client.paginateEventTimeline(this.thread.liveTimeline, { backwards: true, limit: page });
  }

  extend(): void {
    this.window?.extend(Direction.Forward, WINDOW);
  }

  isOf(set: EventTimelineSet): boolean {
    return set === this.thread.timelineSet;
  }

  owns(event: MatrixEvent): boolean {
    return event.threadRootId === this.threadId;
  }
}
