// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { Failure } from '../core/failure.ts';
import { Attempt } from './Attempt.ts';

test('one at a time; a refusal is kept until the next', async () => {
  const attempt = new Attempt();
  const slow = vi.fn(() => new Promise<void>((resolve) => setTimeout(resolve)));
  const both = Promise.all([attempt.run(slow), attempt.run(slow)]);
  expect(attempt.state.get().busy).toBe(true);
  expect(await both).toEqual([true, false]);
  expect(slow).toHaveBeenCalledTimes(1);
  expect(await attempt.run(() => Promise.reject(new Failure('M_FORBIDDEN', 403)))).toBe(false);
  expect(attempt.state.get()).toMatchObject({ busy: false, done: false, failure: { code: 'M_FORBIDDEN' } });
  expect(await attempt.run(async () => {})).toBe(true);
  expect(attempt.state.get()).toEqual({ busy: false, done: true, failure: undefined });
});
