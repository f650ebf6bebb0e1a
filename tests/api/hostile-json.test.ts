// SPDX-License-Identifier: EUPL-1.2
// JSON and identifiers that a server must refuse, or carry exactly.
import { expect, test } from 'vitest';
import { path } from './src/http.ts';
import type { Any } from './src/spec.ts';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const t = stage();

async function place(options: object = {}): Promise<{ user: User; room: string }> {
  const user = await t.user();
  return { user, room: await user.createRoom(options) };
}

let counter = 0;
const sendRaw = (user: User, room: string, raw: string | Uint8Array, expected: Any = 'any') =>
  user.call('PUT', path`/v3/rooms/${room}/send/org.example.raw/${`r${counter++}`}`, {
    raw,
    expect: expected,
  });

test('[JSON-01] [JSON-13] what is no JSON object is refused, and the kind of fault is told', async () => {
  const { user, room } = await place();
  const notJson = [
    '',
    ' ',
    '{',
    '{"a":1,}',
    '{"a" 1}',
    "{'a':1}",
    '{a:1}',
    '{"a":01}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":1.}',
    '{"a":1e}',
    '{"a":tru}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '{"a":"\n"}',
    '{"a":"\t"}',
    '{}{}',
    '{} x',
    '{"a":1}//c',
    '{/**/}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":-}',
    '{"a":[1,]}',
    '{"a":[1 2]}',
    '{"a":"',
    '\u0000',
    '{"a":1}\u0000',
    '{"a":"\\"}',
  ];
  for (const text of notJson) {
    const answer = await sendRaw(user, room, text);
    expect([answer.status, answer.body.errcode], JSON.stringify(text)).toEqual([400, 'M_NOT_JSON']);
  }
  for (const text of ['[]', '"x"', 'null', '1', 'true']) {
    const answer = await sendRaw(user, room, text);
    expect([answer.status, answer.body.errcode], text).toEqual([400, 'M_BAD_JSON']);
  }
  for (const text of ['{}', ' { } ', '{"a":[]}', '{"":1}', '{"a":"\\ud83d\\ude00"}', '\r\n\t{"a":null}']) {
    await sendRaw(user, room, text, 200);
  }
});

test('[JSON-02] depth has a bound', async () => {
  const { user, room } = await place();
  const nested = (open: string, close: string, n: number) => `{"a":${open.repeat(n)}1${close.repeat(n)}}`;
  await sendRaw(user, room, nested('[', ']', 60), 200);
  for (const text of [
    nested('[', ']', 200),
    nested('{"a":', '}', 200),
    `{"a":${'['.repeat(100_000)}`,
    '{"a":'.repeat(40_000),
  ]) {
    expect((await sendRaw(user, room, text)).status).toBe(400);
  }
});

test('[JSON-03] [JSON-04] [J02] numbers that canonical JSON has not are refused; the bounds pass', async () => {
  const { user, room } = await place();
  for (const number of [
    '1.0',
    '-0',
    '1.1',
    '1e3',
    '1E400',
    '1e-1',
    '9007199254740992',
    '-9007199254740992',
    '9223372036854775808',
    '18446744073709551616',
    '9'.repeat(100),
  ]) {
    const answer = await sendRaw(user, room, `{"n":${number}}`);
    expect([answer.status, answer.body.errcode], number).toEqual([400, 'M_BAD_JSON']);
    const nested = await sendRaw(user, room, `{"a":[{"n":${number}}]}`);
    expect(nested.status, number).toBe(400);
  }
  for (const number of ['9007199254740991', '-9007199254740991', '0']) {
    const { event_id } = (await sendRaw(user, room, `{"n":${number}}`, 200)).body;
    const seen = await user.call('GET', path`/v3/rooms/${room}/event/${event_id}`);
    expect(seen.text).toMatch(new RegExp(`"n":\\s*${number}[,}]`));
  }
});

test('[J02] before version 6 a fraction is carried as it is, or refused with the right error', async () => {
  const { user, room } = await place({ room_version: '5' });
  const answer = await sendRaw(user, room, '{"n":1.5}');
  if (answer.status === 200) expect((await user.event(room, answer.body.event_id)).content.n).toBe(1.5);
  else expect([answer.status, answer.body.errcode]).toEqual([400, 'M_BAD_JSON']);
});

