// SPDX-License-Identifier: EUPL-1.2
// What the page shows by itself. A blob has the page's own origin: no other type is ever given to one.

const HEADS: readonly [string, RegExp][] = [
  // oxlint-disable-next-line no-control-regex -- bytes, not text
  ['image/png', /^\u0089PNG\r\n\u001a\n/],
  ['image/jpeg', /^\u00ff\u00d8\u00ff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
];
const PLAYED = new Set([
  'audio/aac',
  'audio/flac',
  'audio/mp4',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
  'audio/webm',
  'video/mp4',
  'video/ogg',
  'video/webm',
]);
export const ANY = 'application/octet-stream';

/** Of a picture, by its first bytes, whatever its sender says; undefined: it is none that is shown. */
export function pictureType(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  return HEADS.find(([, shape]) => shape.test(head))?.[0];
}

/** Of what the browser's own controls play. */
export function playedType(declared: string): string | undefined {
  const type = declared.split(';')[0]?.trim().toLowerCase() ?? '';
  return PLAYED.has(type) ? type : undefined;
}
