// SPDX-License-Identifier: EUPL-1.2
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { lock, unlock } from './file-crypto.ts';
import type { Sealed } from './files.ts';

const URL = 'mxc://example.org/a';
const bytesOf = (text: string) => new TextEncoder().encode(text);
const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

test('what is encrypted is read by another implementation: AES-256 in counter mode, version 2', async () => {
  const plain = bytesOf('une note de service');
  const { bytes, at } = await lock(plain);
  const { v, url, iv, key, hashes } = at(URL);
  expect([v, url, key.alg, key.kty, key.ext]).toEqual(['v2', URL, 'A256CTR', 'oct', true]);
  expect(iv).not.toContain('=');
  const counter = Buffer.from(iv, 'base64');
  expect([...counter.subarray(8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(hashes.sha256).toBe(unpadded(createHash('sha256').update(bytes).digest()));
  const cipher = createDecipheriv('aes-256-ctr', Buffer.from(key.k, 'base64url'), counter);
  expect(Buffer.concat([cipher.update(bytes), cipher.final()]).toString()).toBe('une note de service');
});

test('what another implementation encrypted is read, and nothing is encrypted twice alike', async () => {
  const key = randomBytes(32);
  const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]);
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  const bytes = new Uint8Array(Buffer.concat([cipher.update('des mots'), cipher.final()]));
  const sealed: Sealed = {
    v: 'v2',
    url: URL,
    iv: unpadded(iv),
    hashes: { sha256: unpadded(createHash('sha256').update(bytes).digest()) },
    key: { kty: 'oct', alg: 'A256CTR', ext: true, key_ops: ['decrypt'], k: key.toString('base64url') },
  };
  expect(new TextDecoder().decode(await unlock(sealed, bytes))).toBe('des mots');
  const [one, two] = [await lock(bytesOf('même')), await lock(bytesOf('même'))];
  expect(one.at(URL).key.k).not.toBe(two.at(URL).key.k);
  expect(one.bytes).not.toEqual(two.bytes);
});

test('a changed byte, a hash of another file and keys that are none are refused', async () => {
  const { bytes, at } = await lock(bytesOf('intact'));
  const sealed = at(URL);
  const changed = bytes.slice();
  changed[0]! ^= 1;
  const refused = { code: 'BROKEN_FILE' };
  await expect(unlock(sealed, changed)).rejects.toMatchObject(refused);
  await expect(unlock({ ...sealed, iv: 'AAAA' }, bytes)).rejects.toMatchObject(refused);
  await expect(unlock({ ...sealed, iv: '%' }, bytes)).rejects.toMatchObject(refused);
  await expect(unlock({ ...sealed, key: { ...sealed.key, k: 'AAAA' } }, bytes)).rejects.toMatchObject(
    refused,
  );
  expect(new TextDecoder().decode(await unlock(sealed, bytes))).toBe('intact');
});
