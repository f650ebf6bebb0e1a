// SPDX-License-Identifier: EUPL-1.2
// [UX-24] Leaving a room; its last administrator names a successor, or knows what happens without one.
import { Cell, type Live } from '../../core/live.ts';
import type { Member, Room } from '../../core/rooms.ts';
import type { UndoModel } from '../undo/UndoModel.ts';

export interface LeaveState {
  readonly lastAdmin: boolean;
  /** Who may follow: agents who are in it. */
  readonly candidates: readonly Member[];
  /** Undefined: whom the server chooses. */
  readonly successor: string | undefined;
}

export class LeaveModel {
  private readonly room: Room;
  private readonly undo: UndoModel;
  private readonly cell: Cell<LeaveState>;

  constructor(room: Room, me: string, undo: UndoModel) {
    this.room = room;
    this.undo = undo;
    const members = room.members.get().filter((member) => !member.invited);
    const admins = members.filter((member) => member.role === 'admin');
    const others = members.filter((member) => member.id !== me);
    const direct = room.summary.get().kind === 'direct';
    this.cell = new Cell<LeaveState>({
      lastAdmin: !direct && others.length > 0 && admins.length === 1 && admins[0]?.id === me,
      candidates: others.filter((member) => !member.external),
      successor: undefined,
    });
  }

  get state(): Live<LeaveState> {
    return this.cell;
  }

  choose(successor: string | undefined): void {
    this.cell.patch({ successor });
  }

  /** Leaves when it can no longer be taken back. */
  leave(): void {
    const { successor } = this.cell.get();
    const { name } = this.room.summary.get();
    this.undo.offer({
      deed: { what: 'leave', roomId: this.room.id, successor },
      text: 'undo.leaving',
      refused: 'undo.leaveRefused',
      values: { room: name },
    });
  }
}
