// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { FAKE_CODE } from '../../core/fake/safety.ts';
import { FakeSession } from '../../core/fake/session.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { TextContext } from '../../i18n/TextContext.ts';
import { SessionSignOut } from './SignOut.tsx';

afterEach(cleanup);

const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));

function setUp() {
  const session = new FakeSession();
  const onSignOut = vi.fn();
  render(
    <TextContext value={new Text('fr', fr)}>
      <SessionSignOut session={session} onSignOut={onSignOut} />
    </TextContext>,
  );
  return { session, onSignOut };
}

const LOSE = 'J’accepte de perdre mes messages chiffrés, et je me déconnecte';

test('[UX-3] before signing out, the code is shown while it is in no safe hands', async () => {
  const { session, onSignOut } = setUp();
  session.safety.state.set({ at: 'ready', code: FAKE_CODE });
  press('Se déconnecter');
  expect(onSignOut).not.toHaveBeenCalled();
  expect(screen.getByRole('group', { name: 'Code de récupération' }).textContent?.trim()).toBe(FAKE_CODE);
  press('Annuler');
  expect(screen.queryByRole('dialog')).toBeNull();
  press('Se déconnecter');
  press(/^Je l’ai mis en lieu sûr/);
  await vi.waitFor(() => expect(onSignOut).toHaveBeenCalledOnce());
  expect(session.safety.state.get()).toEqual({ at: 'ready', code: undefined });
});

test('[UX-3] its loss is accepted in words', () => {
  const { session, onSignOut } = setUp();
  session.safety.state.set({ at: 'ready', code: FAKE_CODE });
  press('Se déconnecter');
  press(LOSE);
  expect(onSignOut).toHaveBeenCalledOnce();
});

test('messages that have not left are told, also after the code', async () => {
  const { session, onSignOut } = setUp();
  session.safety.state.set({ at: 'ready', code: FAKE_CODE });
  session.rooms.unsent.set(2);
  press('Se déconnecter');
  press(/^Je l’ai mis en lieu sûr/);
  await screen.findByRole('button', { name: 'Les perdre et me déconnecter' });
  expect(onSignOut).not.toHaveBeenCalled();
  screen.getByText(/2 messages ou fichiers/);
  press('Les perdre et me déconnecter');
  expect(onSignOut).toHaveBeenCalledOnce();
});

test('where nothing would be lost, nothing is asked', () => {
  const { onSignOut } = setUp();
  press('Se déconnecter');
  expect(onSignOut).toHaveBeenCalledOnce();
});
