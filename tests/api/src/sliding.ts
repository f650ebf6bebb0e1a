// SPDX-License-Identifier: EUPL-1.2
// A client of sliding sync (MSC4186, the deployed shape): one connection, and what it has been told.
import type { CallOptions } from './http.ts';
import type { Any } from './spec.ts';
import type { Event, User } from './user.ts';

export const SLIDING = '/unstable/org.matrix.simplified_msc3575/sync';

export interface Asking extends Omit<CallOptions, 'body' | 'query'> {
  timeout?: number;
  pos?: string;
}

/** One request, as it is. */
export async function ask(user: User, body: object, asking: Asking = {}): Promise<Any> {
  const { timeout, pos, ...options } = asking;
  return user.post(SLIDING, body, { query: { timeout, pos }, ...options });
}

export const list = (range: [number, number], more: object = {}): Any => ({
  ranges: [range],
  timeline_limit: 1,
  required_state: [],
  ...more,
});

/** Goes on from answer to answer. */
export class Connection {
  readonly user: User;
  body: Any;
  pos: string | undefined;

  constructor(user: User, body: Any = { lists: { all: list([0, 99]) } }) {
    this.user = user;
    this.body = body;
  }

  async next(timeout = 0, options: Asking = {}): Promise<Any> {
    const answer = await ask(this.user, this.body, { pos: this.pos, timeout, ...options });
    this.pos = answer.pos;
    return answer;
  }

  /** Follows until an answer satisfies the condition. */
  async until(wanted: (answer: Any) => boolean): Promise<Any> {
    for (;;) {
      const answer = await this.next(this.pos === undefined ? 0 : 10_000);
      if (wanted(answer)) return answer;
    }
  }
}

export const bodies = (room: Any): string[] =>
  ((room?.timeline ?? []) as Event[]).filter((e) => e.type === 'm.room.message').map((e) => e.content.body);

export const keysOf = (events: Event[] | undefined): string[] =>
  (events ?? []).map((e) => `${e.type}|${e.state_key}`).sort();
