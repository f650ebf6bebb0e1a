// SPDX-License-Identifier: EUPL-1.2
// The media repository: uploads, reservations, downloads, and what hostile files come with. These tests
// are run on both kinds of storage: media-s3.test.ts.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { type Answer, type CallOptions, path } from './src/http.ts';
import { fetchFile, growth, hashOfAnswer, memoryCounts, sendPieces } from './src/large.ts';
import { gif, png, sizeOf } from './src/pictures.ts';
import { exchange, type RawAnswer, RawConnection } from './src/raw.ts';
import { Server } from './src/server.ts';
import { stage } from './src/stage.ts';
import { hashOf, storage } from './src/storage.ts';
import { User } from './src/user.ts';

const MAX = 64 * 1024;
const QUOTA = 200 * 1024;
const kept = storage();
const at = stage({ storage: kept, set: { 'media.max_size': String(MAX), 'media.quota': String(QUOTA) } });
const large = stage({ storage: kept, set: { 'media.max_size': '128 MiB', 'media.quota': '0' } });
afterAll(() => kept.dispose());

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const MEDIA = '/_matrix/media';
const V1 = '/_matrix/client/v1/media';

interface File {
  type?: string;
  name?: string;
}

async function upload(user: User, bytes: Uint8Array | string, file: File = {}): Promise<string> {
  const headers: Record<string, string> = file.type === undefined ? {} : { 'content-type': file.type };
  const query = { filename: file.name };
  const options = { token: user.token, raw: bytes, headers, query };
  return (await user.api.call('POST', `${MEDIA}/v3/upload`, options)).body.content_uri;
}

const partsOf = (uri: string) => uri.slice('mxc://'.length).split('/');

function fileAt(uri: string, road = 'download'): string {
  const [server, id] = partsOf(uri);
  return `${V1}/${road}/${encodeURIComponent(server)}/${encodeURIComponent(id)}`;
}

const download = (user: User, uri: string, options: CallOptions = {}): Promise<Answer> =>
  user.api.call('GET', fileAt(uri), { token: user.token, ...options });

const create = async (user: User, options: CallOptions = {}) =>
  (await user.api.call('POST', `${MEDIA}/v1/create`, { token: user.token, ...options })).body;

const fill = (user: User, uri: string, raw: Uint8Array | string, options: CallOptions = {}) => {
  const [server, id] = partsOf(uri);
  const place = path`/_matrix/media/v3/upload/${server}/${id}`;
  return user.api.call('PUT', place, { token: user.token, raw, ...options });
};

/** What is under way in a server. */
const incoming = (server: { dataDir: string }) => kept.incoming(server);

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}

/** The first answer that is no leave to go on. */
const answerOf = async (raw: RawConnection) =>
  (await raw.receive(1)).answers.find((answer) => answer.status >= 200) as RawAnswer;

const someone = () => at.user('files');

// ---- uploads and downloads ----

test('[M01] [M02] [M03] a file comes back as it was sent, with its name and its type', async () => {
  const user = await someone();
  const uri = await upload(user, PNG, { type: 'image/png', name: 'plan.png' });
  expect(uri).toMatch(/^mxc:\/\/localhost\/[A-Za-z0-9_-]{32}$/);
  const answer = await download(user, uri);
  expect(Buffer.from(answer.bytes).equals(PNG)).toBe(true);
  expect(answer.headers.get('content-type')).toBe('image/png');
  expect(answer.headers.get('content-disposition')).toBe('inline; filename="plan.png"');
  expect(answer.headers.get('cache-control')).toBe('private, no-cache');
  expect(answer.headers.get('content-length')).toBe(String(PNG.length));
});

test('a file of no bytes, and one of as many as there may be', async () => {
  const user = await someone();
  const empty = await upload(user, '');
  expect((await download(user, empty)).bytes.length).toBe(0);
  const full = randomBytes(MAX);
  expect(Buffer.from((await download(user, await upload(user, full))).bytes).equals(full)).toBe(true);
});

test('[H06] a file without a type is bytes', async () => {
  const user = await someone();
  const answer = await download(user, await upload(user, 'abc'));
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(answer.headers.get('content-disposition')).toBe('attachment');
});

test('the limits are announced on both roads, to who has a token', async () => {
  const user = await someone();
  for (const place of [`${V1}/config`, `${MEDIA}/v3/config`]) {
    const limits = await user.api.call('GET', place, { token: user.token });
    expect(limits.body).toEqual({ 'm.upload.size': MAX });
    await user.api.call('GET', place, { expect: [401, 'M_MISSING_TOKEN'] });
  }
});

test('[MED-08] the roads without a token know no file', async () => {
  const user = await someone();
  const [server, id] = partsOf(await upload(user, PNG, { type: 'image/png' }));
  for (const place of [
    path`/_matrix/media/v3/download/${server}/${id}`,
    path`/_matrix/media/v3/download/${server}/${id}/${'a.png'}`,
    `${path`/_matrix/media/v3/thumbnail/${server}/${id}`}?width=32&height=32`,
  ]) {
    await user.api.call('GET', place, { expect: [404, 'M_NOT_FOUND'] });
    await user.api.call('GET', place, { token: user.token, expect: [404, 'M_NOT_FOUND'] });
  }
  await user.api.call('GET', path`/_matrix/client/v1/media/download/${server}/${id}`, {
    expect: [401, 'M_MISSING_TOKEN'],
  });
});

