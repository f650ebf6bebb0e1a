// SPDX-License-Identifier: EUPL-1.2
// The port through which one comes in: what the server offers, signing in and signing up.
import type { AddressInfo } from './identity.ts';

export interface Credentials {
  readonly homeserver: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** How an account is made here: with a name of one's choice, the same with a code that one was given, by mail,
 * or not by oneself. */
export type SignUpWay = 'open' | 'token' | 'email' | 'closed';

export interface Policy {
  readonly name: string;
  readonly url: string;
}

export interface SignUpOffer {
  readonly way: SignUpWay;
  readonly passwordLeast: number;
  /** What one accepts, by language. */
  readonly policies: readonly Readonly<Record<string, Policy>>[];
  /** Where the demonstration shows its mails; undefined elsewhere. */
  readonly demoMails: string | undefined;
}

/** What an address is proved for: an account to be made, or a forgotten password. */
export type MailPurpose = 'signUp' | 'reset';

/** An address that is being proved; the secret makes the code good for this browser only. */
export interface MailProof {
  readonly address: string;
  readonly sid: string;
  readonly secret: string;
  readonly submitUrl: string;
  readonly attempt: number;
}

export interface Entry {
  /** The organisation that runs the service; undefined where it is not said. */
  operator(): Promise<string | undefined>;
  offer(): Promise<SignUpOffer>;
  /** `name` is what the person typed: a user name or an e-mail address. */
  signIn(name: string, password: string): Promise<Credentials>;
  /** `token`: where the way is by one; INVITATION_REFUSED when the server does not take it. */
  signUp(name: string, password: string, token?: string): Promise<Credentials>;

  about(address: string): Promise<AddressInfo>;
  /** Sends a code; with the earlier proof of the same address, another one. */
  sendCode(purpose: MailPurpose, address: string, before?: MailProof): Promise<MailProof>;
  submitCode(proof: MailProof, code: string): Promise<void>;
  signUpByMail(proof: MailProof, password: string): Promise<Credentials>;
  /** Every device that was signed in is signed out. */
  resetPassword(proof: MailProof, password: string): Promise<void>;
}
