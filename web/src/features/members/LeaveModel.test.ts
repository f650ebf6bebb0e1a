// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { FakeDeeds } from '../../core/fake/deeds.ts';
import { fakeMember, FakeRoom, fakeSummary } from '../../core/fake/rooms.ts';
import { UndoModel } from '../undo/UndoModel.ts';
import { LeaveModel } from './LeaveModel.ts';

const ME = '@camille:example.org';
const me = fakeMember({ id: ME, name: 'Camille', role: 'admin' });
const alix = fakeMember({ id: '@a:x', name: 'Alix' });
const paul = fakeMember({ id: '@p:x', name: 'Paul', external: true });

function setUp(members = [me, alix, paul], kind: 'private' | 'direct' = 'private') {
  const room = new FakeRoom(fakeSummary({ id: '!r', kind }));
  room.members.set(members);
  const deeds = new FakeDeeds();
  const undo = new UndoModel(deeds, () => () => {});
  return { deeds, undo, model: new LeaveModel(room, ME, undo) };
}

test('[UX-24] the last administrator may name an agent who follows, and only then leaves', async () => {
  const { deeds, undo, model } = setUp();
  expect(model.state.get()).toMatchObject({ lastAdmin: true, candidates: [{ id: '@a:x' }] });
  model.choose('@a:x');
  model.leave();
  expect(deeds.done).toEqual([]);
  undo.flush();
  const deed = { what: 'leave', roomId: '!r', successor: '@a:x' };
  await vi.waitFor(() => expect(deeds.done).toEqual([deed]));
});

test('[UX-20] leaving is taken back', () => {
  const { deeds, undo, model } = setUp();
  model.leave();
  undo.undo();
  undo.flush();
  expect(deeds).toMatchObject({ intended: [], done: [] });
});

test('nobody is warned who is not the last, or alone, or in a direct room', () => {
  expect(setUp([me, { ...alix, role: 'admin' }]).model.state.get().lastAdmin).toBe(false);
  expect(setUp([me]).model.state.get().lastAdmin).toBe(false);
  expect(setUp([me, alix], 'direct').model.state.get().lastAdmin).toBe(false);
});
