// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import type { Retention } from '../../core/governance.ts';
import { choicesOf, DAY, inForce } from './lifetime.ts';

const open: Retention = { otherwise: 'forever', least: DAY, most: 'forever' };
const bounded: Retention = { otherwise: 90 * DAY, least: 7 * DAY, most: 100 * DAY };

test('what is in force is what the room says, within what the server allows', () => {
  expect(inForce(undefined, open)).toBe('forever');
  expect(inForce(undefined, bounded)).toBe(90 * DAY);
  expect(inForce('forever', open)).toBe('forever');
  expect(inForce('forever', bounded)).toBe(100 * DAY);
  expect(inForce(1, open)).toBe(DAY);
  expect(inForce(30 * DAY, bounded)).toBe(30 * DAY);
  expect(inForce(365 * DAY, bounded)).toBe(100 * DAY);
});

test('only what the server would keep to is offered, and what is in force', () => {
  const all = [DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY, 'forever'];
  expect(choicesOf('forever', open)).toEqual(all);
  expect(choicesOf(90 * DAY, bounded)).toEqual([7 * DAY, 30 * DAY, 90 * DAY]);
  expect(choicesOf(100 * DAY, bounded)).toEqual([7 * DAY, 30 * DAY, 90 * DAY, 100 * DAY]);
  // The operator's default is not bound by what rooms may say.
  expect(choicesOf('forever', { ...bounded, otherwise: 'forever' }).at(-1)).toBe('forever');
});
