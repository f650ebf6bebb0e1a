// SPDX-License-Identifier: EUPL-1.2
import type { keys as fr } from '../fr/keys.ts';
import type { Words } from '../text.ts';

export const keys: Words<typeof fr> = {
  'keys.title': 'Keyboard shortcuts',
  'keys.show': 'Keyboard shortcuts',
  'keys.anywhere': 'Anywhere',
  'keys.search': 'Search, go to a conversation',
  'keys.zones': 'Next zone (with Shift: the one before)',
  'keys.help': 'This list',
  'keys.writing': 'Where one writes',
  'keys.send': 'Send',
  'keys.send.key': 'Enter',
  'keys.line': 'New line',
  'keys.line.key': 'Shift + Enter',
  'keys.edit': 'Edit one’s last message',
  'keys.edit.key': '↑',
  'keys.cancel': 'Call off a reply or an edit',
  'keys.cancel.key': 'Escape',
  'keys.mention': 'Mention somebody',
  'keys.mention.key': '@',
};
