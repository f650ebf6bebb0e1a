// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { soon } from './soon.ts';

test('what comes in one go is looked at once, and again after the next', () => {
  vi.useFakeTimers();
  const look = vi.fn();
  const later = soon(look);
  for (let i = 0; i < 10_000; i++) later();
  expect(look).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(look).toHaveBeenCalledTimes(1);
  later();
  vi.runAllTimers();
  expect(look).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
