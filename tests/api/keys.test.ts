// SPDX-License-Identifier: EUPL-1.2
// End-to-end encryption, seen from the server: device keys, claims, cross-signing, to-device, backup.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import { CrossSigning, DeviceKeys } from './src/signing.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import { atOnce, type Event, type User, unique } from './src/user.ts';

const t = stage();
const ENCRYPTED = { type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } };
const encryptedRoom = (owner: User, others: User[]) => owner.roomWith(others, { initial_state: [ENCRYPTED] });
const names = (n: number, prefix = 'k') =>
  Array.from({ length: n }, (_, i) => `${prefix}${String(i).padStart(5, '0')}`);
const query = (user: User, ...targets: User[]): Promise<Any> =>
  user.post('/v3/keys/query', { device_keys: Object.fromEntries(targets.map((u) => [u.id, []])) });
const claim = async (user: User, target: User, algorithm = 'signed_curve25519'): Promise<Any> => {
  const { one_time_keys } = await user.post('/v3/keys/claim', {
    one_time_keys: { [target.id]: { [target.device]: algorithm } },
  });
  return one_time_keys[target.id]?.[target.device];
};

test('device keys are served as uploaded, with the display name', async () => {
  const [alice, bob] = [
    await t.user('alice', { initial_device_display_name: 'bureau' }),
    await t.user('bob'),
  ];
  const { device_keys } = await new DeviceKeys(alice).publish();
  const found = (await query(bob, alice)).device_keys[alice.id][alice.device];
  const { unsigned, ...rest } = found;
  expect(rest).toEqual(device_keys);
  expect(unsigned?.device_display_name).toBe('bureau');
  const only = await bob.post('/v3/keys/query', { device_keys: { [alice.id]: ['OTHER'] } });
  expect(only.device_keys[alice.id] ?? {}).toEqual({});
});

test('[E2E-01] bad key uploads are refused whole', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const keys = new DeviceKeys(alice);
  const good = keys.deviceKeys;
  const refused: Any[] = [
    { device_keys: null },
    { device_keys: 'x' },
    { device_keys: { ...good, user_id: bob.id } },
    { device_keys: { ...good, device_id: 'OTHER' } },
    { device_keys: { ...good, algorithms: 'x' } },
    { device_keys: { ...good, keys: [] } },
    { device_keys: { ...good, signatures: undefined } },
    {
      device_keys: {
        ...good,
        signatures: {
          [alice.id]: { [`ed25519:${alice.device}`]: new DeviceKeys(alice).key.signature(good) },
        },
      },
    },
    { one_time_keys: [] },
    { one_time_keys: { 'signed_curve25519:A': 5 } },
    { one_time_keys: { nocolon: 'x' } },
    { fallback_keys: 'x' },
  ];
  for (const body of refused) {
    const answer = await alice.call('POST', '/v3/keys/upload', { body, expect: 'any' });
    expect(answer.status, JSON.stringify(body).slice(0, 100)).toBe(400);
  }
  const many = await alice.call('POST', '/v3/keys/upload', {
    body: { one_time_keys: keys.oneTimeKeys(names(2000)) },
    expect: 'any',
  });
  expect([400, 413]).toContain(many.status);
  expect((await query(bob, alice)).device_keys?.[alice.id] ?? {}).toEqual({});
  expect((await alice.post('/v3/keys/upload', {})).one_time_key_counts).toEqual({});
});

test('[E2E-02] the same key id with another content is refused, with the same one it is not', async () => {
  const alice = await t.user();
  const keys = new DeviceKeys(alice);
  const { one_time_keys } = await keys.publish(['A']);
  const counts = (await alice.post('/v3/keys/upload', { one_time_keys })).one_time_key_counts;
  expect(counts).toEqual({ signed_curve25519: 1 });
  await alice.post('/v3/keys/upload', { one_time_keys: keys.oneTimeKeys(['A']) }, { expect: 400 });
});

