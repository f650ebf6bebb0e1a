// SPDX-License-Identifier: EUPL-1.2
import { EventType, type MatrixClient, MatrixEvent, type Room, RoomStateEvent } from 'matrix-js-sdk';
import { Cell } from '../live.ts';
import type { Pins } from '../pins.ts';
import type { Message } from '../timeline.ts';
import { itemOf } from './reading.ts';
import { telling } from './telling.ts';

/** Of more, the last are shown. */
const SHOWN = 50;

export class SdkPins implements Pins {
  readonly ids: Cell<readonly string[]>;
  private readonly client: MatrixClient;
  private readonly room: Room;

  constructor(client: MatrixClient, room: Room) {
    this.client = client;
    this.room = room;
    this.ids = new Cell(this.read().toReversed());
    room.on(RoomStateEvent.Events, this.look);
  }

  close(): void {
    this.room.off(RoomStateEvent.Events, this.look);
  }

  private read(): string[] {
    const content = this.room.currentState.getStateEvents(EventType.RoomPinnedEvents, '')?.getContent();
    const pinned: unknown = content?.pinned;
    return Array.isArray(pinned) ? pinned.filter((id): id is string => typeof id === 'string') : [];
  }

  private readonly look = (): void => {
    const ids = this.read().toReversed();
    if (ids.join('\n') !== this.ids.get().join('\n')) this.ids.set(ids);
  };

  async load(ids: readonly string[]): Promise<readonly Message[]> {
    const found = await Promise.all(ids.slice(0, SHOWN).map((id) => this.find(id)));
    return found.filter(
      (message) => message !== undefined && message.content.kind !== 'deleted',
    ) as Message[];
  }

  /** One that cannot be had is left out: it may be older than what one may see. */
  private async find(id: string): Promise<Message | undefined> {
    const known = this.room.findEventById(id);
    const event =
      known ??
      (await this.client
        .fetchRoomEvent(this.room.roomId, id)
        .then((raw) => new MatrixEvent(raw))
        .catch(() => undefined));
    if (!event) return undefined;
    await this.client.decryptEventIfNeeded(event);
    const item = itemOf(this.room, event, this.client.getSafeUserId());
    return item?.type === 'message' ? item : undefined;
  }

  async set(id: string, pinned: boolean): Promise<void> {
    const others = this.read().filter((one) => one !== id);
    const content = { pinned: pinned ? [...others, id] : others };
    await telling(() => this.client.sendStateEvent(this.room.roomId, EventType.RoomPinnedEvents, content));
  }
}
