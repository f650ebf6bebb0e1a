// SPDX-License-Identifier: EUPL-1.2
// What a space holds, for its reader; and for who runs it, what it may hold.
import { type Failure, failureOf } from '../../core/failure.ts';
import { fold } from '../../core/fold.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { HeldRoom, Room, Rooms, RoomSummary } from '../../core/rooms.ts';

export interface SpaceState {
  /** Spaces first; undefined: not known yet. */
  readonly held: readonly HeldRoom[] | undefined;
  readonly busy: boolean;
  /** The name of the room that was put in last. */
  readonly added: string | undefined;
  readonly failure: Failure | undefined;
}

export class SpaceModel {
  readonly room: Room;
  private readonly rooms: Rooms;
  private readonly cell = new Cell<SpaceState>({
    held: undefined,
    busy: false,
    added: undefined,
    failure: undefined,
  });

  constructor(rooms: Rooms, room: Room) {
    this.rooms = rooms;
    this.room = room;
  }

  get state(): Live<SpaceState> {
    return this.cell;
  }

  /** Looks, and again when the space or one's own rooms have changed, until the function that it gives is
   * called. */
  watch(): () => void {
    void this.load();
    void this.room.loadMembers().catch(() => {});
    const stops = [this.room.summary, this.rooms.list].map((live) => live.subscribe(() => void this.load()));
    return () => {
      for (const stop of stops) stop();
      this.room.close();
    };
  }

  async load(): Promise<void> {
    try {
      const held = await this.rooms.held(this.room.id);
      const spacesFirst = held.toSorted((a, b) => Number(b.kind === 'space') - Number(a.kind === 'space'));
      if (JSON.stringify(spacesFirst) !== JSON.stringify(this.cell.get().held))
        this.cell.patch({ held: spacesFirst, failure: undefined });
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
    }
  }

  /** One's own rooms that are not in it, with these words in their name. */
  candidates(list: readonly RoomSummary[], filter: string): readonly RoomSummary[] {
    const held = new Set(this.cell.get().held?.map(({ id }) => id));
    const words = fold(filter).split(/\s+/).filter(Boolean);
    return list.filter(
      (room) =>
        room.membership === 'join' &&
        room.kind !== 'direct' &&
        room.id !== this.room.id &&
        !held.has(room.id) &&
        words.every((word) => fold(room.name).includes(word)),
    );
  }

  async add({ id, name }: RoomSummary): Promise<void> {
    if (await this.run(() => this.rooms.hold(this.room.id, id, true))) this.cell.patch({ added: name });
  }

  async take({ id }: HeldRoom): Promise<void> {
    await this.run(() => this.rooms.hold(this.room.id, id, false));
  }

  join({ id }: HeldRoom): Promise<boolean> {
    return this.run(() => this.rooms.joinListed(id));
  }

  private async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.cell.get().busy) return false;
    this.cell.patch({ busy: true, failure: undefined, added: undefined });
    try {
      await action();
      this.cell.patch({ busy: false });
      await this.load();
      return true;
    } catch (error) {
      this.cell.patch({ busy: false, failure: failureOf(error) });
      return false;
    }
  }
}
