// SPDX-License-Identifier: EUPL-1.2
import { beforeEach, expect, test, vi } from 'vitest';
import { FakeRoom, fakeMember, fakeSummary } from './fake/rooms.ts';
import { FakeSession } from './fake/session.ts';
import { fakeMessage } from './fake/timeline.ts';
import { readList } from './last-list.ts';
import { readLastVisit } from './last-visit.ts';
import { MemoryVault } from './vault.ts';
import { VisitKeeper } from './visit-keeper.ts';

const ME = '@camille:example.org';
const messages = (count: number) =>
  Array.from({ length: count }, (_, i) => fakeMessage({ id: `$${i}`, state: 'sent' }));

beforeEach(() => {
  vi.useFakeTimers();
});

function room(id: string, items = messages(3)): FakeRoom {
  const made = new FakeRoom(fakeSummary({ id }));
  made.timeline.state.patch({ items });
  return made;
}

function setUp() {
  const vault = new MemoryVault();
  const session = new FakeSession();
  session.rooms.list.set(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => fakeSummary({ id })));
  const keeper = new VisitKeeper(vault, session, undefined);
  const stop = keeper.watch();
  const left = async () => {
    await vi.advanceTimersByTimeAsync(1000);
    return readLastVisit(vault);
  };
  return { vault, session, keeper, stop, left };
}

test('what is shown is kept: who one is, the list, the end of the conversation', async () => {
  const { session, keeper, left } = setUp();
  const open = room('a', [...messages(40), fakeMessage({ id: '$own', state: 'sending' })]);
  open.members.set([fakeMember({ id: ME, name: 'Camille' })]);
  keeper.look(open);
  session.people.blocked.set(new Set(['@mallory:example.org']));
  const visit = await left();
  expect(visit?.me).toEqual({ ...session.me.get(), known: false });
  expect(visit?.rooms).toEqual(JSON.parse(JSON.stringify(session.rooms.list.get())));
  expect(visit?.blocked).toEqual(['@mallory:example.org']);
  const [kept] = visit?.conversations ?? [];
  // What is on its way is the outbox's.
  expect(kept?.items.map(({ id }) => id)).toEqual(
    messages(40)
      .slice(-30)
      .map(({ id }) => id),
  );
  expect(kept?.members).toHaveLength(1);
  // There is more above.
  expect(kept?.atStart).toBe(false);
});

test('of the conversations looked at, the last four are kept, the last one first; of one that was left, nothing', async () => {
  const { session, keeper, left } = setUp();
  for (const id of ['a', 'b', 'c', 'd', 'e']) keeper.look(room(id))();
  const ids = async () => (await left())?.conversations.map(({ roomId }) => roomId);
  expect(await ids()).toEqual(['e', 'd', 'c', 'b']);
  session.rooms.list.set(session.rooms.list.get().filter(({ id }) => id !== 'd'));
  expect(await ids()).toEqual(['e', 'c', 'b']);
});

test('a conversation that is loading, or that one looks at elsewhere than at its end, stays as it was kept', async () => {
  const { keeper, left } = setUp();
  const open = room('a');
  keeper.look(open);
  await left();
  open.timeline.state.patch({ items: messages(9), atEnd: false });
  expect((await left())?.conversations[0]?.items).toHaveLength(3);
  open.timeline.state.patch({ items: [], atEnd: true, loading: 'first' });
  expect((await left())?.conversations[0]?.items).toHaveLength(3);
});

