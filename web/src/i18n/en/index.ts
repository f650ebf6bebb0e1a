// SPDX-License-Identifier: EUPL-1.2
import type { Catalogue } from '../text.ts';
import { arrive } from './arrive.ts';
import { errors } from './errors.ts';
import { safety } from './safety.ts';
import { shell } from './shell.ts';

export const en: Catalogue = { ...shell, ...arrive, ...safety, ...errors };
