// SPDX-License-Identifier: EUPL-1.2
// A user with one device, and the calls that most tests need. Everything goes through Api.call, so
// that every answer is validated.
import { type Answer, type Api, type CallOptions, path } from './http.ts';
import type { Any } from './spec.ts';

export const PASSWORD = 'correct horse battery staple';
const CLIENT = '/_matrix/client';

let counter = 0;
export const unique = (prefix: string) => `${prefix}${process.pid.toString(36)}${(counter++).toString(36)}`;

/** Many calls, so many of them at a time (below what one address may open). */
export async function atOnce<T>(count: number, act: (i: number) => Promise<T>, width = 50): Promise<T[]> {
  const results: T[] = new Array(count);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) results[i] = await act(i);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  return results;
}

export interface Event {
  type: string;
  event_id: string;
  sender: string;
  state_key?: string;
  content: Any;
  origin_server_ts: number;
  unsigned?: Any;
  [key: string]: Any;
}

export interface SyncOptions {
  since?: string;
  filter?: string | object;
  timeout?: number;
  full_state?: boolean;
  set_presence?: string;
  use_state_after?: boolean;
  signal?: AbortSignal;
  expect?: CallOptions['expect'];
}

export const roomOf = (sync: Any, room: string, section = 'join'): Any => sync.rooms?.[section]?.[room];
export const timelineOf = (sync: Any, room: string, section = 'join'): Event[] =>
  roomOf(sync, room, section)?.timeline?.events ?? [];
export const bodiesOf = (events: Event[]): string[] =>
  events.filter((e) => e.type === 'm.room.message').map((e) => e.content.body);

export interface Session {
  user_id: string;
  access_token: string;
  device_id: string;
  refresh_token?: string;
}

/** Interactive registration with the dummy stage, in the two steps of the specification. */
export async function register(api: Api, body: object, expect?: CallOptions['expect']): Promise<Answer> {
  const first = await api.call('POST', `${CLIENT}/v3/register`, { body, expect: 'any' });
  if (first.status !== 401) {
    if (expect === undefined) throw new Error(`register without auth answered ${first.status} ${first.text}`);
    return first;
  }
  const auth = { type: 'm.login.dummy', session: first.body.session };
  return api.call('POST', `${CLIENT}/v3/register`, { body: { ...body, auth }, expect });
}

export class User {
  readonly api: Api;
  readonly id: string;
  readonly token: string;
  readonly device: string;

  constructor(api: Api, session: Session) {
    this.api = api;
    this.id = session.user_id;
    this.token = session.access_token;
    this.device = session.device_id;
  }

  static async register(api: Api, name = 'user', extra: object = {}): Promise<User> {
    const answer = await register(api, { username: unique(name), password: PASSWORD, ...extra });
    return new User(api, answer.body);
  }

  get localpart(): string {
    return this.id.slice(1, this.id.indexOf(':'));
  }

  get domain(): string {
    return this.id.slice(this.id.indexOf(':') + 1);
  }

