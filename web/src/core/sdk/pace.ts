// SPDX-License-Identifier: EUPL-1.2
// While very much comes, the SDK asks for the next sync as soon as it has the last, and each costs it the same,
// however little is in it: reading the cryptography's account, telling the screens. Whoever types meanwhile
// would wait for all of them. What comes alone does not wait; of a stream, more is taken at a time.

type Fetch = typeof globalThis.fetch;

/** An answer that comes sooner than that is one of a stream, and the next is asked for after as long. */
const GAP_MS = 250;

const isSync = (input: RequestInfo | URL): boolean =>
  new URL(input instanceof Request ? input.url : String(input)).pathname === '/_matrix/client/v3/sync';

const rest = (milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });

export function paced(send: Fetch): Fetch {
  let streaming = false;
  return async (input, init) => {
    if (!isSync(input)) return send(input, init);
    if (streaming) await rest(GAP_MS, init?.signal);
    streaming = false;
    const asked = performance.now();
    const answer = await send(input, init);
    streaming = answer.ok && performance.now() - asked < GAP_MS;
    return answer;
  };
}
