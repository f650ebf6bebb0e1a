// SPDX-License-Identifier: EUPL-1.2
import type { FirstKey, Catalogue } from '../text.ts';
import { arrive } from './arrive.ts';
import { errors } from './errors.ts';
import { shell } from './shell.ts';

export const first: Catalogue<FirstKey> = { ...shell, ...arrive, ...errors };
