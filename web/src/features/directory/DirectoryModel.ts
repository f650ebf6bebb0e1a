// SPDX-License-Identifier: EUPL-1.2
// The directory of public rooms.
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { ListedRoom, Rooms } from '../../core/rooms.ts';

export interface DirectoryState {
  readonly term: string;
  readonly found: readonly ListedRoom[] | undefined;
  readonly looking: boolean;
  readonly failure: Failure | undefined;
}

const PAUSE_MS = 250;

export class DirectoryModel {
  private readonly rooms: Rooms;
  private readonly pause: (milliseconds: number) => Promise<void>;
  private readonly cell = new Cell<DirectoryState>({
    term: '',
    found: undefined,
    looking: true,
    failure: undefined,
  });

  constructor(rooms: Rooms, pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))) {
    this.rooms = rooms;
    this.pause = pause;
  }

  get state(): Live<DirectoryState> {
    return this.cell;
  }

  /** At the opening, and again after a failure. */
  async look(): Promise<void> {
    const { term } = this.cell.get();
    this.cell.patch({ looking: true, failure: undefined });
    try {
      const found = await this.rooms.findRooms(term);
      if (this.cell.get().term === term) this.cell.patch({ found, looking: false });
    } catch (error) {
      if (this.cell.get().term === term) this.cell.patch({ looking: false, failure: failureOf(error) });
    }
  }

  async setTerm(term: string): Promise<void> {
    this.cell.patch({ term, looking: true });
    await this.pause(PAUSE_MS);
    if (this.cell.get().term === term) await this.look();
  }

  isIn(roomId: string): boolean {
    return this.rooms.list.get().some((room) => room.id === roomId && room.membership === 'join');
  }
}
