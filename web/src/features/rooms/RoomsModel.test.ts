// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { fakePerson, FakeRooms, fakeSummary } from '../../core/fake/rooms.ts';
import { RoomsModel } from './RoomsModel.ts';

function setUp() {
  const rooms = new FakeRooms();
  rooms.list.set([
    fakeSummary({ id: '!a', name: 'Préparation du comité', unread: 2 }),
    fakeSummary({ id: '!b', name: 'Hélène Martin', kind: 'direct', unread: 1 }),
    fakeSummary({
      id: '!c',
      name: 'Crise',
      membership: 'invite',
      inviter: fakePerson('@alix:example.org', 'Alix'),
    }),
  ]);
  const model = new RoomsModel(rooms);
  model.watch();
  const names = () => model.state.get().sections.map((s) => [s.part, s.rooms.map((room) => room.id)]);
  return { rooms, model, names };
}

test('invitations first, then people, then rooms; what is unread is counted', () => {
  const { model, names } = setUp();
  expect(names()).toEqual([
    ['invitations', ['!c']],
    ['direct', ['!b']],
    ['rooms', ['!a']],
  ]);
  expect(model.state.get()).toMatchObject({ total: 3, unread: 4 });
});

test('favourites stand together, before the others', () => {
  const { rooms, names } = setUp();
  rooms.list.set(rooms.list.get().map((room) => ({ ...room, favourite: room.id === '!b' })));
  expect(names()).toEqual([
    ['invitations', ['!c']],
    ['favourites', ['!b']],
    ['rooms', ['!a']],
  ]);
});

test('[UX-11] the filter takes words in any order, without accents', () => {
  const { model, names } = setUp();
  model.setFilter('comite PREP');
  expect(names()).toEqual([['rooms', ['!a']]]);
  model.setFilter('rien de tel');
  expect(names()).toEqual([]);
  expect(model.state.get().total).toBe(3);
});

test('an invitation is accepted or refused; a refusal of the server is said', async () => {
  const { rooms, model, names } = setUp();
  rooms.failing = new Failure('M_FORBIDDEN', 403);
  expect(await model.accept('!c')).toBe(false);
  expect(model.state.get()).toMatchObject({ busy: undefined, failure: { code: 'M_FORBIDDEN' } });
  expect(await model.accept('!c')).toBe(true);
  expect(names()[1]).toEqual(['rooms', ['!a', '!c']]);
  await model.refuse('!c');
  expect(model.state.get().total).toBe(2);
});