test('[JSON-06] [J03] duplicate keys are refused at every level', async () => {
  const { user, room } = await place();
  for (const text of [
    '{"a":1,"a":1}',
    '{"b":{"a":1,"a":2}}',
    '{"b":[{"a":1,"\\u0061":2}]}',
    '{"é":1,"\\u00e9":2}',
  ]) {
    expect((await sendRaw(user, room, text)).status, text).toBe(400);
  }
});

test('[JSON-07] [J03] bytes that are not UTF-8 and lone surrogates are refused', async () => {
  const { user, room } = await place();
  const around = (...bytes: number[]) =>
    new Uint8Array([...Buffer.from('{"a":"'), ...bytes, ...Buffer.from('"}')]);
  for (const bytes of [
    [0xff],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
    [0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
  ]) {
    expect((await sendRaw(user, room, around(...bytes))).status, `${bytes}`).toBe(400);
  }
  for (const text of [
    '{"a":"\\ud800"}',
    '{"a":"\\udc00"}',
    '{"a":"\\ud800\\u0041"}',
    '{"a":"\\udc00\\ud800"}',
    '{"\\ud800":1}',
  ]) {
    expect((await sendRaw(user, room, text)).status, text).toBe(400);
  }
  expect((await sendRaw(user, room, new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]))).status).toBe(400);
  const { event_id } = (await sendRaw(user, room, '{"a":"\\uffff\ufffe"}', 200)).body;
  expect((await user.event(room, event_id)).content.a).toBe('\uffff\ufffe');
});

test('[JSON-08] NUL in strings is data, wherever a user may write', async () => {
  const nul = 'avant\u0000après';
  const user = await t.user('nul', { initial_device_display_name: nul });
  expect((await user.get(path`/v3/devices/${user.device}`)).display_name).toBe(nul);
  const room = await user.createRoom({ name: nul, topic: nul });
  expect((await user.getState(room, 'm.room.name')).name).toBe(nul);
  const id = await user.send(room, nul);
  expect((await user.event(room, id)).content.body).toBe(nul);
  await user.setState(room, nul, { [nul]: nul }, nul);
  expect(await user.getState(room, nul, nul)).toEqual({ [nul]: nul });
  const displayname = await user.call('PUT', path`/v3/profile/${user.id}/displayname`, {
    body: { displayname: nul },
    expect: 'any',
  });
  if (displayname.status === 200)
    expect((await user.get(path`/v3/profile/${user.id}/displayname`)).displayname).toBe(nul);
  else expect(displayname.status).toBe(400);
  await user.accountData(nul, { [nul]: nul });
  expect(await user.get(path`/v3/user/${user.id}/account_data/${nul}`)).toEqual({ [nul]: nul });
  expect(await user.send(room, 'x', 'm.room.message', nul)).toBe(
    await user.send(room, 'x', 'm.room.message', nul),
  );
});

test('[JSON-09] [J04] an event of 65,536 bytes passes, one more byte does not', async () => {
  const { user, room } = await place();
  const attempt = async (n: number) =>
    (await sendRaw(user, room, JSON.stringify({ x: 'x'.repeat(n) }))).status;
  // The size counts the whole signed event: find the edge, which must be sharp and not far below the limit.
  let [low, high] = [60_000, 65_536];
  expect(await attempt(low)).toBe(200);
  expect(await attempt(high)).toBe(413);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((await attempt(middle)) === 200) low = middle;
    else high = middle;
  }
  expect(high).toBeGreaterThan(64_000);
  const refused = await sendRaw(user, room, JSON.stringify({ x: 'x'.repeat(high) }), [413, 'M_TOO_LARGE']);
  expect(refused.status).toBe(413);
});

test('[JSON-10] [J04] type and state key: 255 bytes pass, 256 do not, letters of two bytes count twice', async () => {
  const { user, room } = await place();
  for (const [name, good] of [
    ['x'.repeat(255), true],
    ['x'.repeat(256), false],
    ['é'.repeat(127), true],
    ['é'.repeat(128), false],
  ] as [string, boolean][]) {
    const expected = good ? 200 : 'any';
    const type = await user.call('PUT', path`/v3/rooms/${room}/send/${name}/${`x${counter++}`}`, {
      body: {},
      expect: expected,
    });
    const key = await user.call('PUT', path`/v3/rooms/${room}/state/org.example.k/${name}`, {
      body: {},
      expect: expected,
    });
    const stateType = await user.call('PUT', path`/v3/rooms/${room}/state/${name}/k`, {
      body: {},
      expect: expected,
    });
    if (!good) for (const answer of [type, key, stateType]) expect([400, 413]).toContain(answer.status);
  }
});

