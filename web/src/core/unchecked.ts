// SPDX-License-Identifier: EUPL-1.2
// What others sent is of any shape: what is drawn of it passes here. One value that no screen can draw
// would otherwise take the page with it, at each visit anew.

/** Of a value that should be text. */
export const str = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The end of the last year of four digits: later ones have dates that nothing writes. */
const LATEST = Date.UTC(9999, 11, 30);

/** A moment that every calendar can write, of a value that should be one. */
export const momentOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, 0), LATEST) : 0;