test('one-time keys are given in the order of upload, then the fallback key, which counts as used', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const keys = new DeviceKeys(alice);
  await keys.publish();
  const order = ['z', 'b', 'm'];
  for (const name of order) await alice.post('/v3/keys/upload', { one_time_keys: keys.oneTimeKeys([name]) });
  const fallback = { 'signed_curve25519:F': keys.oneTimeKey(true) };
  await alice.post('/v3/keys/upload', { fallback_keys: fallback });
  let sync = await alice.sync();
  expect(sync.device_one_time_keys_count).toEqual({ signed_curve25519: 3 });
  expect(sync.device_unused_fallback_key_types).toEqual(['signed_curve25519']);
  const given: string[] = [];
  for (let i = 0; i < 5; i++) given.push(...Object.keys(await claim(bob, alice)));
  expect(given).toEqual([...order, 'F', 'F'].map((n) => `signed_curve25519:${n}`));
  sync = await alice.sync();
  expect(sync.device_one_time_keys_count?.signed_curve25519 ?? 0).toBe(0);
  expect(sync.device_unused_fallback_key_types).toEqual([]);
  await alice.post('/v3/keys/upload', { fallback_keys: { 'signed_curve25519:G': keys.oneTimeKey(true) } });
  expect((await alice.sync()).device_unused_fallback_key_types).toEqual(['signed_curve25519']);
});

test('[E2E-03] a hundred keys claimed three hundred times at once: each given once', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await new DeviceKeys(alice).publish(names(100));
  const given = await atOnce(300, () => claim(bob, alice));
  const ids = given.flatMap((keys) => Object.keys(keys ?? {}));
  expect(ids).toHaveLength(100);
  expect(new Set(ids).size).toBe(100);
  expect(await claim(bob, alice)).toBeUndefined();
});

test('[E2E-05] [A07] device lists: told to those who share an encrypted room, and only to them', async () => {
  const [alice, bob, stranger] = await t.users('alice', 'bob', 'stranger');
  await encryptedRoom(alice, [bob]);
  await new DeviceKeys(bob).publish();
  const [hers, theirs] = [(await alice.sync()).next_batch, (await stranger.sync()).next_batch];
  const second = await bob.login();
  await new DeviceKeys(second).publish();
  const changed = (s: Any, user: User) => s.device_lists?.changed?.includes(user.id) === true;
  const added = await alice.syncUntil((s) => changed(s, bob), { since: hers });
  const between = await alice.get('/v3/keys/changes', { query: { from: hers, to: added.next_batch } });
  expect(between.changed).toContain(bob.id);
  await second.post('/v3/logout');
  const removed = await alice.syncUntil((s) => changed(s, bob), { since: added.next_batch });
  expect(Object.keys((await query(alice, bob)).device_keys[bob.id])).toEqual([bob.device]);
  expect((await stranger.sync({ since: theirs })).device_lists?.changed ?? []).not.toContain(bob.id);
  expect((await alice.sync({ since: removed.next_batch })).device_lists?.changed ?? []).not.toContain(bob.id);
});

test('[E2E-05] starting and ending to share an encrypted room shows in changed and left', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await new DeviceKeys(bob).publish();
  const start = (await alice.sync()).next_batch;
  const room = await encryptedRoom(alice, [bob]);
  const joined = await alice.syncUntil((s) => s.device_lists?.changed?.includes(bob.id) === true, {
    since: start,
  });
  await bob.leave(room);
  const left = await alice.syncUntil((s) => s.device_lists?.left?.includes(bob.id) === true, {
    since: joined.next_batch,
  });
  expect(left.device_lists.changed ?? []).not.toContain(bob.id);
});

test('[A06] logging out deletes the keys of the device and what was waiting for it', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const second = await alice.login({ device_id: 'OLD' });
  await new DeviceKeys(second).publish(['a']);
  await bob.put('/v3/sendToDevice/org.example.wait/1', { messages: { [alice.id]: { OLD: { n: 1 } } } });
  await second.post('/v3/logout');
  expect((await query(bob, alice)).device_keys?.[alice.id]?.OLD).toBeUndefined();
  expect(await claim(bob, second)).toBeUndefined();
  const again = await alice.login({ device_id: 'OLD' });
  const sync = await again.sync();
  expect(sync.to_device?.events ?? []).toEqual([]);
  expect(sync.device_one_time_keys_count?.signed_curve25519 ?? 0).toBe(0);
});

