// SPDX-License-Identifier: EUPL-1.2
import { type MatrixClient, MatrixEvent, type Room } from 'matrix-js-sdk';
import type { OpenThread, ThreadHead, Threads } from '../threads.ts';
import { momentOf } from '../unchecked.ts';
import { itemOf } from './reading.ts';
import { ThreadSource } from './source.ts';
import { telling } from './telling.ts';
import { type Helped, SdkTimeline } from './timeline.ts';

export class SdkThreads implements Threads {
  private readonly client: MatrixClient;
  private readonly room: Room;
  private readonly helped: Helped;

  constructor(client: MatrixClient, room: Room, helped: Helped) {
    this.client = client;
    this.room = room;
    this.helped = helped;
  }

  async list(): Promise<readonly ThreadHead[]> {
    await telling(async () => {
      await this.room.createThreadsTimelineSets();
      await this.room.fetchRoomThreads();
    });
    const me = this.client.getSafeUserId();
    const heads = this.room.getThreads().flatMap(({ rootEvent, replyToEvent }): ThreadHead[] => {
      const root = rootEvent && itemOf(this.room, rootEvent, me, this.helped);
      return root?.type === 'message' ? [{ root, at: momentOf((replyToEvent ?? rootEvent)?.getTs()) }] : [];
    });
    return heads.toSorted((a, b) => b.at - a.at);
  }

  /** A relation stands in the clear, also where what was said is encrypted. */
  async rootOf(eventId: string): Promise<string | undefined> {
    const event =
      this.room.findEventById(eventId) ??
      (await this.client
        .fetchRoomEvent(this.room.roomId, eventId)
        .then((raw) => new MatrixEvent(raw))
        .catch(() => undefined));
    const root = event?.threadRootId;
    return root === eventId ? undefined : root;
  }

  open(rootId: string): OpenThread {
    const root: MatrixEvent | undefined = this.room.findEventById(rootId);
    const thread = this.room.getThread(rootId) ?? this.room.createThread(rootId, root, [], true);
    const timeline = new SdkTimeline(
      this.client,
      this.room,
      this.helped,
      new ThreadSource(this.client, thread),
    );
    return { timeline, close: () => timeline.close() };
  }
}
