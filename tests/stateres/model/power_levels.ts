// SPDX-License-Identifier: EUPL-1.2
// Rule 10 of the authorization rules (v10: 9): who may change m.room.power_levels, and into what.
import { isObject } from './power.ts';
import type { Event, Json, JsonObject } from './room.ts';

/** Appendices, "User Identifiers", historical localparts included. */
export const USER_ID = /^@[^:\0]*:.+$/s;

const LEVELS = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'];

/**
 * `current` is the power levels event of the state, if any; `level` the sender's power level by it;
 * `creators` those who must not be named (v12 10.4; none in version 10).
 */
export function powerLevelsRefusal(
  event: Event,
  current: Event | undefined,
  level: number,
  creators: ReadonlySet<string>,
): string | undefined {
  const { content, sender } = event;
  const malformed = formRefusal(content);
  if (malformed) return malformed;
  const users = Object.keys(part(content, 'users'));
  if (users.some((user) => creators.has(user))) return '10.4: a creator has a power level'; // v12 only
  if (!current) return undefined; // 10.5 (v10 9.4)

  for (const change of changes(pick(current.content, LEVELS), pick(content, LEVELS))) {
    if (isAbove(change.from, level)) return `10.6.1: ${change.name} is above the sender`;
    if (isAbove(change.to, level)) return `10.6.2: ${change.name} becomes above the sender`;
  }
  for (const name of ['events', 'notifications']) {
    for (const change of changes(part(current.content, name), part(content, name))) {
      if (isAbove(change.from, level)) return `10.7.1: ${name} ${change.name} is above the sender`;
      if (isAbove(change.to, level)) return `10.8.1: ${name} ${change.name} becomes above the sender`;
    }
  }
  for (const change of changes(part(current.content, 'users'), part(content, 'users'))) {
    const isOther = change.name !== sender;
    if (isOther && change.from !== undefined && change.from >= level)
      return `10.9.1: ${change.name} is not below`;
    if (isAbove(change.to, level)) return `10.10.1: ${change.name} becomes above the sender`;
  }
  return undefined; // 10.11
}

/** Rules 10.1 to 10.3. */
function formRefusal(content: JsonObject): string | undefined {
  for (const name of LEVELS) {
    if (Object.hasOwn(content, name) && !Number.isInteger(content[name]))
      return `10.1: ${name} is no integer`;
  }
  for (const name of ['events', 'notifications', 'users']) {
    const rule = name === 'users' ? '10.3' : '10.2';
    if (!Object.hasOwn(content, name)) continue;
    const map = content[name];
    if (!isObject(map) || !Object.values(map).every(Number.isInteger)) return `${rule}: bad ${name}`;
    if (name === 'users' && !Object.keys(map).every((user) => USER_ID.test(user))) return '10.3: bad user ID';
  }
  return undefined;
}

function part(content: JsonObject, name: string): JsonObject {
  const value: Json | undefined = content[name];
  return isObject(value) ? value : {};
}

function pick(content: JsonObject, names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(content).filter(([name]) => names.includes(name)));
}

/** An entry added has no `from`, one removed no `to`. */
interface Change {
  name: string;
  from: number | undefined;
  to: number | undefined;
}

function changes(before: JsonObject, after: JsonObject): Change[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const all = [...names].map((name) => ({
    name,
    from: before[name] as number | undefined,
    to: after[name] as number | undefined,
  }));
  return all.filter((change) => change.from !== change.to);
}

function isAbove(value: number | undefined, level: number): boolean {
  return value !== undefined && value > level;
}
