// SPDX-License-Identifier: EUPL-1.2
// The mails a server writes: read from its directory (file transport), or taken in by a real SMTP
// server on the loopback that can also behave badly.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import type { Server } from './server.ts';

const run = promisify(execFile);

export interface Mail {
  headers: Map<string, string>;
  to: string;
  subject: string;
  text: string;
  html: string;
  code: string;
  link: string;
  raw: string;
}

function decodeWords(value: string): string {
  const words = [...value.matchAll(/=\?utf-8\?B\?([A-Za-z0-9+/=]*)\?=/g)];
  return words.map(([, word]) => Buffer.from(word, 'base64').toString('utf8')).join('');
}

function partOf(raw: string, type: string): string {
  const border = /boundary="([^"]+)"/.exec(raw)?.[1];
  const part = raw.split(`--${border}`).find((p) => p.includes(`Content-Type: ${type}`)) ?? '';
  return Buffer.from(part.slice(part.indexOf('\r\n\r\n')), 'base64').toString('utf8');
}

export function parseMail(raw: string): Mail {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  const headers = new Map(
    head.split('\r\n').map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const;
    }),
  );
  const text = partOf(raw, 'text/plain');
  return {
    headers,
    to: /^<([^>]*)>$/.exec(headers.get('to') ?? '')?.[1] ?? '',
    subject: decodeWords(headers.get('subject') ?? ''),
    text,
    html: partOf(raw, 'text/html'),
    code: (/^ {4}(\d{4} \d{4})\r$/m.exec(text)?.[1] ?? '').replace(' ', ''),
    link: /https?:\/\/\S+/.exec(text)?.[0] ?? '',
    raw,
  };
}

/** Every mail in the server's directory, oldest first. */
export async function mailsOf(server: Server): Promise<Mail[]> {
  const directory = join(server.dataDir, 'mail');
  const names = (await readdir(directory)).filter((name) => name.endsWith('.eml'));
  const byId = names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return Promise.all(byId.map(async (name) => parseMail(await readFile(join(directory, name), 'utf8'))));
}

/** Waits for the nth mail (from 1) to an address. */
export async function mailTo(server: Server, address: string, nth = 1): Promise<Mail> {
  for (;;) {
    const mails = (await mailsOf(server)).filter((mail) => mail.to === address);
    if (mails.length >= nth) return mails[nth - 1];
    await sleep(20);
  }
}

// ---- an SMTP server ----

export interface Taken {
  from: string;
  recipients: string[];
  mail: Mail;
  secure: boolean;
}

export interface PostOfficeOptions extends SMTPServerOptions {
  /** Name in the certificate; the server is called by "localhost". */
  certificateName?: string;
}

/** A certificate for a name, by an authority made for the purpose. */
export async function makeCertificate(name: string) {
  const directory = await mkdtemp(join(tmpdir(), 'chappe-post-'));
  const at = (file: string) => join(directory, file);
  const openssl = (...args: string[]) => run('openssl', args);
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Chappe test authority',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  );
  await openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    at('key.pem'),
    '-out',
    at('request.pem'),
  );
  await writeFile(at('extensions'), `subjectAltName=DNS:${name}\n`);
  await openssl(
    'x509',
    '-req',
    '-in',
    at('request.pem'),
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-days',
    '2',
    '-extfile',
    at('extensions'),
    '-out',
    at('cert.pem'),
  );
  return {
    ca: at('ca.pem'),
    key: await readFile(at('key.pem')),
    cert: await readFile(at('cert.pem')),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

export class PostOffice {
  readonly taken: Taken[] = [];
  readonly dialogue: string[] = [];
  connections = 0;
  private readonly server: SMTPServer;
  private readonly certificate: Awaited<ReturnType<typeof makeCertificate>>;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  private constructor(server: SMTPServer, certificate: Awaited<ReturnType<typeof makeCertificate>>) {
    this.server = server;
    this.certificate = certificate;
  }

  static async open(options: PostOfficeOptions = {}): Promise<PostOffice> {
    const { certificateName, ...given } = options;
    const certificate = await makeCertificate(certificateName ?? 'localhost');
    const note = (_meta: unknown, ...said: unknown[]) => {
      office.dialogue.push(said.map(String).join(' '));
    };
    const logger = {
      level: () => {},
      trace: () => {},
      debug: note,
      info: note,
      warn: () => {},
      error: () => {},
      fatal: () => {},
    };
    const server = new SMTPServer({
      key: certificate.key,
      cert: certificate.cert,
      authOptional: true,
      disabledCommands: ['AUTH'],
      closeTimeout: 10,
      logger: logger as unknown as SMTPServerOptions['logger'],
      onData: (stream, session, done) => office.take(stream, session, done),
      ...given,
    });
    const office = new PostOffice(server, certificate);
    server.on('error', () => {});
    server.server.on('connection', (socket: Socket) => {
      office.connections++;
      office.sockets.add(socket);
      socket.on('close', () => office.sockets.delete(socket));
    });
    await office.listen();
    return office;
  }

  take(stream: SMTPServerDataStream, session: SMTPServerSession, done: () => void): void {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => {
      const mail = parseMail(Buffer.concat(pieces).toString('utf8'));
      const from = session.envelope.mailFrom;
      this.taken.push({
        from: from ? from.address : '',
        recipients: session.envelope.rcptTo.map((to) => to.address),
        mail,
        secure: session.secure,
      });
      done();
    });
  }

  /** Down: the port refuses, until resume. */
  async pause(): Promise<void> {
    this.cutAll();
    await new Promise<void>((done) => {
      this.server.server.close(() => done());
    });
  }

  async resume(): Promise<void> {
    await this.listen();
  }

  private async listen(): Promise<void> {
    await new Promise<void>((done) => {
      this.server.listen(this.port, '127.0.0.1', done);
    });
    this.port = (this.server.server.address() as AddressInfo).port;
  }

  /** What makes a chappe send its mails here, trusting its authority. */
  settings(scheme: 'smtp' | 'smtps' = 'smtp'): Record<string, string> {
    return {
      'mail.transport': `${scheme}://localhost:${this.port}`,
      'mail.from': 'ne-pas-repondre@interieur.example',
      'mail.ca': this.certificate.ca,
    };
  }

  /** Another's authority: the certificate cannot hold. */
  async untrusted(): Promise<Record<string, string>> {
    const other = await makeCertificate('localhost');
    return { ...this.settings(), 'mail.ca': other.ca };
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(10);
  }

  async mailTo(address: string): Promise<Taken> {
    const found = () => this.taken.find((taken) => taken.recipients.includes(address));
    await this.until(() => found() !== undefined);
    return found() as Taken;
  }

  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise<void>((done) => {
      this.server.close(() => done());
    });
    await this.certificate.remove();
  }
}
