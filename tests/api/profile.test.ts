// SPDX-License-Identifier: EUPL-1.2
// Profiles: name and avatar, and the rooms that follow them.

import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { Server } from './src/server.ts';
import { stage } from './src/stage.ts';
import type { Event } from './src/user.ts';

const t = stage();

test('name and avatar are set, shown, taken away, and nobody else sets them', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const at = (field: string) => path`/v3/profile/${alice.id}/${field}`;
  await alice.put(at('displayname'), { displayname: 'Alice Dupré' });
  await alice.put(at('avatar_url'), { avatar_url: 'mxc://localhost/abcDEF' });
  expect(await bob.get(path`/v3/profile/${alice.id}`)).toEqual({
    displayname: 'Alice Dupré',
    avatar_url: 'mxc://localhost/abcDEF',
  });
  expect(await bob.get(at('avatar_url'))).toEqual({ avatar_url: 'mxc://localhost/abcDEF' });
  await bob.put(at('displayname'), { displayname: 'Le ministre' }, { expect: [403, 'M_FORBIDDEN'] });
  await alice.put(at('avatar_url'), { avatar_url: 'https://evil.example/x' }, { expect: 400 });
  await alice.put(at('displayname'), { displayname: 'x'.repeat(256) }, { expect: 400 });
  await alice.call('DELETE', at('displayname'));
  await alice.call('DELETE', at('avatar_url'));
  expect(await bob.get(path`/v3/profile/${alice.id}`)).toEqual({});
  await bob.get(path`/v3/profile/${'@nobody-at-all:localhost'}`, { expect: [404, 'M_NOT_FOUND'] });
});

test('fields of one’s own: any JSON under a namespace, within bounds, and none of the server’s', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const at = (field: string) => path`/v3/profile/${alice.id}/${field}`;
  await alice.put(at('m.tz'), { 'm.tz': 'Europe/Paris' });
  await alice.put(at('org.example.desk'), { 'org.example.desk': { floor: 3, doors: ['a', null] } });
  expect(await bob.get(at('m.tz'))).toEqual({ 'm.tz': 'Europe/Paris' });
  expect(await bob.get(path`/v3/profile/${alice.id}`)).toEqual({
    'm.tz': 'Europe/Paris',
    'org.example.desk': { floor: 3, doors: ['a', null] },
  });
  await alice.put(at('m.tz'), { 'm.tz': 'Europe/Rome' });
  await bob.put(at('m.tz'), { 'm.tz': 'x' }, { expect: [403, 'M_FORBIDDEN'] });
  await bob.delete(at('m.tz'), { expect: [403, 'M_FORBIDDEN'] });
  await alice.put(at('m.tz'), { other: 1 }, { expect: [400, 'M_MISSING_PARAM'] });
  await alice.put(at('m.tz'), [], { expect: 400 });
  for (const key of ['tz', 'M.tz', 'm..tz', '.m', 'm.', 'm.1', 'é.x'])
    await alice.put(at(key), { [key]: 1 }, { expect: [400, 'M_INVALID_PARAM'] });
  const long = `m.${'x'.repeat(254)}`;
  await alice.put(at(long), { [long]: 1 }, { expect: [400, 'M_KEY_TOO_LARGE'] });
  const large = 'x'.repeat(40_000);
  await alice.put(at('m.large'), { 'm.large': large });
  await alice.put(at('m.second'), { 'm.second': large }, { expect: [400, 'M_PROFILE_TOO_LARGE'] });
  await alice.put(at('m.large'), { 'm.large': 'y'.repeat(40_000) });
  const own = 'org.chappe.organisation';
  await alice.put(at(own), { [own]: 'Premier ministre' }, { expect: [403, 'M_FORBIDDEN'] });
  await alice.delete(at('m.large'));
  await alice.delete(at('m.large'));
  await bob.get(at('m.large'), { expect: [404, 'M_NOT_FOUND'] });
  expect((await alice.get('/v3/capabilities')).capabilities['m.profile_fields'].enabled).toBe(true);
});

test('fields that are sent at once are counted together', async () => {
  const alice = await t.user();
  const value = 'x'.repeat(25_000);
  const keys = Array.from({ length: 8 }, (_, i) => `org.example.f${i}`);
  const answers = await Promise.all(
    keys.map((key) =>
      t.api.call('PUT', path`/_matrix/client/v3/profile/${alice.id}/${key}`, {
        token: alice.token,
        body: { [key]: value },
        expect: 'any',
      }),
    ),
  );
  expect(answers.map((a) => a.status).toSorted()).toEqual([200, 200, ...Array(6).fill(400)]);
  expect(Object.keys(await alice.get(path`/v3/profile/${alice.id}`))).toHaveLength(2);
});

test('a change of name reaches the rooms', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  await bob.sync();
  await alice.put(path`/v3/profile/${alice.id}/displayname`, { displayname: 'Alice au bureau' });
  const said = (s: { rooms?: { join?: Record<string, { timeline: { events: Event[] } }> } }) =>
    (s.rooms?.join?.[room]?.timeline.events ?? []).some(
      (e) => e.type === 'm.room.member' && e.content.displayname === 'Alice au bureau',
    );
  await bob.syncUntil(said);
});

test('the operator’s tools register with the shared secret, once a nonce', async () => {
  const secret = 'long enough for anybody 4711';
  const server = await Server.start({
    set: { 'registration.mode': 'closed', 'registration.shared_secret': secret },
  });
  const at = '/_synapse/admin/v1/register';
  const mac = (nonce: string, name: string) =>
    createHmac('sha1', secret).update(`${nonce}\0${name}\0a good password\0notadmin`).digest('hex');
  const body = (nonce: string, name: string, proof = mac(nonce, name)) => ({
    nonce,
    username: name,
    password: 'a good password',
    admin: false,
    mac: proof,
  });
  const draw = async () => (await server.api.call('GET', at)).body.nonce;
  try {
    const nonce = await draw();
    const made = await server.api.call('POST', at, { body: body(nonce, 'porteuse') });
    expect(made.body.user_id).toBe('@porteuse:localhost');
    await server.api.call('POST', at, { body: body(nonce, 'autre'), expect: 400 });
    const other = await draw();
    await server.api.call('POST', at, { body: body(other, 'autre', mac(other, 'x')), expect: 403 });
  } finally {
    await server.dispose();
  }
  // Without a secret the route is not there.
  await t.api.call('GET', at, { expect: [404, 'M_UNRECOGNIZED'] });
});
