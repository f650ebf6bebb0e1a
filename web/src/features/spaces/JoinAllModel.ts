// SPDX-License-Identifier: EUPL-1.2
// Coming into a space as a whole: which rooms that means is told first, one is joined after the other, and a
// refusal of some stops none.
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { HeldRoom, Rooms } from '../../core/rooms.ts';

/** Of one room, when the server asks to wait. */
const ATTEMPTS = 5;
const PAUSE_MS = 1000;

export interface Refusal {
  readonly room: HeldRoom;
  readonly failure: Failure;
}

export interface JoinAllState {
  /** looking: which rooms there are is not known yet; over: also when it was stopped. */
  readonly at: 'looking' | 'asking' | 'joining' | 'over';
  /** What one may come into and is not in. */
  readonly rooms: readonly HeldRoom[];
  /** By invitation only. */
  readonly closed: number;
  readonly joined: number;
  readonly refused: readonly Refusal[];
  /** Of the look. */
  readonly failure: Failure | undefined;
}

export class JoinAllModel {
  private readonly rooms: Rooms;
  private readonly spaceId: string;
  private readonly pause: (milliseconds: number) => Promise<void>;
  private stopped = false;
  private readonly cell = new Cell<JoinAllState>({
    at: 'looking',
    rooms: [],
    closed: 0,
    joined: 0,
    refused: [],
    failure: undefined,
  });

  constructor(
    rooms: Rooms,
    spaceId: string,
    pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  ) {
    this.rooms = rooms;
    this.spaceId = spaceId;
    this.pause = pause;
  }

  get state(): Live<JoinAllState> {
    return this.cell;
  }

  async look(): Promise<void> {
    this.cell.patch({ at: 'looking', failure: undefined });
    try {
      const others = (await this.rooms.held(this.spaceId, true)).filter((room) => !room.joined);
      const rooms = others.filter((room) => room.entry === 'free');
      this.cell.patch({ at: 'asking', rooms, closed: others.length - rooms.length });
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
    }
  }

  async join(): Promise<void> {
    if (this.cell.get().at !== 'asking') return;
    this.cell.patch({ at: 'joining' });
    for (const room of this.cell.get().rooms) {
      if (this.stopped) break;
      const failure = await this.joinOne(room);
      const { joined, refused } = this.cell.get();
      this.cell.patch(failure ? { refused: [...refused, { room, failure }] } : { joined: joined + 1 });
    }
    this.cell.patch({ at: 'over' });
  }

  /** Undefined: one is in. */
  private async joinOne({ id }: HeldRoom): Promise<Failure | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.rooms.joinListed(id);
        return undefined;
      } catch (error) {
        const failure = failureOf(error);
        if (failure.code !== 'M_LIMIT_EXCEEDED' || attempt === ATTEMPTS || this.stopped) return failure;
        await this.pause(failure.retryAfterMs ?? PAUSE_MS);
      }
    }
  }

  /** After the room that is being joined. */
  stop(): void {
    this.stopped = true;
  }
}
