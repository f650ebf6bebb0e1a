// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { act, cleanup, render, screen } from '@testing-library/react';
import { Profiler, type ReactElement } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { Drafts } from '../../core/drafts.ts';
import { FakeRoom, fakeSummary } from '../../core/fake/rooms.ts';
import { fakeMessage } from '../../core/fake/timeline.ts';
import { Cell } from '../../core/live.ts';
import { MemoryVault } from '../../core/vault.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { TextContext } from '../../i18n/TextContext.ts';
import { FakeDeeds } from '../../core/fake/deeds.ts';
import { UndoModel } from '../undo/UndoModel.ts';
import { ConversationModel } from './ConversationModel.ts';
import { Head } from './Head.tsx';
import type { MessageActs } from './MessageView.tsx';
import { TimelineView } from './TimelineView.tsx';

afterEach(cleanup);

const nothing = () => {};
const ACTS: MessageActs = {
  thread: nothing,
  forward: nothing,
  report: nothing,
  emoji: nothing,
  copyLink: nothing,
  person: nothing,
  save: nothing,
  isSaved: () => false,
};

function setUp(view: (model: ConversationModel) => ReactElement) {
  const room = new FakeRoom(fakeSummary({ id: '!room', name: 'Budget' }));
  room.timeline.state.patch({
    items: ['un', 'deux', 'trois'].map((word) => fakeMessage({ id: `$${word}` })),
  });
  const model = new ConversationModel({
    room,
    drafts: new Drafts(new MemoryVault()),
    me: '@camille:example.org',
    undo: new UndoModel(new FakeDeeds(), () => nothing),
    blocked: new Cell<ReadonlySet<string>>(new Set()),
  });
  const drawn = { times: 0 };
  render(
    <TextContext value={new Text('fr', fr)}>
      <Profiler id="view" onRender={() => drawn.times++}>
        {view(model)}
      </Profiler>
    </TextContext>,
  );
  return { room, model, drawn };
}

test('a key press draws no row of the conversation, and not its head', () => {
  const { room, model, drawn } = setUp((model) => (
    <>
      <Head
        model={model}
        backHref="#/"
        hrefOf={(id) => id}
        onAsk={nothing}
        onSearch={nothing}
        onCopyLink={nothing}
      />
      <TimelineView model={model} label="Messages" acts={ACTS} onCompose={nothing} onUnlock={nothing} />
    </>
  ));
  const before = drawn.times;
  for (const text of ['b', 'bo', 'bon', 'bon @']) act(() => model.type(text, text.length));
  expect(drawn.times).toBe(before);
  act(() => room.timeline.state.patch({ items: [fakeMessage({ id: '$quatre' })] }));
  expect(drawn.times).toBeGreaterThan(before);
  screen.getByText('$quatre');
});

test('what cannot be drawn says so in its place; what stands around it stays, and it comes back once it can be', () => {
  // React tells the console of each.
  vi.spyOn(console, 'error').mockImplementation(nothing);
  const { room } = setUp((model) => (
    <TimelineView model={model} label="Messages" acts={ACTS} onCompose={nothing} onUnlock={nothing} />
  ));
  const broken = fakeMessage({
    id: '$deux',
    reactions: [{ emoji: {} as string, people: ['Alix'], mine: false }],
  });
  act(() => room.timeline.state.patch({ items: [fakeMessage({ id: '$un' }), broken] }));
  screen.getByText('$un');
  screen.getByText('Cet élément n’a pas pu être affiché.');
  act(() => room.timeline.state.patch({ items: [fakeMessage({ id: '$un' }), fakeMessage({ id: '$deux' })] }));
  screen.getByText('$deux');
  expect(screen.queryByText('Cet élément n’a pas pu être affiché.')).toBeNull();
});
