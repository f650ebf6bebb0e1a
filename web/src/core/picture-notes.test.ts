// SPDX-License-Identifier: EUPL-1.2
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { isTurned, withoutNotes } from './picture-notes.ts';

const text = (words: string) => Uint8Array.from(words, (sign) => sign.charCodeAt(0));
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const number = (value: number, little = false) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, little);
  return bytes;
};

const PNG = text('\u0089PNG\r\n\u001a\n');
const chunk = (name: string, data: Uint8Array) => {
  const body = join(text(name), data);
  return join(number(data.length), body, number(crc32(body)));
};
const riff = (...chunks: Uint8Array[]) => {
  const body = join(text('WEBP'), ...chunks);
  return join(text('RIFF'), number(body.length, true), body);
};
const part = (name: string, data: Uint8Array) =>
  join(text(name), number(data.length, true), data, new Uint8Array(data.length % 2));
/** A directory with one tag: how the picture is to be turned. */
const exif = (orientation: number) =>
  join(
    text('MM\0*'),
    number(8),
    Uint8Array.of(0, 1, 0x01, 0x12, 0, 3),
    number(1),
    Uint8Array.of(0, orientation, 0, 0),
    number(0),
  );

test('[UX-9] of a PNG only the parts that are drawn are left, and nothing after its end', () => {
  const drawn = [chunk('IHDR', new Uint8Array(13)), chunk('IDAT', text('dots')), chunk('IEND', text(''))];
  const [head, dots, end] = drawn as [Uint8Array, Uint8Array, Uint8Array];
  const notes = [chunk('tEXt', text('Place\0Paris')), chunk('eXIf', exif(1)), chunk('tIME', text('1234567'))];
  const bytes = join(PNG, head, ...notes, dots, end, text('and more'));
  expect(withoutNotes(bytes, 'image/png')).toEqual({ bytes: join(PNG, ...drawn), turned: false });
  const turned = join(PNG, head, chunk('eXIf', exif(6)), dots, end);
  expect(withoutNotes(turned, 'image/png')).toEqual({ bytes: join(PNG, ...drawn), turned: true });
});

test('[UX-9] of a WebP too, whose head no longer promises notes, and whose length is that of what is left', () => {
  const head = (flags: number) => part('VP8X', join(Uint8Array.of(flags), new Uint8Array(9)));
  const dots = part('VP8L', text('dots!'));
  const bytes = riff(head(0x1c), dots, part('EXIF', exif(1)), part('XMP ', text('<Paris/>')));
  expect(withoutNotes(bytes, 'image/webp')).toEqual({ bytes: riff(head(0x10), dots), turned: false });
  expect(withoutNotes(riff(dots, part('EXIF', exif(3))), 'image/webp')?.turned).toBe(true);
});

test('what is cut off, or of another type, is not cleaned so', () => {
  const whole = join(PNG, chunk('IHDR', new Uint8Array(13)), chunk('IDAT', text('dots')));
  expect(withoutNotes(whole, 'image/png')).toBeUndefined();
  expect(withoutNotes(join(PNG, number(4_000_000_000), text('IDAT1234')), 'image/png')).toBeUndefined();
  expect(withoutNotes(riff(), 'image/webp')).toBeUndefined();
  expect(withoutNotes(riff(part('VP8L', text('1234'))).subarray(0, 22), 'image/webp')).toBeUndefined();
  expect(withoutNotes(text('GIF89a'), 'image/gif')).toBeUndefined();
});

test('notes that are broken turn nothing', () => {
  for (const bytes of [
    text(''),
    text('MM'),
    text('MM\0*\0\0\0\u00ff..'),
    exif(6).subarray(0, 14),
    text('xxxxxxxxxxxx'),
  ])
    expect(isTurned(bytes)).toBe(false);
  expect(isTurned(join(text('Exif\0\0'), exif(8)))).toBe(true);
});
