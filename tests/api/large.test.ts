// SPDX-License-Identifier: EUPL-1.2
// The largest files, scanned by the real clamd, as they are and encrypted: the server holds none of them.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { realClamd } from './src/clamd.ts';
import { path } from './src/http.ts';
import { fetchFile, growth, hashOfAnswer, memoryCounts, sendPieces } from './src/large.ts';
import { read } from './src/media.ts';
import { type EncryptedFile, PROXY, ScannerClient, unpadded } from './src/scanner.ts';
import { stage } from './src/stage.ts';

const MIB = 1 << 20;
const SIZE = 100 * MIB;
const MOST = 32 * 1024; // kB
const at = stage({ set: { 'scanner.engine': realClamd(), 'scanner.gate': 'enforce' } });

/** A hundred different pieces of words. */
function* words(): Generator<Buffer> {
  const piece = Buffer.from(randomBytes((MIB / 4) * 3).toString('base64'));
  for (let i = 0; i < 100; i++) {
    piece.write(`piece ${i} `);
    yield piece;
  }
}

const placeOf = (uri: string) => {
  const [server, id] = uri.slice('mxc://'.length).split('/');
  return path`/_matrix/client/v1/media/download/${server}/${id}`;
};

test('100 MiB are sent, scanned and read by another in 32 MiB of the server', {
  timeout: 300_000,
}, async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const grown = await growth(at.server, async () => {
    const sent = await sendPieces(at.server, sender, SIZE, words());
    const scanner = new ScannerClient(reader.api, reader.token);
    await expect
      .poll(async () => (await scanner.scan(sent.uri))['org.chappe.state'], { timeout: 200_000 })
      .toBe('not_verified');
    expect(await hashOfAnswer(await fetchFile(at.server, reader, placeOf(sent.uri)))).toBe(sent.hash);
  });
  if (memoryCounts) expect(grown).toBeLessThan(MOST);
});

test('100 MiB encrypted are sent, scanned with their key and read in 32 MiB of the server, and of the cage', {
  timeout: 300_000,
}, async () => {
  const [sender, reader] = await at.users('sender', 'reader');
  const [key, iv] = [randomBytes(32), Buffer.concat([randomBytes(8), Buffer.alloc(8)])];
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  const plain = createHash('sha256');
  function* sealed(): Generator<Buffer> {
    for (const piece of words()) {
      plain.update(piece);
      yield cipher.update(piece);
    }
  }
  const scanner = new ScannerClient(reader.api, reader.token);
  await scanner.publicKey(); // the caged process is there
  const grown = await growth(at.server, async () => {
    const sent = await sendPieces(at.server, sender, SIZE, sealed());
    const file: EncryptedFile = {
      v: 'v2',
      url: sent.uri,
      iv: unpadded(iv),
      hashes: { sha256: unpadded(Buffer.from(sent.hash, 'hex')) },
      key: {
        kty: 'oct',
        alg: 'A256CTR',
        ext: true,
        key_ops: ['encrypt', 'decrypt'],
        k: key.toString('base64url'),
      },
    };
    await read(reader, sent.uri, { expect: [403, 'M_FORBIDDEN'] });
    await expect
      .poll(async () => (await scanner.scanEncrypted(file))['org.chappe.state'], { timeout: 200_000 })
      .toBe('not_verified');
    const given = await fetch(`${at.server.url}${PROXY}/download_encrypted`, {
      method: 'POST',
      headers: { authorization: `Bearer ${reader.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(await scanner.sealedBody(file)),
    });
    const decipher = createDecipheriv('aes-256-ctr', key, iv);
    const back = createHash('sha256');
    for await (const part of given.body as unknown as AsyncIterable<Uint8Array>)
      back.update(decipher.update(part));
    expect(back.digest('hex')).toBe(plain.digest('hex'));
  });
  if (memoryCounts) expect(grown).toBeLessThan(MOST);
});
