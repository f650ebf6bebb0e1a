// SPDX-License-Identifier: EUPL-1.2
// The list of conversations: its parts, its filter, the answer to an invitation.
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import { type Part, PARTS, partOf } from '../../core/room-parts.ts';
import type { Rooms, RoomSummary } from '../../core/rooms.ts';
import { fold } from '../../core/fold.ts';

export interface RoomSection {
  readonly part: Part;
  readonly rooms: readonly RoomSummary[];
}

export interface RoomsState {
  readonly filter: string;
  readonly sections: readonly RoomSection[];
  /** Of all conversations, whatever the filter. */
  readonly total: number;
  readonly unread: number;
  readonly busy: string | undefined;
  readonly failure: Failure | undefined;
}

export class RoomsModel {
  private readonly rooms: Rooms;
  private readonly cell = new Cell<RoomsState>({
    filter: '',
    sections: [],
    total: 0,
    unread: 0,
    busy: undefined,
    failure: undefined,
  });

  constructor(rooms: Rooms) {
    this.rooms = rooms;
    this.arrange();
  }

  get state(): Live<RoomsState> {
    return this.cell;
  }

  watch(): () => void {
    const stop = this.rooms.list.subscribe(() => this.arrange());
    this.arrange();
    return stop;
  }

  setFilter(filter: string): void {
    this.cell.patch({ filter });
    this.arrange();
  }

  private arrange(): void {
    const all = this.rooms.list.get();
    const words = fold(this.cell.get().filter).split(/\s+/).filter(Boolean);
    const fits = all.filter((room) => words.every((word) => fold(room.name).includes(word)));
    const sections = PARTS.map((part) => ({
      part,
      rooms: fits.filter((room) => partOf(room) === part),
    })).filter(({ rooms }) => rooms.length > 0);
    const unread = all.reduce((sum, room) => sum + (room.membership === 'invite' ? 1 : room.unread), 0);
    this.cell.patch({ sections, total: all.length, unread });
  }

  accept(roomId: string): Promise<boolean> {
    return this.answer(roomId, () => this.rooms.accept(roomId));
  }

  refuse(roomId: string): Promise<boolean> {
    return this.answer(roomId, () => this.rooms.refuse(roomId));
  }

  private async answer(roomId: string, action: () => Promise<void>): Promise<boolean> {
    this.cell.patch({ busy: roomId, failure: undefined });
    try {
      await action();
      this.cell.patch({ busy: undefined });
      return true;
    } catch (error) {
      this.cell.patch({ busy: undefined, failure: failureOf(error) });
      return false;
    }
  }
}