test('[JSON-11] many keys and huge keys are read in their stride', async () => {
  const { user, room } = await place();
  const many = `{${Array.from({ length: 4000 }, (_, i) => `"k${i}":${i}`).join(',')}}`;
  await sendRaw(user, room, many, 200);
  expect((await sendRaw(user, room, `{"${'k'.repeat(1 << 20)}":1}`)).status).toBe(413);
  const colliding = `{${Array.from({ length: 20_000 }, (_, i) => `"${i.toString(2)}":1`).join(',')}}`;
  expect([400, 413]).toContain((await sendRaw(user, room, colliding)).status);
});

test('[JSON-12] a wrong type anywhere in a body is 400, never 500', async () => {
  const { user, room } = await place();
  const event = await user.send(room, 'x');
  const requests: [string, string, Any[]][] = [
    [
      'POST',
      '/v3/createRoom',
      [
        { name: 5 },
        { invite: 'x' },
        { invite: [5] },
        { initial_state: {} },
        { initial_state: [5] },
        { initial_state: [{ type: 5 }] },
        { creation_content: [] },
        { preset: 5 },
        { power_level_content_override: 'x' },
        { is_direct: 'x' },
        { room_version: 12 },
        { creation_content: { predecessor: 'x' }, room_version: 5 },
      ],
    ],
    ['POST', path`/v3/rooms/${room}/invite`, [{}, { user_id: 5 }, { user_id: null }, { user_id: 'x' }]],
    ['POST', path`/v3/rooms/${room}/receipt/m.read/${event}`, [{ thread_id: 5 }]],
    ['POST', path`/v3/rooms/${room}/read_markers`, [{ 'm.read': 5 }]],
    ['PUT', path`/v3/rooms/${room}/typing/${user.id}`, [{ typing: 'x' }, { typing: true, timeout: 'x' }, {}]],
    ['PUT', path`/v3/user/${user.id}/rooms/${room}/tags/x`, [{ order: 'x' }]],
    [
      'PUT',
      path`/v3/rooms/${room}/state/m.room.power_levels/`,
      [{ users: [] }, { users: { [user.id]: '100' } }, { events: 5 }, { ban: '50' }, { ban: 1.5 }],
    ],
    [
      'PUT',
      path`/v3/rooms/${room}/state/m.room.member/${user.id}`,
      [{ membership: {} }, {}, { membership: 'ghost' }],
    ],
    [
      'PUT',
      path`/v3/rooms/${room}/state/m.room.canonical_alias/`,
      [{ alias: 5 }, { alt_aliases: 'x' }, { alt_aliases: [5] }],
    ],
    [
      'POST',
      '/v3/keys/query',
      [{}, { device_keys: [] }, { device_keys: { [user.id]: 'x' } }, { device_keys: null }],
    ],
    [
      'POST',
      '/v3/keys/claim',
      [
        {},
        { one_time_keys: [] },
        { one_time_keys: { [user.id]: [] } },
        { one_time_keys: { [user.id]: { D: 5 } } },
      ],
    ],
    [
      'POST',
      '/v3/room_keys/version',
      [{}, { algorithm: 5, auth_data: {} }, { algorithm: 'x', auth_data: [] }],
    ],
    [
      'POST',
      path`/v3/user/${user.id}/filter`,
      [
        { room: [] },
        { room: { timeline: { limit: 'x' } } },
        { room: { timeline: { types: 'x' } } },
        { event_format: 'x' },
      ],
    ],
    [
      'POST',
      '/v3/login',
      [
        {},
        { type: 5 },
        { type: 'm.login.password', identifier: 'x', password: 'x' },
        { type: 'm.login.password', identifier: { type: 'm.id.user', user: 5 }, password: 'x' },
      ],
    ],
    ['PUT', path`/v3/profile/${user.id}/displayname`, [{ displayname: 5 }, { displayname: {} }]],
    ['POST', '/v3/publicRooms', [{ limit: 'x' }, { filter: [] }]],
    ['POST', path`/v3/rooms/${room}/upgrade`, [{}, { new_version: 5 }]],
  ];
  for (const [method, at, bodies] of requests) {
    for (const body of bodies) {
      const answer = await user.call(method, at, { body, expect: 'any' });
      if (answer.body?.errcode === 'M_UNRECOGNIZED') continue; // not built
      expect(answer.status, `${method} ${at} ${JSON.stringify(body)}`).toBeGreaterThanOrEqual(400);
      expect(answer.status, `${method} ${at} ${JSON.stringify(body)}`).toBeLessThan(404);
    }
  }
});

