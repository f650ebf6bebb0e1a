// SPDX-License-Identifier: EUPL-1.2
// Files as encrypted rooms have them. Client-server API, "Sending encrypted attachments", v2.
import { Failure } from './failure.ts';
import type { Sealed } from './files.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/=+$/, '');
};

const fromBase64 = (text: string): Bytes => {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch {
    throw new Failure('BROKEN_FILE');
  }
};

const digest = async (bytes: Bytes): Promise<string> =>
  toBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

const counter = (iv: Bytes): AesCtrParams => ({ name: 'AES-CTR', counter: iv, length: 64 });

export interface Locked {
  readonly bytes: Bytes;
  /** The keys, once it is known where the bytes are. */
  readonly at: (url: string) => Sealed;
}

/** Under a new key. The lower half of the counter is zero: it never runs over into the random one. */
export async function lock(plain: Bytes): Promise<Locked> {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const iv = new Uint8Array(16);
  crypto.getRandomValues(iv.subarray(0, 8));
  const key = await crypto.subtle.importKey('raw', raw, 'AES-CTR', false, ['encrypt']);
  const bytes = new Uint8Array(await crypto.subtle.encrypt(counter(iv), key, plain));
  const sha256 = await digest(bytes);
  const k = toBase64(raw).replaceAll('+', '-').replaceAll('/', '_');
  return {
    bytes,
    at: (url) => ({
      v: 'v2',
      url,
      iv: toBase64(iv),
      hashes: { sha256 },
      key: { kty: 'oct', alg: 'A256CTR', ext: true, key_ops: ['encrypt', 'decrypt'], k },
    }),
  };
}

/** Fails with BROKEN_FILE for bytes that are not those that were sent. */
export async function unlock(sealed: Sealed, bytes: Bytes): Promise<Bytes> {
  const raw = fromBase64(sealed.key.k);
  const iv = fromBase64(sealed.iv);
  const hash = toBase64(fromBase64(sealed.hashes.sha256));
  if (raw.length !== 32 || iv.length !== 16 || (await digest(bytes)) !== hash)
    throw new Failure('BROKEN_FILE');
  const key = await crypto.subtle.importKey('raw', raw, 'AES-CTR', false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt(counter(iv), key, bytes));
}
