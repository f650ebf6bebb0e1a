// SPDX-License-Identifier: EUPL-1.2
// What the server has erased because its time was over goes from the index of messages too. The server is
// asked, and not the clock alone: what is held for a court stays readable, and is still found.
import { type MatrixClient, Method } from 'matrix-js-sdk';
import type { SearchIndex } from '../search/search-index.ts';
import { momentOf } from '../unchecked.ts';
import { POLL_STARTS } from './polls.ts';
import { type Configuration, configurationOf, lifetimeIn } from './retention.ts';

const MESSAGES = { types: ['m.room.message', 'm.room.encrypted', ...POLL_STARTS] };

interface Page {
  chunk?: { origin_server_ts?: unknown }[];
}

export class Erasing {
  private readonly client: MatrixClient;
  private readonly index: Pick<SearchIndex, 'roomIds' | 'oldest' | 'dropBefore'>;

  constructor(client: MatrixClient, index: Pick<SearchIndex, 'roomIds' | 'oldest' | 'dropBefore'>) {
    this.client = client;
    this.index = index;
  }

  /** Rooms whose messages are younger than what they are kept for are asked nothing of. */
  async sweep(now = Date.now()): Promise<void> {
    const configuration = await configurationOf(this.client).catch((): Configuration => ({}));
    for (const roomId of this.index.roomIds) {
      const room = this.client.getRoom(roomId);
      const kept = room ? lifetimeIn(room, configuration) : undefined;
      const oldest = this.index.oldest(roomId);
      if (kept === undefined || oldest === undefined || oldest >= now - kept) continue;
      const first = await this.firstOf(roomId).catch(() => 0);
      if (first > oldest) await this.index.dropBefore(roomId, Math.min(first, now - kept));
    }
  }

  /** When the oldest message was sent that the server still has; Infinity: there is none. */
  private async firstOf(roomId: string): Promise<number> {
    const path = `/rooms/${encodeURIComponent(roomId)}/messages`;
    const query = { dir: 'f', limit: '1', filter: JSON.stringify(MESSAGES) };
    const { chunk } = await this.client.http.authedRequest<Page>(Method.Get, path, query);
    if (!Array.isArray(chunk)) return 0;
    return chunk[0] ? momentOf(chunk[0].origin_server_ts) : Infinity;
  }
}
