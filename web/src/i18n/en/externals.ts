// SPDX-License-Identifier: EUPL-1.2
import type { externals as fr } from '../fr/externals.ts';
import type { Words } from '../text.ts';

export const externals: Words<typeof fr> = {
  'extern.badge': 'External',
  'extern.me': 'External account',
  'extern.inRoom': {
    one: '{count} external person in this room',
    other: '{count} external people in this room',
  },
  'readers.public': 'Every agent can read this room: write nothing confidential in it.',
  'extern.mayCome': 'This room is open to external people.',
  'extern.direct': '{name} is not part of the administration.',
  'extern.welcome': 'Welcome',
  'extern.welcomeText':
    'You have an external account: you see the rooms that an agent has invited you to. They appear in the list of conversations.',
  'address.invite': 'Invite {address} by e-mail',
  'address.asking': 'One moment…',
  'address.agent':
    'This address belongs to “{organisation}”. An e-mail invites its owner to create an account; if they have one, the invitation waits for them there.',
  'address.agentAnywhere':
    'An e-mail invites this person to create an account; if they have one, the invitation waits for them there.',
  'address.external':
    'This address is not part of the administration: its owner will have an external account. They will read what is written in this room from their arrival on, see who is in it, and nothing else of the service.',
  'address.closed':
    'This room is for agents only. To invite an external person, it has to be opened to externals first.',
  'address.forum': 'A public room is for agents only: an external person may not enter it.',
  'address.send': 'Send the invitation',
  'address.sent': 'An invitation waits for {address}.',
  'opening.title': 'Open the room to externals?',
  'opening.ask': 'Open to externals…',
  'opening.text':
    'People who are not part of the administration may then be invited to it. They will read what is written from their arrival on.',
  'opening.forever': 'This is for good: the room can never be for agents only again.',
  'opening.confirm': 'Open for good',
  'opening.done': 'The room is open to external people.',
  'extern.count': { one: '{count} external', other: '{count} externals' },
};
