// SPDX-License-Identifier: EUPL-1.2
import {
  ClientEvent,
  type MatrixClient,
  type MatrixEvent,
  PushRuleKind,
  type Room,
  RoomEvent,
  type RoomMember,
  RoomMemberEvent,
} from 'matrix-js-sdk';
import type { Alert, Alerts, Attention } from '../alerts.ts';
import { Cell } from '../live.ts';
import { named, personIn } from './names.ts';
import { itemOf, lineOf } from './reading.ts';
import { directRooms, summaryOf } from './room.ts';
import { telling } from './telling.ts';

/** The rules of the specification that each choice switches: "Predefined Rules" of push rules. */
const ROOMS = ['.m.rule.message', '.m.rule.encrypted'];
const DIRECT = ['.m.rule.room_one_to_one', '.m.rule.encrypted_room_one_to_one'];

export class SdkAlerts implements Alerts {
  readonly attention = new Cell<Attention>('all');
  private readonly client: MatrixClient;
  private readonly listeners = new Set<(alert: Alert) => void>();
  private live = false;

  constructor(client: MatrixClient) {
    this.client = client;
    client.on(ClientEvent.AccountData, this.readRules);
    client.on(RoomEvent.Timeline, (event, room, toStart, removed, data) => {
      if (this.live && room && !toStart && !removed && data.liveEvent) void this.look(event, room);
    });
    client.on(RoomMemberEvent.Membership, (event, member) => {
      if (this.live) this.lookAtInvitation(event, member);
    });
  }

  /** What comes from now on is new; what came before was waiting. */
  begin(): void {
    this.live = true;
    this.readRules();
  }

  subscribe(listener: (alert: Alert) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(alert: Alert): void {
    for (const listener of this.listeners) listener(alert);
  }

  private async look(event: MatrixEvent, room: Room): Promise<void> {
    const me = this.client.getSafeUserId();
    if (event.getSender() === me || room.getMyMembership() !== 'join') return;
    // What is said of it depends on what it says; what cannot be read is told as a message.
    await this.client.decryptEventIfNeeded(event).catch(() => {});
    const actions = this.client.getPushActionsForEvent(event, true);
    if (!actions?.notify || room.hasUserReadEvent(me, event.getId() ?? '')) return;
    const item = itemOf(room, event, me);
    const { name } = summaryOf(this.client, room);
    const sender = personIn(room, event.getSender() ?? '');
    this.tell({
      id: event.getId() ?? '',
      roomId: room.roomId,
      room: name,
      kind: actions.tweaks.highlight ? 'mention' : 'message',
      direct: directRooms(this.client).has(room.roomId),
      sender: named(sender),
      external: sender.external,
      text: item?.type === 'message' ? lineOf(item.content) : undefined,
    });
  }

  private lookAtInvitation(event: MatrixEvent, member: RoomMember): void {
    const room = this.client.getRoom(member.roomId);
    if (!room || member.userId !== this.client.getSafeUserId() || member.membership !== 'invite') return;
    const { name, inviter } = summaryOf(this.client, room);
    this.tell({
      id: event.getId() ?? member.roomId,
      roomId: member.roomId,
      room: name,
      kind: 'invitation',
      direct: room.getDMInviter() !== undefined,
      sender: inviter ? named(inviter) : '',
      external: inviter?.external === true,
      text: undefined,
    });
  }

  private isOn(ids: readonly string[]): boolean | undefined {
    const rules = this.client.pushRules?.global?.underride ?? [];
    const found = ids.map((id) => rules.find((rule) => rule.rule_id === id)?.enabled !== false);
    return found.every((on) => on === found[0]) ? found[0] : undefined;
  }

  private readonly readRules = (): void => {
    const rooms = this.isOn(ROOMS);
    const direct = this.isOn(DIRECT);
    if (rooms === undefined || direct === undefined || (rooms && !direct)) this.attention.set('mixed');
    else this.attention.set(rooms ? 'all' : direct ? 'direct' : 'mentions');
  };

  async setAttention(attention: Exclude<Attention, 'mixed'>): Promise<void> {
    const before = this.attention.get();
    this.attention.set(attention);
    const set = async (ids: readonly string[], on: boolean) => {
      for (const id of ids)
        await this.client.setPushRuleEnabled('global', PushRuleKind.Underride, id as never, on);
    };
    try {
      await telling(async () => {
        await set(ROOMS, attention === 'all');
        await set(DIRECT, attention !== 'mentions');
        // Not only once a sync has brought them back.
        this.client.setPushRules(await this.client.getPushRules());
      });
    } catch (error) {
      this.attention.set(before);
      throw error;
    }
  }
}
