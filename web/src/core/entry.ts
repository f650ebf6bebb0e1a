// SPDX-License-Identifier: EUPL-1.2
// The port through which one comes in: what the server offers, signing in and signing up.

export interface Credentials {
  readonly homeserver: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** How an account is made here: with a name of one's choice, by mail, or not by oneself. */
export type SignUpWay = 'open' | 'email' | 'closed';

export interface Entry {
  signUpWay(): Promise<SignUpWay>;
  /** `name` is what the person typed: a user name or an e-mail address. */
  signIn(name: string, password: string): Promise<Credentials>;
  signUp(name: string, password: string): Promise<Credentials>;
}
