// SPDX-License-Identifier: EUPL-1.2
// Files, as the tests of the antivirus send and read them.
import { type Answer, type CallOptions, path } from './http.ts';
import type { User } from './user.ts';

export async function send(
  user: User,
  bytes: Uint8Array,
  type = 'application/octet-stream',
): Promise<string> {
  const options = { token: user.token, raw: bytes, headers: { 'content-type': type } };
  return (await user.api.call('POST', '/_matrix/media/v3/upload', options)).body.content_uri;
}

export function read(user: User, uri: string, options: CallOptions = {}): Promise<Answer> {
  const [server, id] = uri.slice('mxc://'.length).split('/');
  const place = path`/_matrix/client/v1/media/download/${server}/${id}`;
  return user.api.call('GET', place, { token: user.token, ...options });
}

export function thumbnail(user: User, uri: string, options: CallOptions = {}): Promise<Answer> {
  const [server, id] = uri.slice('mxc://'.length).split('/');
  const place = path`/_matrix/client/v1/media/thumbnail/${server}/${id}`;
  return user.api.call('GET', place, { token: user.token, query: { width: 32, height: 32 }, ...options });
}
