// SPDX-License-Identifier: EUPL-1.2
import { afterEach, expect, test, vi } from 'vitest';
import { lock } from './file-crypto.ts';
import type { FileRef } from './files.ts';
import { MatrixFiles } from './matrix-files.ts';
import type { Sending } from './sending.ts';

const SCANNER = '/_matrix/media_proxy/unstable';
const CLEAR: FileRef = { url: 'mxc://example.org/abc', sealed: undefined };

interface Said {
  status?: number;
  body?: unknown;
}

/** A server that says, to each path, one thing after the other; the last one for ever. */
function setUp(answers: Record<string, Said[]>) {
  const asked: string[] = [];
  const bodies: string[] = [];
  const sent: Sending[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const path = String(input).slice('http://s'.length);
    asked.push(path);
    bodies.push(typeof init?.body === 'string' ? init.body : '');
    const list = answers[path] ?? [];
    const said = (list.length > 1 ? list.shift() : list[0]) ?? { status: 500 };
    const body = said.body instanceof Uint8Array ? said.body : JSON.stringify(said.body ?? {});
    return new Response(body as BodyInit, { status: said.status ?? 200 });
  };
  const files = new MatrixFiles({
    homeserver: 'http://s',
    fetch: fetch as typeof globalThis.fetch,
    seal: async (text, recipient) => ({ ciphertext: text, mac: '', ephemeral: recipient }),
    send: async (sending) => {
      sent.push(sending);
      return { status: 200, body: { content_uri: 'mxc://example.org/new' } };
    },
  });
  return { files, asked, bodies, sent };
}

const said = (state: string, cause?: string): Said => ({
  body: { clean: false, 'org.chappe.state': state, ...(cause ? { 'org.chappe.cause': cause } : {}) },
});

const options = { encrypted: true, onProgress: () => {}, signal: new AbortController().signal };

async function sealedFile() {
  const { bytes, at } = await lock(new TextEncoder().encode('secret'));
  const url = 'mxc://example.org/s';
  return { bytes, ref: { url, sealed: at(url) } satisfies FileRef };
}

test('in an encrypted room the server is told neither name nor type nor content', async () => {
  const { files, sent } = setUp({});
  const bytes = new Blob(['secret'], { type: 'text/plain' });
  const attachment = await files.upload({ bytes, name: 'note.txt', description: undefined }, options);
  expect(sent[0]).toMatchObject({
    url: 'http://s/_matrix/media/v3/upload',
    type: 'application/octet-stream',
  });
  expect(new TextDecoder().decode(sent[0]!.body)).not.toBe('secret');
  expect(attachment).toMatchObject({ kind: 'file', name: 'note.txt', type: 'text/plain', size: 6 });
  expect(attachment.source.sealed?.url).toBe('mxc://example.org/new');
});

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['photo.heic', 'image/heic'],
  ['photo.HEIC', ''],
  ['plan.tif', 'image/tiff'],
  ['dessin.svg', 'image/svg+xml'],
])(
  '%s, which this browser cannot draw, leaves as it is only when its author wants it so',
  async (name, type) => {
    vi.stubGlobal('createImageBitmap', async () => {
      throw new DOMException('no picture', 'InvalidStateError');
    });
    const { files, sent } = setUp({});
    const file = { bytes: new Blob(['with a place'], { type }), name, description: undefined };
    await expect(files.upload(file, options)).rejects.toMatchObject({ code: 'KEEPS_NOTES' });
    expect(sent).toEqual([]);
    expect(await files.upload({ ...file, asIs: true }, options)).toMatchObject({ kind: 'file', name });
    expect(sent).toHaveLength(1);
  },
);

test('in a public room a file is sent as it is, with its name', async () => {
  const { files, sent } = setUp({});
  const bytes = new Blob(['mots'], { type: 'audio/ogg' });
  const file = { bytes, name: 'é.ogg', description: 'un son' };
  const attachment = await files.upload(file, { ...options, encrypted: false });
  expect(sent[0]).toMatchObject({
    url: 'http://s/_matrix/media/v3/upload?filename=%C3%A9.ogg',
    type: 'audio/ogg',
  });
  expect(attachment).toMatchObject({ kind: 'audio', description: 'un son', source: { sealed: undefined } });
});

