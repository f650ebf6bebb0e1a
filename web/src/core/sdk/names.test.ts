// SPDX-License-Identifier: EUPL-1.2
import { RoomNameType } from 'matrix-js-sdk';
import { expect, test } from 'vitest';
import { nameOf, personOf, roomName } from './names.ts';

test('an identifier is shown without its server, a name as it is', () => {
  expect(nameOf('@camille.durand:example.org', undefined)).toBe('camille.durand');
  expect(nameOf('@c:example.org', '@c:example.org')).toBe('c');
  expect(nameOf('@c:example.org', 'Camille Durand')).toBe('Camille Durand');
});

test('a room without a name is called after who is in it', () => {
  const generated = { type: RoomNameType.Generated, names: ['@a:x', 'Alix'], count: 2 } as const;
  expect(roomName('!r', { ...generated, names: [...generated.names] })).toBe('a, Alix');
  expect(roomName('!r', { type: RoomNameType.EmptyRoom, oldName: '@a:x' })).toBe('a');
  expect(roomName('!r', { type: RoomNameType.EmptyRoom })).toBe('—');
  expect(roomName('!r', { type: RoomNameType.Actual, name: 'Comité' })).toBeNull();
});

test.each([{ toString: 1 }, ['x'], 3, null])('a name that is none (%j) is as none', (name) => {
  expect(personOf('@c:example.org', name, undefined).name).toBe('c');
});
