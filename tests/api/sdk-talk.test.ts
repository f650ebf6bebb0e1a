// SPDX-License-Identifier: EUPL-1.2
// What people do in a room with matrix-js-sdk: threads, reactions, edits, polls, and searching. Two
// people with a device each, who stay; each test has a room of its own, in clear.
import {
  EventType,
  M_POLL_KIND_DISCLOSED,
  M_POLL_START,
  MsgType,
  NotificationCountType,
  RelationType,
  type Room,
  type TimelineEvents,
} from 'matrix-js-sdk';
import { PollEndEvent } from 'matrix-js-sdk/lib/extensible_events_v1/PollEndEvent.js';
import { PollResponseEvent } from 'matrix-js-sdk/lib/extensible_events_v1/PollResponseEvent.js';
import { PollStartEvent } from 'matrix-js-sdk/lib/extensible_events_v1/PollStartEvent.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { path } from './src/http.ts';
import { Device, until } from './src/sdk.ts';
import { stage } from './src/stage.ts';
import { unique } from './src/user.ts';

const LONG = Number(process.env.CHAPPE_TEST_LIMIT ?? 600_000);

const t = stage();
let alice: Device;
let bob: Device;
const started: Device[] = [];

async function start(user: Device['user']): Promise<Device> {
  const device = await Device.start(t.server, user, { threads: true });
  started.push(device);
  return device;
}

beforeAll(async () => {
  const users = await t.users('alice', 'bob');
  alice = await start(users[0]);
  bob = await start(users[1]);
}, LONG);

afterAll(() => {
  for (const device of started) device.stop();
});

/** A room in which both are, as each sees it. */
async function newRoom(): Promise<{ id: string; hers: Room; his: Room }> {
  const { room_id: id } = await alice.client.createRoom({ invite: [bob.id] });
  await until(() => bob.client.getRoom(id)?.getMyMembership() === 'invite');
  await bob.client.joinRoom(id);
  await until(() => alice.client.getRoom(id)?.getMember(bob.id)?.membership === 'join');
  await until(() => bob.client.getRoom(id)?.getMyMembership() === 'join');
  return { id, hers: await alice.room(id), his: await bob.room(id) };
}

const noFaults = () => expect([...new Set(started.flatMap((d) => d.faults))]).toEqual([]);
const text = (body: string) => ({ msgtype: MsgType.Text as const, body });
const annotation = (event_id: string, key: string) => ({
  'm.relates_to': { rel_type: RelationType.Annotation as const, event_id, key },
});
type Loose = TimelineEvents[EventType.RoomMessage];
/** An event that the SDK's classes of extensible events have made. */
const send = (from: Device, room: string, made: { type: string; content: object }) =>
  from.client.sendEvent(room, made.type as EventType.RoomMessage, made.content as Loose);

test(
  'a thread: replies stand in it alone, are counted apart, read, and listed',
  async () => {
    const { id, hers, his } = await newRoom();
    const { event_id: root } = await alice.say(id, 'ordre du jour');
    await bob.sees(id, 'ordre du jour');
    const replies: string[] = [];
    // Not through the SDK: where its own reply comes by /sync before the answer, it gives up on a thread.
    const inThread = { 'm.relates_to': { rel_type: RelationType.Thread, event_id: root } };
    for (const body of ['un', 'deux', 'trois'])
      replies.push(await bob.user.send(id, { ...text(body), ...inThread }));
    await until(() => hers.getThread(root)?.length === 3 && hers.getThread(root)?.replyToEvent);
    const thread = await until(() => hers.getThread(root));
    await until(() => thread.events.filter((e) => replies.includes(e.getId() ?? '')).length === 3);
    await until(() => his.getThread(root)?.length === 3);
    const main = hers.getLiveTimeline().getEvents();
    expect(main.some((e) => replies.includes(e.getId() ?? ''))).toBe(false);
    const unread = () => hers.getThreadUnreadNotificationCount(root, NotificationCountType.Total);
    await until(() => unread() === 3);
    const last = await until(() => thread.events.find((e) => e.getId() === replies[2]));
    await alice.client.sendReadReceipt(last);
    await alice.say(id, 'dans le salon');
    await until(async () => {
      const filter = { room: { rooms: [id], timeline: { unread_thread_notifications: true } } };
      const sync = await alice.user.sync({ filter });
      return !sync.rooms.join[id].unread_thread_notifications?.[root]?.notification_count;
    });
    await until(() => unread() === 0);
    await hers.createThreadsTimelineSets();
    await hers.fetchRoomThreads();
    expect(hers.getThreads().map((one) => one.id)).toEqual([root]);
    noFaults();
  },
  LONG,
);

