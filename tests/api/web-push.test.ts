// SPDX-License-Identifier: EUPL-1.2
// Web Push: pushers of browsers, and « Recevoir un test ». docs/design/push.md
import { readFile, stat } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { Gateway, Subscription, vapidOf } from './src/gateway.ts';
import { Server } from './src/server.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { User, unique } from './src/user.ts';

const KIND = 'org.matrix.msc4174.webpush';
const t = stage({ set: { 'push.allow': '127.0.0.1' } });

const services: Gateway[] = [];
/** A push service that takes everything, as they do. */
const service = async (behaviour: Parameters<typeof Gateway.start>[0] = () => ({ status: 201 })) => {
  const made = await Gateway.start(behaviour);
  services.push(made);
  return made;
};
afterEach(async () => {
  for (const open of services.splice(0)) await open.close();
});

const urlOf = (to: Gateway) => `http://127.0.0.1:${to.port}/subscription/${unique('s')}`;
const wish = (url: string, browser: Subscription, more: Any = {}): Any => ({
  kind: KIND,
  app_id: 'org.chappe.web',
  pushkey: browser.p256dh,
  app_display_name: 'Chappe',
  device_display_name: 'Firefox, Linux',
  lang: 'fr',
  append: true,
  data: { url, auth: browser.auth.toString('base64url') },
  ...more,
});
const set = (user: User, body: Any, options = {}) => user.post('/v3/pushers/set', body, options);
const pushersOf = async (user: User): Promise<Any[]> => (await user.get('/v3/pushers')).pushers;
const vapidKey = async (user: User): Promise<string> =>
  (await user.get('/v3/capabilities')).capabilities[KIND].vapid;
const subscribed = async (user: User, to: Gateway) => {
  const [browser, url] = [new Subscription(), urlOf(to)];
  await set(user, wish(url, browser));
  return { browser, url };
};
const tryPusher = (user: User, browser: Subscription, more: object = {}, options = {}): Promise<Any> =>
  user.post(
    '/unstable/org.chappe/push/test',
    { app_id: 'org.chappe.web', pushkey: browser.p256dh, ...more },
    options,
  );

test('[WEBPUSH] the key that browsers subscribe with is announced, kept, and secret', async () => {
  const alice = await t.user('alice');
  const key = await vapidKey(alice);
  expect(Buffer.from(key, 'base64url')).toHaveLength(65);
  expect((await alice.get('/v3/capabilities')).capabilities[KIND].enabled).toBe(true);
  const file = `${t.server.dataDir}/push.key`;
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(Buffer.from((await readFile(file, 'utf8')).trim(), 'base64')).toHaveLength(32);
  await t.server.restart();
  expect(await vapidKey(alice)).toBe(key);
});

test('[WEBPUSH] a subscription is a pusher; what is none is refused', async () => {
  const alice = await t.user('alice');
  const [browser, url] = [new Subscription(), 'https://push.example.org/s/abc'];
  const body = wish(url, browser);
  await set(alice, body);
  const { append: _, ...kept } = body;
  expect(await pushersOf(alice)).toEqual([{ ...kept, data: { ...kept.data, activated: true } }]);
  const off = Buffer.from(browser.p256dh, 'base64url');
  off[20] ^= 1;
  for (const more of [
    { pushkey: 'x' },
    { pushkey: off.toString('base64url') },
    { data: { url, auth: 'AAAA' } },
    { data: { url: 'https://192.168.0.1/s', auth: body.data.auth } },
    { data: { url: 'http://push.example.org/s', auth: 'x' } },
  ])
    await set(alice, wish(url, browser, more), { expect: [400, 'M_INVALID_PARAM'] });
  await set(alice, wish(url, browser, { data: { url } }), { expect: [400, 'M_MISSING_PARAM'] });
  await set(alice, wish(url, browser, { data: { auth: body.data.auth } }), {
    expect: [400, 'M_MISSING_PARAM'],
  });
});