test('[E2E-04] cross-signing: first upload free, replacement only with the password', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await encryptedRoom(alice, [bob]);
  const since = (await bob.sync()).next_batch;
  const first = new CrossSigning(alice);
  await alice.post('/v3/keys/device_signing/upload', first.body);
  await bob.syncUntil((s) => s.device_lists?.changed?.includes(alice.id) === true, { since });
  await alice.post('/v3/keys/device_signing/upload', first.body); // the same keys: nothing to ask
  const mine = await query(alice, alice);
  expect(mine.master_keys[alice.id].keys).toEqual(first.body.master_key.keys);
  expect(mine.user_signing_keys[alice.id].keys).toEqual(first.body.user_signing_key.keys);
  const theirs = await query(bob, alice);
  expect(theirs.self_signing_keys[alice.id].keys).toEqual(first.body.self_signing_key.keys);
  expect(theirs.user_signing_keys?.[alice.id]).toBeUndefined();
  const second = new CrossSigning(alice);
  await alice.call('POST', '/v3/keys/device_signing/upload', { body: second.body, expect: 401 });
  expect((await query(bob, alice)).master_keys[alice.id].keys).toEqual(first.body.master_key.keys);
  await alice.withPassword('POST', '/v3/keys/device_signing/upload', second.body);
  expect((await query(bob, alice)).master_keys[alice.id].keys).toEqual(second.body.master_key.keys);
});

test('[E2E-04] cross-signing keys that are not signed by their master, or come without one, are refused', async () => {
  const alice = await t.user();
  const mine = new CrossSigning(alice);
  let other = new CrossSigning(alice);
  while (other.master.public.includes('/')) other = new CrossSigning(alice); // no id of a device
  const mixed = { ...mine.body, self_signing_key: other.body.self_signing_key };
  await alice.post('/v3/keys/device_signing/upload', mixed, { expect: [400, 'M_INVALID_SIGNATURE'] });
  const { self_signing_key } = mine.body;
  await alice.post(
    '/v3/keys/device_signing/upload',
    { self_signing_key },
    { expect: [400, 'M_MISSING_PARAM'] },
  );
  await alice.post('/v3/keys/device_signing/upload', { ...mine.body, master_key: 5 }, { expect: 400 });
  await alice.login({ device_id: other.master.public });
  await alice.post('/v3/keys/device_signing/upload', other.body, { expect: [403, 'M_FORBIDDEN'] });
});

test('signatures are added to devices and to other users, checked, and seen by whom they concern', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const device = new DeviceKeys(alice);
  const { device_keys } = await device.publish();
  const [hers, his] = [new CrossSigning(alice), new CrossSigning(bob)];
  await alice.post('/v3/keys/device_signing/upload', hers.body);
  await bob.post('/v3/keys/device_signing/upload', his.body);
  const { signatures: _, ...bare } = device_keys;
  const signedDevice = hers.selfSigning.sign(bare, alice.id, hers.selfSigning.public);
  const signedBob = hers.userSigning.sign(his.body.master_key, alice.id, hers.userSigning.public);
  const answer = await alice.post('/v3/keys/signatures/upload', {
    [alice.id]: { [alice.device]: signedDevice },
    [bob.id]: { [his.master.public]: signedBob },
  });
  expect(answer.failures ?? {}).toEqual({});
  const name = (key: string) => `ed25519:${key}`;
  const seen = (await query(bob, alice)).device_keys[alice.id][alice.device].signatures[alice.id];
  expect(Object.keys(seen).sort()).toEqual([name(alice.device), name(hers.selfSigning.public)].sort());
  const mine = (await query(alice, bob)).master_keys[bob.id].signatures[alice.id];
  expect(mine[name(hers.userSigning.public)]).toBeDefined();
  expect((await query(bob, bob)).master_keys[bob.id].signatures?.[alice.id]).toBeUndefined();
  const second = new DeviceKeys(await alice.login());
  const { signatures: __, ...other } = (await second.publish()).device_keys;
  const forged = {
    ...other,
    signatures: { [alice.id]: { [name(hers.selfSigning.public)]: his.master.signature(other) } },
  };
  const refused = await alice.post('/v3/keys/signatures/upload', { [alice.id]: { [second.device]: forged } });
  expect(refused.failures[alice.id][second.device].errcode).toBe('M_INVALID_SIGNATURE');
});

