// SPDX-License-Identifier: EUPL-1.2
// State resolution as the text has it: version 2 (room version 10) and 2.1 (room version 12, which
// marks its three changes). The names and the order of the functions are those of "Definitions" and
// "Algorithm" in the section "State resolution" of both room versions.
import { createOf, type Lookup, refusal } from './auth.ts';
import { userLevel } from './power.ts';
import { type Event, isStateEvent, keyOf, type Room, type State, stateKey, union } from './room.ts';

const POWER_LEVELS = stateKey('m.room.power_levels', '');

/** "Algorithm": the resolution of a set of states. */
export function resolve(room: Room, states: readonly State[]): State {
  const { unconflicted, conflicted } = separate(states);
  const full = fullConflictedSet(room, states, conflicted);
  // Step 1. The second sentence is that of version 12; older prints of the text for version 10 can be
  // read as the whole auth chains, which clarified ones narrow in these words.
  const picked = new Set([...full].filter(isPowerEvent));
  for (const power of [...picked]) {
    for (const event of authChain(room, power)) if (full.has(event)) picked.add(event);
  }
  const first = reverseTopologicalPowerOrdering(room, picked);
  // Step 2. Version 12 starts from an empty state map.
  const start: State = room.version === '12' ? new Map() : unconflicted;
  const partial = iterativeAuthChecks(room, start, first);
  // Step 3.
  const remaining = full.difference(picked);
  const second = mainlineOrdering(room, partial.get(POWER_LEVELS), remaining);
  // Step 4.
  const resolved = iterativeAuthChecks(room, partial, second);
  // Step 5.
  return new Map([...resolved, ...unconflicted]);
}

/** "Power events". Those that are about the room have the empty state key (see the README). */
function isPowerEvent(event: Event): boolean {
  if (event.type === 'm.room.power_levels' || event.type === 'm.room.join_rules')
    return event.state_key === '';
  if (event.type !== 'm.room.member') return false;
  const { membership } = event.content;
  return (membership === 'leave' || membership === 'ban') && event.sender !== event.state_key;
}

/** "Unconflicted state map and conflicted state set". */
function separate(states: readonly State[]): { unconflicted: State; conflicted: Set<Event> } {
  const unconflicted = new Map<string, Event>();
  const conflicted = new Set<Event>();
  for (const state of states) {
    for (const [key, value] of state) {
      if (states.every((other) => other.get(key) === value)) unconflicted.set(key, value);
      else conflicted.add(value);
    }
  }
  return { unconflicted, conflicted };
}

/** "Auth chain", of one event; the event is not in it. */
function authChain(room: Room, event: Event): Set<Event> {
  const chain = new Set<Event>();
  const left = room.authEvents(event);
  for (let next = left.pop(); next; next = left.pop()) {
    if (chain.has(next)) continue;
    chain.add(next);
    left.push(...room.authEvents(next));
  }
  return chain;
}

/** "Auth difference". */
function authDifference(room: Room, states: readonly State[]): Set<Event> {
  const chains = states.map((state) => union([...state.values()].map((event) => authChain(room, event))));
  return new Set([...union(chains)].filter((event) => !chains.every((chain) => chain.has(event))));
}

/** "Conflicted state subgraph", version 12: all that lies on a path between two conflicted events. */
function conflictedStateSubgraph(room: Room, conflicted: ReadonlySet<Event>): Set<Event> {
  const below = union([...conflicted].map((event) => authChain(room, event)));
  const leadsToConflicted = (event: Event) => !authChain(room, event).isDisjointFrom(conflicted);
  const between = [...below].filter((event) => conflicted.has(event) || leadsToConflicted(event));
  return new Set(between);
}

/** "Full conflicted set". */
function fullConflictedSet(room: Room, states: readonly State[], conflicted: ReadonlySet<Event>): Set<Event> {
  const subgraph = room.version === '12' ? conflictedStateSubgraph(room, conflicted) : new Set<Event>();
  return union([conflicted, subgraph, authDifference(room, states)]);
}

/** "Reverse topological power ordering": Kahn's algorithm, earliest first. */
function reverseTopologicalPowerOrdering(room: Room, events: ReadonlySet<Event>): Event[] {
  const left = new Set(events);
  const order: Event[] = [];
  while (left.size > 0) {
    const candidates = [...left].filter((event) => room.authEvents(event).every((auth) => !left.has(auth)));
    const smallest = candidates.reduce((a, b) => (comparePower(room, b, a) < 0 ? b : a));
    left.delete(smallest);
    order.push(smallest);
  }
  return order;
}

function comparePower(room: Room, x: Event, y: Event): number {
  const [a, b] = [senderLevel(room, x), senderLevel(room, y)];
  if (a !== b) return a > b ? -1 : 1;
  return compareAge(x, y);
}

/** The power level of the sender, "when looking at their respective auth_events". */
function senderLevel(room: Room, event: Event): number {
  if (event.type === 'm.room.create') return userLevel(room, event, undefined, event.sender);
  const find = lookupIn(room.authEvents(event));
  const create = createOf(room, event, find);
  if (!create) throw new Error(`${event.event_id} has no create event`);
  return userLevel(room, create, find('m.room.power_levels', ''), event.sender);
}

/** The last two clauses of both orderings. */
function compareAge(x: Event, y: Event): number {
  if (x.origin_server_ts !== y.origin_server_ts) return x.origin_server_ts - y.origin_server_ts;
  if (x.event_id === y.event_id) return 0;
  return x.event_id < y.event_id ? -1 : 1;
}

function lookupIn(events: readonly Event[]): Lookup {
  return (type, key) => events.find((event) => event.type === type && event.state_key === key);
}

function powerLevelsOf(room: Room, event: Event): Event | undefined {
  return lookupIn(room.authEvents(event))('m.room.power_levels', '');
}

/** "Mainline ordering", based on the power levels event P (none: all positions are infinite). */
function mainlineOrdering(room: Room, base: Event | undefined, events: ReadonlySet<Event>): Event[] {
  const mainline: Event[] = [];
  for (let p = base; p; p = powerLevelsOf(room, p)) mainline.push(p);

  function position(event: Event): number {
    for (let e = powerLevelsOf(room, event); e; e = powerLevelsOf(room, e)) {
      if (mainline.includes(e)) return mainline.indexOf(e);
    }
    return Number.POSITIVE_INFINITY;
  }
  return [...events].sort((x, y) => {
    const [a, b] = [position(x), position(y)];
    if (a !== b) return a > b ? -1 : 1;
    return compareAge(x, y);
  });
}

/** "Iterative auth checks". */
function iterativeAuthChecks(room: Room, start: State, events: readonly Event[]): State {
  const state = new Map(start);
  for (const event of events) {
    if (!isStateEvent(event)) throw new Error(`${event.event_id} is no state event`);
    const fallback = lookupIn(room.authEvents(event).filter((auth) => !auth.rejected));
    const find: Lookup = (type, key) => state.get(stateKey(type, key)) ?? fallback(type, key);
    if (refusal(room, event, find) === undefined) state.set(keyOf(event), event);
  }
  return state;
}