test('[WEBPUSH] an event reaches the browser alone: encrypted, signed, ids and counts', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await service();
  const room = await alice.roomWith([bob], { name: 'Canari nom' });
  const big = await alice.roomWith([bob, await t.user('carol')]);
  const { browser, url } = await subscribed(bob, to);
  const hello = await alice.send(room, 'Canari texte');
  await to.until(() => to.pushes.length === 1);
  const [push] = to.pushes;
  expect(`http://127.0.0.1:${to.port}${push.path}`).toBe(url);
  expect(push.headers).toMatchObject({
    'content-encoding': 'aes128gcm',
    ttl: '86400',
    urgency: 'high',
  });
  expect(push.headers.topic).toMatch(/^[\w-]{32}$/);
  expect(browser.decrypt(push.body)).toEqual({
    event_id: hello,
    room_id: room,
    counts: { unread: 1 },
    prio: 'high',
  });
  const { key, claims } = vapidOf(push);
  expect(key).toBe(await vapidKey(bob));
  expect(claims.aud).toBe(`http://127.0.0.1:${to.port}`);
  expect(claims.exp).toBeGreaterThan(Date.now() / 1000);
  expect(claims.exp).toBeLessThan(Date.now() / 1000 + 24 * 3600);
  expect(claims.sub).toMatch(/^(mailto:|https?:)/);
  // Its length says nothing, nor does anything in clear.
  const mention = await alice.send(big, {
    msgtype: 'm.text',
    body: 'toi',
    'm.mentions': { user_ids: [bob.id] },
  });
  await to.until(() => to.pushes.length === 2);
  expect(browser.decrypt(to.pushes[1].body)).toMatchObject({ event_id: mention, counts: { unread: 2 } });
  expect(to.pushes[1].body).toHaveLength(push.body.length);
  expect(to.pushes[1].headers.topic).toBeUndefined();
  const quiet = await alice.send(big, 'sans bruit');
  await to.until(() => to.pushes.length === 3);
  expect(browser.decrypt(to.pushes[2].body)).toMatchObject({ event_id: quiet, prio: 'low' });
  expect(to.pushes[2].headers.urgency).toBe('normal');
  for (const { body, headers } of to.pushes) {
    const clear = body.toString('latin1') + JSON.stringify(headers);
    for (const word of ['Canari', alice.id, bob.id, room, hello]) expect(clear).not.toContain(word);
  }
  // Another browser cannot read it, and no two messages are sealed alike.
  expect(() => new Subscription().decrypt(push.body)).toThrow();
  expect(new Set(to.pushes.map((p) => p.body.subarray(0, 86).toString('hex'))).size).toBe(3);
});

test('[WEBPUSH] a browser gets no message that only changes the count', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const to = await service();
  const room = await alice.roomWith([bob]);
  const { browser } = await subscribed(bob, to);
  const first = await alice.send(room, 'un');
  await to.until(() => to.pushes.length === 1);
  await bob.receipt(room, first);
  const gate = await Gateway.start();
  services.push(gate);
  const http = {
    ...wish(gate.url, browser),
    kind: 'http',
    pushkey: unique('k'),
    data: { url: gate.url },
  };
  await set(bob, http);
  const second = await alice.send(room, 'deux');
  await to.until(() => to.pushes.length === 2);
  expect(browser.decrypt(to.pushes[1].body)).toMatchObject({ event_id: second, counts: { unread: 1 } });
  await bob.receipt(room, second);
  // The gateway is told of it, so the browser was not.
  await gate.until(() => gate.notifications.some((n) => !n.event_id && n.counts.unread === 0));
  expect(to.pushes).toHaveLength(2);
});

for (const status of [404, 410])
  test(`[WEBPUSH] ${status} deletes the pusher`, async () => {
    const [alice, bob] = await t.users('alice', 'bob');
    const to = await service(() => ({ status }));
    const room = await alice.roomWith([bob]);
    await subscribed(bob, to);
    await alice.send(room, 'un');
    await to.until(() => to.pushes.length === 1);
    await expect.poll(async () => pushersOf(bob)).toEqual([]);
  });

