// SPDX-License-Identifier: EUPL-1.2
// A client of the content scanner's API, written from its description and with Node's cryptography
// alone: it shares nothing with the server.
import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { type Answer, type Api, type CallOptions, path } from './http.ts';
import type { Any } from './spec.ts';

export const PROXY = '/_matrix/media_proxy/unstable';

export const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

/** "Sending encrypted attachments" of the client-server API. */
export interface EncryptedFile {
  v: string;
  url: string;
  iv: string;
  hashes: { sha256: string };
  key: { kty: string; alg: string; ext: boolean; key_ops: string[]; k: string };
}

export interface Attachment {
  bytes: Buffer; // what is uploaded
  file: (url: string) => EncryptedFile;
}

export function encrypt(plain: Uint8Array, key = randomBytes(32), half = randomBytes(8)): Attachment {
  const iv = Buffer.concat([half, Buffer.alloc(8)]);
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()]);
  const sha256 = unpadded(createHash('sha256').update(bytes).digest());
  return {
    bytes,
    file: (url) => ({
      v: 'v2',
      url,
      iv: unpadded(iv),
      hashes: { sha256 },
      key: {
        kty: 'oct',
        alg: 'A256CTR',
        ext: true,
        key_ops: ['encrypt', 'decrypt'],
        k: key.toString('base64url'),
      },
    }),
  };
}

const RAW_PUBLIC = Buffer.from('302a300506032b656e032100', 'hex'); // SubjectPublicKeyInfo of X25519

const publicKey = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([RAW_PUBLIC, raw]), format: 'der', type: 'spki' });

export interface Sealed {
  ciphertext: string;
  mac: string;
  ephemeral: string;
}

/** PkEncryption: the MAC is of the empty string, as all implementations have it. */
export function seal(plain: string, recipient: string): Sealed {
  const pair = generateKeyPairSync('x25519');
  const shared = diffieHellman({
    privateKey: pair.privateKey,
    publicKey: publicKey(Buffer.from(recipient, 'base64')),
  });
  const keys = Buffer.from(hkdfSync('sha256', shared, Buffer.alloc(0), Buffer.alloc(0), 80));
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(0, 32), keys.subarray(64, 80));
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const mac = createHmac('sha256', keys.subarray(32, 64)).update('').digest().subarray(0, 8);
  const ephemeral = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { ciphertext: unpadded(ciphertext), mac: unpadded(mac), ephemeral: unpadded(ephemeral) };
}

export interface Verdict {
  clean: boolean;
  info: string;
  'org.chappe.state': string;
  'org.chappe.cause'?: string;
}

const partsOf = (url: string) => url.slice('mxc://'.length).split('/');

export class ScannerClient {
  readonly api: Api;
  readonly token: string | undefined;

  constructor(api: Api, token?: string) {
    this.api = api;
    this.token = token;
  }

  private call(method: string, at: string, options: CallOptions): Promise<Answer> {
    return this.api.call(method, `${PROXY}${at}`, { token: this.token, ...options });
  }

  async publicKey(): Promise<string> {
    return (await this.api.call('GET', `${PROXY}/public_key`)).body.public_key;
  }

  async sealedBody(file: EncryptedFile): Promise<{ encrypted_body: Sealed }> {
    return { encrypted_body: seal(JSON.stringify({ file }), await this.publicKey()) };
  }

  scanAnswer(url: string, options: CallOptions = {}): Promise<Answer> {
    const [server, id] = partsOf(url);
    return this.call('GET', path`/scan/${server}/${id}`, options);
  }

  async scan(url: string): Promise<Verdict> {
    return (await this.scanAnswer(url)).body;
  }

  post(at: string, body: Any, options: CallOptions = {}): Promise<Answer> {
    return this.call('POST', at, { body, ...options });
  }

  async scanEncrypted(file: EncryptedFile): Promise<Verdict> {
    return (await this.post('/scan_encrypted', await this.sealedBody(file))).body;
  }

  download(url: string, options: CallOptions = {}): Promise<Answer> {
    const [server, id] = partsOf(url);
    return this.call('GET', path`/download/${server}/${id}`, options);
  }

  thumbnail(url: string, options: CallOptions = {}): Promise<Answer> {
    const [server, id] = partsOf(url);
    const query = { width: 32, height: 32, method: 'scale' };
    return this.call('GET', path`/thumbnail/${server}/${id}`, { query, ...options });
  }

  async downloadEncrypted(file: EncryptedFile, options: CallOptions = {}): Promise<Answer> {
    return this.post('/download_encrypted', await this.sealedBody(file), options);
  }
}