test('[JSON-14] [J01] what is stored is what was sent, key for key', async () => {
  const { user, room } = await place();
  const contents: Any[] = [
    { '\u{10000}': 1, '\uffff': 2, a: 3, A: 4, '': 5 },
    { text: '\u0000\u0001\u001f\u007f\u2028\u2029/\\"\b\t\n\f\r' },
    {
      deep: [
        [[], {}],
        [null, true, false, -1, 0],
      ],
    },
    { 日: 1, 本: 2, '\u00e9': 'composed', 'e\u0301': 'decomposed' },
  ];
  for (const content of contents) {
    const { event_id } = (await sendRaw(user, room, JSON.stringify(content), 200)).body;
    expect((await user.event(room, event_id)).content).toEqual(content);
  }
});

test('[JSON-15] keys that mean something to other languages are plain data', async () => {
  const { user, room } = await place();
  const { event_id } = (await sendRaw(user, room, '{"__proto__":{"x":1},"constructor":2,"toString":3}', 200))
    .body;
  const { text } = await user.call('GET', path`/v3/rooms/${room}/event/${event_id}`);
  expect(text).toContain('"__proto__":{"x":1}');
  expect(text).toContain('"constructor":2');
});

test('[ID-06] transaction, device and filter ids out of bounds are refused', async () => {
  const { user, room } = await place();
  await user.put(
    path`/v3/rooms/${room}/send/m.room.message/${'x'.repeat(1000)}`,
    { body: 'x', msgtype: 'm.text' },
    { expect: 400 },
  );
  await user.send(room, 'x', 'm.room.message', 'é/日 😀');
  const login = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: user.id },
    password: 'correct horse battery staple',
  };
  await t.api.call('POST', '/_matrix/client/v3/login', {
    body: { ...login, device_id: 'x'.repeat(513) },
    expect: 400,
  });
  await t.api.call('POST', '/_matrix/client/v3/login', { body: { ...login, device_id: 'x'.repeat(512) } });
  const slash = await t.api.call('POST', '/_matrix/client/v3/login', {
    body: { ...login, device_id: 'a/é' },
    expect: 'any',
  });
  if (slash.status === 200) expect((await user.get(path`/v3/devices/${'a/é'}`)).device_id).toBe('a/é');
  else expect(slash.status).toBe(400);
  await user.get(path`/v3/user/${user.id}/filter/${'x'.repeat(1000)}`, { expect: 'any' });
});

test('[ID-08] long and tricky display names: bounded in bytes, kept as text', async () => {
  const user = await t.user();
  const at = path`/v3/profile/${user.id}/displayname`;
  const tricky = 'a\u202Egnp.exe\u200B\u2066b';
  await user.put(at, { displayname: tricky });
  expect((await user.get(at)).displayname).toBe(tricky);
  const long = await user.call('PUT', at, { body: { displayname: 'x'.repeat(100_000) }, expect: 'any' });
  expect([400, 413]).toContain(long.status);
  expect((await user.get(at)).displayname).toBe(tricky);
});

test('[J12] what the server hands out keeps to the opaque grammar', async () => {
  const { user, room } = await place();
  const opaque = /^[0-9A-Za-z._~-]{1,255}$/;
  const sync = await user.sync();
  const page = await user.messages(room, { limit: 1 });
  const { filter_id } = await user.post(path`/v3/user/${user.id}/filter`, {});
  for (const token of [
    sync.next_batch,
    page.start,
    page.end,
    filter_id,
    user.device,
    sync.rooms.join[room].timeline.prev_batch,
  ]) {
    if (token !== undefined) expect(token).toMatch(opaque);
  }
});
