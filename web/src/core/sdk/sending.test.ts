// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { editToSend } from './timeline.ts';

test('an edit tells those whom it mentions anew, and says of all whom it mentions', () => {
  const before = { 'm.mentions': { user_ids: ['@alix:x', 7] } };
  const message = { text: 'non', html: undefined, mentions: ['@alix:x', '@paul:x'], replyTo: '$other' };
  expect(editToSend('$1', message, before)).toEqual({
    msgtype: 'm.text',
    body: '* non',
    'm.mentions': { user_ids: ['@paul:x'] },
    'm.new_content': { msgtype: 'm.text', body: 'non', 'm.mentions': { user_ids: ['@alix:x', '@paul:x'] } },
    'm.relates_to': { rel_type: 'm.replace', event_id: '$1' },
  });
});
