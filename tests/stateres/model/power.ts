// SPDX-License-Identifier: EUPL-1.2
// Who created the room, and the power levels: of users, of actions and of event types.
// Client-server API, m.room.power_levels; server-server API, "Definitions"; v12, "room creators".
import type { Event, Json, JsonObject, Room } from './room.ts';

export type Action = 'invite' | 'kick' | 'ban';

/** server-server API, "Definitions": the levels where m.room.power_levels names none, or is absent. */
const ACTION_DEFAULTS: Record<Action, number> = { invite: 0, kick: 50, ban: 50 };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function integer(value: Json | undefined): number | undefined {
  return Number.isInteger(value) ? (value as number) : undefined;
}

function entry(map: Json | undefined, name: string): number | undefined {
  return isObject(map) && Object.hasOwn(map, name) ? integer(map[name]) : undefined;
}

/** Version 10: content.creator. Version 12: the sender, and content.additional_creators. */
export function creators(room: Room, create: Event): Set<string> {
  if (room.version === '10') return new Set([create.content.creator as string]);
  const additional = create.content.additional_creators;
  return new Set([create.sender, ...(Array.isArray(additional) ? (additional as string[]) : [])]);
}

/** A user's power level. `levels` is the m.room.power_levels event, if there is one. */
export function userLevel(room: Room, create: Event, levels: Event | undefined, user: string): number {
  const isCreator = creators(room, create).has(user);
  // v12, "Authorization rules": the power level of room creators is infinitely high.
  if (room.version === '12' && isCreator) return Number.POSITIVE_INFINITY;
  // m.room.power_levels: without the event the creator has 100, all others 0.
  if (!levels) return isCreator ? 100 : 0;
  return entry(levels.content.users, user) ?? integer(levels.content.users_default) ?? 0;
}

/** The invite, kick or ban level. */
export function actionLevel(levels: Event | undefined, action: Action): number {
  return integer(levels?.content[action]) ?? ACTION_DEFAULTS[action];
}

/** server-server API, "Definitions": the required power level of an event. */
export function requiredLevel(levels: Event | undefined, event: Event): number {
  const named = entry(levels?.content.events, event.type);
  if (named !== undefined) return named;
  return event.state_key === undefined
    ? (integer(levels?.content.events_default) ?? 0)
    : (integer(levels?.content.state_default) ?? 50);
}
