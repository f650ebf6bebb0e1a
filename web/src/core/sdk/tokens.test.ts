// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import type { Credentials } from '../entry.ts';
import { TokenKeeper } from './tokens.ts';

const CREDENTIALS: Credentials = {
  homeserver: 'https://example.org',
  userId: '@a:example.org',
  deviceId: 'D',
  accessToken: 'old',
  refreshToken: 'again',
};

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

/** A server that knows one token, and gives "new" for "again". */
function setUp(known = 'new', refreshes = true) {
  const save = vi.fn(async () => {});
  const send = vi.fn(async (input: unknown, init?: RequestInit) => {
    if (String(input).endsWith('/refresh')) {
      if (!refreshes) return json(401, { errcode: 'M_UNKNOWN_TOKEN' });
      return json(200, { access_token: 'new', refresh_token: 'again2' });
    }
    const token = new Headers(init?.headers).get('Authorization');
    if (token === `Bearer ${known}`) return json(200, {});
    return json(401, { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true });
  });
  const keeper = new TokenKeeper(CREDENTIALS, save, send as typeof fetch);
  const ask = () => keeper.fetch('https://example.org/x', { headers: { Authorization: 'Bearer whatever' } });
  const refreshed = () => send.mock.calls.filter(([input]) => String(input).endsWith('/refresh')).length;
  return { keeper, save, ask, refreshed };
}

test('a token that has run out is renewed, kept, and the request sent again', async () => {
  const { ask, save, keeper, refreshed } = setUp();
  expect((await ask()).status).toBe(200);
  expect(save).toHaveBeenCalledWith({ accessToken: 'new', refreshToken: 'again2' });
  expect(keeper.accessToken).toBe('new');
  expect((await ask()).status).toBe(200);
  expect(refreshed()).toBe(1);
});

test('requests that fail together renew once', async () => {
  const { ask, refreshed } = setUp();
  const all = await Promise.all([ask(), ask(), ask()]);
  expect(all.map((response) => response.status)).toEqual([200, 200, 200]);
  expect(refreshed()).toBe(1);
});

test('a refused renewal leaves the answer as it came', async () => {
  const { ask, save } = setUp('new', false);
  expect((await ask()).status).toBe(401);
  expect(save).not.toHaveBeenCalled();
});

const REFUSALS: [string, () => Response][] = [
  ['429', () => json(429, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 5000 })],
  ['500', () => json(500, { errcode: 'M_UNKNOWN' })],
  ['502 of a proxy', () => new Response('<html>', { status: 502 })],
  ['401 of a proxy', () => new Response('<html>', { status: 401 })],
  ['200 that is no answer', () => new Response('<html>', { status: 200 })],
  ['200 without a token', () => json(200, [])],
];

/** A server that answers a refresh as it is told, and a clock. */
function setUpRefresh(refresh: () => Response) {
  const clock = { at: 0 };
  const send = vi.fn(async (input: unknown, init?: RequestInit) => {
    if (String(input).endsWith('/refresh')) return refresh();
    const good = new Headers(init?.headers).get('Authorization') === 'Bearer new';
    return good ? json(200, {}) : json(401, { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true });
  });
  const keeper = new TokenKeeper(
    CREDENTIALS,
    async () => {},
    send as typeof fetch,
    () => clock.at,
  );
  const ask = () => keeper.fetch('https://example.org/x', { headers: { Authorization: 'Bearer old' } });
  const refreshes = () => send.mock.calls.filter(([input]) => String(input).endsWith('/refresh')).length;
  return { clock, ask, refreshes };
}

test.each(REFUSALS)(
  'a refresh answered with %s ends no session: it is a cut, and is tried again',
  async (_, refusal) => {
    let broken = true;
    const { clock, ask, refreshes } = setUpRefresh(() =>
      broken ? refusal() : json(200, { access_token: 'new' }),
    );
    await expect(ask()).rejects.toThrow(TypeError);
    // Not at once again: a busy server is left in peace for as long as it asks.
    await expect(ask()).rejects.toThrow(TypeError);
    expect(refreshes()).toBe(1);
    broken = false;
    clock.at = 5000;
    expect((await ask()).status).toBe(200);
    expect(refreshes()).toBe(2);
  },
);

