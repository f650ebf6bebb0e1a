// SPDX-License-Identifier: EUPL-1.2
// Bytes on their way to the server, told how far they are: fetch cannot tell that yet.
import { Failure } from './failure.ts';
import type { Answer, Json } from './http.ts';

export interface Sending {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** From 0 to 1. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** Fails with OFFLINE or ABORTED; any answer of the server is one. */
export type Sender = (sending: Sending) => Promise<Answer>;

function bodyOf(text: string): Json {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Json) : {};
  } catch {
    return {};
  }
}

/** `token`: the one in force at that moment. */
export const senderWith =
  (token: () => string): Sender =>
  ({ method, url, type, body, onProgress, signal }) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new Failure('ABORTED'));
        return;
      }
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.setRequestHeader('Authorization', `Bearer ${token()}`);
      request.setRequestHeader('Content-Type', type);
      request.upload.addEventListener('progress', ({ loaded, total }) =>
        onProgress(total ? loaded / total : 0),
      );
      request.addEventListener('load', () =>
        resolve({ status: request.status, body: bodyOf(request.responseText) }),
      );
      request.addEventListener('error', () => reject(new Failure('OFFLINE')));
      request.addEventListener('abort', () => reject(new Failure('ABORTED')));
      signal.addEventListener('abort', () => request.abort(), { once: true });
      request.send(body);
    });
