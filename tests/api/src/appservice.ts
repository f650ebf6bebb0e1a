// SPDX-License-Identifier: EUPL-1.2
// A small application service: it takes transactions, answers questions, and calls the homeserver
// with its token. What it is sent is kept as it came.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Answer, Api, CallOptions } from './http.ts';
import type { Any } from './spec.ts';

export interface Registration {
  id?: string;
  sender?: string;
  users?: [string, boolean][];
  aliases?: [string, boolean][];
  rooms?: [string, boolean][];
  protocols?: string[];
  rateLimited?: boolean;
  ephemeral?: boolean;
  devices?: boolean;
}

export interface Transaction {
  id: string;
  text: string;
  body: Any;
}

export class Appservice {
  readonly asToken = randomBytes(24).toString('hex');
  readonly hsToken = randomBytes(24).toString('hex');
  readonly registration: Registration;
  /** Every request to take a transaction, also those that were refused. */
  readonly attempts: Transaction[] = [];
  /** Those that were acknowledged. */
  readonly taken: Transaction[] = [];
  readonly asked: string[] = [];
  /** What a transaction is answered with. */
  status = 200;
  /** Answers to what is no transaction; 404 where it returns undefined. */
  answer: (
    method: string,
    path: string,
    body: Any,
  ) => Promise<[number, unknown] | undefined> | [number, unknown] | undefined = () => undefined;
  legacyOnly = false;
  private server: HttpServer | undefined;
  private port = 0;

  constructor(registration: Registration = {}) {
    this.registration = registration;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.serve(request, response));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
    this.server = undefined;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/bridge`;
  }

  /** The registration file. It is a JSON text, which is YAML too. */
  async write(directory: string, extra: object = {}): Promise<string> {
    const {
      id = 'bridge',
      sender = '_bridge_bot',
      protocols,
      rateLimited,
      ephemeral,
      devices,
    } = this.registration;
    const list = (namespaces: [string, boolean][] = []) =>
      namespaces.map(([regex, exclusive]) => ({ regex, exclusive }));
    const file = join(directory, `${id}.yaml`);
    const content = {
      id,
      url: this.url,
      as_token: this.asToken,
      hs_token: this.hsToken,
      sender_localpart: sender,
      namespaces: {
        users: list(this.registration.users),
        aliases: list(this.registration.aliases),
        rooms: list(this.registration.rooms),
      },
      ...(protocols && { protocols }),
      ...(rateLimited !== undefined && { rate_limited: rateLimited }),
      ...(ephemeral !== undefined && { receive_ephemeral: ephemeral }),
      ...(devices !== undefined && { 'org.matrix.msc3202': devices }),
      ...extra,
    };
    await writeFile(file, JSON.stringify(content, null, 1), { mode: 0o600 });
    return file;
  }

  /** Calls the homeserver with its token; as a user of its namespace. */
  call(api: Api, method: string, at: string, as?: string, options: CallOptions = {}): Promise<Answer> {
    const query = { ...(as && { user_id: as }), ...options.query };
    return api.call(method, `/_matrix/client${at}`, { token: this.asToken, ...options, query });
  }

  get events(): Any[] {
    return this.taken.flatMap((transaction) => transaction.body.events);
  }

  get ephemeral(): Any[] {
    return this.taken.flatMap((transaction) => transaction.body.ephemeral ?? []);
  }

  /** To-device messages for a user (MSC2409). */
  messagesTo(user: string): Any[] {
    return this.taken
      .flatMap((transaction) => transaction.body['de.sorunome.msc2409.to_device'] ?? [])
      .filter((message) => message.to_user_id === user);
  }

  /** Of each transaction that has it, a member of MSC3202. */
  told(member: string): Any[] {
    return this.taken.map((transaction) => transaction.body[`org.matrix.msc3202.${member}`]).filter(Boolean);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const reply = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.hsToken}`)
      return reply(403, { errcode: 'M_FORBIDDEN', error: 'wrong hs_token' });
    const path = (request.url ?? '').replace(/^\/bridge/, '');
    if (this.legacyOnly && path.startsWith('/_matrix/'))
      return reply(404, { errcode: 'M_UNRECOGNIZED', error: 'old' });
    const transaction = /^(?:\/_matrix\/app\/v1)?\/transactions\/([^/?]+)$/.exec(path);
    if (transaction && request.method === 'PUT')
      return this.take({ id: transaction[1], text, body: JSON.parse(text) }, reply);
    this.asked.push(`${request.method} ${path}`);
    const answered = await this.answer(request.method ?? '', path, text ? JSON.parse(text) : undefined);
    reply(...(answered ?? [404, { errcode: 'M_NOT_FOUND', error: 'not here' }]));
  }

  /** As a real one: what it has seen before it takes again, and does nothing. */
  private take(transaction: Transaction, reply: (status: number, body: unknown) => void): void {
    this.attempts.push(transaction);
    if (this.status === 200 && !this.taken.some((t) => t.id === transaction.id)) this.taken.push(transaction);
    reply(this.status, {});
  }
}
