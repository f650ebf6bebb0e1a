// SPDX-License-Identifier: EUPL-1.2
// What cameras and programs write into PNG and WebP pictures beside the picture itself: place, hour, device,
// texts, small copies. Taken out without touching a dot, by leaving out all parts but those that are drawn.

export interface Cleaned {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What was taken out said that the picture is to be turned: it must be drawn anew. */
  readonly turned: boolean;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** "PNG Specification", third edition: what shapes dots and colours, and moves them. */
const PNG_KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL fdAT'.split(' '),
);
const PNG_HEAD = 8;
/** "WebP Container Specification". */
const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const WEBP_HEAD = 12;
/** In the first byte of VP8X: there is EXIF, there is XMP. */
const WEBP_NOTES = 0x0c;

const nameAt = (bytes: Bytes, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
const viewOf = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function joined(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** EXIF as TIFF has it: the tag "Orientation" of its first directory is there and is not "as it stands". */
export function isTurned(exif: Bytes): boolean {
  const tiff = nameAt(exif, 0) === 'Exif' ? exif.subarray(6) : exif;
  const little = nameAt(tiff, 0).startsWith('II');
  if (tiff.length < 10 || (!little && !nameAt(tiff, 0).startsWith('MM'))) return false;
  const view = viewOf(tiff);
  const start = view.getUint32(4, little);
  if (start + 2 > tiff.length) return false;
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > tiff.length) return false;
    if (view.getUint16(at, little) === 0x0112) return view.getUint16(at + 8, little) > 1;
  }
  return false;
}

/** Undefined: it is not built as it should be. */
function cleanPng(bytes: Bytes): Cleaned | undefined {
  const view = viewOf(bytes);
  const parts = [bytes.subarray(0, PNG_HEAD)];
  let turned = false;
  for (let at = PNG_HEAD; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    const name = nameAt(bytes, at + 4);
    if (end > bytes.length) return undefined;
    if (PNG_KEPT.has(name)) parts.push(bytes.subarray(at, end));
    if (name === 'eXIf') turned ||= isTurned(bytes.subarray(at + 8, end - 4));
    // What stands after the end is not of the picture.
    if (name === 'IEND') return { bytes: joined(parts), turned };
    at = end;
  }
  return undefined;
}

function cleanWebp(bytes: Bytes): Cleaned | undefined {
  const view = viewOf(bytes);
  const stop = Math.min(bytes.length, view.getUint32(4, true) + 8);
  const parts = [bytes.slice(0, WEBP_HEAD)];
  let turned = false;
  for (let at = WEBP_HEAD; at + 8 <= stop; ) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size + (size % 2);
    const name = nameAt(bytes, at);
    if (end > bytes.length) return undefined;
    if (name === 'EXIF') turned ||= isTurned(bytes.subarray(at + 8, at + 8 + size));
    if (WEBP_KEPT.has(name)) {
      const part = bytes.slice(at, end);
      if (name === 'VP8X' && size > 0) part[8]! &= ~WEBP_NOTES;
      parts.push(part);
    }
    at = end;
  }
  if (parts.length === 1) return undefined;
  const clean = joined(parts);
  viewOf(clean).setUint32(4, clean.length - 8, true);
  return { bytes: clean, turned };
}

/** `type`: as the first bytes tell it. Undefined: of another type, or not built as it should be. */
export function withoutNotes(bytes: Bytes, type: string | undefined): Cleaned | undefined {
  if (type === 'image/png') return cleanPng(bytes);
  return type === 'image/webp' && bytes.length > WEBP_HEAD ? cleanWebp(bytes) : undefined;
}
