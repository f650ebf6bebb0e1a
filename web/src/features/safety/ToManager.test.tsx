// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { TextContext } from '../../i18n/TextContext.ts';
import { ToManager } from './ToManager.tsx';

afterEach(cleanup);
afterEach(() => vi.unstubAllGlobals());

const press = () => fireEvent.click(screen.getByRole('button', { name: /gestionnaire/ }));

function setUp() {
  const onGiven = vi.fn();
  const { container } = render(
    <TextContext value={new Text('fr', fr)}>
      <ToManager code="AbC dEf" userId="@camille:x" onGiven={onGiven} />
    </TextContext>,
  );
  const fields = [...container.querySelectorAll('input')].map((input) => [input.autocomplete, input.value]);
  return { onGiven, fields };
}

test('[UX-2] a browser that asks by itself is given the code under a name of its own', () => {
  const store = vi.fn(async () => {});
  class Kept {
    constructor(readonly data: object) {}
  }
  vi.stubGlobal('PasswordCredential', Kept);
  vi.stubGlobal('navigator', { credentials: { store } });
  const { onGiven, fields } = setUp();
  expect(fields).toEqual([]);
  press();
  const name = '@camille:x (code de récupération)';
  expect(store).toHaveBeenCalledWith(new Kept({ id: name, name, password: 'AbC dEf' }));
  expect(onGiven).toHaveBeenCalledOnce();
});

test('elsewhere a form is sent, for whatever watches for one', () => {
  const { onGiven, fields } = setUp();
  expect(fields).toEqual([
    ['username', '@camille:x (code de récupération)'],
    ['new-password', 'AbC dEf'],
  ]);
  press();
  expect(onGiven).toHaveBeenCalledOnce();
});
