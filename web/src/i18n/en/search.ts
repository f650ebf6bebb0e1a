// SPDX-License-Identifier: EUPL-1.2
import type { search as fr } from '../fr/search.ts';
import type { Words } from '../text.ts';

export const search: Words<typeof fr> = {
  'search.title': 'Search',
  'search.here': 'Search this conversation',
  'search.label': 'Person, conversation, message or file',
  'search.results': 'Results',
  'search.recent': 'Recent conversations',
  'search.rooms': 'Conversations',
  'search.people': 'People',
  'search.messages': 'Messages and files',
  'search.looking': 'Searching…',
  'search.none': 'Nothing fits.',
  'search.found': { one: '{count} message found', other: '{count} messages found' },
  'search.more': 'Show more messages',
  'search.filters': 'Filter messages',
  'search.in': 'In',
  'search.everywhere': 'All conversations',
  'search.by': 'From',
  'search.anybody': 'Anybody',
  'search.from': 'Since',
  'search.to': 'Until',
  'search.files': 'Files only',
  'search.clear': 'Remove the filters',
  'search.reach.begun': 'Your messages are being read on this device: results come little by little.',
  'search.reach.reading': 'The search goes back to {day} for now. Older messages are being read.',
  'search.reach.whole': 'The search covers all messages that you can read.',
  'search.reach.cut':
    'The search goes back to {day}: this device keeps no more. To read further, scroll up in the conversation.',
  'search.reach.none':
    'This browser keeps nothing to search messages with: only people and conversations are found.',
};
