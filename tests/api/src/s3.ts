// SPDX-License-Identifier: EUPL-1.2
// S3-compatible storage for tests: s3rver, behind a front that checks each signature by itself (s3rver
// does not look at those of version 4) and that can be told to misbehave.
import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

const BUCKET = 'chappe-files';
const ACCESS_KEY = 'S3RVER';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+a';
const MINUTES_15 = 15 * 60_000;

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

const timeOf = (date: string) =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** Why the storage would refuse a request by its signature; undefined: it would not. */
export function refusalOf(request: IncomingMessage, secret = SECRET): string | undefined {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  const date = String(request.headers['x-amz-date']);
  const payload = String(request.headers['x-amz-content-sha256']);
  if (!parts || !/^[0-9a-f]{64}$/.test(payload)) return 'AuthorizationHeaderMalformed';
  const [, key, day, region, signed, signature] = parts;
  if (key !== ACCESS_KEY) return 'InvalidAccessKeyId';
  if (!date.startsWith(day) || !(Math.abs(timeOf(date) - Date.now()) < MINUTES_15))
    return 'RequestTimeTooSkewed';
  if (!signed.split(';').includes('host')) return 'AuthorizationHeaderMalformed';
  const [path, query = ''] = (request.url as string).split('?');
  const canonical = [
    request.method,
    path,
    query.split('&').sort().join('&'),
    ...signed.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signed,
    payload,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n');
  const signing = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), 's3'), 'aws4_request');
  return hmac(signing, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
}

/** Answers a request in its own way; false: the storage does. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => boolean;

export const refuse = (response: ServerResponse, status: number, code: string) =>
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code></Error>`);

export class S3 {
  misbehave: Misbehaviour = () => false;
  secret = SECRET;
  readonly requests: string[] = []; // "GET /path"
  private readonly directory = mkdtempSync(join(tmpdir(), 'chappe-s3-'));
  private handler: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  async start(): Promise<void> {
    const real = new S3rver({
      directory: this.directory,
      silent: true,
      configureBuckets: [{ name: BUCKET }],
    });
    await real.configureBuckets();
    this.handler = real.callback();
    await this.listen();
  }

  /** Comes back where it was. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => this.serve(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    const refusal = refusalOf(request, this.secret);
    if (refusal) refuse(response, 403, refusal);
    else if (!this.misbehave(request, response)) this.pass(request, response);
  }

  /** Lets the storage answer. */
  pass(request: IncomingMessage, response: ServerResponse): void {
    this.handler?.(request, response);
  }

  /** Misbehaves at so many requests of a method about a content, then no more. */
  once(
    method: string,
    content: string,
    how: (response: ServerResponse, request: IncomingMessage) => void,
    times = 1,
  ): void {
    let left = times;
    this.misbehave = (request, response) => {
      if (request.method !== method || !request.url?.endsWith(content) || left <= 0) return false;
      left--;
      how(response, request);
      return true;
    };
  }

  /** How often something was asked of that content. */
  count(method: string, content: string): number {
    return this.requests.filter((line) => line.startsWith(`${method} `) && line.endsWith(content)).length;
  }

  /** Nobody answers any more. */
  async silence(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  async dispose(): Promise<void> {
    await this.silence();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The settings of a server that keeps its files here, under a prefix of its own. */
  settings(dataDir: string, prefix: string): Record<string, string> {
    const secretFile = join(dataDir, 's3.secret');
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 });
    return {
      'media.store': `s3:http://127.0.0.1:${this.port}/${BUCKET}/${prefix}`,
      'media.s3.access_key': ACCESS_KEY,
      'media.s3.secret_file': secretFile,
    };
  }

  /** Where s3rver keeps an object. */
  fileOf(prefix: string, name: string): string {
    return join(this.directory, BUCKET, prefix, `${name}._S3rver_object`);
  }
}
