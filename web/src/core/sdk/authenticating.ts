// SPDX-License-Identifier: EUPL-1.2
// What the server lets be done only with the password (client-server API, "User-Interactive
// Authentication"): asked without, and again with it.
import type { AuthDict, MatrixClient, MatrixError } from 'matrix-js-sdk';

export async function withPassword<T>(
  client: MatrixClient,
  password: string | undefined,
  request: (auth: AuthDict | null) => Promise<T>,
): Promise<T> {
  try {
    return await request(null);
  } catch (error) {
    const session = (error as MatrixError).data?.session as string | undefined;
    if (!password || !session) throw error;
    const identifier = { type: 'm.id.user', user: client.getSafeUserId() };
    return request({ type: 'm.login.password', identifier, password, session });
  }
}