test(
  'reactions are counted by key and by person, each once, and taken back',
  async () => {
    const { id, hers } = await newRoom();
    const { event_id } = await alice.say(id, 'qui vient ?');
    await bob.sees(id, 'qui vient ?');
    const react = (from: Device, key: string) =>
      from.client.sendEvent(id, EventType.Reaction, annotation(event_id, key));
    const his = await react(bob, '👍');
    await react(alice, '👍');
    await react(bob, '🎉');
    const counts = () => {
      const all = hers.relations.getChildEventsForEvent(
        event_id,
        RelationType.Annotation,
        EventType.Reaction,
      );
      return Object.fromEntries(
        (all?.getSortedAnnotationsByKey() ?? []).map(([key, set]) => [key, set.size]),
      );
    };
    await until(() => counts()['👍'] === 2 && counts()['🎉'] === 1);
    // Not through the SDK: what it could not send blocks what comes after.
    await bob.user.put(
      path`/v3/rooms/${id}/send/m.reaction/${bob.user.transaction()}`,
      annotation(event_id, '👍'),
      { expect: [400, 'M_DUPLICATE_ANNOTATION'] },
    );
    await bob.client.redactEvent(id, his.event_id);
    await until(() => counts()['👍'] === 1);
    noFaults();
  },
  LONG,
);

test(
  'an edit replaces what was said, for who is there and for who comes later',
  async () => {
    const { id, his } = await newRoom();
    const { event_id } = await alice.say(id, 'lundi');
    await bob.sees(id, 'lundi');
    const edit = (body: string) =>
      alice.client.sendMessage(id, {
        ...text(`* ${body}`),
        'm.new_content': text(body),
        'm.relates_to': { rel_type: RelationType.Replace, event_id },
      });
    await edit('mardi');
    await edit('mercredi');
    const said = (room: Room) => room.findEventById(event_id)?.getContent().body;
    await until(() => said(his) === 'mercredi');
    expect((await bob.user.event(id, event_id)).content.body).toBe('lundi');
    const later = await start(await alice.user.login());
    const room = await later.room(id);
    await until(() => said(room) === 'mercredi');
    noFaults();
  },
  LONG,
);

test(
  'a poll is put, answered, answered otherwise, and ended',
  async () => {
    const { id, hers, his } = await newRoom();
    const question = PollStartEvent.from('Quel jour ?', ['lundi', 'mardi'], M_POLL_KIND_DISCLOSED.name);
    const { event_id } = await send(alice, id, question.serialize());
    const poll = await until(() => hers.polls.get(event_id));
    const seen = await until(() => his.polls.get(event_id));
    expect(seen.pollEvent.question.text).toBe('Quel jour ?');
    const [monday, tuesday] = seen.pollEvent.answers;
    const answer = (from: Device, choice: string) =>
      send(from, id, PollResponseEvent.from([choice], event_id).serialize());
    await answer(bob, monday.id);
    await answer(alice, monday.id);
    await answer(bob, tuesday.id);
    /** The last answer of each. */
    const tally = async () => {
      const relations = (await poll.getResponses()).getRelations().toSorted((a, b) => a.getTs() - b.getTs());
      const key = M_POLL_START.name.replace('start', 'response');
      return new Map(relations.map((e) => [e.getSender(), e.getContent()[key]?.answers[0]]));
    };
    await until(async () => {
      const now = await tally();
      return now.get(bob.id) === tuesday.id && now.get(alice.id) === monday.id;
    });
    await send(alice, id, PollEndEvent.from(event_id, 'fini').serialize());
    await until(() => poll.isEnded && seen.isEnded);
    noFaults();
  },
  LONG,
);

test(
  'what was said is searched, page after page, in the rooms one is in',
  async () => {
    const word = unique('budget');
    const { id } = await newRoom();
    const sent: string[] = [];
    for (let i = 0; i < 25; i++) sent.push((await alice.say(id, `${word} ligne ${i}`)).event_id);
    const found = await bob.client.searchRoomEvents({ term: word, filter: { rooms: [id], limit: 10 } });
    expect(found.count).toBe(25);
    expect(found.highlights.length).toBeGreaterThan(0);
    while (found.next_batch) await bob.client.backPaginateRoomEventsSearch(found);
    const ids = found.results.map((result) => result.context.getEvent().getId());
    expect(ids.toSorted()).toEqual(sent.toSorted());
    const middle = found.results.find((result) => result.context.getEvent().getId() === sent[12]);
    expect(middle?.context.getTimeline().map((e) => e.getId())).toEqual(sent.slice(11, 14));
    await bob.client.leave(id);
    const after = await bob.client.searchRoomEvents({ term: `${word} nouveau` });
    expect(after.count).toBe(0);
    noFaults();
  },
  LONG,
);
