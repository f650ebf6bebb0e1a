// SPDX-License-Identifier: EUPL-1.2
// Holds one dumped room against the model. What the dump says of earlier events is taken as given, so
// that each difference stands for itself; without any, all of it agrees from the create event on.
import { type Lookup, refusal } from './auth.ts';
import { resolve } from './resolve.ts';
import {
  type Event,
  isStateEvent,
  type JsonObject,
  keyOf,
  makeState,
  Room,
  type RoomVersion,
  type State,
  stateKey,
} from './room.ts';

/** What `stateres_random --dump` prints. */
export interface Dump {
  seed: number;
  room_version: RoomVersion;
  events: DumpedEvent[];
  resolutions: { states: string[][]; resolved: string[] }[];
  /** The state of all the room's ends together. */
  state: string[];
}

export interface DumpedEvent {
  event_id: string;
  pdu: JsonObject;
  rejected: boolean;
  soft_failed: boolean;
  state_before: string[];
}

export interface Result {
  /** How many things were compared. */
  compared: number;
  differences: string[];
}

export function checkRoom(dump: Dump): Result {
  const check = new Check(dump);
  for (const dumped of dump.events) check.event(dumped);
  for (const [i, { states, resolved }] of dump.resolutions.entries()) check.resolution(i, states, resolved);
  check.end();
  return { compared: check.compared, differences: check.differences };
}

class Check {
  compared = 0;
  readonly differences: string[] = [];
  readonly #dump: Dump;
  readonly #room: Room;
  readonly #stateBefore = new Map<Event, State>();
  /** Accepted, not soft failed, and no prev event of another such event (see the README). */
  #ends: Event[] = [];

  constructor(dump: Dump) {
    this.#dump = dump;
    const events = dump.events.map((e) => ({ ...e.pdu, event_id: e.event_id, rejected: e.rejected }));
    this.#room = new Room(dump.room_version, events as unknown as Event[]);
    for (const e of dump.events)
      this.#stateBefore.set(this.#room.event(e.event_id), this.#state(e.state_before));
  }

  /** The state before the event, whether it is rejected, and whether it fails softly on arrival. */
  event({ event_id, rejected, soft_failed }: DumpedEvent): void {
    const event = this.#room.event(event_id);
    const given = this.#stateBefore.get(event)!;
    const before = resolve(
      this.#room,
      this.#room.prevEvents(event).map((prev) => this.#stateAfter(prev)),
    );
    this.#compareStates(`state before ${event_id}`, before, given);

    const why = this.#rejection(event, given);
    this.#compare(`rejected ${event_id} (${event.type}; ${why ?? 'allowed'})`, why !== undefined, rejected);
    if (rejected) return;

    const current = resolve(
      this.#room,
      this.#ends.map((end) => this.#stateAfter(end)),
    );
    const whySoft = event.prev_events.length === 0 ? undefined : refusal(this.#room, event, lookup(current));
    const what = `soft_failed ${event_id} (${event.type}; ${whySoft ?? 'allowed'})`;
    this.#compare(what, whySoft !== undefined, soft_failed);
    if (soft_failed) return;
    const prev = this.#room.prevEvents(event);
    this.#ends = [...this.#ends.filter((end) => !prev.includes(end)), event];
  }

  resolution(index: number, states: string[][], resolved: string[]): void {
    const model = resolve(
      this.#room,
      states.map((ids) => this.#state(ids)),
    );
    this.#compareStates(`resolution ${index}`, model, this.#state(resolved));
  }

  /** To be called after all events. */
  end(): void {
    const model = resolve(
      this.#room,
      this.#ends.map((end) => this.#stateAfter(end)),
    );
    this.#compareStates('end state', model, this.#state(this.#dump.state));
  }

  /** server-server API, "Checks performed on receipt of a PDU", 4 and 5. */
  #rejection(event: Event, before: State): string | undefined {
    const byAuthEvents = lookup(makeState(this.#room.authEvents(event)));
    return refusal(this.#room, event, byAuthEvents) ?? refusal(this.#room, event, lookup(before));
  }

  /** S′(E). server-server API, "Rejection": a rejected event does not update the state. */
  #stateAfter(event: Event): State {
    const before = this.#stateBefore.get(event)!;
    if (event.rejected || !isStateEvent(event)) return before;
    return new Map([...before, [keyOf(event), event]]);
  }

  #state(ids: string[]): State {
    return makeState(ids.map((id) => this.#room.event(id)));
  }

  #compareStates(what: string, model: State, given: State): void {
    const keys = new Set([...model.keys(), ...given.keys()]);
    const wrong = [...keys].filter((key) => model.get(key) !== given.get(key));
    const show = (event: Event | undefined) => event?.event_id ?? 'none';
    const lines = wrong.map((key) => `  ${key}: model ${show(model.get(key))}, dump ${show(given.get(key))}`);
    this.compared++;
    if (wrong.length > 0) this.differences.push([what, ...lines].join('\n'));
  }

  #compare(what: string, model: boolean, given: boolean): void {
    this.compared++;
    if (model !== given) this.differences.push(`${what}: model ${model}, dump ${given}`);
  }
}

function lookup(state: State): Lookup {
  return (type, key) => state.get(stateKey(type, key));
}
