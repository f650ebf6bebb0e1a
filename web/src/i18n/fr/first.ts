// SPDX-License-Identifier: EUPL-1.2
// What may be said before one is in: loaded with the first screen, all else with the screens that say it.
import { arrive } from './arrive.ts';
import { errors } from './errors.ts';
import { shell } from './shell.ts';

export const first = { ...shell, ...arrive, ...errors };
