// SPDX-License-Identifier: EUPL-1.2
// Agents and outside partners, on a server where people sign up by e-mail.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server } from './server.ts';
import { newAddress, signUp } from './signup.ts';
import { PASSWORD, User, unique } from './user.ts';

export const newAgent = (server: Server, name = 'agent') => signUp(server, newAddress(name));

/** An external whom the operator let in: no invitation waits for them anywhere. */
export async function newExternal(server: Server, name = 'partner'): Promise<User> {
  const localpart = unique(name);
  const file = join(server.dataDir, `${localpart}.password`);
  await writeFile(file, PASSWORD, { mode: 0o600 });
  await server.command(
    'user',
    'add',
    localpart,
    '--password-file',
    file,
    '--email',
    `${localpart}@partner.example`,
  );
  const answer = await server.api.call('POST', '/_matrix/client/v3/login', {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: localpart },
      password: PASSWORD,
    },
  });
  return new User(server.api, answer.body);
}

export const ACCESS = 'im.vector.room.access_rules';
export const accessRule = (rule: string, more: object = {}) => ({
  type: ACCESS,
  state_key: '',
  content: { rule, ...more },
});
export const state = (type: string, content: object) => ({ type, state_key: '', content });
