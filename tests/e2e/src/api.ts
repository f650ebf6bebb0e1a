// SPDX-License-Identifier: EUPL-1.2
// What another device of somebody would ask the server, without a browser.
import { PASSWORD, type Stage } from './stage.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** `path`: after "/_matrix/client/v3". */
export async function call(
  { program }: Stage,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const answer = await fetch(`${program.url}/_matrix/client/v3${path}`, {
    method,
    ...(token ? { headers: { Authorization: `Bearer ${token}` } } : {}),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** A token of another device of that account. */
export async function tokenOf(stage: Stage, name: string): Promise<string> {
  const identifier = { type: 'm.id.user', user: name };
  const { body } = await call(stage, undefined, 'POST', '/login', {
    type: 'm.login.password',
    identifier,
    password: PASSWORD,
  });
  return String(body.access_token);
}

/** An account that no browser is for; a token of its one device. */
export async function newAccount(stage: Stage, name: string): Promise<string> {
  const wish = { username: name, password: PASSWORD };
  const { body: asked } = await call(stage, undefined, 'POST', '/register', wish);
  const auth = { type: 'm.login.dummy', session: asked.session };
  const { body } = await call(stage, undefined, 'POST', '/register', { ...wish, auth });
  return String(body.access_token);
}
