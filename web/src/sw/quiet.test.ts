// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { isQuiet, NO_QUIET, quietOf } from './quiet.ts';

/** A Wednesday in June 2026, or that many days after. */
const at = (hour: number, minute = 0, days = 0) => new Date(2026, 5, 17 + days, hour, minute);

test('[UX-14] quiet hours go over midnight, or over a lunch, and over the days that one does not work', () => {
  const nights = { on: true, from: 19 * 60, until: 8 * 60, weekend: true };
  expect([at(18, 59), at(19), at(23), at(3), at(7, 59), at(8)].map((now) => isQuiet(nights, now))).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
  expect(isQuiet(nights, at(10, 0, 3))).toBe(true);
  expect(isQuiet({ ...nights, weekend: false }, at(10, 0, 3))).toBe(false);
  const lunch = { on: true, from: 12 * 60, until: 14 * 60, weekend: false };
  expect([at(11), at(12), at(13), at(14)].map((now) => isQuiet(lunch, now))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(isQuiet({ ...lunch, until: lunch.from }, at(12))).toBe(false);
  expect(isQuiet({ ...nights, on: false }, at(23))).toBe(false);
});

test('what is not as it should be is not believed', () => {
  for (const content of [undefined, null, 'on', {}, { on: 1, from: -1, until: 1440, weekend: 'x' }])
    expect(quietOf(content)).toEqual(NO_QUIET);
  const kept = { on: true, from: 0, until: 1439, weekend: false };
  expect(quietOf(kept)).toEqual(kept);
});
