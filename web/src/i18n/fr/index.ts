// SPDX-License-Identifier: EUPL-1.2
// French is the language of origin: its keys are the list of all texts.
import { conversation } from './conversation.ts';
import { externals } from './externals.ts';
import { files } from './files.ts';
import { first } from './first.ts';
import { members } from './members.ts';
import { settings } from './settings.ts';
import { notifications } from './notifications.ts';
import { panels } from './panels.ts';
import { keeping } from './keeping.ts';
import { keys } from './keys.ts';
import { rooms } from './rooms.ts';
import { safety } from './safety.ts';
import { search } from './search.ts';
import { spaces } from './spaces.ts';
import { voice } from './voice.ts';

export const fr = {
  ...first,
  ...rooms,
  ...conversation,
  ...safety,
  ...externals,
  ...files,
  ...members,
  ...settings,
  ...panels,
  ...notifications,
  ...keys,
  ...keeping,
  ...search,
  ...spaces,
  ...voice,
};
