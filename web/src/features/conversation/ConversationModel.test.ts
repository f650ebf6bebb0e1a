// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { Drafts } from '../../core/drafts.ts';
import { Failure } from '../../core/failure.ts';
import { FakeDeeds } from '../../core/fake/deeds.ts';
import { fakeMember, FakeRoom, fakeSummary } from '../../core/fake/rooms.ts';
import { fakeMessage } from '../../core/fake/timeline.ts';
import { Cell, until } from '../../core/live.ts';
import { MemoryVault } from '../../core/vault.ts';
import { UndoModel } from '../undo/UndoModel.ts';
import { ConversationModel } from './ConversationModel.ts';

const ME = '@camille:example.org';
function setUp(vault = new MemoryVault()) {
  const room = new FakeRoom(fakeSummary({ id: '!room' }));
  room.members.set([
    fakeMember({ id: ME, name: 'Camille Durand', role: 'admin' }),
    fakeMember({ id: '@helene:example.org', name: 'Hélène Martin' }),
    fakeMember({ id: '@alix:example.org', name: 'Alix Le Goff' }),
  ]);
  const deeds = new FakeDeeds();
  const undo = new UndoModel(deeds, () => () => {});
  const model = new ConversationModel({
    room,
    drafts: new Drafts(vault),
    me: ME,
    undo,
    blocked: new Cell<ReadonlySet<string>>(new Set()),
  });
  const type = (text: string) => model.type(text, text.length);
  return { vault, room, model, type, undo, deeds };
}

test('a message leaves with its layout, and the place is free for the next', async () => {
  const { room, model, type } = setUp();
  type('  un mot **gras** ');
  await model.submit();
  expect(room.timeline.sent).toEqual([
    { text: 'un mot **gras**', html: expect.stringContaining('<strong>'), mentions: [], replyTo: undefined },
  ]);
  expect(model.state.get().text).toBe('');
  expect(room.told).toEqual([true, false]);
  type('   ');
  await model.submit();
  expect(room.timeline.sent).toHaveLength(1);
});

test('[UX-15] while the session is on its way a message waits where it was typed; it leaves once', async () => {
  const { vault, room, model, type } = setUp();
  const { promise: there, resolve: come } = Promise.withResolvers<void>();
  const send = room.timeline.send.bind(room.timeline);
  vi.spyOn(room.timeline, 'send').mockImplementation((message) => there.then(() => send(message)));
  type('bonjour');
  const first = model.submit();
  await until(model.state, ({ sending }) => sending);
  await model.submit();
  expect(model.state.get().text).toBe('bonjour');
  expect(await new Drafts(vault).read('!room')).toBe('bonjour');
  come();
  await first;
  expect(room.timeline.sent).toHaveLength(1);
  expect(model.state.get()).toMatchObject({ text: '', sending: false });
});

test('[UX-15] a draft is there after a crash, and gone once sent', async () => {
  const { vault, type, model } = setUp();
  type('à finir plus tard');
  await new Drafts(vault).read('!room');
  const again = setUp(vault);
  again.model.open();
  await until(again.model.state, (state) => state.text === 'à finir plus tard');
  await again.model.submit();
  await model.cancel();
  const third = setUp(vault);
  expect(await new Drafts(vault).read('!room')).toBe('');
  third.model.open();
  expect(third.model.state.get().text).toBe('');
});

test('people are mentioned by what is typed of their name, accents or not', async () => {
  const { room, model, type } = setUp();
  type('merci @hel');
  expect(model.state.get().suggestions.map((m) => m.name)).toEqual(['Hélène Martin']);
  type('merci @');
  expect(model.state.get().suggestions.map((m) => m.name)).toEqual(['Hélène Martin', 'Alix Le Goff']);
  model.moveChoice(-1);
  expect(model.state.get().chosen).toBe(1);
  const caret = model.mention(model.state.get().suggestions[1]!, 'merci @'.length);
  expect(model.state.get().text.slice(0, caret)).toBe('merci @Alix Le Goff ');
  await model.submit();
  expect(room.timeline.sent[0]).toMatchObject({ mentions: ['@alix:example.org'] });
  expect(room.timeline.sent[0]?.html).toContain('matrix.to/#/@alix');
});

test('a mention that was rubbed out is not one', async () => {
  const { room, model, type } = setUp();
  type('@hel');
  model.mention(model.state.get().suggestions[0]!, 4);
  type('finalement non');
  await model.submit();
  expect(room.timeline.sent[0]?.mentions).toEqual([]);
});

test('a reply answers a message, and can be called off', async () => {
  const { room, model, type } = setUp();
  const message = fakeMessage({ id: '$1' });
  model.reply(message);
  await model.cancel();
  model.reply(message);
  type('oui');
  await model.submit();
  expect(room.timeline.sent[0]?.replyTo).toBe('$1');
  expect(model.state.get().replyTo).toBeUndefined();
});

