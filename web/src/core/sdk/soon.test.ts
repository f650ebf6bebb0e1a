// SPDX-License-Identifier: EUPL-1.2
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { soon } from './soon.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what comes in one go is looked at once, and again after the next', () => {
  const look = vi.fn();
  const later = soon(look);
  for (let i = 0; i < 10_000; i++) later();
  expect(look).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(look).toHaveBeenCalledTimes(1);
  later();
  vi.runAllTimers();
  expect(look).toHaveBeenCalledTimes(2);
});

test('with a gap, what comes alone is looked at without delay, and a stream so often and no more', () => {
  const look = vi.fn();
  const later = soon(look, 250);
  later();
  vi.advanceTimersByTime(0);
  expect(look).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 100; i++) {
    later();
    vi.advanceTimersByTime(10);
  }
  expect(look).toHaveBeenCalledTimes(5);
  later();
  vi.runAllTimers();
  expect(look).toHaveBeenCalledTimes(6);
  vi.advanceTimersByTime(250);
  later();
  vi.advanceTimersByTime(0);
  expect(look).toHaveBeenCalledTimes(7);
});
