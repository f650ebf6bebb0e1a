// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { fakeMember, FakeRoom, fakeSummary } from '../../core/fake/rooms.ts';
import { actsFor, MembersModel } from './MembersModel.ts';

const ME = '@camille:example.org';

function setUp() {
  const room = new FakeRoom(fakeSummary({ id: '!r' }));
  room.members.set([
    fakeMember({ id: '@a:x', name: 'Alix Le Goff', organisation: 'Culture' }),
    fakeMember({ id: '@p:x', name: 'Paul Martin', external: true }),
    fakeMember({ id: '@h:x', name: 'Hélène Roux', role: 'moderator' }),
    fakeMember({ id: ME, name: 'Camille Durand', role: 'admin', below: false }),
  ]);
  const model = new MembersModel(room, ME);
  model.watch();
  return { room, model, member: (id: string) => room.members.get().find((m) => m.id === id)! };
}

test('who has a role comes first; the filter takes names and ministries, without accents', () => {
  const { model } = setUp();
  expect(model.state.get().shown.map((m) => m.id)).toEqual([ME, '@h:x', '@a:x', '@p:x']);
  expect(model.state.get()).toMatchObject({ total: 4, externals: 1 });
  model.setFilter('helene');
  expect(model.state.get().shown.map((m) => m.id)).toEqual(['@h:x']);
  model.setFilter('cultu');
  expect(model.state.get().shown.map((m) => m.id)).toEqual(['@a:x']);
  expect(model.state.get().total).toBe(4);
});

test('who is only invited is no member: apart, and counted apart', () => {
  const { room, model } = setUp();
  room.members.set([...room.members.get(), fakeMember({ id: '@i:x', name: 'Inès', invited: true })]);
  expect(model.state.get()).toMatchObject({ total: 4, awaited: 1, invited: [{ id: '@i:x' }] });
  expect(model.state.get().shown.map((m) => m.id)).not.toContain('@i:x');
  model.setFilter('camille');
  expect(model.state.get()).toMatchObject({ invited: [], awaited: 1 });
});

test('nothing is offered against who has as much power, nor a role to an external', () => {
  const { room, model, member } = setUp();
  expect(model.acts(member(ME))).toEqual([]);
  expect(model.acts(member('@h:x'))).toEqual(['admin', 'member', 'remove', 'ban']);
  expect(model.acts(member('@p:x'))).toEqual(['remove', 'ban']);
  expect(actsFor({ ...member('@a:x'), below: false }, room.governance.rights.get(), ME)).toEqual([]);
});

test('an invitation is taken back, which is no removal', async () => {
  const { room, model } = setUp();
  const ines = fakeMember({ id: '@i:x', name: 'Inès', invited: true });
  room.members.set([...room.members.get(), ines]);
  expect(model.acts(ines)).toEqual(['withdraw', 'ban']);
  await model.choose('withdraw', ines);
  expect(model.state.get().asking).toMatchObject({ act: 'withdraw' });
  await model.answer(true);
  expect(room.governance.done).toEqual(['remove @i:x']);
});

test('who asks to be let in is invited, or turned away, at once', async () => {
  const { room, model } = setUp();
  await model.choose('admit', { id: '@n:x', name: 'Noé', external: false, organisation: undefined });
  expect(room.members.get().at(-1)).toMatchObject({ id: '@n:x', invited: true });
  await model.choose('turnAway', { id: '@o:x', name: 'Ode', external: false, organisation: undefined });
  expect(room.governance.done).toEqual(['remove @o:x']);
});

test('what is grave is asked first; a refusal is said', async () => {
  const { room, model, member } = setUp();
  await model.choose('moderator', member('@a:x'));
  expect(room.governance.done).toEqual(['role @a:x moderator']);
  await model.choose('ban', member('@a:x'));
  expect(model.state.get().asking).toMatchObject({ act: 'ban', person: { id: '@a:x' } });
  await model.answer(false);
  expect(room.governance.done).toHaveLength(1);
  await model.choose('remove', member('@a:x'));
  room.governance.failing = new Failure('M_FORBIDDEN', 403);
  await model.answer(true);
  expect(model.state.get()).toMatchObject({ busy: false, failure: { code: 'M_FORBIDDEN' } });
  await model.choose('unban', member('@a:x'));
  expect(room.governance.done).toEqual(['role @a:x moderator', 'unban @a:x']);
});