test('[UX-16] the last of one’s messages is edited; the draft comes back after it', async () => {
  const { room, model, type } = setUp();
  expect(model.editLast()).toBe(false);
  type('un brouillon');
  room.timeline.state.patch({
    items: [fakeMessage({ id: '$1', mine: true }), fakeMessage({ id: '$2' })],
  });
  expect(model.editLast()).toBe(true);
  expect(model.state.get().text).toBe('$1');
  type('mieux');
  room.timeline.failing = new Failure('OFFLINE');
  await model.submit();
  expect(model.state.get()).toMatchObject({ text: 'mieux', failure: { code: 'OFFLINE' } });
  await model.submit();
  expect(room.timeline.edited[0]).toMatchObject(['$1', { text: 'mieux' }]);
  expect(model.state.get()).toMatchObject({ text: 'un brouillon', editing: undefined });
});

test('the buttons of the layout are asked for once, and there in the next conversation', async () => {
  const { vault, model } = setUp();
  expect(model.state.get().layout).toBe(false);
  model.showLayout(true);
  await expect.poll(() => new Drafts(vault).showsLayout()).toBe(true);
  const next = setUp(vault).model;
  next.open();
  await until(next.state, ({ layout }) => layout);
});

test('a symbol goes where one types; a thread keeps its own draft', async () => {
  const { vault, room, model, type } = setUp();
  type('bravo !');
  expect(model.insert('🎉', 6)).toBe(8);
  expect(model.state.get().text).toBe('bravo 🎉!');
  const thread = model.openThread('$root');
  const close = thread.open();
  expect(room.threads.opened).toEqual(['$root']);
  thread.type('dans le fil', 3);
  await until(thread.state, ({ text }) => text === 'dans le fil');
  expect(model.state.get().text).toBe('bravo 🎉!');
  expect(thread.inThread).toBe(true);
  close();
  expect(room.threads.opened).toEqual([]);
  await expect.poll(() => new Drafts(vault).read('!room $root')).toBe('dans le fil');
});

test('[UX-13] a link to what was said in a thread opens the thread at it, and the room at its beginning', async () => {
  const { room, model } = setUp();
  room.threads.roots.set('$answer', '$root');
  await model.goTo('$answer');
  expect(room.timeline.loaded).toEqual(['$root']);
  expect(model.state.get()).toMatchObject({
    target: { id: '$root' },
    panel: 'thread',
    rootId: '$root',
    answerId: '$answer',
  });
  const first = model.state.get().target;
  await model.goTo('$root');
  expect(model.state.get().target).not.toBe(first);
  model.show('none');
  await model.goTo('$other');
  expect(room.timeline.loaded).toEqual(['$root', '$root', '$other']);
  expect(model.state.get()).toMatchObject({ target: { id: '$other' }, panel: 'none', answerId: undefined });
});

test('[UX-20] a deleted message is gone at once, and comes back when it is taken back', async () => {
  const { room, model, undo, deeds } = setUp();
  const message = fakeMessage({ id: '$1', mine: true });
  room.timeline.state.patch({ items: [message] });
  model.remove(message);
  expect([...undo.hidden.get()]).toEqual(['$1']);
  undo.undo();
  expect(undo.hidden.get().size).toBe(0);
  expect(room.timeline.state.get().items[0]).toBe(message);
  model.remove(message);
  undo.flush();
  await until(undo.hidden, (hidden) => hidden.size === 0);
  expect(deeds.done).toEqual([{ what: 'remove', roomId: '!room', eventId: '$1' }]);
});

test('an edit leaves once however often one presses Enter, and keeps whom it mentions', async () => {
  const { room, model, type } = setUp();
  type('un brouillon pour @hel');
  model.mention(model.state.get().suggestions[0]!, 'un brouillon pour @hel'.length);
  const html = '<a href="https://matrix.to/#/@alix%3Aexample.org">@Alix Le Goff</a> &amp; vous';
  const content = { kind: 'text', text: '@Alix Le Goff & vous', html } as const;
  room.timeline.state.patch({ items: [fakeMessage({ id: '$1', mine: true, content })] });
  model.editLast();
  type('@Alix Le Goff & nous');
  await Promise.all([model.submit(), model.submit()]);
  expect(room.timeline.edited).toHaveLength(1);
  expect(room.timeline.edited[0]?.[1].mentions).toEqual(['@alix:example.org']);
  // The draft comes back with its own.
  expect(model.state.get().text).toBe('un brouillon pour @Hélène Martin ');
  await model.submit();
  expect(room.timeline.sent[0]?.mentions).toEqual(['@helene:example.org']);
});

test('a draft of an earlier visit keeps whom it mentions', async () => {
  const { vault, model, type } = setUp();
  type('merci @hel');
  model.mention(model.state.get().suggestions[0]!, 'merci @hel'.length);
  await expect.poll(() => new Drafts(vault).mentioned('!room')).toHaveLength(1);
  const again = setUp(vault);
  again.model.open();
  await until(again.model.state, ({ text }) => text !== '');
  await again.model.submit();
  expect(again.room.timeline.sent[0]?.mentions).toEqual(['@helene:example.org']);
});
