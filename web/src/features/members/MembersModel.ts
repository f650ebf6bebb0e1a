// SPDX-License-Identifier: EUPL-1.2
// Who is in a room, what one may make of each of them, and the question that comes before it.
import { type Failure, failureOf } from '../../core/failure.ts';
import type { Rights } from '../../core/governance.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Member, Person, Role, Room } from '../../core/rooms.ts';
import { fold } from '../../core/fold.ts';

/** A role that is given, a way out, an invitation taken back, or an answer to who asks to be let in. */
export type MemberAct = Role | 'remove' | 'withdraw' | 'ban' | 'unban' | 'admit' | 'turnAway';

/** Rows drawn; the filter finds the others. */
export const SHOWN = 200;

const ORDER: Record<Role, number> = { admin: 0, moderator: 1, member: 2 };
/** These are not taken back with a click: one is asked first. */
const GRAVE: readonly MemberAct[] = ['admin', 'remove', 'withdraw', 'ban'];
export interface MembersState {
  readonly filter: string;
  /** Members that fit, who has a role first; at most SHOWN. */
  readonly shown: readonly Member[];
  /** Who fits and has not come in yet; at most SHOWN. */
  readonly invited: readonly Member[];
  /** Of all members, whatever the filter; who is only invited is none. */
  readonly total: number;
  readonly externals: number;
  readonly awaited: number;
  readonly asking: { readonly act: MemberAct; readonly person: Person } | undefined;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

/** What may be made of a member. An external holds no role (docs/design/room-rules.md). */
export function actsFor(member: Member, rights: Rights, me: string): readonly MemberAct[] {
  if (!member.below || member.id === me) return [];
  const roles: Role[] = ['admin', 'moderator', 'member'];
  return [
    ...(rights.roles && !member.external && !member.invited
      ? roles.filter((role) => role !== member.role)
      : []),
    ...(rights.remove ? [member.invited ? ('withdraw' as const) : ('remove' as const)] : []),
    ...(rights.ban ? (['ban'] as const) : []),
  ];
}

const textOf = (member: Member): string => fold(`${member.name} ${member.organisation ?? ''} ${member.id}`);

export class MembersModel {
  readonly room: Room;
  private readonly me: string;
  private readonly cell = new Cell<MembersState>({
    filter: '',
    shown: [],
    invited: [],
    total: 0,
    externals: 0,
    awaited: 0,
    asking: undefined,
    busy: false,
    failure: undefined,
  });

  constructor(room: Room, me: string) {
    this.room = room;
    this.me = me;
    this.arrange();
  }

  get state(): Live<MembersState> {
    return this.cell;
  }

  watch(): () => void {
    this.arrange();
    return this.room.members.subscribe(() => this.arrange());
  }

  setFilter(filter: string): void {
    this.cell.patch({ filter });
    this.arrange();
  }

  private arrange(): void {
    const all = this.room.members.get();
    const words = fold(this.cell.get().filter).split(/\s+/).filter(Boolean);
    const fits = all.filter((member) => words.every((word) => textOf(member).includes(word)));
    const inside = all.filter((member) => !member.invited);
    this.cell.patch({
      shown: fits
        .filter((member) => !member.invited)
        .toSorted((a, b) => ORDER[a.role] - ORDER[b.role])
        .slice(0, SHOWN),
      invited: fits.filter((member) => member.invited).slice(0, SHOWN),
      total: inside.length,
      externals: inside.filter((member) => member.external).length,
      awaited: all.length - inside.length,
    });
  }

  acts(member: Member): readonly MemberAct[] {
    return actsFor(member, this.room.governance.rights.get(), this.me);
  }

  async choose(act: MemberAct, person: Person): Promise<void> {
    if (GRAVE.includes(act)) this.cell.patch({ asking: { act, person }, failure: undefined });
    else await this.run(act, person);
  }

  async answer(yes: boolean): Promise<void> {
    const { asking } = this.cell.get();
    this.cell.patch({ asking: undefined });
    if (yes && asking) await this.run(asking.act, asking.person);
  }

  private async run(act: MemberAct, { id }: Person): Promise<void> {
    if (this.cell.get().busy) return;
    const { governance } = this.room;
    this.cell.patch({ busy: true, failure: undefined });
    try {
      if (act === 'admit') await this.room.invite(id);
      else if (act === 'remove' || act === 'withdraw' || act === 'turnAway') await governance.remove(id);
      else if (act === 'ban') await governance.ban(id);
      else if (act === 'unban') await governance.unban(id);
      else await governance.setRole(id, act);
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
    } finally {
      this.cell.patch({ busy: false });
    }
  }
}