test('[E2E-06] to-device: to one, to all, once per transaction, kept until the next token is used', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const second = await bob.login();
  const send = (to: Any, txn: string, type = 'org.example.m') =>
    alice.put(path`/v3/sendToDevice/${type}/${txn}`, { messages: { [bob.id]: to } });
  await send({ [bob.device]: { n: 1 } }, 'a');
  await send({ [bob.device]: { n: 1 } }, 'a');
  await send({ '*': { n: 2 } }, 'b');
  await send({ NONE: { n: 3 } }, 'c');
  const numbers = (s: Any) => (s.to_device?.events ?? []).map((e: Event) => e.content.n);
  const start = await bob.sync();
  expect(numbers(start)).toEqual([1, 2]);
  for (const event of start.to_device.events)
    expect(event).toEqual({ type: 'org.example.m', sender: alice.id, content: { n: expect.any(Number) } });
  expect(numbers(await bob.sync())).toEqual([1, 2]); // the answer was lost: given again
  expect(numbers(await bob.sync({ since: start.next_batch }))).toEqual([]);
  expect(numbers(await second.sync())).toEqual([2]);
  await t.server.restart('SIGKILL');
  expect(numbers(await second.sync())).toEqual([2]);
});

test('[E2E-06] to-device: a full inbox comes in pages of a hundred, in order; huge messages are refused', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  for (let i = 0; i < 230; i++)
    await alice.put(path`/v3/sendToDevice/org.example.m/${`p${i}`}`, {
      messages: { [bob.id]: { '*': { i } } },
    });
  const seen: number[] = [];
  let since: string | undefined;
  while (seen.length < 230) {
    const sync = await bob.sync({ since });
    expect(sync.to_device.events.length).toBeLessThanOrEqual(100);
    expect(sync.to_device.events.length).toBeGreaterThan(0);
    seen.push(...sync.to_device.events.map((e: Event) => e.content.i));
    since = sync.next_batch;
  }
  expect(seen).toEqual(Array.from({ length: 230 }, (_, i) => i));
  const huge = await alice.call('PUT', '/v3/sendToDevice/org.example.m/huge', {
    body: { messages: { [bob.id]: { '*': { x: 'x'.repeat(70_000) } } } },
    expect: 'any',
  });
  expect([400, 413]).toContain(huge.status);
  await alice.put('/v3/sendToDevice/org.example.m/bad', { messages: { [bob.id]: [] } }, { expect: 400 });
  await alice.put('/v3/sendToDevice/org.example.m/bad2', {}, { expect: 400 });
});

const session = (extra: object = {}) => ({
  first_message_index: 5,
  forwarded_count: 1,
  is_verified: false,
  session_data: { ciphertext: 'abc', ephemeral: 'def', mac: 'ghi' },
  ...extra,
});
const BACKUP = {
  algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2',
  auth_data: { public_key: 'abcdefg', signatures: {} },
};

