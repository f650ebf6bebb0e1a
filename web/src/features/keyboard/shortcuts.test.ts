// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { shortcutOf } from './shortcuts.ts';

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  typing: false,
  ...more,
});

test('[UX-16] keys act anywhere, a single letter not while one types', () => {
  expect(shortcutOf(press('k', { ctrlKey: true, typing: true }), [])).toBe('search');
  expect(shortcutOf(press('K', { metaKey: true }), [])).toBe('search');
  expect(shortcutOf(press('k'), [])).toBeUndefined();
  expect(shortcutOf(press('F6', { typing: true }), [])).toBe('zones');
  expect(shortcutOf(press('?'), [])).toBe('help');
  expect(shortcutOf(press('?', { typing: true }), [])).toBeUndefined();
});

test('[UX-16] each can be switched off', () => {
  expect(shortcutOf(press('?'), ['help'])).toBeUndefined();
  expect(shortcutOf(press('F6'), ['help'])).toBe('zones');
  expect(shortcutOf(press('k', { ctrlKey: true }), ['search'])).toBeUndefined();
});
