// SPDX-License-Identifier: EUPL-1.2
// Reads by itself in every browser: what they have of their own (BarcodeDetector) gives text only, and loses
// bytes that are none.
import decode from 'qr/decode.js';
import { bytesOf, signsOf } from './qr.ts';

/** The bytes of the code that a picture shows; undefined: there is none that can be read. */
export function readQr(picture: Pick<ImageData, 'data' | 'width' | 'height'>): Uint8Array | undefined {
  try {
    return bytesOf(decode(picture, { textDecoder: signsOf }));
  } catch {
    return undefined;
  }
}
