// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakeSummary } from '../../core/fake/rooms.ts';
import { fitting } from './QuickSwitch.tsx';

test('a name that begins as typed comes first, others by how recent they are', () => {
  const rooms = ['Comité de préparation', 'Préparation', 'Archives'].map((name) =>
    fakeSummary({ id: name, name }),
  );
  expect(fitting(rooms, 'prépa').map((room) => room.name)).toEqual(['Préparation', 'Comité de préparation']);
  expect(fitting(rooms, '')).toHaveLength(3);
  expect(fitting(rooms, 'zzz')).toEqual([]);
});
