// SPDX-License-Identifier: EUPL-1.2
import { createDecipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { seal } from './sealing.ts';

const RAW = Buffer.from('302a300506032b656e032100', 'hex'); // SubjectPublicKeyInfo of X25519

test('only who has the secret half reads what is sealed, with another implementation too', async () => {
  const pair = generateKeyPairSync('x25519');
  const recipient = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const sealed = await seal('{"file":{}}', recipient.toString('base64').replace(/=+$/, ''));
  const ephemeral = createPublicKey({
    key: Buffer.concat([RAW, Buffer.from(sealed.ephemeral, 'base64')]),
    format: 'der',
    type: 'spki',
  });
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: ephemeral });
  const keys = Buffer.from(hkdfSync('sha256', shared, Buffer.alloc(0), Buffer.alloc(0), 80));
  const cipher = createDecipheriv('aes-256-cbc', keys.subarray(0, 32), keys.subarray(64, 80));
  const plain = Buffer.concat([cipher.update(Buffer.from(sealed.ciphertext, 'base64')), cipher.final()]);
  expect(plain.toString()).toBe('{"file":{}}');
  expect(Buffer.from(sealed.mac, 'base64')).toHaveLength(8);
  expect(Object.values(sealed).join('')).not.toContain('=');
});
