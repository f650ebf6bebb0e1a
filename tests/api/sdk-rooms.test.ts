// SPDX-License-Identifier: EUPL-1.2
// What people do with rooms, with matrix-js-sdk: spaces, upgrades, push rules, presence. Two people with
// a device each, who stay; each test has rooms of its own, in clear. (Sliding sync: sliding-story.test.ts.)
import {
  ConditionKind,
  EventType,
  type ICreateRoomOpts,
  NotificationCountType,
  Preset,
  PushRuleKind,
  RoomType,
  SetPresence,
} from 'matrix-js-sdk';
import { RoomHierarchy } from 'matrix-js-sdk/lib/room-hierarchy.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Device, until } from './src/sdk.ts';
import { stage } from './src/stage.ts';

const LONG = Number(process.env.CHAPPE_TEST_LIMIT ?? 600_000);

const t = stage({ set: { presence: 'on' } });
let alice: Device;
let bob: Device;

beforeAll(async () => {
  const users = await t.users('alice', 'bob');
  alice = await Device.start(t.server, users[0]);
  bob = await Device.start(t.server, users[1]);
}, LONG);

afterAll(() => {
  alice?.stop();
  bob?.stop();
});

const noFaults = () => expect([...new Set([alice, bob].flatMap((d) => d.faults))]).toEqual([]);
const membership = (who: Device, room: string) => who.client.getRoom(room)?.getMyMembership();

async function create(options: ICreateRoomOpts): Promise<string> {
  const { room_id } = await alice.client.createRoom(options);
  await alice.room(room_id);
  return room_id;
}

async function withBob(options: ICreateRoomOpts = {}): Promise<string> {
  const room = await create({ invite: [bob.id], ...options });
  await until(() => membership(bob, room) === 'invite');
  await bob.client.joinRoom(room);
  await until(() => membership(bob, room) === 'join');
  await until(() => alice.client.getRoom(room)?.getMember(bob.id)?.membership === 'join');
  return room;
}

const open = { preset: Preset.PublicChat };
const space = { ...open, creation_content: { type: RoomType.Space } };

test(
  'a space is looked through page by page, in its order, and entered from there',
  async () => {
    const root = await create({ ...space, name: 'Ministère' });
    const inner = await create({ ...space, name: 'Direction' });
    const hidden = await create({ preset: Preset.PrivateChat, name: 'Cabinet' });
    const rooms = [await create({ ...open, name: 'Accueil' }), await create({ ...open, name: 'Cantine' })];
    const place = (parent: string, child: string, order: string, suggested = false) =>
      alice.client.sendStateEvent(
        parent,
        EventType.SpaceChild,
        { via: ['localhost'], order, suggested },
        child,
      );
    await place(root, rooms[0], 'a', true);
    await place(root, inner, 'b');
    await place(root, hidden, 'c');
    await place(inner, rooms[1], 'a');
    await bob.client.joinRoom(root);
    const hierarchy = new RoomHierarchy(await bob.room(root), 2);
    while (hierarchy.canLoadMore) await hierarchy.load();
    expect(hierarchy.rooms?.map((room) => room.room_id)).toEqual([root, rooms[0], inner, rooms[1]]);
    expect(hierarchy.isSuggested(root, rooms[0])).toBe(true);
    expect(hierarchy.isSuggested(root, inner)).toBe(false);
    const suggested = await bob.client.getRoomHierarchy(root, 10, 5, true);
    expect(suggested.rooms.map((room) => room.room_id)).toEqual([root, rooms[0]]);
    const viaServers = [...(hierarchy.viaMap.get(rooms[1]) ?? [])];
    await bob.client.joinRoom(rooms[1], { viaServers });
    await until(() => membership(bob, rooms[1]) === 'join');
    expect((await bob.room(root)).isSpaceRoom()).toBe(true);
    noFaults();
  },
  LONG,
);