test('[WEBPUSH] a push service that asks to wait, or is out of order, is asked again', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const replies = [{ status: 429, headers: { 'retry-after': '1' } }, { status: 502 }];
  const to = await service((_, nth) => replies[nth - 1] ?? { status: 201 });
  const room = await alice.roomWith([bob]);
  const { browser } = await subscribed(bob, to);
  const first = await alice.send(room, 'un');
  await to.until(() => to.pushes.length === 3);
  for (const push of to.pushes) expect(browser.decrypt(push.body).event_id).toBe(first);
  expect(await pushersOf(bob)).toHaveLength(1);
});

test('[WEBPUSH] a test is given to the browser, and names the link that fails', async () => {
  const alice = await t.user('alice');
  let status = 201;
  const to = await service(() => ({ status }));
  const { browser } = await subscribed(alice, to);
  expect(await tryPusher(alice, browser, { text: 'r4nd0m' })).toEqual({ outcome: 'accepted', status: 201 });
  expect(browser.decrypt(to.pushes[0].body)).toEqual({ test: 'r4nd0m' });
  expect(vapidOf(to.pushes[0]).key).toBe(await vapidKey(alice));
  for (const [answer, outcome] of [
    [401, 'key'],
    [403, 'key'],
    [400, 'refused'],
    [413, 'refused'],
    [429, 'later'],
    [500, 'later'],
    [302, 'refused'],
  ] as const) {
    status = answer;
    expect(await tryPusher(alice, browser)).toEqual({ outcome, status: answer });
  }
  expect(await pushersOf(alice)).toHaveLength(1);
  status = 410;
  expect(await tryPusher(alice, browser)).toEqual({ outcome: 'gone', status: 410 });
  expect(await pushersOf(alice)).toEqual([]);
  await tryPusher(alice, browser, {}, { expect: [404, 'M_NOT_FOUND'] });
  await tryPusher(alice, browser, { text: 'x'.repeat(65) }, { expect: [400, 'M_INVALID_PARAM'] });
});

test('[WEBPUSH] a test of what cannot be reached', async () => {
  const alice = await t.user('alice');
  const to = await service();
  const port = to.port;
  await to.close();
  services.splice(services.indexOf(to), 1);
  const closed = new Subscription();
  await set(alice, wish(`http://127.0.0.1:${port}/s`, closed));
  expect(await tryPusher(alice, closed)).toEqual({ outcome: 'unreachable' });
  const plain = await service();
  const clear = new Subscription();
  await set(alice, wish(`https://127.0.0.1:${plain.port}/s`, clear));
  expect(['certificate', 'unreachable']).toContain((await tryPusher(alice, clear)).outcome);
  const nowhere = new Subscription();
  await set(alice, wish('https://push.invalid/s', nowhere));
  expect((await tryPusher(alice, nowhere)).outcome).toBe('unresolved');
});

test('[WEBPUSH] a service without Web Push says so', async () => {
  const server = await Server.start({ set: { 'push.web': 'off' } });
  try {
    const alice = await User.register(server.api, 'alice');
    expect((await alice.get('/v3/capabilities')).capabilities[KIND]).toEqual({ enabled: false });
    const body = wish('https://push.example.org/s', new Subscription());
    await set(alice, body, { expect: [400, 'M_INVALID_PARAM'] });
  } finally {
    await server.dispose();
  }
});

test('[OUT-04] only listed hosts, where the operator lists them', async () => {
  const server = await Server.start({ set: { 'push.hosts': 'push.example.org, *.push.example.net' } });
  try {
    const alice = await User.register(server.api, 'alice');
    const refused = { expect: [400, 'M_INVALID_PARAM'] };
    await set(alice, wish('https://push.example.org/s', new Subscription()));
    await set(alice, wish('https://eu.PUSH.example.net:8443/s', new Subscription()));
    await set(alice, wish('https://push.example.net/s', new Subscription()), refused);
    await set(alice, wish('https://other.example.org/s', new Subscription()), refused);
    await set(alice, wish('https://xpush.example.org/s', new Subscription()), refused);
  } finally {
    await server.dispose();
  }
});
