// SPDX-License-Identifier: EUPL-1.2
import type { Credentials, Entry, MailProof, MailPurpose, SignUpOffer, SignUpWay } from '../entry.ts';
import { Failure } from '../failure.ts';
import type { AddressInfo } from '../identity.ts';

export const FAKE_MAIL_CODE = '12345678';

export class FakeEntry implements Entry {
  way: SignUpWay = 'open';
  /** The one that is good, where the way is by one. */
  token: string | undefined;
  /** Thrown by the next call. */
  failing: Failure | undefined;
  readonly accounts = new Map<string, string>();
  readonly proved = new Set<string>();

  private check(): void {
    const failure = this.failing;
    this.failing = undefined;
    if (failure) throw failure;
  }

  async operator(): Promise<string | undefined> {
    this.check();
    return undefined;
  }

  async offer(): Promise<SignUpOffer> {
    this.check();
    return { way: this.way, passwordLeast: 12, policies: [], demoMails: undefined };
  }

  async about(address: string): Promise<AddressInfo> {
    this.check();
    const external = !address.endsWith('interieur.example');
    return { organisation: external ? undefined : 'Intérieur', external };
  }

  async sendCode(_: MailPurpose, address: string, before?: MailProof): Promise<MailProof> {
    this.check();
    const attempt = (before?.attempt ?? 0) + 1;
    return { address, sid: 'sid', secret: 'secret', submitUrl: '', attempt };
  }

  async submitCode(proof: MailProof, code: string): Promise<void> {
    this.check();
    if (code !== FAKE_MAIL_CODE) throw new Failure('M_TOKEN_INCORRECT', 400, { reason: 'code_wrong' });
    this.proved.add(proof.address);
  }

  async signUpByMail(proof: MailProof, password: string): Promise<Credentials> {
    this.check();
    if (!this.proved.has(proof.address)) throw new Failure('M_UNAUTHORIZED', 401);
    return this.signUp(proof.address, password);
  }

  async resetPassword(proof: MailProof, password: string): Promise<void> {
    this.check();
    if (!this.proved.has(proof.address)) throw new Failure('M_UNAUTHORIZED', 401);
    if (!this.accounts.has(proof.address)) throw new Failure('M_THREEPID_NOT_FOUND', 404);
    this.accounts.set(proof.address, password);
  }

  async signIn(name: string, password: string): Promise<Credentials> {
    this.check();
    if (this.accounts.get(name) !== password) throw new Failure('M_FORBIDDEN', 403);
    return credentialsOf(name);
  }

  async signUp(name: string, password: string, token?: string): Promise<Credentials> {
    this.check();
    if (token !== this.token) throw new Failure('INVITATION_REFUSED', 401);
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
