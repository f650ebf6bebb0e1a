// SPDX-License-Identifier: EUPL-1.2
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { NewRoom, Rooms } from '../../core/rooms.ts';

export interface CreateState extends NewRoom {
  readonly missing: boolean;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

export class CreateModel {
  private readonly rooms: Rooms;
  private readonly cell = new Cell<CreateState>({
    name: '',
    topic: '',
    kind: 'private',
    missing: false,
    busy: false,
    failure: undefined,
  });

  constructor(rooms: Rooms, kind: NewRoom['kind'] = 'private') {
    this.rooms = rooms;
    this.cell.patch({ kind });
  }

  get state(): Live<CreateState> {
    return this.cell;
  }

  setName(name: string): void {
    this.cell.patch({ name, missing: false });
  }

  setTopic(topic: string): void {
    this.cell.patch({ topic });
  }

  setKind(kind: NewRoom['kind']): void {
    this.cell.patch({ kind });
  }

  /** The new room, or undefined: the state says why. */
  async submit(): Promise<string | undefined> {
    const { name, topic, kind, busy } = this.cell.get();
    if (busy) return undefined;
    if (!name.trim()) {
      this.cell.patch({ missing: true });
      return undefined;
    }
    this.cell.patch({ busy: true, failure: undefined });
    try {
      // Asked for where those who are not in the room choose by it; typed before another choice, it is no part of
      // that one.
      const told = kind === 'public' ? topic.trim() : '';
      return await this.rooms.create({ name: name.trim(), topic: told, kind });
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
      return undefined;
    } finally {
      this.cell.patch({ busy: false });
    }
  }
}
