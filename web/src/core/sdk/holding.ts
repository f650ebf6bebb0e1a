// SPDX-License-Identifier: EUPL-1.2
// Which spaces hold a room. What counts is what the space says, of those that one is in: a room may claim any.
import {
  ClientEvent,
  EventType,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  RoomStateEvent,
} from 'matrix-js-sdk';
import { Cell } from '../live.ts';
import type { RoomSummary } from '../rooms.ts';
import { soon } from './soon.ts';

/** Many rooms come back one by one. */
const GAP_MS = 250;

type Holder = Pick<RoomSummary, 'id' | 'name'>;

export class Holding {
  readonly spaces: Cell<readonly Holder[]>;
  private readonly client: MatrixClient;
  private readonly room: Room;

  constructor(client: MatrixClient, room: Room) {
    this.client = client;
    this.room = room;
    this.spaces = new Cell(this.find());
    client.on(RoomStateEvent.Events, this.onState);
    client.on(ClientEvent.Room, this.look);
  }

  close(): void {
    this.client.off(RoomStateEvent.Events, this.onState);
    this.client.off(ClientEvent.Room, this.look);
  }

  private readonly look = soon(() => {
    const next = this.find();
    if (JSON.stringify(next) !== JSON.stringify(this.spaces.get())) this.spaces.set(next);
  }, GAP_MS);

  private readonly onState = (event: MatrixEvent): void => {
    const type = event.getType();
    const mine = event.getStateKey() === this.client.getUserId();
    if (
      (type === EventType.SpaceChild && event.getStateKey() === this.room.roomId) ||
      (type === EventType.RoomMember && mine) ||
      (type === EventType.RoomName && this.spaces.get().some(({ id }) => id === event.getRoomId()))
    )
      this.look();
  };

  private find(): readonly Holder[] {
    return this.client
      .getVisibleRooms()
      .filter((space) => space.isSpaceRoom() && space.getMyMembership() === 'join' && this.holds(space))
      .map((space) => ({ id: space.roomId, name: space.name }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  private holds(space: Room): boolean {
    const child = space.currentState.getStateEvents(EventType.SpaceChild, this.room.roomId);
    return Array.isArray(child?.getContent().via);
  }
}
