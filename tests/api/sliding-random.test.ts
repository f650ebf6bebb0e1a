// SPDX-License-Identifier: EUPL-1.2
// What a sliding client holds after arbitrary acts, windows, lost answers and lost connections, held
// against a fresh /sync of the same user. What was drawn is told by the seed in the message.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { Connection, list } from './src/sliding.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import type { Event, User } from './src/user.ts';

const t = stage();
const SEEDS = 6;
const ACTS = 60;

class Dice {
  state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  below(n: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * n);
  }

  pick<T>(of: T[]): T {
    return of[this.below(of.length)];
  }
}

interface Held {
  timeline: string[];
  state: Map<string, string>;
  name: string | undefined;
  notify: number;
  highlight: number;
  invited: boolean;
  joined: number;
}

/** What a client makes of the answers, by the rules of the proposal. */
class Model {
  rooms = new Map<string, Held>();

  take(answer: Any): void {
    for (const [id, room] of Object.entries<Any>(answer.rooms)) this.takeRoom(id, room);
  }

  takeRoom(id: string, room: Any): void {
    let held = this.rooms.get(id);
    if (room.initial || room.invite_state || held?.invited) held = undefined;
    held ??= {
      timeline: [],
      state: new Map(),
      name: undefined,
      notify: 0,
      highlight: 0,
      invited: false,
      joined: 0,
    };
    this.rooms.set(id, held);
    held.invited = room.invite_state !== undefined;
    const told = (room.timeline ?? []).map((e: Event) => e.event_id);
    const whole = room.limited || room.unstable_expanded_timeline;
    if (!whole) expect(told.filter((event: string) => held.timeline.includes(event))).toEqual([]);
    held.timeline = whole ? told : [...held.timeline, ...told];
    for (const event of [...(room.required_state ?? []), ...(room.timeline ?? [])])
      if (event.state_key !== undefined) held.state.set(`${event.type}|${event.state_key}`, event.event_id);
    held.name = room.name ?? held.name;
    held.notify = room.notification_count ?? held.notify;
    held.highlight = room.highlight_count ?? held.highlight;
    held.joined = room.joined_count ?? held.joined;
  }
}

async function act(dice: Dice, me: User, others: User[], rooms: string[]): Promise<void> {
  const other = dice.pick(others);
  const room = dice.pick(rooms);
  const any = { expect: 'any' as const };
  const at = path`/v3/rooms/${room}`;
  switch (dice.below(14)) {
    case 0:
      rooms.push(
        await other.createRoom({ preset: 'private_chat', invite: [me.id], name: `N${rooms.length}` }),
      );
      return;
    case 1:
      await me.join(room, any);
      return;
    case 2:
      await me.leave(room, any);
      return;
    case 3:
      await other.kick(room, me.id, any);
      return;
    case 4:
      await other.invite(room, me.id, any);
      return;
    case 5:
      await other.put(`${at}/state/m.room.name/`, { name: `N${dice.below(100)}` }, any);
      return;
    case 6: {
      const chunk = (await me.messages(room, { limit: 3 }, any)).chunk ?? [];
      if (chunk.length) await me.receipt(room, dice.pick<Event>(chunk).event_id, 'm.read', {}, any);
      return;
    }
    case 7: {
      // A state event that is redacted is the client's to empty, in /sync too.
      const chunk = ((await other.messages(room, { limit: 3 }, any)).chunk ?? []).filter(
        (e: Event) => e.state_key === undefined,
      );
      if (chunk.length) await other.put(`${at}/redact/${chunk[0].event_id}/${other.transaction()}`, {}, any);
      return;
    }
    case 8:
      await me.put(`${at}/send/m.room.message/${me.transaction()}`, { msgtype: 'm.text', body: 'moi' }, any);
      return;
    default: {
      const mentions = dice.below(3) === 0 ? { 'm.mentions': { user_ids: [me.id] } } : {};
      const body = { msgtype: 'm.text', body: 'x', ...mentions };
      await other.put(`${at}/send/m.room.message/${other.transaction()}`, body, any);
    }
  }
}

