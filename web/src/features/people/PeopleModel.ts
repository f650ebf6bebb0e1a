// SPDX-License-Identifier: EUPL-1.2
// Looking for people, to write to them or to invite them.
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Person, Rooms } from '../../core/rooms.ts';

export interface PeopleState {
  readonly term: string;
  readonly found: readonly Person[] | undefined;
  readonly looking: boolean;
  readonly chosen: readonly string[];
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

const PAUSE_MS = 250;

export class PeopleModel {
  private readonly rooms: Rooms;
  private readonly pause: (milliseconds: number) => Promise<void>;
  private readonly cell = new Cell<PeopleState>({
    term: '',
    found: undefined,
    looking: false,
    chosen: [],
    busy: false,
    failure: undefined,
  });

  constructor(rooms: Rooms, pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))) {
    this.rooms = rooms;
    this.pause = pause;
  }

  get state(): Live<PeopleState> {
    return this.cell;
  }

  /** Asks after a pause in the typing; an answer to what has been typed over is dropped. */
  async setTerm(term: string): Promise<void> {
    const wanted = term.trim();
    this.cell.patch({
      term,
      looking: wanted !== '',
      ...(wanted ? {} : { found: undefined }),
      failure: undefined,
    });
    if (!wanted) return;
    await this.pause(PAUSE_MS);
    if (this.cell.get().term !== term) return;
    try {
      const found = await this.rooms.findPeople(wanted);
      if (this.cell.get().term === term) this.cell.patch({ found, looking: false });
    } catch (error) {
      if (this.cell.get().term === term) this.cell.patch({ looking: false, failure: failureOf(error) });
    }
  }

  /** Runs what a person was chosen for; false: the state says why not. */
  async choose(person: Person, action: (userId: string) => Promise<unknown>): Promise<boolean> {
    if (this.cell.get().busy) return false;
    this.cell.patch({ busy: true, failure: undefined });
    try {
      await action(person.id);
      this.cell.patch({ busy: false, chosen: [...this.cell.get().chosen, person.id] });
      return true;
    } catch (error) {
      this.cell.patch({ busy: false, failure: failureOf(error) });
      return false;
    }
  }
}
