// SPDX-License-Identifier: EUPL-1.2
/** Joins class names, leaving out what is not one. */
export const classes = (...names: (string | false | undefined)[]): string => names.filter(Boolean).join(' ');
