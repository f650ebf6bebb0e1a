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
  'refused',
  'declined',
  'named',
  'described',
  'opened',
  'pinned',
  'pictured',
] as const;

export function sentenceOf({ happening: { what }, mine, aboutMe }: Change, direct: boolean): Key {
  if (what === 'created') {
    if (direct) return mine ? 'change.own.begun' : 'change.begun';
    return mine ? 'change.own.created' : 'change.created';
  }
  const own = OWN.find((one) => one === what);
  if (mine && own) return `change.own.${own}`;
  return what === 'invited' && aboutMe ? 'change.invitedMe' : `change.${what}`;
}