const WISHES = [
  { required_state: [['m.room.name', '']] },
  { required_state: [['*', '*']] },
  {
    required_state: [
      ['m.room.member', '$ME'],
      ['m.room.member', '$LAZY'],
      ['m.room.name', ''],
    ],
  },
];

function draw(dice: Dice, rooms: string[]): Any {
  const from = dice.below(3);
  const wish = () => ({ timeline_limit: 1 + dice.below(6), ...dice.pick(WISHES) });
  const body: Any = { lists: { some: { ...list([from, from + dice.below(4)]), ...wish() } } };
  if (dice.below(3) === 0) body.lists.all = { ...list([0, 50]), ...wish() };
  if (dice.below(3) === 0) body.room_subscriptions = { [dice.pick(rooms)]: wish() };
  return body;
}

/** The last event, name and counts of each room, as a fresh /sync has them. */
function compare(model: Model, sync: Any, seed: number): void {
  const said = `seed ${seed}`;
  const joined = Object.entries<Any>(sync.rooms?.join ?? {});
  expect(Object.keys(sync.rooms?.invite ?? {}).sort(), said).toEqual(
    [...model.rooms]
      .filter(([, held]) => held.invited)
      .map(([id]) => id)
      .sort(),
  );
  for (const [id, room] of joined) {
    const held = model.rooms.get(id);
    const counts = room.unread_notifications;
    const events: Event[] = [...room.state.events, ...room.timeline.events];
    const named = events.filter((e) => e.type === 'm.room.name').at(-1);
    expect({ ...held, state: null, timeline: held?.timeline.at(-1) }, `${said} ${id}`).toEqual({
      state: null,
      timeline: room.timeline.events.at(-1).event_id,
      name: named?.content.name,
      notify: counts.notification_count,
      highlight: counts.highlight_count,
      joined: room.summary['m.joined_member_count'],
      invited: false,
    });
    const fresh = room.timeline.events.map((e: Event) => e.event_id);
    const common = Math.min(fresh.length, held?.timeline.length ?? 0);
    expect(held?.timeline.slice(-common), `${said} ${id}`).toEqual(fresh.slice(-common));
    const state = new Map(
      events.filter((e) => e.state_key !== undefined).map((e) => [`${e.type}|${e.state_key}`, e.event_id]),
    );
    expect(held?.state.get('m.room.name|'), `${said} ${id}`).toBe(state.get('m.room.name|'));
  }
}

test.each(Array.from({ length: SEEDS }, (_, i) => 1000 + i * 77))(
  'arbitrary acts leave a sliding client with what a fresh /sync has (seed %i)',
  async (seed) => {
    const dice = new Dice(seed);
    const [me, ...others] = await t.users('me', 'bob', 'carol');
    const rooms = [
      await others[0].roomWith([me, others[1]], { name: 'un' }),
      await others[1].roomWith([me], { name: 'deux' }),
      await me.createRoom({ name: 'trois' }),
    ];
    let model = new Model();
    const c = new Connection(me, draw(dice, rooms));
    for (let i = 0; i < ACTS; i++) {
      await act(dice, me, others, rooms);
      const what = dice.below(10);
      if (what < 2) c.body = draw(dice, rooms);
      if (what === 9) {
        const { pos } = c;
        await c.next(); // lost on its way
        c.pos = pos;
        if (pos === undefined) model = new Model();
      } else if (what === 8 && dice.below(4) === 0) {
        c.pos = undefined;
        model = new Model();
      } else if (what > 3) {
        model.take(await c.next());
      }
    }
    c.body = {
      lists: { all: { ...list([0, 200]), timeline_limit: 5, required_state: [['m.room.name', '']] } },
    };
    model.take(await c.next());
    model.take(await c.next());
    expect((await c.next()).rooms).toEqual({});
    const left = await me.sync({ filter: { room: { timeline: { limit: 5 }, include_leave: true } } });
    for (const id of [...model.rooms.keys()])
      if (left.rooms?.leave?.[id] || !(left.rooms?.join?.[id] || left.rooms?.invite?.[id]))
        model.rooms.delete(id);
    compare(model, left, seed);
  },
);
