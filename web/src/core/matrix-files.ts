// SPDX-License-Identifier: EUPL-1.2
// Files by the media repository and the content scanner's API (docs/design/media.md): without the SDK,
// which knows no antivirus. What is encrypted is only ever fetched through the scanner.
import { Failure, failureOf } from './failure.ts';
import { lock, unlock } from './file-crypto.ts';
import { safeName } from './file-events.ts';
import { ANY } from './file-types.ts';
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
import { prepare } from './pictures.ts';
import type { Sender } from './sending.ts';

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
const KIND = /^(image|video|audio)\//;

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
  private largest: Promise<number | undefined> | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  private async ask(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await this.parts.fetch(`${this.parts.homeserver}${path}`, {
        ...init,
        credentials: 'omit',
        headers: { Authorization: 'Bearer', 'Content-Type': 'application/json' },
      });
    } catch (error) {
      throw failureOf(error);
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
    const picture = given.startsWith('image/') ? await prepare(file.bytes) : undefined;
    const kind = given.startsWith('image/') && !picture ? 'file' : KIND.exec(given)?.[1];
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

  /** Of an encrypted file the server is told neither name nor type. */
  private async put(blob: Blob, name: string, type: string, options: UploadOptions): Promise<FileRef> {
    const { encrypted, onProgress, signal } = options;
    const plain = new Uint8Array(
      await blob.arrayBuffer().catch(() => {
        throw new Failure('UNREADABLE_FILE');
      }),
    );
    const locked = encrypted ? await lock(plain) : undefined;
    const query = name && !locked ? `?filename=${encodeURIComponent(name)}` : '';
    // By fetch, which renews the token where it has run out: what sends does not.
    await this.ask('/_matrix/client/v1/media/config');
    const answer = await this.parts.send({
      url: `${this.parts.homeserver}/_matrix/media/v3/upload${query}`,
      type: locked ? ANY : type,
      body: locked?.bytes ?? plain,
      onProgress,
      signal,
    });
    if (answer.status >= 300) throw failureIn(answer);
    const url = answer.body.content_uri;
    if (typeof url !== 'string') throw new Failure('RUBBISH', answer.status);
    return { url, sealed: locked?.at(url) };
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
        throw failureOf(error);
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
