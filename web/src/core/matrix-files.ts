// SPDX-License-Identifier: EUPL-1.2
// Files by the media repository and the content scanner's API (docs/design/media.md): without the SDK,
// which knows no antivirus. What is encrypted is only ever fetched through the scanner.
import { Failure, failureOfFetch } from './failure.ts';
import { lock, type Locked, unlock } from './file-crypto.ts';
import { safeName } from './file-events.ts';
import { ANY, pictureType } from './file-types.ts';
import type {
  Attachment,
  FileKind,
  FileRef,
  Files,
  NewFile,
  Sealed,
  UploadOptions,
  Verdict,
  VerdictState,
} from './files.ts';
import { failureIn, type Json } from './http.ts';
import { type Picture, prepare, squareOf } from './pictures.ts';
import type { Sender } from './sending.ts';
import { type Cargo, Uploads } from './uploads.ts';

export interface SealedText {
  readonly ciphertext: string;
  readonly mac: string;
  readonly ephemeral: string;
}

interface Parts {
  homeserver: string;
  /** Puts the token in force on what has an Authorization header, and renews it. */
  fetch: typeof globalThis.fetch;
  send: Sender;
  seal: (text: string, recipient: string) => Promise<SealedText>;
}

interface Load {
  readonly cargo: Cargo;
  readonly locked: Locked | undefined;
}

const SCANNER = '/_matrix/media_proxy/unstable';
const STATES: readonly VerdictState[] = [
  'pending',
  'clean',
  'infected',
  'not_scannable',
  'failed',
  'not_verified',
];
/** Said of a file for good, as long as the page lives; it is asked for again where it is opened. */
const SETTLED: readonly VerdictState[] = ['clean', 'infected', 'not_scannable', 'not_verified'];
/** What browsers do not take for pictures, or do not know the type of, and what cameras make. */
const PHOTO = /\.(?:avif|heic|heif|jxl|tiff?|dng|cr[23]|nef|arw|orf|raf|rw2)$/i;
const KIND = /^(image|video|audio)\//;
/** The side of a picture that stands for a room, in dots. */
const SIDE = 256;
/** How long the antivirus is waited for. */
const PATIENCE_MS = 20_000;

const verdict = (state: VerdictState, cause?: string): Verdict => ({ state, cause });

const placeOf = (url: string): string => {
  const [server = '', id = ''] = url.slice('mxc://'.length).split('/');
  return `${encodeURIComponent(server)}/${encodeURIComponent(id)}`;
};

async function jsonOf(response: Response): Promise<Json> {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Json) : {};
}

async function refusalOf(response: Response): Promise<Failure> {
  return failureIn({ status: response.status, body: await jsonOf(response) });
}