test('an encrypted file is fetched through the antivirus alone, sealed, and decrypted', async () => {
  const { bytes, ref } = await sealedFile();
  const { files, asked, bodies } = setUp({
    [`${SCANNER}/public_key`]: [{ body: { public_key: 'first' } }],
    [`${SCANNER}/download_encrypted`]: [{ body: bytes }],
  });
  expect(new TextDecoder().decode(await files.read(ref))).toBe('secret');
  expect(asked).toEqual([`${SCANNER}/public_key`, `${SCANNER}/download_encrypted`]);
  const { encrypted_body } = JSON.parse(bodies[1]!) as { encrypted_body: Record<string, string> };
  expect(encrypted_body.ephemeral).toBe('first');
  expect(JSON.parse(encrypted_body.ciphertext!)).toEqual({ file: ref.sealed });
});

test('after MCS_BAD_DECRYPTION the key is asked for again, once', async () => {
  const { ref } = await sealedFile();
  const bad = { status: 403, body: { errcode: 'MCS_BAD_DECRYPTION' } };
  const { files, asked, bodies } = setUp({
    [`${SCANNER}/public_key`]: [{ body: { public_key: 'old' } }, { body: { public_key: 'new' } }],
    [`${SCANNER}/scan_encrypted`]: [bad, { body: { clean: true, 'org.chappe.state': 'clean' } }],
    [`${SCANNER}/download_encrypted`]: [bad],
  });
  expect(await files.look(ref)).toEqual({ state: 'clean', cause: undefined });
  expect(bodies[3]).toContain('"ephemeral":"new"');
  await expect(files.read(ref)).rejects.toMatchObject({ code: 'MCS_BAD_DECRYPTION' });
  expect(asked.filter((path) => path.endsWith('public_key'))).toHaveLength(3);
  expect(asked.filter((path) => path.endsWith('download_encrypted'))).toHaveLength(2);
});

test('verdicts are the server’s: kept when they are for good, asked for again when not', async () => {
  const at = `${SCANNER}/scan/example.org/abc`;
  const { files, asked } = setUp({ [at]: [said('pending'), said('not_scannable', 'password')] });
  expect(await files.look(CLEAR)).toEqual({ state: 'pending', cause: undefined });
  expect(await files.look(CLEAR)).toEqual({ state: 'not_scannable', cause: 'password' });
  expect(await files.look(CLEAR)).toEqual({ state: 'not_scannable', cause: 'password' });
  expect(asked).toHaveLength(2);
  const of = async (answer: Said) => (await setUp({ [at]: [answer] }).files.look(CLEAR)).state;
  expect(await of({ status: 404, body: { errcode: 'M_NOT_FOUND' } })).toBe('missing');
  expect(await of({ status: 500 })).toBe('unreachable');
  expect(await of({ body: { 'org.chappe.state': 'invented' } })).toBe('unreachable');
  expect(await of({ body: { clean: true } })).toBe('clean');
  expect(await of({ body: { clean: false } })).toBe('failed');
});

test('what is refused at its opening is asked about anew', async () => {
  const { files, asked } = setUp({
    [`${SCANNER}/scan/example.org/abc`]: [{ body: { clean: true, 'org.chappe.state': 'clean' } }],
    [`${SCANNER}/download/example.org/abc`]: [{ status: 403, body: { errcode: 'MCS_MEDIA_NOT_CLEAN' } }],
  });
  await files.look(CLEAR);
  await expect(files.read(CLEAR)).rejects.toMatchObject({ code: 'MCS_MEDIA_NOT_CLEAN' });
  await files.look(CLEAR);
  expect(asked.filter((path) => path.includes('/scan/'))).toHaveLength(2);
});

test('the limit is asked for once, and again where there was no answer', async () => {
  const config = '/_matrix/client/v1/media/config';
  const { files, asked } = setUp({ [config]: [{ status: 500 }, { body: { 'm.upload.size': 7 } }] });
  await expect(files.limit()).rejects.toMatchObject({ status: 500 });
  expect(await files.limit()).toBe(7);
  expect(await files.limit()).toBe(7);
  expect(asked).toHaveLength(2);
});
