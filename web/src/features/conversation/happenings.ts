// SPDX-License-Identifier: EUPL-1.2
// How something that happened is told: one is spoken to, and not spoken of; two people have no "room".
import type { Change } from '../../core/timeline.ts';
import type { Key } from '../../i18n/text.ts';

/** Sentences there are for what one has done oneself. */
const OWN = [
  'joined',
  'left',
  'invited',
  'removed',
  'uninvited',
  'refused',
  'declined',
  'named',
  'described',
  'opened',
  'pinned',
  'pictured',
] as const;

/** As anybody may read it, also who was not there. */
export const plainSentenceOf = ({ what }: Change['happening'], direct: boolean): Key =>
  what === 'created' && direct ? 'change.begun' : `change.${what}`;

export function sentenceOf({ happening, mine, aboutMe }: Change, direct: boolean): Key {
  const { what } = happening;
  if (what === 'created' && mine) return direct ? 'change.own.begun' : 'change.own.created';
  const own = OWN.find((one) => one === what);
  if (mine && own) return `change.own.${own}`;
  return what === 'invited' && aboutMe ? 'change.invitedMe' : plainSentenceOf(happening, direct);
}