export class MatrixFiles implements Files {
  private readonly parts: Parts;
  private readonly verdicts = new Map<string, Verdict>();
  private recipient: Promise<string> | undefined;
  private readonly uploads: Uploads;
  /** Of what is being sent, until it has arrived or been forgotten. */
  private readonly loads = new WeakMap<Blob, Load>();
  private readonly drawn = new WeakMap<Blob, Picture>();
  private readonly shown = new Map<string, Promise<Blob | undefined>>();
  private largest: Promise<number | undefined> | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
    const { homeserver, send } = parts;
    const ask = async (path: string, method: 'GET' | 'POST' = 'GET') => {
      const response = await this.ask(path, { method });
      return { status: response.status, body: await jsonOf(response) };
    };
    this.uploads = new Uploads({ homeserver, ask, send });
  }

  private async ask(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await this.parts.fetch(`${this.parts.homeserver}${path}`, {
        ...init,
        credentials: 'omit',
        headers: { Authorization: 'Bearer', 'Content-Type': 'application/json' },
      });
    } catch (error) {
      throw failureOfFetch(error);
    }
  }

  // ---- sending ----

  limit(): Promise<number | undefined> {
    this.largest ??= this.readLimit().catch((error: unknown) => {
      this.largest = undefined;
      throw error;
    });
    return this.largest;
  }

  private async readLimit(): Promise<number | undefined> {
    const response = await this.ask('/_matrix/client/v1/media/config');
    if (!response.ok) throw await refusalOf(response);
    const size = (await jsonOf(response))['m.upload.size'];
    return typeof size === 'number' ? size : undefined;
  }

  async upload(file: NewFile, options: UploadOptions): Promise<Attachment> {
    const given = file.bytes.type || ANY;
    const drawn = given.startsWith('image/') || PHOTO.test(file.name);
    const picture = drawn ? await this.draw(file.bytes, file.asIs) : undefined;
    if (drawn && !picture?.clean && !file.asIs) throw new Failure('KEEPS_NOTES');
    const kind = drawn && !picture ? 'file' : KIND.exec(given)?.[1];
    const bytes = picture?.bytes ?? file.bytes;
    const name = safeName(file.name);
    const small = picture?.thumbnail;
    const quiet = { ...options, onProgress: () => {} };
    const thumbnail = small ? await this.put(small, '', small.type, quiet) : undefined;
    return {
      kind: (kind as FileKind | undefined) ?? 'file',
      name,
      description: file.description,
      type: given,
      size: bytes.size,
      width: picture?.width,
      height: picture?.height,
      source: await this.put(bytes, name, given, options),
      thumbnail,
    };
  }

  /** Once: what is tried again are the same bytes. */
  private async draw(blob: Blob, asIs = false): Promise<Picture | undefined> {
    const picture = this.drawn.get(blob) ?? (await prepare(blob, asIs));
    if (picture) this.drawn.set(blob, picture);
    return picture;
  }

  private async put(blob: Blob, name: string, type: string, options: UploadOptions): Promise<FileRef> {
    const load = await this.pack(blob, name, type, options.encrypted);
    const url = await this.uploads.put(load.cargo, options);
    this.loads.delete(blob);
    return { url, sealed: load.locked?.at(url) };
  }

  /** Of an encrypted file the server is told neither name nor type. It is encrypted once: an upload that is
   * tried again goes on with the same bytes. */
  private async pack(blob: Blob, name: string, type: string, encrypted: boolean): Promise<Load> {
    const known = this.loads.get(blob);
    if (known && (known.locked !== undefined) === encrypted) return known;
    const plain = new Uint8Array(
      await blob.arrayBuffer().catch(() => {
        throw new Failure('UNREADABLE_FILE');
      }),
    );
    const locked = encrypted ? await lock(plain) : undefined;
    const cargo = locked ? { bytes: locked.bytes, type: ANY, name: '' } : { bytes: plain, type, name };
    const load = { cargo, locked };
    this.loads.set(blob, load);
    return load;
  }

  async publish(picture: Blob): Promise<string> {
    const square = await squareOf(picture, SIDE);
    if (!square) throw new Failure('UNREADABLE_FILE');
    const quiet = { encrypted: false, onProgress: () => {}, signal: new AbortController().signal };
    return (await this.put(square, '', square.type, quiet)).url;
  }

  /** One that cannot be had now is asked for again where it is next shown. */
  picture(url: string): Promise<Blob | undefined> {
    const known = this.shown.get(url);
    if (known) return known;
    const asked = this.readPicture(url).catch(() => undefined);
    this.shown.set(url, asked);
    void asked.then((blob) => {
      if (!blob) this.shown.delete(url);
    });
    return asked;
  }

  private async readPicture(url: string): Promise<Blob | undefined> {
    const query = `width=96&height=96&method=crop&timeout_ms=${PATIENCE_MS}`;
    const response = await this.ask(`/_matrix/client/v1/media/thumbnail/${placeOf(url)}?${query}`);
    if (!response.ok) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const type = pictureType(bytes);
    return type ? new Blob([bytes], { type }) : undefined;
  }

  // ---- the antivirus ----

  async look(file: FileRef): Promise<Verdict> {
    const name = JSON.stringify(file);
    const known = this.verdicts.get(name);
    if (known) return known;
    const found = await this.judge(file).catch(() => verdict('unreachable'));
    if (SETTLED.includes(found.state)) this.verdicts.set(name, found);
    return found;
  }

  private async judge({ url, sealed }: FileRef): Promise<Verdict> {
    const response = sealed
      ? await this.askSealed('/scan_encrypted', sealed)
      : await this.ask(`${SCANNER}/scan/${placeOf(url)}`);
    const body = await jsonOf(response);
    const state = STATES.find((one) => one === body['org.chappe.state']);
    const cause = body['org.chappe.cause'];
    if (state) return verdict(state, typeof cause === 'string' ? cause : undefined);
    if (response.ok && typeof body.clean === 'boolean') return verdict(body.clean ? 'clean' : 'failed');
    if (response.status === 404) return verdict('missing');
    return body.errcode === 'MCS_MEDIA_FAILED_TO_DECRYPT'
      ? verdict('not_scannable', 'ciphertext')
      : verdict('unreachable');
  }

  async read({ url, sealed }: FileRef): Promise<Uint8Array<ArrayBuffer>> {
    const response = sealed
      ? await this.askSealed('/download_encrypted', sealed)
      : await this.ask(`${SCANNER}/download/${placeOf(url)}`);
    if (!response.ok) {
      this.verdicts.delete(JSON.stringify({ url, sealed }));
      throw await refusalOf(response);
    }
    const bytes = new Uint8Array(
      await response.arrayBuffer().catch((error: unknown) => {
        throw failureOfFetch(error);
      }),
    );
    return sealed ? unlock(sealed, bytes) : bytes;
  }

  /** Once more with the key of now, where the server has a new one (after a restore). */
  private async askSealed(path: string, file: Sealed): Promise<Response> {
    const response = await this.postSealed(path, file);
    if (response.ok) return response;
    const { errcode, reason } = await jsonOf(response.clone());
    if (errcode !== 'MCS_BAD_DECRYPTION' && reason !== 'MCS_BAD_DECRYPTION') return response;
    this.recipient = undefined;
    return this.postSealed(path, file);
  }

  private async postSealed(path: string, file: Sealed): Promise<Response> {
    this.recipient ??= this.readRecipient().catch((error: unknown) => {
      this.recipient = undefined;
      throw error;
    });
    const body = await this.parts.seal(JSON.stringify({ file }), await this.recipient);
    return this.ask(`${SCANNER}${path}`, { method: 'POST', body: JSON.stringify({ encrypted_body: body }) });
  }

  private async readRecipient(): Promise<string> {
    const response = await this.ask(`${SCANNER}/public_key`);
    const key = (await jsonOf(response)).public_key;
    if (!response.ok || typeof key !== 'string') throw new Failure('RUBBISH', response.status);
    return key;
  }
}
