// SPDX-License-Identifier: EUPL-1.2
// The port of threads: answers to one message, apart from the rest of the room.
import type { Message, Timeline } from './timeline.ts';

export interface ThreadHead {
  readonly root: Message;
  /** Of the last answer; ms. */
  readonly at: number;
}

export interface Threads {
  /** Those of a room, the one with the last answer first. */
  list(): Promise<readonly ThreadHead[]>;
  /** The message whose thread that one was said in; undefined: it was said in the room, or cannot be had. */
  rootOf(eventId: string): Promise<string | undefined>;
  /** The thread of a message, begun with the first answer; to be closed by who opened it. */
  open(rootId: string): OpenThread;
}

export interface OpenThread {
  readonly timeline: Timeline;
  close(): void;
}