test('[M04] [ID-03] an address of a file is letters, digits, - and _ on a server name, and nothing else', async () => {
  const user = await someone();
  const read = (server: string, id: string, expected: [number, string]) =>
    user.api.call('GET', path`/_matrix/client/v1/media/download/${server}/${id}`, {
      token: user.token,
      expect: expected,
    });
  for (const id of ['../../etc/passwd', 'a.b', 'a/b', 'a\0', 'é', 'a b', 'x'.repeat(256)])
    await read('localhost', id, [400, 'M_INVALID_PARAM']);
  for (const server of ['../..', 'a/b', 'a b', 'é', '[::'])
    await read(server, 'abc', [400, 'M_INVALID_PARAM']);
  for (const [server, id] of [
    ['localhost', '..'],
    ['..', 'abc'],
    ['localhost', '%2e%2e'],
    ['127.0.0.1', '..%5c'],
    ['localhost', 'x'.repeat(10_240)],
    ['localhost', ''],
  ]) {
    const head = `Host: localhost\r\nAuthorization: Bearer ${user.token}\r\n`;
    const asked = `GET ${V1}/download/${server}/${id} HTTP/1.1\r\n${head}\r\n`;
    expect([400, 404]).toContain((await exchange(at.server.tcpPort, asked)).answers[0].status);
  }
  for (const server of ['localhost', 'matrix.org', 'matrix.org:8448', '[2001:db8::1]:80'])
    await read(server, 'AbC_-9', [404, 'M_NOT_FOUND']);
});

// ---- reservations ----

test('[M01] an id is made first and filled once, by its owner', async () => {
  const [user, other] = await at.users('owner', 'other');
  const { content_uri: uri, unused_expires_at: until } = await create(user);
  expect(until).toBeGreaterThan(Date.now() + 23 * 3600_000);
  expect(until).toBeLessThan(Date.now() + 25 * 3600_000);
  const now = { query: { timeout_ms: 0 } };
  await download(user, uri, { ...now, expect: [504, 'M_NOT_YET_UPLOADED'] });
  await fill(other, uri, 'stolen', { expect: [403, 'M_FORBIDDEN'] });
  await fill(user, uri, 'mine', { headers: { 'content-type': 'text/plain' } });
  expect((await download(other, uri)).text).toBe('mine');
  await fill(user, uri, 'again', { expect: [409, 'M_CANNOT_OVERWRITE_MEDIA'] });
  await fill(user, 'mxc://localhost/unknown', 'x', { expect: [404, 'M_NOT_FOUND'] });
  await fill(user, 'mxc://elsewhere.example/unknown', 'x', { expect: [404, 'M_NOT_FOUND'] });
  expect((await download(user, uri)).text).toBe('mine');
});

test('[M01] a download waits for its upload', async () => {
  const user = await someone();
  const { content_uri: uri } = await create(user);
  const waiting = download(user, uri, { query: { timeout_ms: 30_000 } });
  const short = download(user, uri, {
    query: { timeout_ms: 50 },
    expect: [504, 'M_NOT_YET_UPLOADED'],
  });
  await short;
  await fill(user, uri, 'there');
  expect((await waiting).text).toBe('there');
});

test('[MED-18] an id that was not filled in a day is none any more, and makes room for another', async () => {
  const user = await large.user('late');
  const made = [];
  for (let i = 0; i < 5; i++) made.push((await create(user)).content_uri);
  await putPart(user, made[0], [0, 10], '01234');
  await create(user, { expect: [429, 'M_LIMIT_EXCEEDED'] });
  await large.server.stop();
  await large.server.sql('UPDATE media SET expires_ms = 1 WHERE state = 0');
  await large.server.launch();
  for (const uri of made) await fill(user, uri, 'x', { expect: [404, 'M_NOT_FOUND'] });
  await putPart(user, made[0], [5, 10], '56789', { expect: [404, 'M_NOT_FOUND'] });
  await download(user, made[1], { query: { timeout_ms: 0 }, expect: [404, 'M_NOT_FOUND'] });
  await create(user);
  await eventually(() => incoming(large.server).length === 0);
});

