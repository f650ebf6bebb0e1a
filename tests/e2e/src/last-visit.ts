// SPDX-License-Identifier: EUPL-1.2
// What a page keeps for its next visit to begin with (web/src/core/last-visit.ts).
import type { Page } from 'playwright-core';

/** It is sealed: the page may open it, a copy of the browser's files does not help. Empty: there is none. */
export const lastVisit = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
      });
    const database = await asked(indexedDB.open('chappe-vault'));
    const get = (store: string, name: string) =>
      asked<unknown>(database.transaction(store).objectStore(store).get(name));
    const key = (await get('key', 'key')) as CryptoKey;
    const kept = (await get('sealed', 'lastVisit')) as { iv: BufferSource; data: BufferSource } | undefined;
    database.close();
    if (!kept) return '';
    const algorithm = { name: 'AES-GCM', iv: kept.iv, additionalData: new TextEncoder().encode('lastVisit') };
    return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, kept.data));
  });

/** A limit only ends what hangs. */
const HANGS_MS = 120_000;
const LOOK_MS = 200;

interface Kept {
  conversations: { items: unknown[] }[];
}

/** In a conversation: the list says them too, and is kept with or without it. */
function isKept(visit: string, words: string): boolean {
  if (!visit) return false;
  const { conversations } = JSON.parse(visit) as Kept;
  return JSON.stringify(conversations).includes(words);
}

/** Once the next visit will begin with these words in a conversation. */
export async function keeps(page: Page, words: string): Promise<void> {
  const end = Date.now() + HANGS_MS;
  while (!isKept(await lastVisit(page), words)) {
    if (Date.now() > end) throw new Error(`${words} is not kept for the next visit`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
