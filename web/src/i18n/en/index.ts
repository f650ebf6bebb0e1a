// SPDX-License-Identifier: EUPL-1.2
import type { Catalogue } from '../text.ts';
import { arrive } from './arrive.ts';
import { conversation } from './conversation.ts';
import { errors } from './errors.ts';
import { externals } from './externals.ts';
import { files } from './files.ts';
import { members } from './members.ts';
import { settings } from './settings.ts';
import { notifications } from './notifications.ts';
import { panels } from './panels.ts';
import { keeping } from './keeping.ts';
import { keys } from './keys.ts';
import { rooms } from './rooms.ts';
import { safety } from './safety.ts';
import { search } from './search.ts';
import { shell } from './shell.ts';
import { spaces } from './spaces.ts';
import { voice } from './voice.ts';

export const en: Catalogue = {
  ...shell,
  ...arrive,
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
  ...errors,
};
