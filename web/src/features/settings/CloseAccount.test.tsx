// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { FakeSession } from '../../core/fake/session.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { TextContext } from '../../i18n/TextContext.ts';
import { CloseAccount } from './CloseAccount.tsx';

afterEach(cleanup);

const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

function setUp(unsent: number) {
  const session = new FakeSession();
  session.rooms.unsent.set(unsent);
  const onClosed = vi.fn();
  render(
    <TextContext value={new Text('fr', fr)}>
      <CloseAccount session={session} onClosed={onClosed} />
    </TextContext>,
  );
  press('Fermer mon compte…');
  fireEvent.change(screen.getByLabelText('Mot de passe'), { target: { value: session.account.password } });
  return { session, onClosed };
}

test('before an account is closed, what has not left is told, and its loss accepted in words', async () => {
  const { session, onClosed } = setUp(2);
  screen.getByText(/2 messages ou fichiers ne sont pas encore partis/);
  expect(screen.queryByRole('button', { name: 'Fermer définitivement' })).toBeNull();
  press('Les perdre et fermer définitivement');
  await vi.waitFor(() => expect(onClosed).toHaveBeenCalledOnce());
  expect(session.account.closed).toBe(true);
});

test('that nothing will be readable any more is said in any case', async () => {
  const { onClosed } = setUp(0);
  screen.getByText(/même avec votre code de récupération/);
  expect(screen.queryByText(/pas encore parti/)).toBeNull();
  press('Fermer définitivement');
  await vi.waitFor(() => expect(onClosed).toHaveBeenCalledOnce());
});
