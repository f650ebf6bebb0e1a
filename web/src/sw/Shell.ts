// SPDX-License-Identifier: EUPL-1.2
// The files of the client, kept so that it opens without a network. Nothing is kept but what the build
// lists, each checked against its hash; an answer of the API is never kept, and never looked at.

const PREFIX = 'chappe-files-';

interface Parts {
  readonly caches: CacheStorage;
  readonly fetch: typeof globalThis.fetch;
  readonly origin: string;
  /** Path → integrity. "/" is the page. */
  readonly files: Readonly<Record<string, string>>;
  readonly version: string;
}

/** A file with its hash in its name is the same in each version that has it. */
const isNamedByHash = (path: string): boolean => path.startsWith('/assets/');

export class Shell {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  private open(): Promise<Cache> {
    return this.parts.caches.open(PREFIX + this.parts.version);
  }

  /** All or nothing: rejects when one file cannot be had as the build knows it. */
  async install(): Promise<void> {
    const cache = await this.open();
    await Promise.all(Object.keys(this.parts.files).map((path) => this.keep(cache, path)));
  }

  private async keep(cache: Cache, path: string): Promise<void> {
    const kept = isNamedByHash(path) ? await this.parts.caches.match(path, { ignoreVary: true }) : undefined;
    await cache.put(path, kept ?? (await this.load(path)));
  }

  private async load(path: string): Promise<Response> {
    const integrity = this.parts.files[path] ?? '';
    const response = await this.parts.fetch(path, {
      integrity,
      credentials: 'omit',
      cache: isNamedByHash(path) ? 'default' : 'no-cache',
    });
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    return response;
  }

  /** Versions before the last one are dropped: a tab that still shows the last one finds its files. */
  async activate(): Promise<void> {
    const mine = PREFIX + this.parts.version;
    const others = (await this.parts.caches.keys()).filter(
      (name) => name.startsWith(PREFIX) && name !== mine,
    );
    await Promise.all(others.slice(0, -1).map((name) => this.parts.caches.delete(name)));
  }

  /** The path under which a request is answered from here; undefined leaves it to the network. */
  pathOf({ method, url, mode }: Pick<Request, 'method' | 'url' | 'mode'>): string | undefined {
    const { origin, pathname } = new URL(url);
    if (method !== 'GET' || origin !== this.parts.origin) return undefined;
    // Other pages of the server (mails of the demonstration, legal texts) are not ours.
    if (mode === 'navigate') return pathname === '/' ? '/' : undefined;
    return pathname in this.parts.files || isNamedByHash(pathname) ? pathname : undefined;
  }

  /** From here, else from the network: files of a version that is neither this one nor the last. */
  async answer(path: string, request: Request): Promise<Response> {
    const cache = await this.open();
    const kept =
      (await cache.match(path, { ignoreVary: true })) ??
      (isNamedByHash(path) ? await this.parts.caches.match(path, { ignoreVary: true }) : undefined);
    return kept ?? this.parts.fetch(request);
  }

  /** The page's own headers are its policy, which the operator may change without a new version. Does
   * nothing without a network, or when the server has another version of the page. */
  async refreshPage(): Promise<void> {
    const page = await this.load('/').catch(() => undefined);
    if (page) await (await this.open()).put('/', page);
  }
}
