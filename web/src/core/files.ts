// SPDX-License-Identifier: EUPL-1.2
// The port of files: what is attached to messages, what the antivirus says of it, and its bytes.

export type FileKind = 'image' | 'file' | 'video' | 'audio';

/** The keys of an encrypted file. Client-server API, "Sending encrypted attachments", v2. */
export interface Sealed {
  readonly url: string;
  readonly v: 'v2';
  readonly iv: string;
  readonly hashes: { readonly sha256: string };
  readonly key: {
    readonly kty: 'oct';
    readonly alg: 'A256CTR';
    readonly ext: true;
    readonly key_ops: readonly string[];
    readonly k: string;
  };
}

/** Where bytes are; `sealed`: they are stored encrypted. */
export interface FileRef {
  readonly url: string;
  readonly sealed: Sealed | undefined;
}

/** Of a sound that is somebody speaking. */
export interface Voice {
  /** In ms. */
  readonly duration: number;
  /** How loud it is, from its beginning to its end; each from 0 to 1. */
  readonly waveform: readonly number[];
}

export interface Attachment {
  readonly kind: FileKind;
  /** Fit to be the name of a file on any disk. */
  readonly name: string;
  /** What its sender says of it; of an image, what who does not see it is told. */
  readonly description: string | undefined;
  /** As its sender says. */
  readonly type: string;
  readonly size: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly source: FileRef;
  readonly thumbnail: FileRef | undefined;
  readonly voice?: Voice;
}

export interface NewFile {
  readonly bytes: Blob;
  readonly name: string;
  readonly description: string | undefined;
  /** It was sent before, or its author wants it so: its bytes are left as they are. */
  readonly asIs?: boolean;
}

/** not_verified: there is no antivirus, or one for tests only; unreachable: it could not be asked;
 * missing: there is no such file any more. */
export type VerdictState =
  | 'pending'
  | 'clean'
  | 'infected'
  | 'not_scannable'
  | 'failed'
  | 'not_verified'
  | 'unreachable'
  | 'missing';

export interface Verdict {
  readonly state: VerdictState;
  /** Why it cannot be scanned: password, size, depth, time, ciphertext. */
  readonly cause: string | undefined;
}

export const mayOpen = ({ state }: Verdict): boolean => state === 'clean' || state === 'not_verified';

export interface UploadOptions {
  /** Its room is encrypted: so are the file and its thumbnail. */
  readonly encrypted: boolean;
  /** From 0 to 1. */
  readonly onProgress: (part: number) => void;
  /** When it is aborted, the upload fails with ABORTED. */
  readonly signal: AbortSignal;
}

export interface Files {
  /** The largest file that the server takes, in bytes; undefined: it tells none. */
  limit(): Promise<number | undefined>;
  upload(file: NewFile, options: UploadOptions): Promise<Attachment>;
  /** A small square of a picture, for all to see, not encrypted: where it is. */
  publish(picture: Blob): Promise<string>;
  /** One that was published, or that another client has put there, small; undefined: it may not be shown. */
  picture(url: string): Promise<Blob | undefined>;
  /** What the antivirus says now. Never fails: what stops the question is a state too. */
  look(file: FileRef): Promise<Verdict>;
  /** The bytes, decrypted, through the antivirus. */
  read(file: FileRef): Promise<Uint8Array<ArrayBuffer>>;
}