test.each([
  ['as long as the header says', '7', 7000],
  ['ten minutes at most, whatever the header says', '31536000', 600_000],
])('a refresh that the server asks to wait for waits %s', async (_, header, wait) => {
  const { clock, ask, refreshes } = setUpRefresh(
    () => new Response('', { status: 503, headers: { 'Retry-After': header } }),
  );
  await expect(ask()).rejects.toThrow(TypeError);
  clock.at = wait - 1;
  await expect(ask()).rejects.toThrow(TypeError);
  expect(refreshes()).toBe(1);
  clock.at = wait;
  await expect(ask()).rejects.toThrow(TypeError);
  expect(refreshes()).toBe(2);
});

test('the end of the account is noticed, whatever was asked', async () => {
  const send = vi.fn(async () => json(403, { errcode: 'ORG_MATRIX_EXPIRED_ACCOUNT' }));
  const keeper = new TokenKeeper(CREDENTIALS, async () => {}, send as typeof fetch);
  keeper.onExpired = vi.fn();
  await keeper.fetch('https://example.org/x', { headers: { Authorization: 'Bearer whatever' } });
  expect(keeper.onExpired).toHaveBeenCalledTimes(1);
});

test('a token that is good is used whatever the SDK remembers', async () => {
  const { ask, refreshed } = setUp('old');
  expect((await ask()).status).toBe(200);
  expect(refreshed()).toBe(0);
});

/** The pairs that a server is shown, in order, and a vault that answers as it is told. */
function setUpSaving(save: () => Promise<void>) {
  const shown: string[] = [];
  let refreshes = 0;
  const send = async (input: unknown, init?: RequestInit) => {
    if (String(input).endsWith('/refresh')) {
      refreshes++;
      return json(200, { access_token: 'new', refresh_token: 'again2' });
    }
    const token = new Headers(init?.headers).get('Authorization') ?? '';
    shown.push(token);
    return token === 'Bearer new' ? json(200, {}) : json(401, { soft_logout: true });
  };
  const keeper = new TokenKeeper(CREDENTIALS, save, send as typeof fetch);
  const ask = () => keeper.fetch('https://example.org/x', { headers: { Authorization: 'Bearer whatever' } });
  return { keeper, ask, shown, refreshes: () => refreshes };
}

test('nothing uses a new token before it is kept: a page that dies meanwhile finds the old one, still good', async () => {
  const saving = Promise.withResolvers<void>();
  const save = vi.fn(() => saving.promise);
  const { keeper, ask, shown } = setUpSaving(save);
  const first = ask();
  await vi.waitFor(() => expect(save).toHaveBeenCalled());
  const second = ask();
  await vi.waitFor(() => expect(shown).toHaveLength(2));
  expect(shown).toEqual(['Bearer old', 'Bearer old']);
  expect(keeper.accessToken).toBe('old');
  saving.resolve();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  expect(save).toHaveBeenCalledOnce();
});

test('a new token that cannot be kept is used by nothing, and is written again with the next request', async () => {
  let full = true;
  const save = vi.fn(async () => {
    if (full) throw new DOMException('no place', 'QuotaExceededError');
  });
  const { ask, shown, refreshes } = setUpSaving(save);
  await expect(ask()).rejects.toThrow(TypeError);
  await expect(ask()).rejects.toThrow(TypeError);
  expect(shown).toEqual(['Bearer old', 'Bearer old']);
  full = false;
  expect((await ask()).status).toBe(200);
  expect(refreshes()).toBe(1);
  expect(save).toHaveBeenCalledTimes(3);
});
