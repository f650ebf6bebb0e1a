// SPDX-License-Identifier: EUPL-1.2
// A push service of our own on the loopback, and a browser's side of it: what is sealed for that browser is
// opened here. RFC 8030, 8188, 8291.
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from 'playwright-core';

interface Taken {
  readonly authorization: string;
  readonly encoding: string;
  readonly body: Buffer;
}

const derive = (secret: Buffer, salt: Buffer, info: Buffer | string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, length));

export class PushService {
  /** What it answers from now on. */
  status = 201;
  readonly taken: Taken[] = [];
  private readonly server: Server;
  private readonly pair = createECDH('prime256v1');
  private readonly auth = randomBytes(16);

  constructor() {
    this.pair.generateKeys();
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { authorization = '', 'content-encoding': encoding = '' } = request.headers;
      this.taken.push({ authorization, encoding: String(encoding), body: Buffer.concat(chunks) });
      response.writeHead(this.status).end();
    });
  }

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/subscription/1`;
  }

  /** The one part that Debian's Chromium cannot do, the subscription, is made here for it, with real keys. */
  async serve(context: BrowserContext): Promise<void> {
    await context.addInitScript(
      ({ endpoint, p256dh, auth }) => {
        let current: object | null = null;
        const bytes = (text: string) =>
          Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
            .buffer;
        const subscribe = async ({ applicationServerKey }: { applicationServerKey: Uint8Array }) => {
          current = {
            endpoint,
            options: { applicationServerKey: applicationServerKey.slice().buffer },
            getKey: (name: string) => bytes(name === 'auth' ? auth : p256dh),
            unsubscribe: async () => {
              current = null;
              return true;
            },
          };
          return current;
        };
        Object.assign(PushManager.prototype, { subscribe, getSubscription: async () => current });
      },
      {
        endpoint: this.endpoint,
        p256dh: this.pair.getPublicKey().toString('base64url'),
        auth: this.auth.toString('base64url'),
      },
    );
  }

  /** The text that was sealed. */
  open({ body }: Taken): string {
    const salt = body.subarray(0, 16);
    const n = body.readUInt8(20);
    const theirs = body.subarray(21, 21 + n);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.pair.getPublicKey(), theirs]);
    const ikm = derive(this.pair.computeSecret(theirs), this.auth, info, 32);
    const key = derive(ikm, salt, 'Content-Encoding: aes128gcm\0', 16);
    const nonce = derive(ikm, salt, 'Content-Encoding: nonce\0', 12);
    const sealed = body.subarray(21 + n);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    // Padding: zeros behind a byte that says that this was the last record.
    return plain.subarray(0, plain.lastIndexOf(2)).toString('utf8');
  }
}
