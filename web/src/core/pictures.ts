// SPDX-License-Identifier: EUPL-1.2
// Pictures before they are sent: their size, a small one of them, and none of what cameras and programs write
// into them (place, hour, device).
import { pictureType } from './file-types.ts';
import { withoutNotes } from './picture-notes.ts';

export interface Picture {
  readonly bytes: Blob;
  /** Nothing is left in it of what cameras and programs write. */
  readonly clean: boolean;
  readonly width: number;
  readonly height: number;
  /** Undefined where the picture is small itself, or moves. */
  readonly thumbnail: Blob | undefined;
}

const BOX = { width: 800, height: 600 };
const PHOTO_QUALITY = 0.92;
const SMALL_QUALITY = 0.8;

/** `type`: of what is made; PNG where the browser makes no other. */
function draw(bitmap: ImageBitmap, scale: number, quality: number, type = 'image/jpeg'): Promise<Blob> {
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  // JPEG has no transparency: what shows through would be black.
  if (type === 'image/jpeg') {
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob({ type, quality });
}

/** A photo is drawn anew; PNG and WebP keep their dots, unless what is taken out would turn them. Undefined: it
 * is of a kind that is left as it is. */
async function cleaned(file: Blob, bitmap: ImageBitmap): Promise<Blob | undefined> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const type = pictureType(bytes);
  if (type === 'image/jpeg') return draw(bitmap, 1, PHOTO_QUALITY);
  // It moves, and no camera makes one.
  if (type === 'image/gif') return file;
  if (type !== 'image/png' && type !== 'image/webp') return undefined;
  const clean = withoutNotes(bytes, type);
  if (clean && !clean.turned) return new Blob([clean.bytes], { type });
  return draw(bitmap, 1, PHOTO_QUALITY, type);
}

/** The middle of a picture, as a square of that side; undefined as below. */
export async function squareOf(file: Blob, side: number): Promise<Blob | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (!bitmap) return undefined;
  const { width, height } = bitmap;
  const from = Math.min(width, height);
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  context.drawImage(bitmap, (width - from) / 2, (height - from) / 2, from, from, 0, 0, side, side);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: SMALL_QUALITY });
}

/** Undefined for what this browser does not take for a picture. `asIs`: its bytes are left as they are. */
export async function prepare(file: Blob, asIs = false): Promise<Picture | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (!bitmap) return undefined;
  try {
    const { width, height } = bitmap;
    const scale = Math.min(BOX.width / width, BOX.height / height);
    const small = scale < 1 && file.type !== 'image/gif';
    const clean = asIs ? undefined : await cleaned(file, bitmap);
    return {
      bytes: clean ?? file,
      clean: clean !== undefined,
      width,
      height,
      thumbnail: small ? await draw(bitmap, scale, SMALL_QUALITY) : undefined,
    };
  } catch {
    return undefined;
  } finally {
    bitmap.close();
  }
}
