// SPDX-License-Identifier: EUPL-1.2
import { ClientEvent, type MatrixClient, type MatrixEvent } from 'matrix-js-sdk';
import { Cell } from '../live.ts';
import type { Saved, SavedMessage, SavedPlace } from '../saved.ts';
import type { Doubts } from './doubts.ts';
import { findMessage } from './finding.ts';
import type { Waiting } from './restoring.ts';
import { telling } from './telling.ts';

/** docs/design/web.md */
const SAVED = 'org.chappe.saved';
/** Of more, the oldest go: account data has its bounds. */
const MOST = 300;

const isPlace = (value: unknown): value is { room_id: string; event_id: string } =>
  typeof value === 'object' &&
  value !== null &&
  'room_id' in value &&
  'event_id' in value &&
  typeof value.room_id === 'string' &&
  typeof value.event_id === 'string';

export class SdkSaved implements Saved {
  readonly list = new Cell<readonly SavedPlace[]>([]);
  private readonly client: MatrixClient;
  private readonly doubts: Doubts;
  private readonly rooms: Pick<Waiting, 'restore'>;

  constructor(client: MatrixClient, doubts: Doubts, rooms: Pick<Waiting, 'restore'>) {
    this.client = client;
    this.doubts = doubts;
    this.rooms = rooms;
    client.on(ClientEvent.AccountData, this.look);
  }

  private readonly look = (event: MatrixEvent): void => {
    if (event.getType() === SAVED) this.read();
  };

  read(): void {
    const { messages }: { messages?: unknown } =
      this.client.getAccountData(SAVED as never)?.getContent() ?? {};
    const places = Array.isArray(messages) ? messages.filter(isPlace) : [];
    const next = places.map(({ room_id, event_id }) => ({ roomId: room_id, id: event_id }));
    if (JSON.stringify(next) !== JSON.stringify(this.list.get())) this.list.set(next);
  }

  async set({ roomId, id }: SavedPlace, saved: boolean): Promise<void> {
    const others = this.list.get().filter((one) => one.id !== id);
    const next = (saved ? [{ roomId, id }, ...others] : others).slice(0, MOST);
    this.list.set(next);
    const messages = next.map((one) => ({ room_id: one.roomId, event_id: one.id }));
    try {
      await telling(() => this.client.setAccountData(SAVED as never, { messages } as never));
    } catch (error) {
      // What the server says stands.
      this.read();
      throw error;
    }
  }

  async load(places: readonly SavedPlace[]): Promise<readonly SavedMessage[]> {
    await this.rooms.restore(places.map(({ roomId }) => roomId));
    return Promise.all(
      places.map(async (place) => {
        const room = this.client.getRoom(place.roomId);
        const message = room && (await findMessage(this.client, room, place.id, this.doubts));
        return { ...place, message: message ?? undefined };
      }),
    );
  }
}
