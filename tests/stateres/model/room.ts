// SPDX-License-Identifier: EUPL-1.2
// The words of the specification: events, rooms and room states. Nothing here decides anything.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** The two room versions of the model; all that differs between them asks for this value. */
export type RoomVersion = '10' | '12';

export interface Event {
  readonly event_id: string;
  readonly type: string;
  /** Absent from message events. */
  readonly state_key?: string;
  readonly sender: string;
  /** Absent from the create event of version 12. */
  readonly room_id?: string;
  readonly origin_server_ts: number;
  readonly prev_events: readonly string[];
  readonly auth_events: readonly string[];
  readonly content: JsonObject;
  /** It failed the authorization rules on its auth events or on the state before it. */
  readonly rejected: boolean;
}

export class Room {
  readonly version: RoomVersion;
  readonly #events = new Map<string, Event>();

  constructor(version: RoomVersion, events: Iterable<Event>) {
    this.version = version;
    for (const event of events) this.#events.set(event.event_id, event);
  }

  /** The model has no rule for an event that is not there: a dump has them all. */
  event(id: string): Event {
    const event = this.#events.get(id);
    if (!event) throw new Error(`${id} is not in the room`);
    return event;
  }

  find(id: string): Event | undefined {
    return this.#events.get(id);
  }

  authEvents(event: Event): Event[] {
    return event.auth_events.map((id) => this.event(id));
  }

  prevEvents(event: Event): Event[] {
    return event.prev_events.map((id) => this.event(id));
  }
}

/** A room state: (event_type, state_key), written as stateKey() does, to the event. */
export type State = ReadonlyMap<string, Event>;

export function stateKey(type: string, key: string): string {
  return JSON.stringify([type, key]);
}

export function keyOf(event: Event): string {
  if (event.state_key === undefined) throw new Error(`${event.event_id} is no state event`);
  return stateKey(event.type, event.state_key);
}

export function isStateEvent(event: Event): boolean {
  return event.state_key !== undefined;
}

export function makeState(events: Iterable<Event>): State {
  const state = new Map<string, Event>();
  for (const event of events) {
    const key = keyOf(event);
    if (state.has(key)) throw new Error(`a state has two events for ${key}`);
    state.set(key, event);
  }
  return state;
}

export function union<T>(sets: Iterable<ReadonlySet<T>>): Set<T> {
  const all = new Set<T>();
  for (const set of sets) for (const member of set) all.add(member);
  return all;
}
