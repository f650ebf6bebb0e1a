// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { squaresOf } from './qr.ts';
import { readQr } from './qr-reading.ts';

/** As a camera might see it: dots of eight on eight, on a grey wall. */
function photograph(rows: readonly (readonly boolean[])[]) {
  const dot = 8;
  const margin = 6;
  const side = (rows.length + 2 * margin) * dot;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const dark = rows[Math.floor(y / dot) - margin]?.[Math.floor(x / dot) - margin] === true;
      data.fill(dark ? 30 : 220, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  return { data, width: side, height: side };
}

test('every byte comes back from the picture of a code, also those that are no text', () => {
  const code = Uint8Array.from({ length: 150 }, (_, i) => (i * 7 + 0x80) % 256);
  code.set(new TextEncoder().encode('MATRIX'));
  expect([...(readQr(photograph(squaresOf(code))) ?? [])]).toEqual([...code]);
});

test('a picture without a code has none', () => {
  expect(readQr(photograph([]))).toBeUndefined();
  expect(readQr({ data: new Uint8ClampedArray(0), width: 0, height: 0 })).toBeUndefined();
});
