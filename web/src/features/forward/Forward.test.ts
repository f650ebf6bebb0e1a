// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakeSummary } from '../../core/fake/rooms.ts';
import { targetsOf } from './Forward.tsx';

test('a message is forwarded where one is, found by words of the name without accents', () => {
  const rooms = [
    fakeSummary({ id: '!a', name: 'Comité de préparation' }),
    fakeSummary({ id: '!b', name: 'Préparation', membership: 'invite' }),
    fakeSummary({ id: '!c', name: 'Archives' }),
  ];
  expect(targetsOf(rooms, 'prepa com').map((room) => room.id)).toEqual(['!a']);
  expect(targetsOf(rooms, '').map((room) => room.id)).toEqual(['!a', '!c']);
});
