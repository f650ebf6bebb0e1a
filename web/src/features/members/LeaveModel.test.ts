// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
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
  const undo = new UndoModel(() => () => {});
  return { room, undo, model: new LeaveModel(room, ME, undo) };
}

test('[UX-24] the last administrator may name an agent who follows, and only then leaves', async () => {
  const { room, undo, model } = setUp();
  expect(model.state.get()).toMatchObject({ lastAdmin: true, candidates: [{ id: '@a:x' }] });
  model.choose('@a:x');
  model.leave();
  expect(room.left).toBe(false);
  undo.flush();
  await vi.waitFor(() => expect(room.left).toBe(true));
  expect(room.governance.done).toEqual(['role @a:x admin']);
});

test('[UX-20] leaving is taken back', () => {
  const { room, undo, model } = setUp();
  model.leave();
  undo.undo();
  undo.flush();
  expect(room.left).toBe(false);
});

test('nobody is warned who is not the last, or alone, or in a direct room', () => {
  expect(setUp([me, { ...alix, role: 'admin' }]).model.state.get().lastAdmin).toBe(false);
  expect(setUp([me]).model.state.get().lastAdmin).toBe(false);
  expect(setUp([me, alix], 'direct').model.state.get().lastAdmin).toBe(false);
});
