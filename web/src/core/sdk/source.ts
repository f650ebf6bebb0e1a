// SPDX-License-Identifier: EUPL-1.2
// Where a timeline takes its events from: a window over a room, or the whole of a thread.
import {
  Direction,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  type Thread,
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

  owns(event: MatrixEvent): boolean {
    return this.room.eventShouldLiveIn(event).shouldLiveInRoom;
  }
}

/** The SDK fetches the first events of a thread by itself, and tells when they are there. */
export class ThreadSource implements Source {
  readonly threadId: string;
  private readonly client: MatrixClient;
  private readonly thread: Thread;

  constructor(client: MatrixClient, thread: Thread) {
    this.threadId = thread.id;
    this.client = client;
    this.thread = thread;
  }

  async load(): Promise<void> {}

  /** The message that is answered comes first, also while the SDK has not put it there yet. */
  events(): MatrixEvent[] {
    const events = this.thread.liveTimeline.getEvents();
    const root = this.thread.rootEvent;
    return root && events[0]?.getId() !== root.getId() && !this.canMove(Direction.Backward)
      ? [root, ...events.filter((event) => event.getId() !== root.getId())]
      : events;
  }

  canMove(direction: Direction): boolean {
    return (
      direction === Direction.Backward &&
      this.thread.initialEventsFetched &&
      this.thread.liveTimeline.getPaginationToken(Direction.Backward) !== null
    );
  }

  move(_: Direction, page: number): Promise<unknown> {
    return this.client.paginateEventTimeline(this.thread.liveTimeline, { backwards: true, limit: page });
  }

  extend(): void {}

  owns(event: MatrixEvent): boolean {
    return event.threadRootId === this.threadId;
  }
}
