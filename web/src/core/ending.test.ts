// SPDX-License-Identifier: EUPL-1.2
import { afterEach, expect, test, vi } from 'vitest';
import { endDevice } from './ending.ts';

const credentials = {
  homeserver: 'https://example.org',
  userId: '@camille:example.org',
  deviceId: 'DEVICE',
  accessToken: 'old',
  refreshToken: 'more',
};

afterEach(() => vi.unstubAllGlobals());

/** What was asked, with which token; the answers, one after the other. */
function server(...answers: (Response | Error)[]) {
  const asked: [string, string | null][] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push([new URL(url).pathname, new Headers(init.headers).get('Authorization')]);
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new TypeError('no network');
  });
  return asked;
}

const LOGOUT = '/_matrix/client/v3/logout';

test('the server is told that the device is no more', async () => {
  const asked = server(Response.json({}));
  await endDevice(credentials);
  expect(asked).toEqual([[LOGOUT, 'Bearer old']]);
});

test('a token that has run out is renewed for it', async () => {
  const asked = server(
    Response.json({ errcode: 'M_UNKNOWN_TOKEN', soft_logout: true }, { status: 401 }),
    Response.json({ access_token: 'new' }),
    Response.json({}),
  );
  await endDevice(credentials);
  expect(asked).toEqual([
    [LOGOUT, 'Bearer old'],
    ['/_matrix/client/v3/refresh', null],
    [LOGOUT, 'Bearer new'],
  ]);
});

test('a server that cannot be told is left alone', async () => {
  server(new TypeError('no network'));
  await expect(endDevice(credentials)).resolves.toBeUndefined();
});
