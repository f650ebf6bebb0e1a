// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { PICTURES, pictureName } from './pictures.ts';

test('each of the sixty-four pictures has a name of its own in both languages', () => {
  expect(PICTURES).toHaveLength(64);
  for (const language of ['fr', 'en'] as const)
    expect(new Set(PICTURES.map((picture) => pictureName(picture, language))).size).toBe(64);
});

test('a picture is found with or without its variation selector; an unknown one names itself', () => {
  expect(pictureName('❤', 'fr')).toBe('Cœur');
  expect(pictureName('❤️', 'fr')).toBe('Cœur');
  expect(pictureName('🫠', 'fr')).toBe('🫠');
});