test('many changes are written once they are over, and no later than after a while', async () => {
  const { vault, session } = setUp();
  const write = vi.spyOn(vault, 'write');
  const written = () => write.mock.calls.map(([name]) => name);
  for (let i = 0; i < 20; i++) {
    session.me.patch({ name: `Camille ${i}` });
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(written()).toEqual([]);
  for (let i = 0; i < 20; i++) {
    session.me.patch({ name: `Camille ${i}` });
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(written()).toEqual(['lastVisit']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(written()).toEqual(['lastVisit', 'lastVisit']);
  // All of the list is large, and seldom needed.
  await vi.runAllTimersAsync();
  expect(written()).toEqual(['lastVisit', 'lastVisit', 'lastList']);
});

test('a page that goes writes what waits, and nothing when nothing does', async () => {
  const { vault, session, keeper } = setUp();
  const write = vi.spyOn(vault, 'write');
  await keeper.write();
  expect(write.mock.calls.map(([name]) => name)).toEqual(['lastList']);
  session.me.patch({ name: 'Camille' });
  await keeper.write();
  await keeper.write();
  expect(write.mock.calls.map(([name]) => name)).toEqual(['lastList', 'lastVisit']);
});

test('of a long list, what fills the screen is kept apart, with the rooms that were looked at; the rest is read after it', async () => {
  const { vault, session, keeper, left } = setUp();
  const list = Array.from({ length: 200 }, (_, i) =>
    fakeSummary({ id: `!${i}`, at: 1000 - i, favourite: i === 150, kind: i % 2 ? 'direct' : 'private' }),
  );
  session.rooms.list.set(list);
  keeper.look(room('!180'));
  await vi.runAllTimersAsync();
  const visit = await left();
  const near = visit?.rooms.map(({ id }) => id) ?? [];
  expect(near).toHaveLength(62);
  expect(near).toEqual(expect.arrayContaining(['!0', '!1', '!58', '!59', '!150', '!180']));
  expect((await readList(vault, visit!)).map(({ id }) => id)).toEqual(list.map(({ id }) => id));

  // The whole of it is the older one: what the screen showed stands.
  session.rooms.list.set([
    fakeSummary({ id: '!5', at: 2000, unread: 3 }),
    ...list.filter(({ id }) => id !== '!5'),
  ]);
  await vi.advanceTimersByTimeAsync(1000);
  const next = await readLastVisit(vault);
  const all = await readList(vault, next!);
  expect(all).toHaveLength(200);
  expect(all[0]).toMatchObject({ id: '!5', unread: 3 });
  // Without it, there is what filled the screen.
  vault.kept.delete('lastList');
  expect(await readList(vault, next!)).toBe(next?.rooms);
});

test('nothing is written before the session is there, after it has ended, or after the screens have gone', async () => {
  for (const end of ['starting', 'ended'] as const) {
    const { session, left } = setUp();
    session.connection.set(end);
    session.me.patch({ name: 'Camille' });
    expect(await left()).toBeUndefined();
  }
  const { session, stop, keeper, left } = setUp();
  session.me.patch({ name: 'Camille' });
  stop();
  await keeper.write();
  session.me.patch({ name: 'Alix' });
  expect(await left()).toBeUndefined();
});

test('what another form of it has left is not read', async () => {
  const { session, vault, left } = setUp();
  session.me.patch({ name: 'Camille' });
  expect(await left()).toBeDefined();
  const kept = JSON.parse(vault.kept.get('lastVisit')!) as object;
  vault.kept.set('lastVisit', JSON.stringify({ ...kept, form: 0 }));
  expect(await readLastVisit(vault)).toBeUndefined();
  vault.kept.set('lastVisit', '{');
  expect(await readLastVisit(vault)).toBeUndefined();
});

test('what is kept for some time only is neither kept for longer nor shown again', async () => {
  const { vault, keeper, left } = setUp();
  const now = Date.now();
  const at = (id: string, age: number) => fakeMessage({ id, state: 'sent', at: now - age });
  const open = room('a', [at('$old', 9000), at('$young', 100)]);
  open.governance.kept.set(8000);
  keeper.look(open);
  const ids = (visit: Awaited<ReturnType<typeof left>>) =>
    visit?.conversations.flatMap(({ items }) => items.map(({ id }) => id));
  expect(ids(await left())).toEqual(['$young']);
  expect(JSON.stringify(await vault.read('lastVisit'))).not.toContain('$old');
  vi.setSystemTime(now + 10_000);
  expect(ids(await readLastVisit(vault))).toEqual([]);
});
