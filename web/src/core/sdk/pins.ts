// SPDX-License-Identifier: EUPL-1.2
import { EventType, type MatrixClient, type Room, RoomStateEvent } from 'matrix-js-sdk';
import { Cell } from '../live.ts';
import type { Pins } from '../pins.ts';
import type { Message } from '../timeline.ts';
import type { Doubts } from './doubts.ts';
import { findMessage } from './finding.ts';
import { telling } from './telling.ts';

/** Of more, the last are shown. */
const SHOWN = 50;

export class SdkPins implements Pins {
  readonly ids: Cell<readonly string[]>;
  private readonly client: MatrixClient;
  private readonly room: Room;
  private readonly doubts: Doubts;

  constructor(client: MatrixClient, room: Room, doubts: Doubts) {
    this.client = client;
    this.room = room;
    this.doubts = doubts;
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
    const asked = ids.slice(0, SHOWN).map((id) => findMessage(this.client, this.room, id, this.doubts));
    // One that cannot be had is left out: it may be older than what one may see.
    return (await Promise.all(asked)).filter((message) => message !== undefined);
  }

  async set(id: string, pinned: boolean): Promise<void> {
    const others = this.read().filter((one) => one !== id);
    const content = { pinned: pinned ? [...others, id] : others };
    await telling(() => this.client.sendStateEvent(this.room.roomId, EventType.RoomPinnedEvents, content));
  }
}
