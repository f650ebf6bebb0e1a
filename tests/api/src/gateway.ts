// SPDX-License-Identifier: EUPL-1.2
// What stands at the other end of a push: a push gateway, or the push service of a browser. A real
// HTTP server on the loopback that keeps what it is sent and answers as it is told.
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { createServer, type Server as HttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Any } from './spec.ts';

export interface Push {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Reply {
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  /** Never answered: the request stays open until its client gives up. */
  hold?: boolean;
  /** Answered when this has come. */
  after?: Promise<unknown>;
}

export type Behaviour = (push: Push, nth: number) => Reply | undefined;

export class Gateway {
  readonly pushes: Push[] = [];
  behaviour: Behaviour = () => undefined;
  private origin = '';
  private waiting: (() => void)[] = [];
  private readonly http: HttpServer;

  private constructor(http: HttpServer) {
    this.http = http;
  }

  /** tls: by https, with that key and certificate, as localhost. */
  static async start(behaviour?: Behaviour, tls?: { key: Buffer; cert: Buffer }): Promise<Gateway> {
    const http: HttpServer = tls ? createTlsServer(tls) : createServer();
    const gateway = new Gateway(http);
    gateway.origin = tls ? 'https://localhost' : 'http://127.0.0.1';
    if (behaviour) gateway.behaviour = behaviour;
    http.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const push = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) };
        gateway.pushes.push(push);
        const reply = gateway.behaviour(push, gateway.pushes.length) ?? {};
        gateway.tell();
        if (reply.hold) return;
        const answer = () => {
          response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
          response.end(reply.body ?? '{"rejected":[]}');
        };
        if (reply.after) void reply.after.then(answer);
        else answer();
      });
    });
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
    return gateway;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.origin}:${this.port}/_matrix/push/v1/notify`;
  }

  private tell(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** What matters of each push to a gateway. */
  get notifications(): Any[] {
    return this.pushes.map((push) => JSON.parse(push.body.toString()).notification);
  }

  /** The notifications of events, in the order they came. */
  get events(): Any[] {
    return this.notifications.filter((n) => n.event_id);
  }

  async until(wanted: () => boolean): Promise<void> {
    while (!wanted()) await new Promise<void>((wake) => this.waiting.push(wake));
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }
}

/** A browser's subscription, and what the browser does with what its push service brings. */
export class Subscription {
  private readonly keys: ECDH = createECDH('prime256v1');
  readonly auth = randomBytes(16);
  readonly p256dh: string;

  constructor() {
    this.p256dh = this.keys.generateKeys().toString('base64url');
  }

  /** RFC 8291 and RFC 8188, of one record. */
  decrypt(body: Buffer): Any {
    const salt = body.subarray(0, 16);
    const recordSize = body.readUInt32BE(16);
    const idLength = body[20];
    const sender = body.subarray(21, 21 + idLength);
    const record = body.subarray(21 + idLength);
    if (idLength !== 65 || record.length > recordSize) throw new Error('the header is not that of RFC 8291');
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.keys.getPublicKey(), sender]);
    const shared = this.keys.computeSecret(sender);
    const ikm = Buffer.from(hkdfSync('sha256', shared, this.auth, info, 32));
    const cek = hkdfSync('sha256', ikm, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
    const nonce = hkdfSync('sha256', ikm, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
    const open = createDecipheriv('aes-128-gcm', Buffer.from(cek), Buffer.from(nonce));
    open.setAuthTag(record.subarray(-16));
    const padded = Buffer.concat([open.update(record.subarray(0, -16)), open.final()]);
    let end = padded.length - 1;
    while (end >= 0 && padded[end] === 0) end--;
    if (padded[end] !== 2) throw new Error('the record does not end as the last one does');
    return JSON.parse(padded.subarray(0, end).toString());
  }
}

/** RFC 8292: the claims of a push's sender, once its signature was verified. */
export function vapidOf(push: Push): { key: string; claims: Any } {
  const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(push.headers.authorization ?? '') ?? [];
  if (!token) throw new Error(`no VAPID: ${push.headers.authorization}`);
  const [head, body, signature] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const good = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!good) throw new Error('the VAPID signature does not hold');
  return { key, claims: JSON.parse(Buffer.from(body, 'base64url').toString()) };
}
