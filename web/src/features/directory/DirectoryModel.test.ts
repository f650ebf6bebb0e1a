// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeRooms } from '../../core/fake/rooms.ts';
import { DirectoryModel } from './DirectoryModel.ts';

const room = (id: string, name: string) => ({
  id,
  name,
  topic: undefined,
  theme: undefined,
  picture: undefined,
  members: 3,
  entry: 'free' as const,
});

function setUp() {
  const rooms = new FakeRooms();
  rooms.listed = [room('!a', 'Marchés publics'), room('!b', 'Archives')];
  return { rooms, model: new DirectoryModel(rooms, async () => {}) };
}

test('all public rooms at first, then those that fit; only the last term is asked for', async () => {
  const { rooms, model } = setUp();
  await model.look();
  expect(model.state.get().found).toHaveLength(2);
  const asked = vi.spyOn(rooms, 'findRooms');
  await Promise.all([model.setTerm('a'), model.setTerm('archi')]);
  expect(asked.mock.calls).toEqual([['archi']]);
  expect(model.state.get().found?.map((one) => one.id)).toEqual(['!b']);
});

test('a search that fails is said, and can be tried again', async () => {
  const { rooms, model } = setUp();
  rooms.failing = new Failure('OFFLINE');
  await model.look();
  expect(model.state.get()).toMatchObject({ looking: false, failure: { code: 'OFFLINE' } });
  await model.look();
  expect(model.state.get()).toMatchObject({ failure: undefined, found: [{ id: '!a' }, { id: '!b' }] });
});
