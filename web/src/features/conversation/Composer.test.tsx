// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { act, fireEvent, render, screen } from '@testing-library/react';
import type { ComponentProps } from 'react';
import { expect, test, vi } from 'vitest';
import { Drafts } from '../../core/drafts.ts';
import { FakeRoom, fakeSummary } from '../../core/fake/rooms.ts';
import { Cell } from '../../core/live.ts';
import { MemoryVault } from '../../core/vault.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { TextContext } from '../../i18n/TextContext.ts';
import type { Button as RealButton } from '../../ui/Button.tsx';
import { FakeDeeds } from '../../core/fake/deeds.ts';
import { UndoModel } from '../undo/UndoModel.ts';
import { Composer } from './Composer.tsx';
import { ConversationModel } from './ConversationModel.ts';

/** Names of the buttons that were drawn. */
const drawn: unknown[] = [];
vi.mock(import('../../ui/Button.tsx'), async (real) => {
  const { Button } = await real();
  return {
    Button: (props: ComponentProps<typeof RealButton>) => {
      drawn.push(props.children);
      return <Button {...props} />;
    },
  };
});

const nothing = () => {};

test('a key press draws where one types, and of the buttons the one that sends alone', () => {
  const model = new ConversationModel({
    room: new FakeRoom(fakeSummary({ id: '!room' })),
    drafts: new Drafts(new MemoryVault()),
    me: '@camille:example.org',
    undo: new UndoModel(new FakeDeeds(), () => nothing),
    blocked: new Cell<ReadonlySet<string>>(new Set()),
  });
  render(
    <TextContext value={new Text('fr', fr)}>
      <Composer model={model} box={{ current: null }} onEmoji={nothing} />
    </TextContext>,
  );
  expect(drawn.length).toBeGreaterThan(3);
  // With the first, there is something to send.
  act(() => model.type('b', 1));
  drawn.length = 0;
  fireEvent.change(screen.getByRole('textbox'), { target: { value: 'bonjour' } });
  expect(screen.getByRole('textbox')).toHaveProperty('value', 'bonjour');
  expect(drawn).toEqual(['Envoyer']);
  act(() => model.type('bonsoir', 7));
  expect(drawn).toEqual(['Envoyer', 'Envoyer']);
});
