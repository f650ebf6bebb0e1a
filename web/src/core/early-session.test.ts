// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { earlySession } from './early-session.ts';
import { Failure } from './failure.ts';
import { fakeMember, FakeRoom, fakeSummary } from './fake/rooms.ts';
import { FakeSession } from './fake/session.ts';
import { fakeMessage } from './fake/timeline.ts';
import type { LastVisit } from './last-visit.ts';
import { until } from './live.ts';
import type { Room, RoomSummary } from './rooms.ts';
import { MemoryVault } from './vault.ts';

const message = (id: string) => fakeMessage({ id });
const VISIT: LastVisit = {
  me: { ...new FakeSession().me.get(), name: 'Camille (la dernière fois)', known: false },
  rooms: [fakeSummary({ id: '!a', at: 20 }), fakeSummary({ id: '!b', at: 10 })],
  blocked: ['@mallory:example.org'],
  saved: [{ roomId: '!a', id: '$2' }],
  conversations: [
    {
      roomId: '!a',
      items: [message('$1'), message('$2')],
      atStart: true,
      readUpTo: undefined,
      members: [fakeMember({ id: '@alix:example.org', name: 'Alix' })],
    },
  ],
};

/** A session that has read its own store, and has not heard from the server. */
function setUp() {
  const real = new FakeSession();
  real.connection.set('starting');
  real.me.patch({ known: false, name: 'camille' });
  const rooms = new Map<string, FakeRoom>();
  vi.spyOn(real.rooms, 'open').mockImplementation((id) => rooms.get(id));
  const list = (...at: [string, number][]) => {
    for (const [id] of at) if (!rooms.has(id)) rooms.set(id, new FakeRoom(fakeSummary({ id })));
    real.rooms.list.set(at.map(([id, when]) => fakeSummary({ id, at: when })));
  };
  const { promise: coming, resolve: come, reject: fail } = Promise.withResolvers<FakeSession>();
  const { promise: whole, resolve: read } = Promise.withResolvers<readonly RoomSummary[]>();
  const early = earlySession(VISIT, whole, coming, new MemoryVault());
  const comes = async () => {
    come(real);
    await settle();
  };
  const online = async () => {
    real.connection.set('online');
    await settle();
  };
  return { real, rooms, list, early, comes, online, fail, read };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));
const idsOf = (room: Room | undefined) => room?.timeline.state.get().items.map(({ id }) => id);

test('[UX-5] what the last visit has left is there before anything has come', () => {
  const { early } = setUp();
  expect(early.connection.get()).toBe('starting');
  expect(early.me.get().name).toBe('Camille (la dernière fois)');
  expect(early.rooms.list.get()).toBe(VISIT.rooms);
  expect([...early.people.blocked.get()]).toEqual(VISIT.blocked);
  expect(early.saved.list.get()).toEqual(VISIT.saved);
  const room = early.rooms.open('!a');
  expect(idsOf(room)).toEqual(['$1', '$2']);
  expect(room?.timeline.state.get()).toMatchObject({ loading: 'no', atEnd: true, atStart: true });
  expect(room?.members.get()).toHaveLength(1);
  // One that was not looked at waits, and says so.
  expect(early.rooms.open('!b')?.timeline.state.get().loading).toBe('first');
  expect(early.rooms.open('!none')).toBeUndefined();
});

test('the rest of the list comes after its beginning, and not in the place of what the session says', async () => {
  const first = setUp();
  const all = [...VISIT.rooms, fakeSummary({ id: '!c', at: 5 })];
  first.read(all);
  await settle();
  expect(first.early.rooms.list.get()).toBe(all);
  expect(first.early.rooms.open('!c')).toBeDefined();
  const late = setUp();
  late.list(['!a', 20]);
  await late.comes();
  late.read(all);
  await settle();
  expect(late.early.rooms.list.get()).toHaveLength(1);
});

test('an older list of the SDK is not shown in its place, nor one’s name without the server’s word', async () => {
  const { real, list, early, comes, online } = setUp();
  list(['!b', 10], ['!a', 5]);
  await comes();
  expect(early.rooms.list.get()).toBe(VISIT.rooms);
  expect(early.me.get().name).toBe('Camille (la dernière fois)');
  expect(early.people.blocked.get().size).toBe(1);
  expect(early.saved.list.get()).toHaveLength(1);
  await online();
  expect(early.rooms.list.get()).toBe(real.rooms.list.get());
  expect(early.people.blocked.get().size).toBe(0);
  expect(early.saved.list.get()).toHaveLength(0);
  real.me.patch({ known: true, name: 'Camille Durand' });
  await settle();
  expect(early.me.get().name).toBe('Camille Durand');
});

