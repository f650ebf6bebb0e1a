// SPDX-License-Identifier: EUPL-1.2
import type { members as fr } from '../fr/members.ts';
import type { Words } from '../text.ts';

export const members: Words<typeof fr> = {
  'member.actions': 'Actions on {name}',
  'member.filter': 'Filter the members',
  'member.more': 'Not all are shown: filter by name or ministry.',
  'member.listActions': 'Actions on the list',
  'member.invited': 'Pending invitations',
  'member.export': 'Download the list (spreadsheet)',
  'member.csvName': 'Name',
  'member.csvOrganisation': 'Organisation',
  'member.csvRole': 'Role',
  'member.admin': 'Make administrator',
  'member.adminTitle': 'Make {name} an administrator?',
  'member.adminText':
    '{name} will be able to set everything in this room, roles too. You cannot take this role back, unless you created the room.',
  'member.moderator': 'Make moderator',
  'member.member': 'Make a plain member',
  'member.remove': 'Remove from the room',
  'member.removeTitle': 'Remove {name} from the room?',
  'member.removeText': '{name} will not read messages to come, and can be invited again.',
  'member.withdraw': 'Take the invitation back',
  'member.withdrawTitle': 'Take the invitation back: {name}?',
  'member.withdrawText':
    '{name} will not be able to enter the room with this invitation, and can be invited again.',
  'member.ban': 'Ban from the room',
  'member.banTitle': 'Ban {name}?',
  'member.banText': '{name} will leave the room and cannot come back until the ban is lifted.',
  'member.banOutsideText': '{name} cannot enter the room, even if invited, until the ban is lifted.',
  'member.asking': { one: '{count} request to join', other: '{count} requests to join' },
  'member.reason': '“{text}”',
  'member.admit': 'Accept',
  'member.admitOne': 'Accept {name}',
  'member.turnAway': 'Decline',
  'member.turnAwayOne': 'Decline {name}',
  'member.unban': 'Lift the ban',
  'member.unbanOne': 'Lift the ban of {name}',
  'member.banned': { one: '{count} banned person', other: '{count} banned people' },
};
