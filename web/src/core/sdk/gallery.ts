// SPDX-License-Identifier: EUPL-1.2
import { Direction, type MatrixClient, type Room } from 'matrix-js-sdk';
import { failureOf } from '../failure.ts';
import type { Gallery, GalleryState } from '../gallery.ts';
import { Cell } from '../live.ts';
import type { Message } from '../timeline.ts';
import type { Doubts } from './doubts.ts';
import { itemOf } from './reading.ts';

const PAGE = 100;
/** Files that are enough for one look, and pages that are gone through for them. */
const ENOUGH = 12;
const PAGES = 10;

const hasFile = (item: ReturnType<typeof itemOf>): item is Message =>
  item?.type === 'message' && item.content.kind === 'file' && item.content.attachment !== undefined;

export class SdkGallery implements Gallery {
  readonly state = new Cell<GalleryState>({ items: [], atStart: false, loading: false, failure: undefined });
  private readonly client: MatrixClient;
  private readonly room: Room;
  private readonly doubts: Pick<Doubts, 'of' | 'settle'>;
  private token: string | null = null;

  constructor(client: MatrixClient, room: Room, doubts: Pick<Doubts, 'of' | 'settle'>) {
    this.client = client;
    this.room = room;
    this.doubts = doubts;
  }

  async more(): Promise<void> {
    const { loading, atStart } = this.state.get();
    if (loading || atStart) return;
    this.state.patch({ loading: true, failure: undefined });
    try {
      const wanted = this.state.get().items.length + ENOUGH;
      for (let i = 0; i < PAGES && this.state.get().items.length < wanted && !this.state.get().atStart; i++)
        await this.page();
      this.state.patch({ loading: false });
    } catch (error) {
      this.state.patch({ loading: false, failure: failureOf(error) });
    }
  }

  private async page(): Promise<void> {
    const { client, room, doubts } = this;
    const answer = await client.createMessagesRequest(room.roomId, this.token, PAGE, Direction.Backward);
    const events = answer.chunk.map(client.getEventMapper());
    await Promise.all(events.map((event) => client.decryptEventIfNeeded(event)));
    const me = client.getSafeUserId();
    await doubts.settle(room, events);
    const found = events.map((event) => itemOf(room, event, me, { doubts })).filter(hasFile);
    this.token = answer.end ?? null;
    this.state.patch({ items: [...this.state.get().items, ...found], atStart: !answer.end });
  }
}
