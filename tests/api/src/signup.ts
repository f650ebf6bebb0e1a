// SPDX-License-Identifier: EUPL-1.2
// Signing up by e-mail, step by step as docs/design/accounts-by-mail.md says.
import { randomBytes } from 'node:crypto';
import type { CallOptions } from './http.ts';
import { type Mail, mailTo } from './mail.ts';
import type { Server } from './server.ts';
import { PASSWORD, User, unique } from './user.ts';

const CLIENT = '/_matrix/client/v3';
export const SUBMIT = '/_matrix/client/unstable/org.chappe/email/submit_token';

export interface Proof {
  sid: string;
  client_secret: string;
}

export const newSecret = () => randomBytes(16).toString('hex');
export const newAddress = (name = 'agent', domain = 'interieur.example') => `${unique(name)}@${domain}`;

/** "register", "account/password" or "account/3pid". */
export type Asking = 'register' | 'account/password' | 'account/3pid';

export async function askMail(
  server: Server,
  email: string,
  options: { at?: Asking; secret?: string; attempt?: number } & CallOptions = {},
): Promise<Proof> {
  const { at, secret, attempt, ...call } = options;
  const client_secret = secret ?? newSecret();
  const body = { client_secret, email, send_attempt: attempt ?? 1 };
  const answer = await server.api.call('POST', `${CLIENT}/${at ?? 'register'}/email/requestToken`, {
    body,
    ...call,
  });
  return { sid: answer.body.sid, client_secret };
}

export const submitCode = (server: Server, proof: Proof, token: string, expect?: CallOptions['expect']) =>
  server.api.call('POST', SUBMIT, { body: { ...proof, token }, expect });

/** Asks for a mail, waits for it, and submits its code. */
export async function prove(
  server: Server,
  email: string,
  options: { at?: Asking; token?: string; nth?: number } = {},
): Promise<Proof & { mail: Mail }> {
  const { nth, ...ask } = options;
  const proof = await askMail(server, email, ask);
  const mail = await mailTo(server, email.toLowerCase(), nth);
  await submitCode(server, proof, mail.code);
  return { ...proof, mail };
}

export const credentials = (proof: Proof) => ({
  type: 'm.login.email.identity',
  threepid_creds: { sid: proof.sid, client_secret: proof.client_secret },
});

/** The two stages of the registration with an address that was proved. */
export async function registerWith(
  server: Server,
  proof: Proof,
  extra: object = {},
  expect?: CallOptions['expect'],
) {
  const body = { password: PASSWORD, ...extra };
  const at = `${CLIENT}/register`;
  const first = await server.api.call('POST', at, { body, expect: 401 });
  const session = first.body.session;
  await server.api.call('POST', at, {
    body: { ...body, auth: { type: 'm.login.terms', session } },
    expect: 401,
  });
  return server.api.call('POST', at, { body: { ...body, auth: { ...credentials(proof), session } }, expect });
}

export async function signUp(server: Server, email: string, extra: object = {}): Promise<User> {
  const answer = await registerWith(server, await prove(server, email), extra);
  return new User(server.api, answer.body);
}
