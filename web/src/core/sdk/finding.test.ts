// SPDX-License-Identifier: EUPL-1.2
import { createClient, Room } from 'matrix-js-sdk';
import { expect, test, vi } from 'vitest';
import { Doubts } from './doubts.ts';
import { EncryptedRooms } from './encrypted.ts';
import { findMessage } from './finding.ts';

const ME = '@camille:example.org';
const ALIX = '@alix:example.org';

const message = (body: string, more: object = {}) => ({
  type: 'm.room.message',
  event_id: '$said',
  room_id: '!r',
  sender: ALIX,
  origin_server_ts: 1000,
  content: { msgtype: 'm.text', body },
  ...more,
});

const editOf = (id: string, body: string) => ({
  ...message(`* ${body}`),
  event_id: '$edit',
  content: {
    msgtype: 'm.text',
    body: `* ${body}`,
    'm.new_content': { msgtype: 'm.text', body },
    'm.relates_to': { rel_type: 'm.replace', event_id: id },
  },
});

/** What is found of a message that the server gives with that as its latest edit. */
async function found(edit: unknown) {
  const client = createClient({ baseUrl: 'https://example.org', userId: ME });
  const unsigned = { 'm.relations': { 'm.replace': edit } };
  vi.spyOn(client, 'fetchRoomEvent').mockResolvedValue(message('avant', { unsigned }));
  const room = new Room('!r', client, ME);
  const doubts = new Doubts({
    client,
    rooms: new EncryptedRooms(client),
    own: { isKnown: async () => true },
    vault: { read: async () => undefined, write: async () => {} },
  });
  const item = await findMessage(client, room, '$said', doubts);
  return item && [item.content.kind === 'text' && item.content.text, item.edited];
}

test('what is asked for by its identifier says what its latest edit says', async () => {
  expect(await found(editOf('$said', 'après'))).toEqual(['après', true]);
});

test.each([
  ['nothing', undefined],
  ['no event', 'après'],
  ['an edit without content', { event_id: '$edit', sender: ALIX, origin_server_ts: 1 }],
  ['one by somebody else', { ...editOf('$said', 'après'), sender: '@eve:example.org' }],
  ['one of another message', editOf('$other', 'après')],
  ['one of another type', { ...editOf('$said', 'après'), type: 'm.sticker' }],
  ['one without new words', { ...editOf('$said', 'après'), content: message('après').content }],
])('with %s it says what it said', async (_, edit) => {
  expect(await found(edit)).toEqual(['avant', false]);
});
