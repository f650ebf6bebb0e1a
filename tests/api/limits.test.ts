// SPDX-License-Identifier: EUPL-1.2
// A server with its rate limits on.
import { describe, expect, test } from 'vitest';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { PASSWORD, unique } from './src/user.ts';

const t = stage({ set: { rate_limits: 'on' } });

const guess = (user: string, password: string) =>
  t.api.call('POST', '/_matrix/client/v3/login', {
    body: { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password },
    expect: 'any',
  });

test('[H04] [LOG-01] guessing a password is limited, and the owner is not shut out', async () => {
  const user = await t.user();
  let limited: Awaited<ReturnType<typeof guess>> | undefined;
  for (let i = 0; i < 100 && !limited; i++) {
    const answer = await guess(user.id, `wrong ${i}`);
    if (answer.status === 429) limited = answer;
    else expect([answer.status, answer.body.errcode]).toEqual([403, 'M_FORBIDDEN']);
  }
  expect(limited?.body.errcode).toBe('M_LIMIT_EXCEEDED');
  expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(limited?.body.retry_after_ms).toBeGreaterThan(0);
  // The limit is no oracle: the right password gets the same answer while it lasts.
  expect((await guess(user.id, PASSWORD)).status).toBe(429);
  expect((await user.get('/v3/account/whoami')).user_id).toBe(user.id);
});

test('[LOG-01] guesses sent all at once are not more than guesses one by one', async () => {
  const user = await t.user();
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => guess(user.id, `wrong ${i}`)));
  const learnt = answers.filter((answer) => answer.status === 403).length;
  expect(learnt).toBeGreaterThan(0);
  expect(learnt).toBeLessThan(12);
});

test('[HTTP-17] a forwarded address from an untrusted peer does not escape a limit', async () => {
  const user = await t.user();
  let limited = false;
  for (let i = 0; i < 100 && !limited; i++) {
    const answer = await t.api.call('POST', '/_matrix/client/v3/login', {
      headers: { 'x-forwarded-for': `203.0.113.${i}`, forwarded: `for=198.51.100.${i}` },
      body: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: user.id },
        password: `bad ${i}`,
      },
      expect: 'any',
    });
    limited = answer.status === 429;
  }
  expect(limited).toBe(true);
});

describe('the scanner as an oracle, or as work for others', () => {
  const limited = stage({
    set: {
      rate_limits: 'on',
      'rate_limits.read.burst': '5',
      'rate_limits.read.per_minute': '1',
    },
  });

  test('[MED-15] one who asks for scans without end is told to wait, and the others are not', async () => {
    const [user, other] = [await limited.user(), await limited.user()];
    const place = '/_matrix/media_proxy/unstable/scan/localhost/none';
    const ask = (who: typeof user) => limited.api.call('GET', place, { token: who.token, expect: 'any' });
    let answer = await ask(user);
    for (let i = 0; i < 20 && answer.status !== 429; i++) answer = await ask(user);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(other)).status).not.toBe(429);
  });
});

describe('guesses from many addresses, of which each stays under its own limit', () => {
  const wide = stage({
    set: {
      rate_limits: 'on',
      'rate_limits.login.burst': '10000',
      'rate_limits.login.per_minute': '10000',
      'rate_limits.login_account.burst': '4',
      'rate_limits.login_account.per_minute': '1',
    },
  });
  const byName = (user: string) => ({ type: 'm.id.user', user });
  const byAddress = (address: string) => ({ type: 'm.id.thirdparty', medium: 'email', address });
  const triesUntilLimited = async (identifiers: object[]) => {
    for (let i = 0; i < 100; i++) {
      const answer = await wide.api.call('POST', '/_matrix/client/v3/login', {
        body: {
          type: 'm.login.password',
          identifier: identifiers[i % identifiers.length],
          password: `wrong ${i}`,
        },
        expect: 'any',
      });
      if (answer.status === 429) return i;
      expect([answer.status, answer.body.errcode]).toEqual([403, 'M_FORBIDDEN']);
    }
    return -1;
  };

  test('[ACL-06] a name that nobody has is limited like an account', async () => {
    const user = await wide.user();
    const [name, server] = user.id.slice(1).split(':');
    const there = await triesUntilLimited([user.id, `${name}`].map(byName));
    expect(there).toBeGreaterThan(0);
    expect(await triesUntilLimited([`@x${name}:${server}`, `x${name}`].map(byName))).toBe(there);
  });

  test('[LOG-01] [ACL-06] guesses by address and by user id are counted together, whoever is there', async () => {
    const name = unique('guessed');
    const both = [byName(`@${name}-interieur.example:localhost`), byAddress(`${name}@interieur.example`)];
    const one = await triesUntilLimited([byAddress(`x${name}@interieur.example`)]);
    expect(await triesUntilLimited(both)).toBe(one);
  });
});

describe('a ministry is one address', () => {
  const own = stage({
    set: { rate_limits: 'on', 'rate_limits.login.burst': '10', 'rate_limits.login.per_minute': '10' },
  });

  test('what a colleague asks refuses nobody a fresh token, nor does the limit of one account end a session', async () => {
    const user = await own.user();
    const identifier = { type: 'm.id.user', user: user.id };
    const body = { type: 'm.login.password', identifier, password: PASSWORD, refresh_token: true };
    const post = (route: string, sent: Any) =>
      own.api.call('POST', `/_matrix/client/v3/${route}`, { body: sent, expect: 'any' });
    let tokens = (await post('login', body)).body;
    const nobody = { ...body, identifier: { ...identifier, user: '@nobody:localhost' } };
    while ((await post('login', nobody)).status !== 429) expect(tokens.refresh_token).toBeDefined();
    let fresh = 0;
    let answer = await post('refresh', { refresh_token: tokens.refresh_token });
    while (answer.status === 200 && fresh < 100) {
      tokens = answer.body;
      fresh++;
      answer = await post('refresh', { refresh_token: tokens.refresh_token });
    }
    expect(fresh).toBeGreaterThanOrEqual(10);
    expect([answer.status, answer.body.errcode]).toEqual([429, 'M_LIMIT_EXCEEDED']);
    expect(answer.body.retry_after_ms).toBeGreaterThan(0);
    await own.api.call('GET', '/_matrix/client/v3/account/whoami', { token: tokens.access_token });
  });
});
