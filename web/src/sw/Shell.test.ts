// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { Shell } from './Shell.ts';

class FakeCache {
  readonly kept = new Map<string, Response>();
  async put(path: string, response: Response) {
    this.kept.set(path, response);
  }
  async match(path: string) {
    return this.kept.get(path)?.clone();
  }
}

class FakeCaches {
  readonly all = new Map<string, FakeCache>();
  async open(name: string) {
    const cache = this.all.get(name) ?? new FakeCache();
    this.all.set(name, cache);
    return cache;
  }
  async keys() {
    return [...this.all.keys()];
  }
  async delete(name: string) {
    return this.all.delete(name);
  }
  async match(path: string) {
    for (const cache of this.all.values()) if (cache.kept.has(path)) return cache.match(path);
    return undefined;
  }
}

const ORIGIN = 'https://own.example';

/** A server with these files; `asked` is what it was asked for, with the hash that was wanted. */
function world(files: Record<string, string>) {
  const caches = new FakeCaches();
  const asked: string[] = [];
  const server = { files, down: false };
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const path = new URL(input instanceof Request ? input.url : String(input), ORIGIN).pathname;
    asked.push(path);
    const text = server.files[path];
    if (server.down) throw new TypeError('no network');
    // The browser compares hashes; here a text is its own hash.
    if (init?.integrity !== undefined && text !== undefined && init.integrity !== text)
      throw new TypeError('integrity');
    return text === undefined ? new Response('', { status: 404 }) : new Response(text);
  };
  const shell = (version: string, list: Record<string, string>) =>
    new Shell({ caches: caches as unknown as CacheStorage, fetch, origin: ORIGIN, files: list, version });
  return { caches, asked, server, shell };
}

const get = (path: string, mode: RequestMode = 'cors') => ({ method: 'GET', url: ORIGIN + path, mode });
const text = async (shell: Shell, path: string) =>
  (await shell.answer(path, new Request(ORIGIN + path))).text();

test('what the build lists is kept, by its hash, and answers without a network', async () => {
  const files = { '/': 'page 1', '/assets/a-1.js': 'a' };
  const { shell, server } = world(files);
  const one = shell('1', files);
  await one.install();
  server.down = true;
  expect(await text(one, '/')).toBe('page 1');
  expect(await text(one, '/assets/a-1.js')).toBe('a');
});

test('a file that is not what the build knows, or is not there, installs nothing', async () => {
  const { shell } = world({ '/': 'page 2' });
  await expect(shell('1', { '/': 'page 1' }).install()).rejects.toThrow('integrity');
  await expect(shell('1', { '/assets/gone-1.js': 'x' }).install()).rejects.toThrow('404');
});

test('[WEB-05] answers of the API, other hosts, other methods and other pages are left to the network', () => {
  const one = world({}).shell('1', { '/': 'page', '/icon.svg': 'i' });
  for (const path of ['/_matrix/client/v3/sync', '/_matrix/media/v3/download/a/b', '/_chappe/x', '/sw.js'])
    expect(one.pathOf(get(path)), path).toBeUndefined();
  expect(one.pathOf({ ...get('/icon.svg'), url: 'https://evil.example/icon.svg' })).toBeUndefined();
  expect(one.pathOf({ ...get('/icon.svg'), method: 'POST' })).toBeUndefined();
  expect(one.pathOf(get('/demo/mail', 'navigate'))).toBeUndefined();
  expect(one.pathOf(get('/?x', 'navigate'))).toBe('/');
  expect(one.pathOf(get('/icon.svg'))).toBe('/icon.svg');
  expect(one.pathOf(get('/assets/old-1.js'))).toBe('/assets/old-1.js');
});

test('[UX-19] a new version fetches what is new; a tab of the last one still finds its files, older ones go', async () => {
  const { shell, server, asked, caches } = world({});
  const lists = ['1', '2', '3'].map((n) => ({
    '/': `page ${n}`,
    '/assets/same.js': 'same',
    [`/assets/own-${n}.js`]: n,
  }));
  for (const [i, list] of lists.entries()) {
    server.files = list;
    asked.length = 0;
    const next = shell(String(i + 1), list);
    await next.install();
    await next.activate();
    expect(asked.includes('/assets/same.js')).toBe(i === 0);
  }
  expect(await caches.keys()).toEqual(['chappe-files-2', 'chappe-files-3']);
  const three = shell('3', lists[2]!);
  expect(await text(three, '/assets/own-2.js')).toBe('2');
  expect(await text(three, '/')).toBe('page 3');
});

test('the page is looked at again for its headers, and kept as it is when it cannot be had', async () => {
  const files = { '/': 'page 1' };
  const { shell, server } = world(files);
  const one = shell('1', files);
  await one.install();
  server.files = { '/': 'page 2' };
  await one.refreshPage();
  expect(await text(one, '/')).toBe('page 1');
  server.down = true;
  await one.refreshPage();
  expect(await text(one, '/')).toBe('page 1');
});
