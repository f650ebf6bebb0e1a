// SPDX-License-Identifier: EUPL-1.2
/** For comparing what people type: without accents, in small letters. */
export const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase();
