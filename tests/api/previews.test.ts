// SPDX-License-Identifier: EUPL-1.2
// Previews of links: docs/design/previews.md.
import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { png, sizeOf } from './src/pictures.ts';
import { stage } from './src/stage.ts';
import type { User } from './src/user.ts';

const AT = '/v1/media/preview_url';
const FORBIDDEN: [number, string] = [403, 'M_FORBIDDEN'];
const NOTHING: [number, string] = [502, 'M_UNKNOWN'];
const look = (user: User, url: string, expectation?: [number, string]) =>
  user.get(AT, { query: { url }, expect: expectation });

const html = (response: ServerResponse, text: string | Buffer, type = 'text/html; charset=utf-8') => {
  response.writeHead(200, { 'content-type': type });
  response.end(text);
};
const pages: Record<string, (response: ServerResponse) => void> = {
  '/plain': (response) =>
    html(
      response,
      `<!doctype html><html><head><title> Préfecture \n de Région </title>
       <meta name="description" content="Tout &eacute;tait pr&ecirc;t &amp; calme">
       <meta property="og:site_name" content="interieur.example"></head><body><h1>x</h1></body></html>`,
    ),
  '/og': (response) =>
    html(
      response,
      `<title>non</title><meta property="og:title" content="&lt;b&gt;Titre&lt;/b&gt;"><meta property="og:title" content="deux">
       <meta property="og:type" content="article"><meta property="og:image" content="http://127.0.0.1/x.png">
       <meta property="og:secret" content="x">`,
    ),
  '/with-image': (response) =>
    html(
      response,
      `<title>avec image</title><meta property="og:image:secure_url" content="images/a.png?x=1">
       <meta property="og:image:alt" content="Une place">`,
    ),
  '/no-image': (response) =>
    html(response, '<title>sans image</title><meta property="og:image" content="/plain">'),
  '/image-elsewhere': (response) =>
    html(response, '<title>ailleurs</title><meta property="og:image" content="http://localhost:9/a.png">'),
  '/image-too-large': (response) =>
    html(response, '<title>trop</title><meta property="og:image" content="/large">'),
  '/images/a.png?x=1': (response) => {
    response.writeHead(200, { 'content-type': 'image/png' });
    response.end(Buffer.concat([png(1280, 960), Buffer.from('après la fin')]));
  },
  '/large': (response) => {
    response.writeHead(200, { 'content-type': 'image/png' });
    response.end(Buffer.concat([png(8, 8), Buffer.alloc(6 << 20)]));
  },
  '/latin1': (response) =>
    html(response, Buffer.from('<title>D\xe9j\xe0</title>', 'latin1'), 'text/html; charset=iso-8859-1'),
  '/text': (response) => html(response, '<title>x</title>', 'text/plain'),
  '/missing': (response) => {
    response.writeHead(404, { 'content-type': 'text/html' });
    response.end('<title>404</title>');
  },
  '/deep': (response) => html(response, `<title>profond</title>${'<div>'.repeat(200_000)}`),
  '/tags': (response) =>
    html(response, `<title>nombreux</title>${'<meta property="og:x" content="y">'.repeat(30_000)}`),
  '/gzip': (response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
    response.end(Buffer.from('1f8b0800000000000003', 'hex'));
  },
  '/endless': (response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.write('<title>sans fin</title>');
    const piece = 'x'.repeat(65_536);
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
  },
  '/hop': (response) => response.writeHead(302, { location: '/plain' }).end(),
  '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
  '/away': (response) => response.writeHead(302, { location: 'http://localhost:9/' }).end(),
  '/file': (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
};

let site: HttpServer;
let asked: string[] = [];
let port = 0;

beforeAll(async () => {
  site = createServer((request, response) => {
    asked.push(`${request.url}`);
    (pages[request.url ?? ''] ?? pages['/missing'])(response);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  port = (site.address() as AddressInfo).port;
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  site.closeAllConnections();
  await new Promise<void>((resolve) => site.close(() => resolve()));
});

describe('where the operator lets private addresses be reached', () => {
  const t = stage({
    set: { previews: 'on', 'previews.hosts': '127.0.0.1, *.example', 'previews.private_addresses': 'on' },
  });
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;

  test('a page says its title, its description, and what Open Graph knows', async () => {
    const alice = await t.user('alice');
    expect(await look(alice, at('/plain'))).toEqual({
      'og:title': 'Préfecture de Région',
      'og:description': 'Tout était prêt & calme',
      'og:site_name': 'interieur.example',
    });
    expect(await look(alice, at('/og'))).toEqual({ 'og:title': '<b>Titre</b>', 'og:type': 'article' });
    expect(await look(alice, at('/latin1'))).toEqual({ 'og:title': 'Déjà' });
    for (const empty of ['/text', '/missing', '/gzip']) expect(await look(alice, at(empty))).toEqual({});
    // The image it names was not asked for.
    expect(asked.filter((path) => path.endsWith('.png'))).toEqual([]);
    await t.api.call('GET', `/_matrix/client${AT}`, {
      query: { url: at('/plain') },
      expect: [401, 'M_MISSING_TOKEN'],
    });
    await alice.get(AT, { expect: [400, 'M_MISSING_PARAM'] });
  });

  test('its image is made small, kept as a file of nobody, and none of the site’s bytes with it', async () => {
    const alice = await t.user('alice');
    const found = await look(alice, at('/with-image'));
    expect(found).toMatchObject({
      'og:title': 'avec image',
      'og:image:alt': 'Une place',
      'og:image:width': 640,
      'og:image:height': 480,
    });
    expect(found['og:image']).toMatch(/^mxc:\/\/localhost\/\w+$/);
    const file = await t.api.call(
      'GET',
      `/_matrix/client/v1/media/download/${found['og:image'].slice('mxc://'.length)}`,
      { token: alice.token },
    );
    expect(file.headers.get('content-type')).toBe(found['og:image:type']);
    expect(file.bytes.length).toBe(found['matrix:image:size']);
    expect(sizeOf(file.bytes)).toEqual([640, 480]);
    expect(Buffer.from(file.bytes).includes('après la fin')).toBe(false);
    // The antivirus has it like any other.
    const scan = `/_matrix/media_proxy/unstable/scan/${found['og:image'].slice('mxc://'.length)}`;
    const verdict = async () => (await t.api.call('GET', scan, { token: alice.token, expect: 'any' })).body;
    await expect.poll(verdict, { timeout: 60_000 }).toMatchObject({ clean: true });
    // It counts for nobody, and stands when the store is looked through.
    expect(await t.server.command('check')).not.toMatch(/media:/);
  });

  test('[OUT-05] what is no image, is too large, or is not to be asked for is left out', async () => {
    const alice = await t.user('alice');
    expect(await look(alice, at('/no-image'))).toEqual({ 'og:title': 'sans image' });
    expect(await look(alice, at('/image-too-large'))).toEqual({ 'og:title': 'trop' });
    expect(await look(alice, at('/image-elsewhere'))).toEqual({ 'og:title': 'ailleurs' });
  });

  test('[M07] what was found is remembered, for everybody', async () => {
    const [alice, bob] = await t.users('alice', 'bob');
    const page = at('/plain?once');
    pages['/plain?once'] = pages['/plain'];
    const first = await look(alice, page);
    expect(await look(bob, page)).toEqual(first);
    // By the older path too.
    const old = await t.api.call('GET', '/_matrix/media/v3/preview_url', {
      token: bob.token,
      query: { url: page },
    });
    expect(old.body).toEqual(first);
    expect(asked).toEqual(['/plain?once']);
  });

  test('[OUT-05] a page without end, too deep or with too many tags costs no more than another', async () => {
    const alice = await t.user('alice');
    expect(await look(alice, at('/endless'))).toEqual({ 'og:title': 'sans fin' });
    expect(await look(alice, at('/deep'))).toEqual({ 'og:title': 'profond' });
    expect(await look(alice, at('/tags'))).toEqual({ 'og:title': 'nombreux' });
    await alice.get('/v3/account/whoami');
    // Its reader came to its end by itself.
    expect(t.server.log).not.toContain('the reader of pages');
  });

  test('[M07] redirects are few, and each is judged like the first address', async () => {
    const alice = await t.user('alice');
    expect((await look(alice, at('/hop')))['og:title']).toBe('Préfecture de Région');
    await look(alice, at('/loop'), NOTHING);
    expect(asked.filter((path) => path === '/loop').length).toBeLessThanOrEqual(4);
    await look(alice, at('/away'), FORBIDDEN);
    await look(alice, at('/file'), FORBIDDEN);
    await look(alice, `http://localhost:${port}/plain`, FORBIDDEN);
    await look(alice, 'http://[::1]/', FORBIDDEN);
    await look(alice, `http://anna:secret@127.0.0.1:${port}/plain`, FORBIDDEN);
    for (const scheme of [
      'file:///etc/passwd',
      'gopher://127.0.0.1/',
      'ftp://127.0.0.1/',
      'javascript:alert(1)',
      'x',
    ])
      await look(alice, scheme, FORBIDDEN);
  });
});

describe('everywhere else', () => {
  const t = stage({ set: { previews: 'on', 'previews.hosts': '*' } });

  test('[M07] no address but a public one is reached, however it is written', async () => {
    const alice = await t.user('alice');
    const hosts = [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '0.0.0.0',
      '[::]',
      '10.0.0.1',
      '192.168.1.1',
      '169.254.169.254',
    ];
    hosts.push(
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '[fe80::1]',
      '[fd00::1]',
      '100.64.0.1',
    );
    for (const host of hosts) await look(alice, `http://${host}/`, NOTHING);
    // Nor any port but the usual.
    await look(alice, `http://127.0.0.1:${port}/plain`, FORBIDDEN);
    await look(alice, 'http://example.org:22/', FORBIDDEN);
    expect(asked).toEqual([]);
  });
});

describe('off', () => {
  const t = stage();

  test('there are none, and half a configuration is refused', async () => {
    const alice = await t.user('alice');
    await look(alice, `http://127.0.0.1:${port}/plain`, [404, 'M_UNRECOGNIZED']);
    expect(asked).toEqual([]);
    const check = (...set: string[]) =>
      t.server.command('config', 'check', ...set.flatMap((s) => ['--set', s]));
    await expect(check('previews=on')).rejects.toThrow(/previews.hosts is missing/);
    await check('previews=on', 'previews.hosts=*.gouv.fr');
  });
});
