// SPDX-License-Identifier: EUPL-1.2
const ACCENTED = /[\u0080-\u{10ffff}]/u;

/** For comparing what people type: without accents, in small letters, œ as oe. */
export const fold = (text: string): string =>
  ACCENTED.test(text)
    ? text
        .normalize('NFD')
        .replaceAll(/\p{Mark}/gu, '')
        .toLowerCase()
        .replaceAll('œ', 'oe')
        .replaceAll('æ', 'ae')
    : text.toLowerCase();