test('[E2E-07] backup: versions, only the newest is written, count and etag follow', async () => {
  const alice = await t.user();
  await alice.get('/v3/room_keys/version', { expect: [404, 'M_NOT_FOUND'] });
  const { version: first } = await alice.post('/v3/room_keys/version', BACKUP);
  const at = path`/v3/room_keys/keys/${'!r:x'}/s1`;
  const written = await alice.put(at, session(), { query: { version: first } });
  expect(written.count).toBe(1);
  const info = await alice.get('/v3/room_keys/version');
  expect(info).toMatchObject({ version: first, count: 1, etag: written.etag, algorithm: BACKUP.algorithm });
  const { version: second } = await alice.post('/v3/room_keys/version', BACKUP);
  expect(second).not.toBe(first);
  const refused = await alice.call('PUT', at, {
    query: { version: first },
    body: session(),
    expect: [403, 'M_WRONG_ROOM_KEYS_VERSION'],
  });
  expect(refused.body.current_version).toBe(second);
  expect((await alice.get(at, { query: { version: first } })).first_message_index).toBe(5);
  await alice.put(path`/v3/room_keys/version/${second}`, {
    ...BACKUP,
    version: second,
    auth_data: { public_key: 'other', signatures: {} },
  });
  await alice.put(path`/v3/room_keys/version/${second}`, { ...BACKUP, algorithm: 'other' }, { expect: 400 });
  expect((await alice.get(path`/v3/room_keys/version/${second}`)).auth_data.public_key).toBe('other');
  await alice.delete(path`/v3/room_keys/version/${second}`);
  expect((await alice.get('/v3/room_keys/version')).version).toBe(first);
  await alice.delete(path`/v3/room_keys/version/${first}`);
  await alice.get(at, { query: { version: first }, expect: [404, 'M_NOT_FOUND'] });
  await alice.get(path`/v3/room_keys/version/999`, { expect: [404, 'M_NOT_FOUND'] });
});

test('[E2E-07] backup: a worse key never replaces a better one', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const { version } = await alice.post('/v3/room_keys/version', BACKUP);
  const at = path`/v3/room_keys/keys/${'!r:x'}/s1`;
  const put = (key: object) => alice.put(at, key, { query: { version } });
  const kept = async () => {
    const { session_data: _, ...rest } = await alice.get(at, { query: { version } });
    return rest;
  };
  await put(session());
  const { etag } = await alice.get('/v3/room_keys/version');
  for (const worse of [{ first_message_index: 6 }, { forwarded_count: 2 }, {}]) {
    await put(session(worse));
    expect(await kept()).toEqual({ first_message_index: 5, forwarded_count: 1, is_verified: false });
  }
  expect((await alice.get('/v3/room_keys/version')).etag).toBe(etag);
  for (const better of [
    { forwarded_count: 0 },
    { first_message_index: 4, forwarded_count: 9 },
    { is_verified: true, first_message_index: 50 },
  ]) {
    await put(session(better));
    expect(await kept()).toMatchObject(better);
  }
  await put(session({ first_message_index: 0 }));
  expect((await kept()).is_verified).toBe(true);
  await bob.get(at, { query: { version }, expect: [404, 'M_NOT_FOUND'] });
});

test('backup: whole rooms and whole backups are written, read and deleted', async () => {
  const alice = await t.user();
  const { version } = await alice.post('/v3/room_keys/version', BACKUP);
  const query = { version };
  const rooms = {
    '!a:x': { sessions: { s1: session(), s2: session() } },
    '!b:x': { sessions: { s3: session() } },
  };
  expect((await alice.put('/v3/room_keys/keys', { rooms }, { query })).count).toBe(3);
  expect(await alice.get('/v3/room_keys/keys', { query })).toEqual({ rooms });
  const room = path`/v3/room_keys/keys/${'!a:x'}`;
  expect(await alice.get(room, { query })).toEqual(rooms['!a:x']);
  expect((await alice.put(room, { sessions: { s4: session() } }, { query })).count).toBe(4);
  expect((await alice.delete(`${room}/s4`, { query })).count).toBe(3);
  await alice.get(`${room}/s4`, { query, expect: [404, 'M_NOT_FOUND'] });
  expect((await alice.delete(room, { query })).count).toBe(1);
  expect(await alice.get(room, { query })).toEqual({ sessions: {} });
  expect((await alice.delete('/v3/room_keys/keys', { query })).count).toBe(0);
  await alice.put(`${room}/s5`, { ...session(), first_message_index: 'x' }, { query, expect: 400 });
});

