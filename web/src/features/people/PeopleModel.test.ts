// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { fakePerson, FakeRooms } from '../../core/fake/rooms.ts';
import { PeopleModel } from './PeopleModel.ts';

const ALIX = fakePerson('@alix:example.org', 'Alix Le Goff');

const refuse = async () => {
  throw new Failure('M_FORBIDDEN', 403);
};

function setUp() {
  const rooms = new FakeRooms();
  rooms.people = [ALIX, fakePerson('@sacha:example.org', 'Sacha Benali')];
  return { rooms, model: new PeopleModel(rooms, async () => {}) };
}

test('what is typed is looked for; nothing typed finds nobody', async () => {
  const { model } = setUp();
  await model.setTerm('alix');
  expect(model.state.get()).toMatchObject({ looking: false, found: [ALIX] });
  await model.setTerm('zzz');
  expect(model.state.get().found).toEqual([]);
  await model.setTerm(' ');
  expect(model.state.get()).toMatchObject({ looking: false, found: undefined });
});

test('only the last of what was typed is asked for', async () => {
  const { rooms, model } = setUp();
  const asked = vi.spyOn(rooms, 'findPeople');
  await Promise.all([model.setTerm('a'), model.setTerm('al'), model.setTerm('ali')]);
  expect(asked.mock.calls).toEqual([['ali']]);
});

test('a search or a choice that fails is said', async () => {
  const { rooms, model } = setUp();
  rooms.failing = new Failure('OFFLINE');
  await model.setTerm('alix');
  expect(model.state.get()).toMatchObject({ looking: false, failure: { code: 'OFFLINE' } });
  expect(await model.choose(ALIX, refuse)).toBe(false);
  expect(model.state.get().failure?.code).toBe('M_FORBIDDEN');
  expect(await model.choose(ALIX, async () => {})).toBe(true);
  expect(model.state.get().chosen).toEqual([ALIX.id]);
});
