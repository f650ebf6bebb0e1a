// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { EmojiModel } from './EmojiModel.ts';

const ENTRIES = [
  { unicode: '😀', label: 'visage rieur', group: 0, tags: ['sourire'] },
  { unicode: '🎉', label: 'cotillons', group: 6, tags: ['fête'] },
  { unicode: '🏻', label: 'peau claire', group: 2 },
  { unicode: '🇦', label: 'indicateur régional A' },
];

test('symbols are found by their name and other words, without accents', async () => {
  const model = new EmojiModel(async () => ENTRIES);
  await model.load('fr');
  expect(model.state.get().shown?.map((emoji) => emoji.symbol)).toEqual(['😀', '🎉']);
  model.setSearch('FETE');
  expect(model.state.get().shown?.map((emoji) => emoji.symbol)).toEqual(['🎉']);
  model.setSearch('rien de tel');
  expect(model.state.get().shown).toEqual([]);
});

test('a file that does not come is said', async () => {
  const model = new EmojiModel(() => Promise.reject(new Failure('OFFLINE')));
  await model.load('fr');
  expect(model.state.get()).toMatchObject({ shown: undefined, failure: { code: 'OFFLINE' } });
});