test('a whole backup of more than 64 MiB is read in one request', { timeout: 120_000 }, async () => {
  const alice = await t.user();
  const { version } = await alice.post('/v3/room_keys/version', BACKUP);
  const query = { version };
  const session_data = { ciphertext: 'x'.repeat(60_000) };
  const uploads = 9; // of 125 keys: 7.5 MB each
  for (let upload = 0; upload < uploads; upload++) {
    const sessions: Any = {};
    for (let i = 0; i < 125; i++) sessions[`s${i}`] = session({ session_data });
    await alice.put(path`/v3/room_keys/keys/${`!r${upload}:x`}`, { sessions }, { query });
  }
  const whole = await alice.api.call('GET', `/_matrix/client/v3/room_keys/keys?version=${version}`, {
    token: alice.token,
  });
  expect(whole.text.length).toBeGreaterThan(64 << 20);
  expect(whole.headers.get('content-length')).toBeNull();
  expect(Object.keys(whole.body.rooms)).toHaveLength(uploads);
  for (const room of Object.values<Any>(whole.body.rooms))
    expect(Object.keys(room.sessions)).toHaveLength(125);
});

test('a dehydrated device receives to-device messages and gives them to the next login', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const base = '/unstable/org.matrix.msc3814.v1/dehydrated_device';
  await alice.get(base, { expect: [404, 'M_NOT_FOUND'] });
  // As clients name it: by a public key in base64.
  const keys = new DeviceKeys(alice, unique('DEHY/DRATED+'));
  const at = `${base}/${encodeURIComponent(keys.device)}/events`;
  const body = {
    device_id: keys.device,
    device_data: { algorithm: 'org.matrix.msc3814.v1.olm', account: 'pickle' },
    initial_device_display_name: 'veille',
    device_keys: keys.deviceKeys,
    one_time_keys: keys.oneTimeKeys(['d1']),
    fallback_keys: {},
  };
  expect((await alice.put(base, body)).device_id).toBe(keys.device);
  expect(await alice.get(base)).toMatchObject({ device_id: keys.device, device_data: body.device_data });
  expect(Object.keys((await query(bob, alice)).device_keys[alice.id])).toContain(keys.device);
  await bob.put('/v3/sendToDevice/org.example.wait/1', {
    messages: { [alice.id]: { [keys.device]: { n: 1 } } },
  });
  const events = await alice.post(at, {});
  expect(events.events.map((e: Event) => e.content.n)).toEqual([1]);
  const second = await alice.post(at, { next_batch: events.next_batch });
  expect(second.events).toEqual([]);
  // The form of today: pages until one has no next_batch, and nothing is taken by reading.
  for (let n = 2; n <= 101; n++)
    await bob.put(`/v3/sendToDevice/org.example.wait/${n}`, {
      messages: { [alice.id]: { [keys.device]: { n } } },
    });
  const first = await alice.get(at);
  const last = await alice.get(at, { query: { from: first.next_batch } });
  expect(last).not.toHaveProperty('next_batch');
  expect([...first.events, ...last.events].map((e: Event) => e.content.n)).toEqual(
    Array.from({ length: 101 }, (_, i) => i + 1),
  );
  expect(await alice.get(at)).toEqual(first);
  expect((await alice.delete(base)).device_id).toBe(keys.device);
  await alice.get(base, { expect: [404, 'M_NOT_FOUND'] });
  expect((await query(bob, alice)).device_keys?.[alice.id]?.[keys.device]).toBeUndefined();
});

test('[E2E-08] a device that appears is seen by the others, and carries no signature it was not given', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await encryptedRoom(alice, [bob]);
  const cross = new CrossSigning(alice);
  await alice.post('/v3/keys/device_signing/upload', cross.body);
  const since = (await bob.sync()).next_batch;
  const added = await alice.login();
  await new DeviceKeys(added).publish();
  await bob.syncUntil((s) => s.device_lists?.changed?.includes(alice.id) === true, { since });
  const seen = (await query(bob, alice)).device_keys[alice.id][added.device];
  expect(Object.keys(seen.signatures[alice.id])).toEqual([`ed25519:${added.device}`]);
});

test('[E2E-09] an encrypted room leaves nothing of its messages in the log', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await encryptedRoom(alice, [bob]);
  const canary = unique('canari-chiffre-');
  await alice.send(
    room,
    {
      algorithm: 'm.megolm.v1.aes-sha2',
      ciphertext: canary,
      sender_key: 'k',
      session_id: 's',
      device_id: alice.device,
    },
    'm.room.encrypted',
  );
  expect(t.server.log).not.toContain(canary);
  const logs = (await readdir(t.server.dataDir)).filter((name) => name.endsWith('.log'));
  for (const name of logs)
    expect((await readFile(join(t.server.dataDir, name))).includes(canary)).toBe(false);
});

