// SPDX-License-Identifier: EUPL-1.2
// Pictures for tests, and what can be read of one without decoding it.
import { crc32, deflateSync } from 'node:zlib';

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/** A PNG of that size; `pixels` false: its head alone says so. */
export function png(width: number, height: number, pixels = true): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(pixels ? (width * 3 + 1) * height : 64);
  for (let i = 0; i < rows.length; i++) rows[i] = pixels && i % (width * 3 + 1) === 0 ? 0 : i & 255;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF that shows a square in so many colours, one after the other. */
export function gif(side: number, frames: number): Buffer {
  const parts = [Buffer.from('GIF89a', 'latin1')];
  const head = Buffer.alloc(7);
  head.writeUInt16LE(side, 0);
  head.writeUInt16LE(side, 2);
  head[4] = 0xf6; // a table of 128 colours
  parts.push(head);
  parts.push(Buffer.from(Array.from({ length: 128 * 3 }, (_, i) => (i * 7) & 255)));
  parts.push(Buffer.from('\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0', 'latin1'));
  for (let frame = 0; frame < frames; frame++) {
    parts.push(Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0]));
    const place = Buffer.alloc(10);
    place[0] = 0x2c;
    place.writeUInt16LE(side, 5);
    place.writeUInt16LE(side, 7);
    parts.push(place);
    // Codes of 8 bits, kept so by a clear code before the table grows.
    const codes: number[] = [];
    for (let i = 0; i < side * side; i++) {
      if (i % 100 === 0) codes.push(128);
      codes.push(frame & 127);
    }
    codes.push(129);
    parts.push(Buffer.from([7]));
    for (let i = 0; i < codes.length; i += 255) {
      const block = codes.slice(i, i + 255);
      parts.push(Buffer.from([block.length, ...block]));
    }
    parts.push(Buffer.from([0]));
  }
  parts.push(Buffer.from([0x3b]));
  return Buffer.concat(parts);
}

function jpegSize(data: Buffer): [number, number] {
  for (let at = 2; at < data.length; at += 2 + data.readUInt16BE(at + 2)) {
    const marker = data[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return [data.readUInt16BE(at + 7), data.readUInt16BE(at + 5)];
  }
  throw new Error('a JPEG without a size');
}

/** Width and height of a JPEG, a PNG, or an animated WebP. */
export function sizeOf(bytes: Uint8Array): [number, number] {
  const data = Buffer.from(bytes);
  if (data[0] === 0xff) return jpegSize(data);
  if (data[0] === 0x89) return [data.readUInt32BE(16), data.readUInt32BE(20)];
  if (data.toString('latin1', 8, 16) !== 'WEBPVP8X') throw new Error('no picture');
  return [data.readUIntLE(24, 3) + 1, data.readUIntLE(27, 3) + 1];
}