test('[MED-18] at most five ids wait for their content', async () => {
  const user = await someone();
  const made = [];
  for (let i = 0; i < 5; i++) made.push((await create(user)).content_uri);
  const refused = await user.api.call('POST', `${MEDIA}/v1/create`, {
    token: user.token,
    expect: [429, 'M_LIMIT_EXCEEDED'],
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await fill(user, made[0], 'x');
  await create(user);
  await create(user, { expect: [429, 'M_LIMIT_EXCEEDED'] });
  await create(await someone());
});

// ---- limits ----

test('[MED-01] a file over the limit is refused, whatever its length says', async () => {
  const user = await someone();
  const call = (raw: Uint8Array) =>
    user.api.call('POST', `${MEDIA}/v3/upload`, {
      token: user.token,
      raw,
      expect: [413, 'M_TOO_LARGE'],
    });
  await call(randomBytes(MAX + 1));
  const raw = await RawConnection.open(at.server.tcpPort);
  raw.write(
    `POST ${MEDIA}/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
      'Transfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  for (let i = 0; i < 5; i++) raw.write(chunk);
  const answer = await answerOf(raw);
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body).errcode).toBe('M_TOO_LARGE');
  raw.close();
  await eventually(() => incoming(at.server).length === 0);
});

test('[MED-01] a cut upload leaves no file and no byte of the quota', async () => {
  const user = await someone();
  for (const cut of ['short', 'malformed'] as const) {
    const raw = await RawConnection.open(at.server.tcpPort);
    const framing = cut === 'short' ? `Content-Length: ${MAX}` : 'Transfer-Encoding: chunked';
    raw.write(
      `POST ${MEDIA}/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
        `${framing}\r\n\r\n${cut === 'short' ? 'x'.repeat(5000) : '10\r\n0123456789abcdef\r\n'}`,
    );
    await eventually(() => incoming(at.server).length === 1);
    if (cut === 'malformed') {
      raw.write('rubbish\r\n');
      expect((await answerOf(raw)).status).toBe(400);
    }
    raw.close();
    await eventually(() => incoming(at.server).length === 0);
  }
  for (let i = 0; i < 3; i++) await upload(user, randomBytes(MAX));
});

test('[MED-01] the quota holds to the byte, also for uploads at once', async () => {
  const user = await someone();
  const post = (n: number, expected: CallOptions['expect'] = 200) =>
    user.api.call('POST', `${MEDIA}/v3/upload`, {
      token: user.token,
      raw: randomBytes(n),
      expect: expected,
    });
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(MAX, 'any')));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(3);
  for (const answer of answers.filter((one) => one.status !== 200)) {
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ errcode: 'M_FORBIDDEN', 'org.chappe.reason': 'media_quota' });
  }
  const left = QUOTA - 3 * MAX;
  await post(left + 1, [403, 'M_FORBIDDEN']);
  await post(left);
  await post(1, [403, 'M_FORBIDDEN']);
  await post(0);
  await upload(await someone(), randomBytes(MAX));
});

test('[MED-01] so many uploads of one person are under way at once', async () => {
  const user = await large.user('eager');
  const begin = async () => {
    const raw = await RawConnection.open(large.server.tcpPort);
    raw.write(
      `POST ${MEDIA}/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
        'Content-Length: 2\r\n\r\na',
    );
    return raw;
  };
  const under = [];
  for (let i = 0; i < 16; i++) under.push(await begin());
  await eventually(() => incoming(large.server).length === 16);
  expect((await answerOf(await begin())).status).toBe(429);
  await upload(await large.user('calm'), 'x');
  under[0].write('b');
  expect((await answerOf(under[0])).status).toBe(200);
  for (const raw of under) raw.close();
  await eventually(() => incoming(large.server).length === 0);
  await upload(user, 'x');
});

test('the token is judged before any of the body is asked for', async () => {
  const raw = await RawConnection.open(at.server.tcpPort);
  raw.write(
    `POST ${MEDIA}/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nobody\r\n` +
      `Content-Length: ${MAX}\r\nExpect: 100-continue\r\n\r\n`,
  );
  const answer = await answerOf(raw);
  expect(answer.status).toBe(401);
  expect(answer.headers.connection).toBe('close');
  raw.close();
  const user = await someone();
  const welcome = await RawConnection.open(at.server.tcpPort);
  welcome.write(
    `POST ${MEDIA}/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
      'Content-Length: 3\r\nExpect: 100-continue\r\n\r\n',
  );
  await eventually(() => welcome.result().answers.length > 0);
  expect(welcome.result().answers[0].status).toBe(100);
  welcome.write('abc');
  expect((await answerOf(welcome)).status).toBe(200);
  welcome.close();
});

// ---- parts of a file ----

test('[MED-17] one range, or 416', async () => {
  const user = await someone();
  const uri = await upload(user, '0123456789');
  const part = (range: string, expected: CallOptions['expect']) =>
    download(user, uri, { headers: { range }, expect: expected });
  const good: [string, string, string][] = [
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=5-99', '56789', 'bytes 5-9/10'],
    ['Bytes=9-9', '9', 'bytes 9-9/10'],
  ];
  for (const [range, text, content] of good) {
    const answer = await part(range, 206);
    expect(answer.text).toBe(text);
    expect(answer.headers.get('content-range')).toBe(content);
    expect(answer.headers.get('content-length')).toBe(String(text.length));
  }
  const many = Array.from({ length: 2000 }, (_, i) => `${i}-`).join(',');
  for (const range of ['10-', '5-2', '-0', '-', '', 'a-b', '0-1,2-3', '0-5,3-8', '--5', '1--2', many])
    expect((await part(`bytes=${range}`, [416, 'M_INVALID_PARAM'])).headers.get('content-range')).toBe(
      'bytes */10',
    );
  await part('bytes=99999999999999999999-', [416, 'M_INVALID_PARAM']);
  expect((await part('items=0-1', 200)).text).toBe('0123456789');
});

test('what a reader has is not sent again, and a changed file not continued', async () => {
  const user = await someone();
  const uri = await upload(user, '0123456789');
  const first = await download(user, uri);
  const etag = first.headers.get('etag') as string;
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await download(user, uri, { headers: { 'if-none-match': tag }, expect: 304 });
    expect(again.bytes.length).toBe(0);
  }
  expect((await download(user, uri, { headers: { 'if-none-match': '"other"' } })).text).toHaveLength(10);
  const range = { range: 'bytes=4-' };
  expect((await download(user, uri, { headers: { ...range, 'if-range': etag }, expect: 206 })).text).toBe(
    '456789',
  );
  expect((await download(user, uri, { headers: { ...range, 'if-range': '"other"' } })).text).toHaveLength(10);
  const head = await user.api.call('HEAD', fileAt(uri), { token: user.token });
  expect(head.headers.get('content-length')).toBe('10');
  expect(head.headers.get('etag')).toBe(etag);
  expect(head.bytes.length).toBe(0);
});