test('[E2E-01] one-time keys must be signed by their device, which must be known', async () => {
  const alice = await t.user();
  const keys = new DeviceKeys(alice);
  await alice.post('/v3/keys/upload', { one_time_keys: keys.oneTimeKeys(['early']) }, { expect: 400 });
  await keys.publish();
  const stranger = new DeviceKeys(alice).oneTimeKeys(['forged']);
  await alice.post('/v3/keys/upload', { one_time_keys: stranger }, { expect: [400, 'M_INVALID_SIGNATURE'] });
  const { signatures: _, ...bare } = keys.oneTimeKey();
  for (const kind of ['one_time_keys', 'fallback_keys'])
    await alice.post('/v3/keys/upload', { [kind]: { 'signed_curve25519:U': bare } }, { expect: 400 });
  const two = { 'signed_curve25519:F': keys.oneTimeKey(true), 'signed_curve25519:G': keys.oneTimeKey(true) };
  await alice.post('/v3/keys/upload', { fallback_keys: two }, { expect: 400 });
  expect((await alice.post('/v3/keys/upload', {})).one_time_key_counts).toEqual({});
});

test('[E2E-03] a key that was given is not given again because its upload is tried again', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const { one_time_keys } = await new DeviceKeys(alice).publish(['only']);
  expect(Object.keys(await claim(bob, alice))).toEqual(['signed_curve25519:only']);
  const counts = (await alice.post('/v3/keys/upload', { one_time_keys })).one_time_key_counts;
  expect(counts.signed_curve25519 ?? 0).toBe(0);
  expect(await claim(bob, alice)).toBeUndefined();
});

test('[E2E-03] several devices are claimed at once, and unknown ones are passed over', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const second = await alice.login();
  await new DeviceKeys(alice).publish(['a']);
  await new DeviceKeys(second).publish(['b']);
  const one = 'signed_curve25519';
  const { one_time_keys, failures } = await bob.post('/v3/keys/claim', {
    one_time_keys: {
      [alice.id]: { [alice.device]: one, [second.device]: one, NONE: one },
      '@nobody:elsewhere.example': { X: one },
    },
  });
  expect(Object.keys(one_time_keys[alice.id]).sort()).toEqual([alice.device, second.device].sort());
  expect(Object.keys(failures)).toEqual(['elsewhere.example']);
  for (const bad of [5, { [alice.id]: 5 }, { [alice.id]: { [alice.device]: 5 } }, { nobody: {} }])
    await bob.post('/v3/keys/claim', { one_time_keys: bad }, { expect: 400 });
});

test('new identity keys of a device take its one-time keys with them', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await new DeviceKeys(alice).publish(['old']);
  await new DeviceKeys(alice).publish();
  expect(await claim(bob, alice)).toBeUndefined();
});

test('users of servers that cannot be reached are failures of a query, unknown users are nothing', async () => {
  const alice = await t.user();
  const answer = await alice.post('/v3/keys/query', {
    device_keys: { '@a:elsewhere.example': [], '@b:elsewhere.example': [], [`@x-${alice.id.slice(1)}`]: [] },
  });
  expect(Object.keys(answer.failures)).toEqual(['elsewhere.example']);
  expect(answer.device_keys).toEqual({});
  for (const bad of [[], { [alice.id]: 'x' }, { nobody: [] }])
    await alice.post('/v3/keys/query', { device_keys: bad }, { expect: 400 });
});

test('[E2E-05] a room that becomes encrypted is shared from then on', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const room = await alice.roomWith([bob]);
  const [hers, his] = [(await alice.sync()).next_batch, (await bob.sync()).next_batch];
  await alice.put(path`/v3/rooms/${room}/state/m.room.encryption`, ENCRYPTED.content);
  await alice.syncUntil((s) => s.device_lists?.changed?.includes(bob.id) === true, { since: hers });
  await bob.syncUntil((s) => s.device_lists?.changed?.includes(alice.id) === true, { since: his });
});

