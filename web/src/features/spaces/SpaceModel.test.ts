// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeRooms, fakeSummary } from '../../core/fake/rooms.ts';
import { SpaceModel } from './SpaceModel.ts';

function setUp() {
  const rooms = new FakeRooms();
  rooms.list.set([
    fakeSummary({ id: '!space', name: 'Direction', kind: 'space' }),
    fakeSummary({ id: '!budget', name: 'Budget' }),
    fakeSummary({ id: '!sub', name: 'Équipe', kind: 'space' }),
    fakeSummary({ id: '!alix', name: 'Alix', kind: 'direct' }),
  ]);
  const model = new SpaceModel(rooms, rooms.open('!space')!);
  const names = () => model.state.get().held?.map(({ name }) => name);
  const candidates = (filter = '') => model.candidates(rooms.list.get(), filter).map(({ name }) => name);
  return { rooms, model, names, candidates };
}

test('rooms are put into a space and taken out; direct rooms and itself are not offered', async () => {
  const { rooms, model, names, candidates } = setUp();
  await model.load();
  expect(names()).toEqual([]);
  expect(candidates()).toEqual(['Budget', 'Équipe']);
  expect(candidates('equipe')).toEqual(['Équipe']);
  await model.add(rooms.list.get()[1]!);
  expect(names()).toEqual(['Budget']);
  expect(model.state.get().added).toBe('Budget');
  expect(candidates()).toEqual(['Équipe']);
  await model.take(model.state.get().held![0]!);
  expect(names()).toEqual([]);
});

test('a refusal is said, and what was known stays', async () => {
  const { rooms, model, names } = setUp();
  await model.load();
  rooms.failing = new Failure('M_FORBIDDEN', 403);
  await model.add(rooms.list.get()[1]!);
  expect(model.state.get()).toMatchObject({ busy: false, failure: { code: 'M_FORBIDDEN' } });
  expect(names()).toEqual([]);
});
