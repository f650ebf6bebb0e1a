// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { type Schedule, UNDO_MS, UndoModel } from './UndoModel.ts';

function setUp() {
  let run: (() => void) | undefined;
  const schedule: Schedule = (later, ms) => {
    expect(ms).toBe(UNDO_MS);
    run = later;
    return () => {
      run = undefined;
    };
  };
  const act = vi.fn();
  const undone = vi.fn();
  const model = new UndoModel(schedule);
  model.offer({ text: 'talk.deleted', values: {} }, act, undone);
  return { model, act, undone, timeUp: () => run?.() };
}

test('[UX-20] what is not taken back is done when the time is up, once', () => {
  const { model, act, undone, timeUp } = setUp();
  expect(model.state.get()?.text).toBe('talk.deleted');
  timeUp();
  model.undo();
  expect(act).toHaveBeenCalledTimes(1);
  expect(undone).not.toHaveBeenCalled();
  expect(model.state.get()).toBeUndefined();
});

test('[UX-20] what is taken back is never done', () => {
  const { model, act, undone, timeUp } = setUp();
  model.undo();
  timeUp();
  model.flush();
  expect(undone).toHaveBeenCalledTimes(1);
  expect(act).not.toHaveBeenCalled();
});

test('the time stands still while somebody is on it; another offer does the first at once', () => {
  const { model, act, timeUp } = setUp();
  model.hold(true);
  timeUp();
  expect(act).not.toHaveBeenCalled();
  model.hold(false);
  model.offer({ text: 'talk.deleted', values: {} }, () => {});
  expect(act).toHaveBeenCalledTimes(1);
});
