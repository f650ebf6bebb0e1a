// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeRooms } from '../../core/fake/rooms.ts';
import type { HeldRoom } from '../../core/rooms.ts';
import { JoinAllModel } from './JoinAllModel.ts';

const held = (name: string, part: Partial<HeldRoom> = {}): HeldRoom => ({
  id: `!${name}`,
  name,
  topic: undefined,
  theme: undefined,
  picture: undefined,
  members: 1,
  kind: 'room',
  joined: false,
  entry: 'free',
  ...part,
});

function setUp(...list: HeldRoom[]) {
  const rooms = new FakeRooms();
  rooms.spaces.set('!space', list);
  rooms.listed = list;
  const paused: number[] = [];
  const model = new JoinAllModel(rooms, '!space', async (ms) => void paused.push(ms));
  const joined = () => rooms.list.get().map(({ name }) => name);
  return { rooms, model, paused, joined };
}

test('what one may come into is told before, and nothing is joined until one says so', async () => {
  const { model, joined } = setUp(
    held('a'),
    held('b', { joined: true }),
    held('c', { entry: 'ask' }),
    held('d', { kind: 'space' }),
  );
  await model.look();
  expect(model.state.get()).toMatchObject({ at: 'asking', closed: 1 });
  expect(model.state.get().rooms.map(({ name }) => name)).toEqual(['a', 'd']);
  expect(joined()).toEqual([]);
  await model.join();
  expect(joined().toSorted()).toEqual(['a', 'd']);
  expect(model.state.get()).toMatchObject({ at: 'over', joined: 2, refused: [] });
});

test('a refusal stops none of the others, and is named; a server that is busy is waited for', async () => {
  const { rooms, model, paused } = setUp(held('a'), held('b'), held('c'));
  rooms.refusing.set('!b', [new Failure('M_FORBIDDEN', 403)]);
  rooms.refusing.set('!c', [new Failure('M_LIMIT_EXCEEDED', 429, { retryAfterMs: 30 })]);
  await model.look();
  await model.join();
  expect(model.state.get()).toMatchObject({
    at: 'over',
    joined: 2,
    refused: [{ room: { name: 'b' }, failure: { code: 'M_FORBIDDEN' } }],
  });
  expect(paused).toEqual([30]);
});

test('it is stopped after the room that is being joined; a look that failed is done again', async () => {
  const { rooms, model, joined } = setUp(held('a'), held('b'));
  rooms.failing = new Failure('OFFLINE');
  await model.look();
  expect(model.state.get()).toMatchObject({ at: 'looking', failure: { code: 'OFFLINE' } });
  await model.look();
  const joining = model.join();
  model.stop();
  await joining;
  expect(joined()).toEqual(['a']);
  expect(model.state.get()).toMatchObject({ at: 'over', joined: 1 });
});
