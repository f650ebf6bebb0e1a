// SPDX-License-Identifier: EUPL-1.2
// The port of notifications that come while the page is closed: what the server is told of this browser's
// subscription, and what it says of a test (docs/design/push.md).

/** Where this browser is reached, and how what is sent there is sealed. Base64url without padding. */
export interface PushAddress {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** What became of a test, as the server saw it. */
export const OUTCOMES = [
  'accepted',
  'address',
  'unresolved',
  'unreachable',
  'certificate',
  'key',
  'gone',
  'later',
  'refused',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface PushServer {
  /** The server's public key, base64url; undefined where it sends nothing to browsers. */
  publicKey(): Promise<string | undefined>;
  register(address: PushAddress, language: 'fr' | 'en'): Promise<void>;
  forget(p256dh: string): Promise<void>;
  /** Sends `text` to this browser; `refused` for an outcome that is not known here. */
  test(p256dh: string, text: string): Promise<Outcome>;
}