  /** Another device of the same user. */
  async login(extra: object = {}, password = PASSWORD): Promise<User> {
    const body = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: this.id },
      password,
      ...extra,
    };
    const answer = await this.api.call('POST', `${CLIENT}/v3/login`, { body });
    return new User(this.api, answer.body);
  }

  call(method: string, at: string, options: CallOptions = {}): Promise<Answer> {
    return this.api.call(method, `${CLIENT}${at}`, { token: this.token, ...options });
  }

  async get(at: string, options: CallOptions = {}): Promise<Any> {
    return (await this.call('GET', at, options)).body;
  }

  async post(at: string, body: unknown = {}, options: CallOptions = {}): Promise<Any> {
    return (await this.call('POST', at, { body, ...options })).body;
  }

  async put(at: string, body: unknown = {}, options: CallOptions = {}): Promise<Any> {
    return (await this.call('PUT', at, { body, ...options })).body;
  }

  async delete(at: string, options: CallOptions = {}): Promise<Any> {
    return (await this.call('DELETE', at, options)).body;
  }

  /** A call that asks the password again (user-interactive authentication). */
  async withPassword(
    method: string,
    at: string,
    body: object,
    options: CallOptions = {},
    password = PASSWORD,
  ): Promise<Any> {
    const first = await this.call(method, at, { body, expect: 401 });
    const identifier = { type: 'm.id.user', user: this.id };
    const auth = { type: 'm.login.password', identifier, password, session: first.body.session };
    return (await this.call(method, at, { body: { ...body, auth }, ...options })).body;
  }

  /** Another than any before, also of a second object for the same device (on another node). */
  transaction(): string {
    return unique('t');
  }

  async createRoom(body: object = {}): Promise<string> {
    return (await this.post('/v3/createRoom', body)).room_id;
  }

  /** A room that the others are already members of. */
  async roomWith(others: User[], body: object = {}): Promise<string> {
    const room = await this.createRoom({ preset: 'private_chat', invite: others.map((u) => u.id), ...body });
    for (const other of others) await other.join(room);
    return room;
  }

  async send(
    room: string,
    content: string | object,
    type = 'm.room.message',
    txn = this.transaction(),
  ): Promise<string> {
    const body = typeof content === 'string' ? { msgtype: 'm.text', body: content } : content;
    return (await this.put(path`/v3/rooms/${room}/send/${type}/${txn}`, body)).event_id;
  }

  async setState(
    room: string,
    type: string,
    content: object,
    key = '',
    options: CallOptions = {},
  ): Promise<string> {
    return (await this.put(path`/v3/rooms/${room}/state/${type}/${key}`, content, options)).event_id;
  }

  getState(room: string, type: string, key = '', options: CallOptions = {}): Promise<Any> {
    return this.get(path`/v3/rooms/${room}/state/${type}/${key}`, options);
  }

  allState(room: string, options: CallOptions = {}): Promise<Event[]> {
    return this.get(path`/v3/rooms/${room}/state`, options);
  }

  event(room: string, id: string, options: CallOptions = {}): Promise<Event> {
    return this.get(path`/v3/rooms/${room}/event/${id}`, options);
  }

  messages(room: string, query: CallOptions['query'] = {}, options: CallOptions = {}): Promise<Any> {
    return this.get(path`/v3/rooms/${room}/messages`, {
      query: { dir: 'b', limit: 100, ...query },
      ...options,
    });
  }

  join(room: string, options: CallOptions = {}): Promise<Any> {
    return this.post(path`/v3/rooms/${room}/join`, {}, options);
  }

  leave(room: string, options: CallOptions = {}): Promise<Any> {
    return this.post(path`/v3/rooms/${room}/leave`, {}, options);
  }

  invite(room: string, user: string, options: CallOptions = {}): Promise<Any> {
    return this.post(path`/v3/rooms/${room}/invite`, { user_id: user }, options);
  }

  kick(room: string, user: string, options: CallOptions = {}): Promise<Any> {
    return this.post(path`/v3/rooms/${room}/kick`, { user_id: user }, options);
  }

  ban(room: string, user: string, options: CallOptions = {}): Promise<Any> {
    return this.post(path`/v3/rooms/${room}/ban`, { user_id: user }, options);
  }

  async redact(room: string, event: string, options: CallOptions = {}): Promise<string> {
    return (await this.put(path`/v3/rooms/${room}/redact/${event}/${this.transaction()}`, {}, options))
      .event_id;
  }

  async powerLevels(room: string, change: (levels: Any) => void): Promise<void> {
    const levels = await this.getState(room, 'm.room.power_levels');
    change(levels);
    await this.setState(room, 'm.room.power_levels', levels);
  }

  accountData(type: string, content: object, room?: string, options: CallOptions = {}): Promise<Any> {
    const at = room
      ? path`/v3/user/${this.id}/rooms/${room}/account_data/${type}`
      : path`/v3/user/${this.id}/account_data/${type}`;
    return this.put(at, content, options);
  }

  receipt(
    room: string,
    event: string,
    type = 'm.read',
    body: object = {},
    options: CallOptions = {},
  ): Promise<Any> {
    return this.post(path`/v3/rooms/${room}/receipt/${type}/${event}`, body, options);
  }

  async sync(options: SyncOptions = {}): Promise<Any> {
    const { filter, signal, expect, timeout, ...rest } = options;
    const query: CallOptions['query'] = { timeout: timeout ?? 0, ...rest };
    if (filter !== undefined) query.filter = typeof filter === 'string' ? filter : JSON.stringify(filter);
    return this.get('/v3/sync', { query, signal, expect });
  }

  /** Follows /sync until an answer satisfies the condition, and returns that answer. */
  async syncUntil(wanted: (sync: Any) => boolean, options: SyncOptions = {}): Promise<Any> {
    let since = options.since;
    for (;;) {
      const answer = await this.sync({ ...options, since, timeout: since === undefined ? 0 : 10_000 });
      if (wanted(answer)) return answer;
      since = answer.next_batch;
    }
  }
}
