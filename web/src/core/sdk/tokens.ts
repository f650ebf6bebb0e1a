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

export class TokenKeeper {
  private readonly homeserver: string;
  private readonly save: (tokens: Tokens) => Promise<void>;
  private readonly send: Fetch;
  private tokens: Tokens;
  /** Told each time the server says that the account is past its end. */
  onExpired: () => void = () => {};
  private refreshing: Promise<boolean> | undefined;

  constructor(
    credentials: Credentials,
    save: (tokens: Tokens) => Promise<void>,
    send: Fetch = globalThis.fetch.bind(globalThis),
  ) {
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
    const body = (await response
      .clone()
      .json()
      .catch(() => ({}))) as { soft_logout?: unknown };
    if (body.soft_logout !== true || !(await this.renew(used))) return response;
    headers.set('Authorization', `Bearer ${this.tokens.accessToken}`);
    return this.send(input, { ...init, headers });
  };

  /** Any request of an account past its end is refused in the same words (docs/design/validity.md). */
  private async lookForEnd(response: Response): Promise<void> {
    const body = (await response
      .clone()
      .json()
      .catch(() => ({}))) as { errcode?: unknown };
    if (body.errcode === 'ORG_MATRIX_EXPIRED_ACCOUNT') this.onExpired();
  }

  /** One refresh at a time, and none when another request has got a newer token meanwhile. */
  private renew(used: string): Promise<boolean> {
    if (used !== this.tokens.accessToken) return Promise.resolve(true);
    this.refreshing ??= this.refresh().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async refresh(): Promise<boolean> {
    const response = await this.send(`${this.homeserver}/_matrix/client/v3/refresh`, {
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refresh_token: this.tokens.refreshToken }),
    });
    if (response.status !== 200) return false;
    const body = (await response.json()) as { access_token?: unknown; refresh_token?: unknown };
    if (typeof body.access_token !== 'string') return false;
    const next = typeof body.refresh_token === 'string' ? body.refresh_token : this.tokens.refreshToken;
    this.tokens = { accessToken: body.access_token, refreshToken: next };
    // Before the first use: the server forgets the old pair once it sees the new one.
    await this.save(this.tokens);
    return true;
  }
}
