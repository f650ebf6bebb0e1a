// SPDX-License-Identifier: EUPL-1.2
// How a room is run: docs/design/room-rules.md says what the server lets pass, this what is worth offering.
import { EventType, JoinRule, type MatrixClient, type Room, RoomStateEvent } from 'matrix-js-sdk';
import type { Asking, Governance, Kept, Retention, Rights } from '../governance.ts';
import { Cell } from '../live.ts';
import type { Person, Role } from '../rooms.ts';
import { personIn } from './names.ts';
import { configurationOf, RETENTION } from './retention.ts';
import { soon } from './soon.ts';
import { telling } from './telling.ts';

/** The State's rooms: whom a room is for. */
export const ACCESS_RULES = 'im.vector.room.access_rules';
/** Of what somebody writes who asks to be let in. */
const REASON_MAX = 500;
const POWER: Record<Role, number> = { admin: 100, moderator: 50, member: 0 };

export const roleOf = (power: number): Role =>
  power >= POWER.admin ? 'admin' : power >= POWER.moderator ? 'moderator' : 'member';

export function accessRuleOf(room: Room): string | undefined {
  const rule: unknown = room.currentState.getStateEvents(ACCESS_RULES, '')?.getContent().rule;
  return typeof rule === 'string' ? rule : undefined;
}

const keptOf = (lifetime: unknown): Kept => (typeof lifetime === 'number' ? lifetime : 'forever');

interface PowerLevels {
  ban?: number;
  kick?: number;
}

export class SdkGovernance implements Governance {
  readonly rights: Cell<Rights>;
  readonly banned: Cell<readonly Person[]>;
  readonly kept: Cell<Kept | undefined>;
  readonly asking: Cell<readonly Asking[]>;
  readonly mayAsk: Cell<boolean>;
  private readonly client: MatrixClient;
  private readonly room: Room;

  constructor(client: MatrixClient, room: Room) {
    this.client = client;
    this.room = room;
    this.rights = new Cell(this.findRights());
    this.banned = new Cell(this.findBanned());
    this.kept = new Cell(this.findKept());
    this.asking = new Cell(this.findAsking());
    this.mayAsk = new Cell(this.findMayAsk());
    room.on(RoomStateEvent.Events, this.look);
  }

  close(): void {
    this.room.off(RoomStateEvent.Events, this.look);
  }

  private readonly look = soon(() => {
    const rights = this.findRights();
    if (JSON.stringify(rights) !== JSON.stringify(this.rights.get())) this.rights.set(rights);
    const banned = this.findBanned();
    if (JSON.stringify(banned) !== JSON.stringify(this.banned.get())) this.banned.set(banned);
    if (this.findKept() !== this.kept.get()) this.kept.set(this.findKept());
    const asking = this.findAsking();
    if (JSON.stringify(asking) !== JSON.stringify(this.asking.get())) this.asking.set(asking);
    this.mayAsk.set(this.findMayAsk());
  });

  private findRights(): Rights {
    const me = this.client.getSafeUserId();
    const state = this.room.currentState;
    const may = (type: string) => state.maySendStateEvent(type, me);
    const levels =
      state.getStateEvents(EventType.RoomPowerLevels, '')?.getContent<PowerLevels>() ?? ({} as PowerLevels);
    const power = this.room.getMember(me)?.powerLevel ?? 0;
    const direct = accessRuleOf(this.room) === 'direct';
    return {
      invite: this.room.canInvite(me) && !direct,
      rename: may(EventType.RoomName) && !direct,
      describe: may(EventType.RoomTopic) && !direct,
      roles: may(EventType.RoomPowerLevels) && !direct,
      remove: power >= (levels.kick ?? 50) && !direct,
      ban: power >= (levels.ban ?? 50) && !direct,
      pin: may(EventType.RoomPinnedEvents),
      picture: may(EventType.RoomAvatar) && !direct,
      hold: this.room.isSpaceRoom() && may(EventType.SpaceChild),
      open:
        accessRuleOf(this.room) === 'restricted' &&
        this.room.getJoinRule() === 'invite' &&
        this.room.getHistoryVisibility() !== 'shared' &&
        may(ACCESS_RULES),
      retain: may(RETENTION),
      letAsk:
        (this.room.getJoinRule() === JoinRule.Invite || this.findMayAsk()) &&
        may(EventType.RoomJoinRules) &&
        !direct,
    };
  }

  private findKept(): Kept | undefined {
    const said = this.room.currentState.getStateEvents(RETENTION, '')?.getContent();
    return said && keptOf(said.max_lifetime);
  }

  private findMayAsk(): boolean {
    return this.room.getJoinRule() === JoinRule.Knock;
  }

  private findAsking(): readonly Asking[] {
    return this.room.getMembersWithMembership('knock').map((member) => {
      const reason: unknown = member.events.member?.getContent().reason;
      const words = typeof reason === 'string' ? reason.trim().slice(0, REASON_MAX) : '';
      return { ...personIn(this.room, member.userId), reason: words || undefined };
    });
  }

  private findBanned(): readonly Person[] {
    return this.room.getMembersWithMembership('ban').map((member) => personIn(this.room, member.userId));
  }

  async retention(): Promise<Retention | undefined> {
    const { policies, limits } = await telling(() => configurationOf(this.client));
    if (!limits) return undefined;
    return {
      otherwise: keptOf(policies?.['*']?.max_lifetime),
      least: limits.max_lifetime?.min ?? 0,
      most: keptOf(limits.max_lifetime?.max),
    };
  }

  keepFor(kept: Kept): Promise<void> {
    const content = kept === 'forever' ? {} : { max_lifetime: kept, expire_on_clients: true };
    return telling(
      async () =>
        void (await this.client.sendStateEvent(this.room.roomId, RETENTION as never, content as never)),
    );
  }

  rename(name: string): Promise<void> {
    return telling(async () => void (await this.client.setRoomName(this.room.roomId, name)));
  }

  describe(topic: string): Promise<void> {
    return telling(async () => void (await this.client.setRoomTopic(this.room.roomId, topic)));
  }

  setPicture(url: string | undefined): Promise<void> {
    const content = url === undefined ? {} : { url };
    return telling(
      async () =>
        void (await this.client.sendStateEvent(this.room.roomId, EventType.RoomAvatar, content as never)),
    );
  }

  openToExternals(): Promise<void> {
    const old = this.room.currentState.getStateEvents(ACCESS_RULES, '')?.getContent() ?? {};
    const content = { ...old, rule: 'unrestricted' };
    return telling(
      async () =>
        void (await this.client.sendStateEvent(this.room.roomId, ACCESS_RULES as never, content as never)),
    );
  }

  letAsk(yes: boolean): Promise<void> {
    const content = { join_rule: yes ? JoinRule.Knock : JoinRule.Invite };
    return telling(async () => {
      await this.client.sendStateEvent(this.room.roomId, EventType.RoomJoinRules, content as never);
      this.mayAsk.set(yes);
    });
  }

  setRole(userId: string, role: Role): Promise<void> {
    return telling(async () => void (await this.client.setPowerLevel(this.room.roomId, userId, POWER[role])));
  }

  remove(userId: string): Promise<void> {
    return telling(async () => void (await this.client.kick(this.room.roomId, userId)));
  }

  ban(userId: string): Promise<void> {
    return telling(async () => void (await this.client.ban(this.room.roomId, userId)));
  }

  unban(userId: string): Promise<void> {
    return telling(async () => void (await this.client.unban(this.room.roomId, userId)));
  }
}