test('[E2E-05] a new name of a device is told, and shown', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  await encryptedRoom(alice, [bob]);
  await new DeviceKeys(bob).publish();
  const since = (await alice.sync()).next_batch;
  await bob.put(path`/v3/devices/${bob.device}`, { display_name: 'portable' });
  await alice.syncUntil((s) => s.device_lists?.changed?.includes(bob.id) === true, { since });
  const seen = (await query(alice, bob)).device_keys[bob.id][bob.device];
  expect(seen.unsigned.device_display_name).toBe('portable');
});

test('[E2E-04] the other devices of a user are told of new cross-signing keys and of whom he has signed', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const second = await alice.login();
  const [hers, his] = [new CrossSigning(alice), new CrossSigning(bob)];
  await bob.post('/v3/keys/device_signing/upload', his.body);
  const since = (await second.sync()).next_batch;
  await alice.post('/v3/keys/device_signing/upload', hers.body);
  const told = await second.syncUntil((s) => s.device_lists?.changed?.includes(alice.id) === true, { since });
  const signed = hers.userSigning.sign(his.body.master_key, alice.id, hers.userSigning.public);
  await alice.post('/v3/keys/signatures/upload', { [bob.id]: { [his.master.public]: signed } });
  await second.syncUntil((s) => s.device_lists?.changed?.includes(bob.id) === true, {
    since: told.next_batch,
  });
});

test('[E2E-06] to-device: what is no message is refused, users elsewhere are passed over', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const at = path`/v3/sendToDevice/org.example.m/${unique('t')}`;
  for (const bad of [5, [], { nobody: {} }, { [bob.id]: { [bob.device]: 'x' } }])
    await alice.put(at, { messages: bad }, { expect: 400 });
  await alice.put(at, {
    messages: { '@a:elsewhere.example': { X: {} }, [bob.id]: { [bob.device]: { n: 1 } } },
  });
  expect((await bob.sync()).to_device.events).toHaveLength(1);
  const long = 'x'.repeat(300);
  await alice.put(path`/v3/sendToDevice/${long}/1`, { messages: {} }, { expect: 400 });
  await alice.put(path`/v3/sendToDevice/org.example.m/${long}`, { messages: {} }, { expect: 400 });
});

test('[E2E-07] backup: two clients that write at once lose nothing', async () => {
  const alice = await t.user();
  const { version } = await alice.post('/v3/room_keys/version', BACKUP);
  let n = 0;
  await atOnce(20, () =>
    alice.put(path`/v3/room_keys/keys/${'!r:x'}/${`s${n++}`}`, session(), { query: { version } }),
  );
  const info = await alice.get('/v3/room_keys/version');
  expect(info.count).toBe(20);
  const kept = await alice.get(path`/v3/room_keys/keys/${'!r:x'}`, { query: { version } });
  expect(Object.keys(kept.sessions)).toHaveLength(20);
  await alice.put(path`/v3/room_keys/keys/${'!r:x'}/s`, session(), { expect: [400, 'M_MISSING_PARAM'] });
});

test('a dehydrated device is replaced whole, and never takes the place of a real one', async () => {
  const [alice, bob] = await t.users('alice', 'bob');
  const base = '/unstable/org.matrix.msc3814.v1/dehydrated_device';
  const put = (keys: DeviceKeys, options = {}) =>
    alice.put(
      base,
      {
        device_id: keys.device,
        device_data: { algorithm: 'org.matrix.msc3814.v2' },
        device_keys: keys.deviceKeys,
      },
      options,
    );
  const [first, second] = [unique('DRY'), unique('DRY')].map((id) => new DeviceKeys(alice, id));
  await put(first);
  await put(second);
  const devices = Object.keys((await query(bob, alice)).device_keys[alice.id]);
  expect(devices).toContain(second.device);
  expect(devices).not.toContain(first.device);
  await alice.get(`${base}/${first.device}/events`, { expect: [404, 'M_NOT_FOUND'] });
  expect((await alice.get(`${base}/${second.device}/events`)).events).toEqual([]);
  await put(new DeviceKeys(alice), { expect: 400 });
  await put(new DeviceKeys(bob, unique('DRY')), { expect: 400 });
});
