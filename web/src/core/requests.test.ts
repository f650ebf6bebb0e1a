// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { fetchUntil, sendUntil } from './requests.ts';
import type { Sending } from './sending.ts';

/** Answers nothing until it is aborted. */
const waiting = (signal: AbortSignal | null | undefined) =>
  new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
  });

test('[UX-19] what another tab has taken over is asked nothing more of: neither what waits nor what is new', async () => {
  const leaving = new AbortController();
  let asked = 0;
  const fetch = fetchUntil(leaving.signal, (_, init) => {
    asked++;
    return waiting(init?.signal);
  });
  const own = new AbortController();
  const request = fetch('https://example.org/sync', { signal: own.signal });
  const upload = sendUntil(leaving.signal, ({ signal }) => waiting(signal))({
    signal: own.signal,
  } as Sending);
  leaving.abort();
  await expect(request).rejects.toThrow();
  await expect(upload).rejects.toThrow();
  await expect(fetch('https://example.org/refresh')).rejects.toThrow();
  expect(asked).toBe(1);
});

test('one request that is given up leaves the others', async () => {
  const own = new AbortController();
  const fetch = fetchUntil(new AbortController().signal, (_, init) =>
    init?.method ? waiting(init.signal) : Promise.resolve(new Response('')),
  );
  const request = fetch('https://example.org/a', { method: 'GET', signal: own.signal });
  own.abort();
  await expect(request).rejects.toThrow();
  expect((await fetch('https://example.org/b')).status).toBe(200);
});
