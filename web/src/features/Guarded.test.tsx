// @vitest-environment happy-dom
// SPDX-License-Identifier: EUPL-1.2
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import type { ReactElement } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cell } from '../core/live.ts';
import { useLive } from '../ui/useLive.ts';
import { GuardedPanel, GuardedPart } from './Guarded.tsx';

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(cleanup);

/** Cannot be drawn while the cell says so. */
function Fragile({ broken }: { broken: Cell<boolean> }): ReactElement {
  if (useLive(broken)) throw new RangeError('no such date');
  return <p>entier</p>;
}

test('a screen that cannot be drawn says so in words, with ways on, and can be tried again', () => {
  const broken = new Cell(false);
  render(
    <GuardedPart of="a" backHref="#/">
      <Fragile broken={broken} />
    </GuardedPart>,
  );
  screen.getByText('entier');
  act(() => broken.set(true));
  expect(screen.getByRole('alert').textContent).toContain('Vos messages ne sont pas perdus');
  expect(screen.getByRole('link').getAttribute('href')).toBe('#/');
  broken.set(false);
  fireEvent.click(screen.getByRole('button', { name: 'Réessayer' }));
  screen.getByText('entier');
});

test('a panel that cannot be drawn can be closed', () => {
  const onClose = vi.fn();
  render(
    <GuardedPanel of="a" onClose={onClose}>
      <Fragile broken={new Cell(true)} />
    </GuardedPanel>,
  );
  fireEvent.click(screen.getByRole('button', { name: 'Fermer' }));
  expect(onClose).toHaveBeenCalledOnce();
});
