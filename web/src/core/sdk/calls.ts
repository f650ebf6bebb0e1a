// SPDX-License-Identifier: EUPL-1.2
// What a room tells its reader, as push rules: client-server API, "Push rules". A rule of the room says
// "all" or "not by itself", one that overrides says "nothing".
import { type IPushRule, type MatrixClient, type PushRuleAction, PushRuleKind } from 'matrix-js-sdk';
import type { Calls } from '../rooms.ts';

const isSilent = (rule: IPushRule): boolean => !rule.actions.includes('notify' as PushRuleAction);

export function callsOf(client: MatrixClient, roomId: string): Calls {
  const rules = client.pushRules?.global;
  const over = rules?.override?.find((rule) => rule.rule_id === roomId && rule.enabled);
  if (over && isSilent(over)) return 'none';
  const rule = rules?.room?.find((one) => one.rule_id === roomId && one.enabled);
  if (!rule) return 'default';
  return isSilent(rule) ? 'mentions' : 'all';
}

export async function setCalls(client: MatrixClient, roomId: string, calls: Calls): Promise<void> {
  const drop = (kind: PushRuleKind) =>
    client.deletePushRule('global', kind, roomId as never).catch(() => undefined);
  const add = (kind: PushRuleKind, body: object) =>
    client.addPushRule('global', kind, roomId as never, body as never);
  await drop(PushRuleKind.Override);
  await drop(PushRuleKind.RoomSpecific);
  if (calls === 'all') await add(PushRuleKind.RoomSpecific, { actions: ['notify'] });
  if (calls === 'mentions') await add(PushRuleKind.RoomSpecific, { actions: [] });
  if (calls === 'none')
    await add(PushRuleKind.Override, {
      actions: [],
      conditions: [{ kind: 'event_match', key: 'room_id', pattern: roomId }],
    });
}
