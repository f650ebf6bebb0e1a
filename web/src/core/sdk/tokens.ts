// SPDX-License-Identifier: EUPL-1.2
// Access tokens are short-lived. Every request of the SDK goes through `fetch` here, which puts the
// token in force on it and, when the server says that it has run out, gets another and asks again.
// Client-server API, "Refreshing access tokens".
import type { Credentials } from '../entry.ts';

interface Tokens {
  accessToken: string;
  refreshToken: string | undefined;
}

type Fetch = typeof globalThis.fetch;

/** Between two attempts of a refresh that could not be had, unless the server names a time. */
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** However long the server, or a proxy before it, asks to wait: a wrong answer is not for ever. */
const LONGEST_WAIT_MS = 600_000;

interface Refusal {
  errcode?: unknown;
  retry_after_ms?: unknown;
}

/** What fetch throws when no answer comes: all that asks knows it, and tries again. */
const unanswered = (): TypeError => new TypeError('The session could not be refreshed now');

const bodyOf = async (response: Response): Promise<Record<string, unknown>> => {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? { ...body } : {};
};

/** How long the server asks to wait; undefined: it does not say. */
function waitOf(response: Response, { retry_after_ms: ms }: Refusal): number | undefined {
  if (typeof ms === 'number' && ms >= 0) return ms;
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}

export class TokenKeeper {
  private readonly homeserver: string;
  private readonly save: (tokens: Tokens) => Promise<void>;
  private readonly send: Fetch;
  private tokens: Tokens;
  /** Told each time the server says that the account is past its end. */
  onExpired: () => void = () => {};
  private refreshing: Promise<boolean> | undefined;
  /** What the server has given and could not be kept yet. */
  private next: Tokens | undefined;
  private readonly now: () => number;
  /** Before then, no refresh is asked for. */
  private notBefore = 0;
  private pause = PAUSE_MS;

  constructor(
    credentials: Credentials,
    save: (tokens: Tokens) => Promise<void>,
    send: Fetch = globalThis.fetch.bind(globalThis),
    now: () => number = () => performance.now(),
  ) {
    this.now = now;
    this.homeserver = credentials.homeserver;
    this.tokens = { accessToken: credentials.accessToken, refreshToken: credentials.refreshToken };
    this.save = save;
    this.send = send;
  }

  get accessToken(): string {
    return this.tokens.accessToken;
  }

  readonly fetch: Fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has('Authorization')) return this.send(input, init);
    const used = this.tokens.accessToken;
    headers.set('Authorization', `Bearer ${used}`);
    const response = await this.send(input, { ...init, headers });
    if (response.status === 403) await this.lookForEnd(response);
    if (response.status !== 401 || !this.tokens.refreshToken) return response;
    const body = await bodyOf(response.clone());
    if (body.soft_logout !== true || !(await this.renew(used))) return response;
    headers.set('Authorization', `Bearer ${this.tokens.accessToken}`);
    return this.send(input, { ...init, headers });
  };

  /** Any request of an account past its end is refused in the same words (docs/design/validity.md). */
  private async lookForEnd(response: Response): Promise<void> {
    const body = await bodyOf(response.clone());
    if (body.errcode === 'ORG_MATRIX_EXPIRED_ACCOUNT') this.onExpired();
  }

  /** One refresh at a time, and none when another request has got a newer token meanwhile. False: the server
   * knows the session no more. Throws what fetch throws without a network when nothing says so: a server that
   * is busy, or broken, ends no session, and with it all that this device keeps. */
  private renew(used: string): Promise<boolean> {
    if (used !== this.tokens.accessToken) return Promise.resolve(true);
    this.refreshing ??= this.refresh().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  /** The server forgets the old pair once it sees the new one. So nothing uses that one before it is kept: a
   * page that dies meanwhile, or a vault that cannot write, would leave the next visit with a dead one. What
   * could not be kept is written again with the next request. */
  private async refresh(): Promise<boolean> {
    this.next ??= await this.obtain();
    const { next } = this;
    if (!next) return false;
    await this.save(next).catch(() => {
      throw unanswered();
    });
    this.tokens = next;
    this.next = undefined;
    return true;
  }

  /** Undefined: the server knows the session no more. */
  private async obtain(): Promise<Tokens | undefined> {
    if (this.now() < this.notBefore) throw unanswered();
    const response = await this.send(`${this.homeserver}/_matrix/client/v3/refresh`, {
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refresh_token: this.tokens.refreshToken }),
    });
    if (response.status === 403) await this.lookForEnd(response);
    const body = await bodyOf(response);
    if ([401, 403].includes(response.status) && body.errcode === 'M_UNKNOWN_TOKEN') return undefined;
    if (response.status !== 200 || typeof body.access_token !== 'string') {
      this.notBefore = this.now() + Math.min(waitOf(response, body) ?? this.pause, LONGEST_WAIT_MS);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
      throw unanswered();
    }
    this.pause = PAUSE_MS;
    const refreshToken =
      typeof body.refresh_token === 'string' ? body.refresh_token : this.tokens.refreshToken;
    return { accessToken: body.access_token, refreshToken };
  }
}
