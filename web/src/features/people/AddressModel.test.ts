// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeRoom, FakeRooms, fakeSummary } from '../../core/fake/rooms.ts';
import { AddressModel, meaningOf } from './AddressModel.ts';

function setUp() {
  const rooms = new FakeRooms();
  const room = new FakeRoom(fakeSummary({ id: '!r', kind: 'open' }));
  return { rooms, room, model: new AddressModel(rooms, room) };
}

test('[UX-8] what an invitation means is known before it is sent', async () => {
  const { room, model } = setUp();
  await model.look(' Paul@Partenaire.example ');
  expect(model.state.get()).toMatchObject({ address: 'paul@partenaire.example', info: { external: true } });
  expect(room.mailed).toEqual([]);
  await model.send();
  expect(room.mailed).toEqual(['paul@partenaire.example']);
  expect(model.state.get().sent).toBe(true);
});

test('an address of an agent may be invited anywhere, another one where the room is open', () => {
  const agent = { external: false, organisation: 'Intérieur' };
  const other = { external: true, organisation: undefined };
  expect(meaningOf(agent, 'private')).toBe('agent');
  expect(meaningOf(other, 'private')).toBe('closed');
  expect(meaningOf(other, 'public')).toBe('forum');
  expect(meaningOf(other, 'open')).toBe('external');
});

test('a refusal is said, of the look and of the sending', async () => {
  const { rooms, room, model } = setUp();
  rooms.failing = new Failure('M_INVALID_EMAIL', 400);
  await model.look('a@b@c.example');
  expect(model.state.get().failure?.code).toBe('M_INVALID_EMAIL');
  await model.look('a@b.example');
  room.failing = new Failure('M_LIMIT_EXCEEDED', 429);
  await model.send();
  expect(model.state.get()).toMatchObject({
    sent: false,
    busy: false,
    failure: { code: 'M_LIMIT_EXCEEDED' },
  });
});
