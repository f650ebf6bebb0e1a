// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeRooms } from '../../core/fake/rooms.ts';
import { CreateModel } from './CreateModel.ts';

test('[UX-7] a room needs a name and is private unless one says otherwise', async () => {
  const rooms = new FakeRooms();
  const model = new CreateModel(rooms);
  expect(await model.submit()).toBeUndefined();
  expect(model.state.get().missing).toBe(true);
  model.setName(' Comité ');
  expect(await model.submit()).toBe('!Comité');
  expect(rooms.list.get()[0]).toMatchObject({ name: 'Comité', kind: 'private', encrypted: true });
  model.setKind('open');
  await model.submit();
  expect(rooms.list.get()[0]).toMatchObject({ kind: 'open', encrypted: true });
  model.setKind('public');
  model.setTopic(' Ce que l’on y dit ');
  await model.submit();
  expect(rooms.list.get()[0]).toMatchObject({
    kind: 'public',
    encrypted: false,
    topic: 'Ce que l’on y dit',
  });
  model.setKind('private');
  await model.submit();
  expect(rooms.list.get()[0]).toMatchObject({ kind: 'private', topic: undefined });
});

test('a refusal is said, and the form stays as it was', async () => {
  const rooms = new FakeRooms();
  rooms.failing = new Failure('M_LIMIT_EXCEEDED', 429);
  const model = new CreateModel(rooms);
  model.setName('Comité');
  expect(await model.submit()).toBeUndefined();
  expect(model.state.get()).toMatchObject({
    name: 'Comité',
    busy: false,
    failure: { code: 'M_LIMIT_EXCEEDED' },
  });
});
