// SPDX-License-Identifier: EUPL-1.2
// Bytes as a QR code shows them. The codes of two devices are no text: each byte is a sign of its own.
import encode from 'qr';

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
export const signsOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Light around it, as readers want it. */
const MARGIN = 4;

/** Rows of squares, with its margin; true is dark. */
export const squaresOf = (code: Uint8Array): readonly (readonly boolean[])[] =>
  encode(signsOf(code), 'raw', { ecc: 'low', encoding: 'byte', border: MARGIN, textEncoder: bytesOf });
