// SPDX-License-Identifier: EUPL-1.2
// Inviting an address into a room: what it means is looked up and said before anything is sent.
import { type Failure, failureOf } from '../../core/failure.ts';
import type { AddressInfo } from '../../core/identity.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Room, RoomKind, Rooms } from '../../core/rooms.ts';

/** closed: the room is for agents and the address is not one's; forum: the same, and it stays so. */
export type AddressMeaning = 'agent' | 'external' | 'closed' | 'forum';

export interface AddressState {
  readonly address: string;
  /** Undefined while it is asked for. */
  readonly info: AddressInfo | undefined;
  readonly sent: boolean;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

export function meaningOf(info: AddressInfo, kind: RoomKind): AddressMeaning {
  if (!info.external) return 'agent';
  if (kind === 'public') return 'forum';
  return kind === 'open' ? 'external' : 'closed';
}

export class AddressModel {
  private readonly rooms: Rooms;
  private readonly room: Room;
  private readonly cell = new Cell<AddressState>({
    address: '',
    info: undefined,
    sent: false,
    busy: false,
    failure: undefined,
  });

  constructor(rooms: Rooms, room: Room) {
    this.rooms = rooms;
    this.room = room;
  }

  get state(): Live<AddressState> {
    return this.cell;
  }

  async look(typed: string): Promise<void> {
    const address = typed.trim().toLowerCase();
    if (address === this.cell.get().address && !this.cell.get().failure) return;
    this.cell.set({ address, info: undefined, sent: false, busy: false, failure: undefined });
    try {
      const info = await this.rooms.about(address);
      if (this.cell.get().address === address) this.cell.patch({ info });
    } catch (error) {
      if (this.cell.get().address === address) this.cell.patch({ failure: failureOf(error) });
    }
  }

  async send(): Promise<void> {
    const { address, busy } = this.cell.get();
    if (busy) return;
    this.cell.patch({ busy: true, failure: undefined });
    try {
      await this.room.inviteAddress(address);
      this.cell.patch({ busy: false, sent: true });
    } catch (error) {
      this.cell.patch({ busy: false, failure: failureOf(error) });
    }
  }
}