test(
  'a room is upgraded: its members find the new one, follow, and see both as one history',
  async () => {
    const old = await withBob({ room_version: '11', name: 'Projet' });
    await alice.say(old, 'avant');
    await bob.sees(old, 'avant');
    const { replacement_room: next } = await alice.client.upgradeRoom(old, '12');
    const tombstone = await until(() =>
      bob.client.getRoom(old)?.currentState.getStateEvents(EventType.RoomTombstone, ''),
    );
    expect(tombstone.getContent().replacement_room).toBe(next);
    await alice.client.invite(next, bob.id);
    await until(() => membership(bob, next) === 'invite');
    await bob.client.joinRoom(next);
    await until(() => membership(bob, next) === 'join');
    const room = await bob.room(next);
    await until(() => room.name === 'Projet');
    expect(room.getVersion()).toBe('12');
    expect(room.findPredecessor()?.roomId).toBe(old);
    expect(bob.client.getRoomUpgradeHistory(next, true).map((one) => one.roomId)).toEqual([old, next]);
    await alice.say(next, 'après');
    await bob.sees(next, 'après');
    await expect(bob.say(old, 'trop tard')).rejects.toMatchObject({ errcode: 'M_FORBIDDEN' });
    noFaults();
  },
  LONG,
);

test(
  'push rules: a room is silenced, a word is called out, and the counts follow',
  async () => {
    const room = await withBob();
    const counts = () => {
      const mine = bob.client.getRoom(room);
      return [NotificationCountType.Total, NotificationCountType.Highlight].map(
        (type) => mine?.getUnreadNotificationCount(type) ?? 0,
      );
    };
    const hear = async (body: string, total: number, highlight: number) => {
      await alice.say(room, body);
      await bob.sees(room, body);
      await until(() => counts().join() === `${total},${highlight}`);
    };
    const last = async () => (await bob.room(room)).getLiveTimeline().getEvents().at(-1) ?? null;
    // Counted by the rules of now, so each begins with what was read.
    const read = async () => {
      await bob.client.sendReadReceipt(await last());
      await until(() => counts().join() === '0,0');
    };
    await read();
    await hear('un', 1, 0);
    await bob.client.addPushRule('global', PushRuleKind.RoomSpecific, room, { actions: [] });
    await read();
    await hear('deux', 0, 0);
    await bob.client.deletePushRule('global', PushRuleKind.RoomSpecific, room);
    await read();
    await hear('trois', 1, 0);
    const highlight = { set_tweak: 'highlight' as const };
    await bob.client.addPushRule('global', PushRuleKind.ContentSpecific, 'canard', {
      pattern: 'canard',
      actions: ['notify' as never, highlight as never],
    });
    await read();
    await hear('un canard', 1, 1);
    // Told of them by /sync, the client judges as the server does.
    await until(() => bob.client.pushRules?.global.content?.some((rule) => rule.rule_id === 'canard'));
    const event = await until(last);
    expect(bob.client.getPushActionsForEvent(event, true)?.tweaks.highlight).toBe(true);
    await bob.client.setPushRuleEnabled('global', PushRuleKind.ContentSpecific, 'canard', false);
    await read();
    await hear('un autre canard', 1, 0);
    await bob.client.addPushRule('global', PushRuleKind.Override, 'quiet', {
      conditions: [{ kind: ConditionKind.EventMatch, key: 'room_id', pattern: room }],
      actions: [],
    });
    await read();
    await hear('plus rien', 0, 0);
    noFaults();
  },
  LONG,
);

test(
  'presence is told to who shares a room',
  async () => {
    const room = await withBob();
    await alice.client.setSyncPresence(SetPresence.Unavailable);
    // Her poll that is open still says that she is there: it ends with what he says.
    await bob.say(room, 'où es-tu ?');
    await alice.sees(room, 'où es-tu ?');
    await until(async () => (await bob.client.getPresence(alice.id)).presence === 'unavailable');
    await alice.client.setPresence({ presence: 'unavailable', status_msg: 'En réunion' });
    // It wakes nobody: it comes with what does.
    await bob.say(room, 'je vois');
    await until(() => bob.client.getUser(alice.id)?.presence === 'unavailable');
    expect(bob.client.getUser(alice.id)?.presenceStatusMsg).toBe('En réunion');
    expect(await bob.client.getPresence(alice.id)).toMatchObject({ presence: 'unavailable' });
    noFaults();
  },
  LONG,
);
