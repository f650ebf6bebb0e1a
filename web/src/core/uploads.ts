// SPDX-License-Identifier: EUPL-1.2
// Bytes into the media repository. A server that can go on with an upload that was cut
// (docs/design/resumable-upload.md) is asked how far it has come, and given the rest.
import { Failure, failureOf } from './failure.ts';
import { type Answer, failureIn, type Json } from './http.ts';
import type { Sender } from './sending.ts';

interface Parts {
  homeserver: string;
  /** With the token in force, renewed where it has run out: what sends does not renew it. */
  ask: (path: string, method?: 'GET' | 'POST') => Promise<Answer>;
  send: Sender;
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface Cargo {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Empty: the server is told none. */
  readonly name: string;
}

interface Options {
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** What is smaller is sent again as a whole. */
const RESUMED_FROM = 1024 * 1024;
const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 20_000;
/** Failures in a row, without a byte between them, after which it is left to the person. */
const TRIES = 8;

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function bodyOf(answer: Answer): Json {
  if (answer.status >= 300) throw failureIn(answer);
  return answer.body;
}

function uriOf(answer: Answer): string {
  const uri = bodyOf(answer).content_uri;
  if (typeof uri !== 'string') throw new Failure('RUBBISH', answer.status);
  return uri;
}

export class Uploads {
  private readonly parts: Parts;
  private readonly pause: NonNullable<Parts['pause']>;
  private resumable: Promise<boolean> | undefined;
  /** Where what is under way goes, also after it was given up once. */
  private readonly started = new WeakMap<Uint8Array, string>();

  constructor(parts: Parts) {
    this.parts = parts;
    this.pause = parts.pause ?? wait;
  }

  /** The address of what has been put there. The same bytes put again go on where they were. */
  async put(cargo: Cargo, options: Options): Promise<string> {
    const inParts = cargo.bytes.length >= RESUMED_FROM && (await this.isResumable());
    return inParts ? this.putInParts(cargo, options) : this.putWhole(cargo, options);
  }

  private isResumable(): Promise<boolean> {
    this.resumable ??= this.parts.ask('/_matrix/client/versions').then(
      ({ body }) => (body.unstable_features as Json | undefined)?.['org.chappe.resumable_upload'] === true,
      () => {
        this.resumable = undefined;
        return false;
      },
    );
    return this.resumable;
  }

  private async putWhole({ bytes, type, name }: Cargo, options: Options): Promise<string> {
    await this.parts.ask('/_matrix/client/v1/media/config');
    const query = name ? `?filename=${encodeURIComponent(name)}` : '';
    const url = `${this.parts.homeserver}/_matrix/media/v3/upload${query}`;
    return uriOf(await this.parts.send({ method: 'POST', url, type, body: bytes, ...options }));
  }

  private async putInParts(cargo: Cargo, options: Options): Promise<string> {
    const { signal } = options;
    let offset = 0;
    for (let tries = 0; ; tries++) {
      try {
        const uri = this.started.get(cargo.bytes);
        // Also asked where nothing was sent yet: it renews the token.
        const had = uri ? await this.offsetOf(uri, cargo) : 0;
        if (had > offset) tries = 0;
        offset = had;
        return await this.putRest(uri ?? (await this.reserve(cargo)), cargo, offset, options);
      } catch (error) {
        const failure = failureOf(error);
        if (failure.status === 404) this.started.delete(cargo.bytes);
        const again =
          failure.code === 'OFFLINE' || failure.status === 404 || failure.reason === 'wrong_offset';
        if (!again || tries + 1 >= TRIES) throw failure;
        await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** tries, LAST_PAUSE_MS), signal);
        if (signal.aborted) throw new Failure('ABORTED');
      }
    }
  }

  private async reserve({ bytes }: Cargo): Promise<string> {
    const uri = uriOf(await this.parts.ask('/_matrix/media/v1/create', 'POST'));
    this.started.set(bytes, uri);
    return uri;
  }

  private pathOf(uri: string): string {
    const place = uri.slice('mxc://'.length).split('/').map(encodeURIComponent).join('/');
    return `/_matrix/client/unstable/org.chappe/media/upload/${place}`;
  }

  /** How far it has come; all of it, where the last answer was lost. */
  private async offsetOf(uri: string, { bytes }: Cargo): Promise<number> {
    const answer = await this.parts.ask(this.pathOf(uri));
    if (answer.status === 409 && answer.body.errcode === 'M_CANNOT_OVERWRITE_MEDIA') return bytes.length;
    const { offset } = bodyOf(answer);
    if (typeof offset !== 'number' || offset < 0 || offset > bytes.length)
      throw new Failure('RUBBISH', answer.status);
    return offset;
  }

  private async putRest(uri: string, cargo: Cargo, offset: number, options: Options): Promise<string> {
    const { bytes, type, name } = cargo;
    const size = bytes.length;
    if (offset < size) {
      const query = new URLSearchParams({ offset: String(offset), size: String(size) });
      if (name) query.set('filename', name);
      const answer = await this.parts.send({
        method: 'PUT',
        url: `${this.parts.homeserver}${this.pathOf(uri)}?${query}`,
        type,
        body: bytes.subarray(offset),
        onProgress: (part) => options.onProgress((offset + part * (size - offset)) / size),
        signal: options.signal,
      });
      if (bodyOf(answer).complete !== true) throw new Failure('RUBBISH', answer.status);
    }
    this.started.delete(bytes);
    return uri;
  }
}
