// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import type { Deed } from '../../core/deeds.ts';
import { Failure } from '../../core/failure.ts';
import { FakeDeeds } from '../../core/fake/deeds.ts';
import { type Schedule, UNDO_MS, UndoModel } from './UndoModel.ts';

const deed: Deed = { what: 'remove', roomId: '!r', eventId: '$1' };
const WORDS = { text: 'undo.deleted', refused: 'undo.deleteRefused', values: {} } as const;

function setUp() {
  let run: (() => void) | undefined;
  const schedule: Schedule = (later, ms) => {
    expect(ms).toBe(UNDO_MS);
    run = later;
    return () => {
      run = undefined;
    };
  };
  const deeds = new FakeDeeds();
  const model = new UndoModel(deeds, schedule);
  model.offer({ deed, ...WORDS });
  const hidden = () => [...model.hidden.get()];
  return { model, deeds, hidden, timeUp: () => run?.() };
}

test('[UX-20] what is not taken back is kept from the start, and done when the time is up, once', async () => {
  const { model, deeds, hidden, timeUp } = setUp();
  expect(hidden()).toEqual(['$1']);
  expect(model.state.get()).toMatchObject({ text: 'undo.deleted', open: true });
  expect(deeds.intended).toEqual([deed]);
  timeUp();
  model.undo();
  await vi.waitFor(() => expect(hidden()).toEqual([]));
  expect(deeds.done).toEqual([deed]);
  expect(model.state.get()).toBeUndefined();
});

test('[UX-20] what is taken back is never done', () => {
  const { model, deeds, hidden, timeUp } = setUp();
  model.undo();
  timeUp();
  model.flush();
  expect(hidden()).toEqual([]);
  expect(deeds).toMatchObject({ intended: [], done: [] });
});

test('the time stands still while somebody is on it; another offer does the first at once', () => {
  const { model, deeds, timeUp } = setUp();
  model.hold(true);
  timeUp();
  expect(deeds.intended).toEqual([deed]);
  model.hold(false);
  const next: Deed = { what: 'leave', roomId: '!r', successor: undefined };
  model.offer({ deed: next, ...WORDS });
  expect(deeds.intended).toEqual([next]);
});

test('what is refused is told, and can be put away', async () => {
  const { model, deeds, hidden } = setUp();
  deeds.failing = new Failure('M_FORBIDDEN', 403);
  model.flush();
  await vi.waitFor(() => expect(hidden()).toEqual([]));
  expect(model.state.get()).toMatchObject({ text: 'undo.deleteRefused', open: false });
  model.flush();
  expect(model.state.get()).toBeUndefined();
  expect(deeds.done).toEqual([]);
});
