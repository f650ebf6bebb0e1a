// SPDX-License-Identifier: EUPL-1.2
// Where things are, seen from this folder. The environment may replace the program under test.
import { fileURLToPath } from 'node:url';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const ROOT = fromHere('../../../').replace(/\/$/, '');
export const TESTS = fromHere('../').replace(/\/$/, '');
export const SPEC = fromHere('../../spec').replace(/\/$/, '');
export const CACHE = `${ROOT}/.cache/api`;
export const CHAPPE = process.env.CHAPPE_BIN ?? `${ROOT}/build/chappe`;
