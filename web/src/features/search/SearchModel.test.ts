// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fakePerson, fakeSummary } from '../../core/fake/rooms.ts';
import { FakeSession } from '../../core/fake/session.ts';
import type { FoundMessage } from '../../core/search.ts';
import { fitting, optionsOf, SearchModel } from './SearchModel.ts';

const HELENE = fakePerson('@helene:example.org', 'Hélène Martin');

function said(id: string, text: string, more: Partial<FoundMessage> = {}): FoundMessage {
  return {
    id,
    roomId: '!comite',
    sender: HELENE,
    at: 0,
    text,
    file: false,
    before: undefined,
    after: undefined,
    ...more,
  };
}

function setUp(roomId?: string) {
  const session = new FakeSession();
  session.rooms.list.set([
    fakeSummary({ id: '!comite', name: 'Comité de suivi' }),
    fakeSummary({ id: '!helene', name: 'Hélène Martin', kind: 'direct' }),
  ]);
  session.rooms.people = [HELENE];
  session.search.said = [
    said('$1', 'le budget du comité'),
    said('$2', 'encore le budget', { roomId: '!helene' }),
  ];
  const model = new SearchModel(session, roomId, async () => {});
  const kinds = () => optionsOf(model.state.get()).map((option) => option.kind);
  return { session, model, kinds };
}

test('a name that begins as typed comes first, others by how recent they are', () => {
  const rooms = ['Comité de préparation', 'Préparation', 'Archives'].map((name) =>
    fakeSummary({ id: name, name }),
  );
  expect(fitting(rooms, 'prépa').map((room) => room.name)).toEqual(['Préparation', 'Comité de préparation']);
  expect(fitting(rooms, '')).toHaveLength(3);
  expect(fitting(rooms, 'zzz')).toEqual([]);
});

test('[UX-12] one field finds conversations, people and messages', async () => {
  const { model, kinds } = setUp();
  expect(kinds()).toEqual(['room', 'room']);
  await model.setWords('hélène');
  expect(kinds()).toEqual(['room', 'person']);
  await model.setWords('comite');
  expect(kinds()).toEqual(['room', 'message']);
  await model.setWords('c');
  expect(kinds()).toEqual(['room']);
});

test('[UX-12] filters mean messages, and one may begin in a conversation', async () => {
  const { session, model, kinds } = setUp('!helene');
  expect(kinds()).toEqual([]);
  await model.setWords('budget');
  expect(model.state.get().found.messages.map(({ id }) => id)).toEqual(['$2']);
  expect(model.state.get().found.roomIds).toEqual(['!comite', '!helene']);
  await model.clearFilters();
  expect(kinds()).toEqual(['message', 'message']);
  session.search.said = [];
  const stop = model.watch();
  session.search.reach.set({ at: 'reading', since: 1 });
  await expect.poll(kinds).toEqual([]);
  expect(session.search.hurried).toBe(1);
  stop();
  expect(session.search.hurried).toBe(0);
});

test('what is chosen leads somewhere: to the message, the room, a new conversation', async () => {
  const { model } = setUp();
  await model.setWords('encore');
  model.move(1);
  const places = await Promise.all(optionsOf(model.state.get()).map((option) => model.placeOf(option)));
  expect(places).toEqual([{ roomId: '!helene', eventId: '$2' }]);
  expect(await model.placeOf({ kind: 'person', person: HELENE })).toEqual({
    roomId: '!@helene:example.org',
    eventId: undefined,
  });
});
