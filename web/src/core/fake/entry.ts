// SPDX-License-Identifier: EUPL-1.2
import type { Credentials, Entry, SignUpWay } from '../entry.ts';
import { Failure } from '../failure.ts';

export class FakeEntry implements Entry {
  way: SignUpWay = 'open';
  /** Thrown by the next call. */
  failing: Failure | undefined;
  readonly accounts = new Map<string, string>();

  private check(): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
  }

  async signUpWay(): Promise<SignUpWay> {
    this.check();
    return this.way;
  }

  async signIn(name: string, password: string): Promise<Credentials> {
    this.check();
    if (this.accounts.get(name) !== password) throw new Failure('M_FORBIDDEN', 403);
    return credentialsOf(name);
  }

  async signUp(name: string, password: string): Promise<Credentials> {
    this.check();
    if (this.accounts.has(name)) throw new Failure('M_USER_IN_USE', 400);
    this.accounts.set(name, password);
    return credentialsOf(name);
  }
}

const credentialsOf = (name: string): Credentials => ({
  homeserver: 'https://example.org',
  userId: `@${name}:example.org`,
  deviceId: 'DEVICE',
  accessToken: 'secret',
  refreshToken: undefined,
});
