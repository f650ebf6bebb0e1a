// SPDX-License-Identifier: EUPL-1.2
// The end of a device whose session cannot tell the server: without the SDK, which may be what failed.
import type { Credentials } from './entry.ts';
import { type Answer, ask } from './http.ts';

const BASE = '/_matrix/client/v3';

/** Tells the server, with new tokens where those that are kept have run out. Never fails. */
export async function endDevice({ homeserver, accessToken, refreshToken }: Credentials): Promise<void> {
  const logout = (token: string): Promise<Answer> =>
    ask('POST', `${homeserver}${BASE}/logout`, {}, token, true);
  try {
    const { status } = await logout(accessToken);
    if (status !== 401 || !refreshToken) return;
    const { body } = await ask('POST', `${homeserver}${BASE}/refresh`, { refresh_token: refreshToken });
    if (typeof body.access_token === 'string') await logout(body.access_token);
  } catch {
    // A server that cannot be told is left alone.
  }
}