test('a list that is as fresh takes its place at once, and without a network any that there is', async () => {
  const fresh = setUp();
  fresh.list(['!a', 20]);
  await fresh.comes();
  expect(fresh.early.rooms.list.get()).toHaveLength(1);
  const cut = setUp();
  await cut.comes();
  cut.real.connection.set('offline');
  await settle();
  expect(cut.early.rooms.list.get()).toBe(VISIT.rooms);
  cut.list(['!a', 5]);
  await settle();
  expect(cut.early.rooms.list.get()).toBe(cut.real.rooms.list.get());
  // Blocking is not lifted by a server that cannot be asked.
  expect(cut.early.people.blocked.get().size).toBe(1);
});

test('the conversation is replaced once the session has what was shown, or has asked the server', async () => {
  const { rooms, list, early, comes, online } = setUp();
  const room = early.rooms.open('!a');
  void room?.timeline.load();
  list(['!a', 20]);
  const state = rooms.get('!a')!.timeline.state;
  state.patch({ loading: 'first' });
  await comes();
  expect(rooms.get('!a')!.timeline.loaded).toEqual([undefined]);
  state.patch({ loading: 'no', items: [message('$1')] });
  await settle();
  expect(idsOf(room)).toEqual(['$1', '$2']);
  state.patch({ items: [message('$1'), message('$2'), message('$3')] });
  await settle();
  expect(idsOf(room)).toEqual(['$1', '$2', '$3']);
  state.patch({ items: [message('$3')] });
  expect(idsOf(room)).toEqual(['$3']);
  expect(room?.members.get()).toHaveLength(0);
  // From then on the session's own rooms are opened.
  await online();
  expect(early.rooms.open('!a')).toBe(rooms.get('!a'));
});

test('a message that an address names is not looked for in what was kept', async () => {
  const { rooms, list, early, comes } = setUp();
  const room = early.rooms.open('!a');
  void room?.timeline.load('$0');
  expect(room?.timeline.state.get()).toMatchObject({ loading: 'first', items: [] });
  list(['!a', 20]);
  rooms.get('!a')!.timeline.state.patch({ items: [message('$0')], atEnd: false });
  await comes();
  expect(idsOf(room)).toEqual(['$0']);
});

test('what one asks for meanwhile is done then, in its order', async () => {
  const { real, rooms, list, early, comes } = setUp();
  const room = early.rooms.open('!b');
  const send = (text: string) =>
    room?.timeline.send({ text, html: undefined, mentions: [], replyTo: undefined });
  const all = [send('un'), send('deux'), early.rooms.create({ name: 'neuf', topic: '', kind: 'private' })];
  room?.setTyping(true);
  const stop = early.search.hurry();
  list(['!b', 20]);
  await comes();
  await Promise.all(all);
  expect(rooms.get('!b')!.timeline.sent.map(({ text }) => text)).toEqual(['un', 'deux']);
  expect(rooms.get('!b')!.told).toEqual([true]);
  expect(real.rooms.list.get()[0]?.name).toBe('neuf');
  stop();
});

test('a room that one is no longer in is not opened; what was asked of it is refused', async () => {
  const { list, early, comes, online } = setUp();
  const room = early.rooms.open('!b');
  const refused = expect(room?.setFavourite(true)).rejects.toMatchObject({ code: 'M_NOT_FOUND' });
  list(['!a', 20]);
  await comes();
  await online();
  await refused;
  expect(early.rooms.open('!b')).toBeUndefined();
});

test('a session that cannot be had refuses what was asked, and ends quietly', async () => {
  const { early, fail } = setUp();
  const room = early.rooms.open('!a');
  const refused = expect(room?.timeline.back()).rejects.toMatchObject({ code: 'OFFLINE' });
  fail(new Failure('OFFLINE'));
  await refused;
  await early.stop();
  await expect(early.signOut()).rejects.toMatchObject({ code: 'OFFLINE' });
  expect(idsOf(room)).toEqual(['$1', '$2']);
  room?.close();
});

test('what the session says afterwards is said: its end, its state, its alerts', async () => {
  const { real, early, comes } = setUp();
  const told: string[] = [];
  early.alerts.subscribe((alert) => told.push(alert.id));
  const gone = early.alerts.subscribe(() => told.push('never'));
  gone();
  await comes();
  real.alerts.tell();
  expect(told).toEqual(['$1']);
  real.connection.set('ended');
  await until(early.connection, (connection) => connection === 'ended');
});