// ---- types and names ----

const typed = async (user: User, type: string | undefined, bytes: Uint8Array | string) => {
  const { headers } = await download(user, await upload(user, bytes, { type }));
  return [headers.get('content-type'), headers.get('content-disposition')];
};

test('[MED-02] [M03] nothing that could run is shown', async () => {
  const user = await someone();
  const attached: [string, string][] = [
    ['text/html', 'text/html'],
    ['TEXT/HTML', 'text/html'],
    ['text/html; charset=utf-8', 'text/html; charset=utf-8'],
    ['image/svg+xml', 'image/svg+xml'],
    ['application/xhtml+xml', 'application/xhtml+xml'],
    ['application/pdf', 'application/pdf'],
    ['application/javascript', 'application/javascript'],
    ['image/png; x=text/html', 'application/octet-stream'],
    ['image/png, text/html', 'application/octet-stream'],
    ['text/plain text/html', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    ['rubbish', 'application/octet-stream'],
    ['/', 'application/octet-stream'],
    [`text/plain; x=${'x'.repeat(10_000)}`, 'application/octet-stream'],
  ];
  for (const [declared, served] of attached)
    expect(await typed(user, declared, '<script>alert(1)</script>')).toEqual([served, 'attachment']);
  expect(await typed(user, 'TEXT/Plain; charset=UTF-8', 'é')).toEqual([
    'text/plain; charset=UTF-8',
    'inline',
  ]);
  expect(await typed(user, 'audio/ogg; codecs=opus', 'OggS')).toEqual(['audio/ogg; codecs=opus', 'inline']);
});

test('[MED-02] where the web client has a host of its own, no file is given under its name', async () => {
  const set = { 'web.host': 'chat.example.org', public_url: 'https://api.example.org' };
  const server = await Server.start({ storage: kept, set });
  try {
    const user = await User.register(server.api, 'apart');
    const uri = await upload(user, png(40, 40), { type: 'image/png' });
    const places = [
      fileAt(uri),
      `${fileAt(uri, 'thumbnail')}?width=32&height=32`,
      `/_matrix/media_proxy/unstable/download/${uri.slice('mxc://'.length)}`,
    ];
    const statusAt = async (place: string, host: string) =>
      (
        await exchange(
          server.tcpPort,
          `GET ${place} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${user.token}\r\n\r\n`,
        )
      ).answers[0].status;
    for (const place of places) {
      for (const host of ['chat.example.org', 'CHAT.example.org', 'chat.example.org:443'])
        expect(await statusAt(place, host)).toBe(404);
      for (const host of ['api.example.org', 'chat.example.org.evil', 'localhost'])
        expect(await statusAt(place, host)).toBe(200);
    }
    const session = connect(server.url);
    const overHttp2 = async (host: string) => {
      const head = { ':path': places[0], ':authority': host, authorization: `Bearer ${user.token}` };
      const [answer] = await once(session.request(head).resume(), 'response');
      return answer[':status'];
    };
    expect(await overHttp2('chat.example.org')).toBe(404);
    expect(await overHttp2('api.example.org')).toBe(200);
    session.close();
  } finally {
    await server.dispose();
  }
});

test('[MED-03] a picture is what its bytes say', async () => {
  const user = await someone();
  const gif = Buffer.from('GIF89a/*\0\0*/=1;alert(1)//');
  const octets = ['application/octet-stream', 'attachment'];
  expect(await typed(user, 'image/png', gif)).toEqual(['image/gif', 'inline']);
  expect(await typed(user, 'image/jpeg', PNG)).toEqual(['image/png', 'inline']);
  expect(await typed(user, 'image/apng', PNG)).toEqual(['image/apng', 'inline']);
  for (const bytes of [
    '%!PS-Adobe-3.0',
    'II*\0aaaa',
    '8BPS\0\x01',
    '\0\0\0\x18ftypheic',
    '<html>',
    '%PDF-1.7',
  ])
    expect(await typed(user, 'image/png', bytes)).toEqual(octets);
  expect(await typed(user, 'video/mp4', '\x7fELF\x02\x01\x01')).toEqual(octets);
  expect(await typed(user, 'text/plain', Buffer.concat([PNG]))).toEqual(octets);
  expect(await typed(user, 'application/octet-stream', PNG)).toEqual(octets);
});

test('[MED-16] a name is encoded, cannot be a path, and is shown in its own direction', async () => {
  const user = await someone();
  const named = async (name: string) =>
    (await download(user, await upload(user, 'x', { name }))).headers.get('content-disposition');
  const cases: [string, string][] = [
    ['note de service.pdf', '; filename="note de service.pdf"'],
    ['a;b.txt', '; filename="a;b.txt"'],
    ['été ☕.pdf', "; filename*=utf-8''%C3%A9t%C3%A9%20%E2%98%95.pdf"],
    ['../x', '; filename=".._x"'],
    ['C:\\x', '; filename="C:_x"'],
    ['a\0b', '; filename="a_b"'],
    ['a\r\nSet-Cookie: b', '; filename="a__Set-Cookie: b"'],
    ['say "x".txt', "; filename*=utf-8''say%20%22x%22.txt"],
    ['100%.txt', "; filename*=utf-8''100%25.txt"],
    ['\u202egpj.exe', '; filename="_gpj.exe"'],
    ['', ''],
  ];
  for (const [name, header] of cases) expect(await named(name)).toBe(`attachment${header}`);
  await user.api.call('POST', `${MEDIA}/v3/upload`, {
    token: user.token,
    raw: 'x',
    query: { filename: 'x'.repeat(10_240) },
    expect: [400, 'M_INVALID_PARAM'],
  });
  const uri = await upload(user, 'x', { name: 'first.txt' });
  const other = await user.api.call('GET', `${fileAt(uri)}/${encodeURIComponent('dossier/é.txt')}`, {
    token: user.token,
  });
  expect(other.headers.get('content-disposition')).toBe("attachment; filename*=utf-8''dossier_%C3%A9.txt");
});

test('[MED-19] a file that is known is sent whole again, and has another id', async () => {
  const [user, other] = await at.users('first', 'second');
  const bytes = randomBytes(5000);
  const first = await upload(user, bytes);
  const second = await upload(other, bytes);
  expect(second).not.toBe(first);
  expect(kept.has(at.server, bytes)).toBe(true);
  const raw = await RawConnection.open(at.server.tcpPort);
  raw.write(
    `POST ${MEDIA}/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
      'Content-Length: 5000\r\n\r\n',
  );
  raw.write(bytes.subarray(0, 4999));
  await eventually(() => incoming(at.server).length === 1);
  raw.write(bytes.subarray(4999));
  expect((await answerOf(raw)).status).toBe(200);
  raw.close();
});

test('a picture of a person and of a room is a file', async () => {
  const [user, other] = await at.users('portrait', 'reader');
  const uri = await upload(user, PNG, { type: 'image/png' });
  await user.put(path`/v3/profile/${user.id}/avatar_url`, { avatar_url: uri });
  const profile = await other.get(path`/v3/profile/${user.id}`);
  expect(profile.avatar_url).toBe(uri);
  expect((await download(other, profile.avatar_url)).headers.get('content-type')).toBe('image/png');
  const room = await user.createRoom();
  await user.setState(room, 'm.room.avatar', { url: uri });
});

// ---- thumbnails ----

const thumbnail = (user: User, uri: string, query: CallOptions['query'], options: CallOptions = {}) =>
  user.api.call('GET', fileAt(uri, 'thumbnail'), { token: user.token, query, ...options });

test('[M05] a thumbnail has the nearest listed size, and is never larger than its picture', async () => {
  const user = await large.user('pictures');
  const wide = await upload(user, png(1000, 500), { type: 'image/png' });
  const small = await upload(user, png(40, 20), { type: 'image/png' });
  const cases: [string, number, number, string | undefined, [number, number]][] = [
    [wide, 32, 32, 'crop', [32, 32]],
    [wide, 33, 1, 'crop', [96, 96]],
    [wide, 100, 100, 'crop', [320, 240]],
    [wide, 320, 240, 'scale', [320, 160]],
    [wide, 100, 200, undefined, [320, 160]],
    [wide, 321, 1, 'scale', [640, 320]],
    [wide, 4096, 4096, 'scale', [800, 400]],
    [small, 32, 32, 'crop', [32, 20]],
    [small, 800, 600, 'scale', [40, 20]],
  ];
  for (const [uri, width, height, method, size] of cases) {
    const answer = await thumbnail(user, uri, { width, height, method });
    expect(sizeOf(answer.bytes)).toEqual(size);
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
    expect(answer.headers.get('content-disposition')).toBe('inline; filename="thumbnail.jpeg"');
  }
});

test('[MED-05] sizes and methods that cannot be are refused', async () => {
  const user = await large.user('sizes');
  const uri = await upload(user, png(10, 10), { type: 'image/png' });
  const wrong: CallOptions = { expect: [400, 'M_INVALID_PARAM'] };
  for (const side of [0, -1, 4097, 1e9, 1.5, 'x', '1e2', '99999999999999999999'])
    for (const query of [
      { width: side, height: 32 },
      { width: 32, height: side },
    ])
      await thumbnail(user, uri, query, wrong);
  for (const method of ['', 'CROP', 'stretch'])
    await thumbnail(user, uri, { width: 32, height: 32, method }, wrong);
  await thumbnail(user, uri, { width: 32, height: 32, animated: 'perhaps' }, wrong);
  await thumbnail(user, uri, { width: 32 }, { expect: [400, 'M_MISSING_PARAM'] });
  await thumbnail(user, 'mxc://localhost/none', { width: 32, height: 32 }, { expect: [404, 'M_NOT_FOUND'] });
});

test('[M05] [MED-03] [MED-04] what cannot be shown small is told so', async () => {
  const user = await large.user('broken');
  const size = { width: 96, height: 96 };
  const unknown: CallOptions = { expect: [400, 'M_UNKNOWN'] };
  for (const bytes of ['<svg/>', 'II*\0aaaa', '%PDF-1.7', '', png(60, 60).subarray(0, 60)]) {
    const uri = await upload(user, bytes, { type: 'image/png' });
    for (let i = 0; i < 2; i++) await thumbnail(user, uri, size, unknown);
  }
  const bomb = await upload(user, png(50_000, 50_000, false), { type: 'image/png' });
  for (let i = 0; i < 2; i++) await thumbnail(user, bomb, size, { expect: [413, 'M_TOO_LARGE'] });
});

/** How many contents a server keeps. */
const contents = (server: { dataDir: string }) => kept.count(server);

test('a thumbnail is made once, whoever asks for it, and goes with its picture', async () => {
  const user = await large.user('once');
  const bytes = Buffer.concat([png(300, 301), randomBytes(8)]);
  const uri = await upload(user, bytes, { type: 'image/png' });
  const again = await upload(await large.user('twice'), bytes, { type: 'image/png' });
  const before = contents(large.server);
  const size = { width: 96, height: 96, method: 'crop' };
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => thumbnail(user, i % 2 ? uri : again, size)),
  );
  const tags = new Set(answers.map((answer) => answer.headers.get('etag')));
  expect(tags.size).toBe(1);
  expect(contents(large.server)).toBe(before + 1);
  const tag = [...tags][0] as string;
  await thumbnail(user, uri, size, { headers: { 'if-none-match': tag }, expect: 304 });
  expect(await large.server.command('check')).toBe('');
  await large.server.command('media', 'delete', uri);
  await thumbnail(user, uri, size, { expect: [404, 'M_NOT_FOUND'] });
  await thumbnail(user, again, size);
  await large.server.command('media', 'delete', again);
  await eventually(() => contents(large.server) === before - 1);
});

test('[M05] a picture that moves does so when asked, and only then', async () => {
  const user = await large.user('moving');
  const uri = await upload(user, gif(100, 3), { type: 'image/gif' });
  const size = { width: 32, height: 32, method: 'crop' };
  for (const animated of [undefined, false])
    expect((await thumbnail(user, uri, { ...size, animated })).headers.get('content-type')).toBe(
      'image/jpeg',
    );
  const moving = await thumbnail(user, uri, { ...size, animated: true });
  expect(moving.headers.get('content-type')).toBe('image/webp');
  expect(sizeOf(moving.bytes)).toEqual([32, 32]);
  const still = await upload(user, png(100, 100), { type: 'image/png' });
  expect((await thumbnail(user, still, { ...size, animated: true })).headers.get('content-type')).toBe(
    'image/jpeg',
  );
});

// ---- large files ----

test('100 MiB go up and down in 32 MiB of the server', async () => {
  const user = await large.user('large');
  const piece = randomBytes(1 << 20);
  await upload(user, piece);
  const grown = await growth(large.server, async () => {
    const sent = await sendPieces(large.server, user, 100 << 20, Array(100).fill(piece));
    const answer = await fetchFile(large.server, user, fileAt(sent.uri));
    expect(await hashOfAnswer(answer)).toBe(sent.hash);
  });
  if (memoryCounts) expect(grown).toBeLessThan(32 * 1024);
});

test('what a crash left under way is cleared at the next start', async () => {
  const user = await large.user('crash');
  const raw = await RawConnection.open(large.server.tcpPort);
  raw.write(
    `POST ${MEDIA}/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
      'Content-Length: 100000\r\n\r\nabc',
  );
  await eventually(() => incoming(large.server).length === 1);
  await large.server.kill9();
  expect(incoming(large.server)).toHaveLength(1);
  await large.server.launch();
  expect(incoming(large.server)).toHaveLength(0);
  raw.close();
  const uri = await upload(user, 'after');
  expect((await download(user, uri)).text).toBe('after');
});

// ---- uploads that can be gone on with ----

const partsAt = (uri: string) => {
  const [server, id] = partsOf(uri);
  return path`/_matrix/client/unstable/org.chappe/media/upload/${server}/${id}`;
};

const progress = async (user: User, uri: string, options: CallOptions = {}) =>
  (await user.api.call('GET', partsAt(uri), { token: user.token, ...options })).body;

const putPart = async (
  user: User,
  uri: string,
  [offset, size]: [number | string, number | string],
  raw: Uint8Array | string,
  options: CallOptions = {},
) => {
  const query = { offset, size, filename: 'long.bin' };
  return (await user.api.call('PUT', partsAt(uri), { token: user.token, query, raw, ...options })).body;
};

/** Sends the beginning of a part and cuts the connection once so much of it is on the disk. */
async function cutPart(
  user: User,
  server: { tcpPort: number; dataDir: string },
  uri: string,
  [offset, size]: [number, number],
  sent: Uint8Array,
): Promise<void> {
  const raw = await RawConnection.open(server.tcpPort);
  raw.write(
    `PUT ${partsAt(uri)}?offset=${offset}&size=${size} HTTP/1.1\r\nHost: localhost\r\n` +
      `Authorization: Bearer ${user.token}\r\nContent-Length: ${size - offset}\r\n\r\n`,
  );
  raw.write(sent);
  await eventually(async () => (await progress(user, uri)).offset === offset + sent.length);
  raw.close();
}

test('an upload is announced as one that can be gone on with', async () => {
  const { body } = await at.api.call('GET', '/_matrix/client/versions');
  expect(body.unstable_features['org.chappe.resumable_upload']).toBe(true);
});

test('an upload goes on after cut connections and a death of the server', async () => {
  const user = await large.user('resuming');
  const bytes = randomBytes(3_000_000);
  const { content_uri: uri, unused_expires_at } = await create(user);
  expect(await progress(user, uri)).toEqual({ offset: 0, complete: false, unused_expires_at });
  const first = await putPart(user, uri, [0, bytes.length], bytes.subarray(0, 1_000_000));
  expect(first).toEqual({ offset: 1_000_000, complete: false, unused_expires_at });
  await cutPart(user, large.server, uri, [1_000_000, bytes.length], bytes.subarray(1_000_000, 1_700_000));
  await large.server.restart('SIGKILL');
  expect((await progress(user, uri)).offset).toBe(1_700_000);
  await cutPart(user, large.server, uri, [1_700_000, bytes.length], bytes.subarray(1_700_000, 2_000_000));
  await large.server.restart();
  const { offset } = await progress(user, uri);
  expect(offset).toBe(2_000_000);
  await download(user, uri, { query: { timeout_ms: 0 }, expect: [504, 'M_NOT_YET_UPLOADED'] });
  const last = await putPart(user, uri, [offset, bytes.length], bytes.subarray(offset));
  expect(last).toEqual({ offset: bytes.length, complete: true });
  expect(await progress(user, uri)).toEqual(last);
  const answer = await download(user, uri);
  expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="long.bin"');
  await putPart(user, uri, [0, 1], 'x', { expect: [409, 'M_CANNOT_OVERWRITE_MEDIA'] });
  expect(incoming(large.server)).toHaveLength(0);
});

test('who goes on takes over from a connection that seems to live', async () => {
  const user = await large.user('half-open');
  const { content_uri: uri } = await create(user);
  const raw = await RawConnection.open(large.server.tcpPort);
  raw.write(
    `PUT ${partsAt(uri)}?offset=0&size=10 HTTP/1.1\r\nHost: localhost\r\n` +
      `Authorization: Bearer ${user.token}\r\nContent-Length: 10\r\n\r\n01234`,
  );
  await eventually(async () => (await progress(user, uri)).offset === 5);
  expect((await putPart(user, uri, [5, 10], '56')).offset).toBe(7);
  raw.write('xx');
  const refused = await answerOf(raw);
  expect(refused.status).toBe(409);
  expect(JSON.parse(refused.body)['org.chappe.reason']).toBe('wrong_offset');
  raw.close();
  await putPart(user, uri, [7, 10], '789');
  expect((await download(user, uri)).text).toBe('0123456789');
});

test('[MED-01] a part that does not fit is refused, and takes nothing', async () => {
  const [user, other] = await at.users('parts', 'stranger');
  const { content_uri: uri } = await create(user);
  const wrong: CallOptions = { expect: [409, 'M_INVALID_PARAM'] };
  await putPart(user, uri, [0, 10], '01234');
  expect((await putPart(user, uri, [4, 10], 'x', wrong))['org.chappe.reason']).toBe('wrong_offset');
  await putPart(user, uri, [6, 10], 'x', wrong);
  await putPart(user, uri, [5, 4], 'x', wrong);
  await putPart(user, uri, [5, 10], '567890', { expect: [400, 'M_INVALID_PARAM'] });
  for (const query of [
    ['x', 10],
    [-1, 10],
    [5, 'x'],
  ] as [string | number, string | number][])
    await putPart(user, uri, query, 'x', { expect: [400, 'M_INVALID_PARAM'] });
  await user.api.call('PUT', partsAt(uri), {
    token: user.token,
    raw: 'x',
    query: { offset: 5 },
    expect: [400, 'M_MISSING_PARAM'],
  });
  await putPart(user, uri, [5, MAX + 1], 'x', { expect: [413, 'M_TOO_LARGE'] });
  await putPart(other, uri, [5, 10], '56789', { expect: [403, 'M_FORBIDDEN'] });
  await progress(other, uri, { expect: [403, 'M_FORBIDDEN'] });
  await progress(user, 'mxc://localhost/unknown', { expect: [404, 'M_NOT_FOUND'] });
  expect((await progress(user, uri)).offset).toBe(5);
  for (let i = 0; i < 3; i++) await upload(user, randomBytes(MAX));
  const room = QUOTA - 3 * MAX;
  const full = await putPart(user, uri, [5, room + 1], 'x', { expect: [403, 'M_FORBIDDEN'] });
  expect(full['org.chappe.reason']).toBe('media_quota');
  await putPart(user, uri, [5, 10], '56789');
  expect((await download(user, uri)).text).toBe('0123456789');
});

// ---- the operator ----

const command = (...words: string[]) => at.server.command(...words);

test('[MED-09] a content in quarantine is given to nobody, under whatever id', async () => {
  const [user, other] = await at.users('sender', 'copier');
  const bytes = randomBytes(300);
  const first = await upload(user, bytes, { type: 'text/plain', name: 'plan.txt' });
  const second = await upload(other, bytes);
  const { headers } = await download(user, first);
  const tag = headers.get('etag') as string;
  expect((await command('media', 'show', first)).split('\n')).toEqual([
    `uri\t${first}`,
    'state\tthere',
    `owner\t${user.id}`,
    'size\t300',
    'type\ttext/plain',
    'name\tplan.txt',
    `sha256\t${createHash('sha256').update(bytes).digest('hex')}`,
    expect.stringMatching(/^created\t\d{4}-/),
    'expires\t-',
    '',
  ]);
  await command('media', 'quarantine', first);
  const refused: CallOptions = { expect: [404, 'M_NOT_FOUND'] };
  for (const uri of [first, second]) {
    await download(user, uri, refused);
    await download(other, uri, { headers: { 'if-none-match': tag }, ...refused });
  }
  const third = await upload(other, bytes);
  await download(other, third, refused);
  await command('media', 'release', third);
  for (const uri of [first, second, third]) await download(user, uri);
  const acts = await command('audit', 'list');
  expect(acts).toContain(`media.quarantine\t${first}`);
  expect(acts).toContain(`media.release\t${third}`);
  await expect(command('media', 'quarantine', 'mxc://localhost/unknown')).rejects.toThrow();
  await expect(command('media', 'show', 'http://localhost/unknown')).rejects.toThrow();
});

test('[MED-09] a deleted file is gone, and its content when nobody else has it', async () => {
  const [user, other] = await at.users('deleter', 'keeper');
  const bytes = randomBytes(300);
  const first = await upload(user, bytes);
  const second = await upload(other, bytes);
  await command('media', 'delete', first);
  await download(user, first, { expect: [404, 'M_NOT_FOUND'] });
  await download(user, second);
  await fill(user, first, 'again', { expect: [409, 'M_CANNOT_OVERWRITE_MEDIA'] });
  expect(kept.has(at.server, bytes)).toBe(true);
  await command('media', 'delete', second);
  await eventually(() => !kept.has(at.server, bytes));
  await upload(user, bytes);
  expect(kept.has(at.server, bytes)).toBe(true);
  for (let i = 0; i < 3; i++) await upload(other, randomBytes(MAX));
});

test('[ADM-07] a person is given the list of their files, and their files go when they are erased', async () => {
  const user = await at.user('erased');
  const bytes = randomBytes(300);
  const uri = await upload(user, bytes, { type: 'text/plain; charset=\xff', name: 'été.txt' });
  const lines = (await command('user', 'export', user.localpart)).trim().split('\n');
  const files = lines.map((line) => JSON.parse(line)).filter((line) => line.kind === 'file');
  expect(files).toMatchObject([{ uri, name: 'été.txt', size: 300 }]);
  expect(await command('user', 'show', user.localpart)).toContain('files\t1\t300 bytes');
  await command('user', 'deactivate', user.localpart, '--erase');
  await download(await someone(), uri, { expect: [404, 'M_NOT_FOUND'] });
  await eventually(() => !kept.has(at.server, bytes));
  expect(await command('media', 'show', uri)).toContain('state\tdeleted');
});

/** Bytes whose content is among those that a server looks through first. */
function sweptSoon(word: string): string {
  for (let i = 0; ; i++) {
    const text = `${word} ${i}`;
    const part = createHash('sha256').update(text).digest().readUInt16BE();
    if (part < 90) return text;
  }
}

test('[MED-01] a content that a crash left without its row is swept after a day', async () => {
  const user = await large.user('swept');
  const [old, fresh, named] = ['old', 'fresh', 'named'].map(sweptSoon);
  const uri = await upload(user, named);
  await large.server.stop();
  for (const text of [old, fresh, named])
    kept.put(large.server, text, { ageMs: text === fresh ? 0 : 25 * 3600_000 });
  // The command sweeps too, for it is the server without its listeners.
  const told = await large.server.command('check');
  expect(told).toContain(`media: ${hashOf(fresh)} is named by no row`);
  await large.server.launch();
  await eventually(() => !kept.has(large.server, old));
  expect(kept.has(large.server, fresh)).toBe(true);
  expect((await download(user, uri)).text).toBe(named);
  kept.remove(large.server, fresh);
});

test('chappe check reads every file', async () => {
  const user = await large.user('checked');
  const check = async () => {
    try {
      return await large.server.command('check');
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  const bytes = ['one', 'two', 'three'].map((word) => `${word} ${randomBytes(8).toString('hex')}`);
  const uris = [];
  for (const text of bytes) uris.push(await upload(user, text));
  expect(await check()).toBe('');
  const [changed, shorter, lost] = bytes;
  kept.put(large.server, changed, { contents: `O${changed.slice(1)}` });
  kept.put(large.server, shorter, { contents: 'two' });
  kept.remove(large.server, lost);
  const clean = kept.stray(large.server, changed);
  const told = (await check()).trim().split('\n').sort();
  for (const line of [
    `media: ${uris[0]} has a content of another hash`,
    `media: ${uris[1]} has a content of another size`,
    `media: ${uris[2]} has lost its content`,
  ])
    expect(told).toContain(line);
  expect(told).toHaveLength(4);
  await user.api.call('GET', fileAt(uris[1]), { token: user.token, expect: 500 });
  clean();
  // Sent again, they are whole again.
  for (const text of bytes) await upload(user, text);
  expect(await check()).toBe('');
});
