// SPDX-License-Identifier: EUPL-1.2
import type { Page } from 'playwright-core';

/** All that the browser has written down, as somebody who copied its files would read it; of the databases,
 * those with that in their name. */
export const copied = (page: Page, part = '') =>
  page.evaluate(async (wanted) => {
    const decode = new TextDecoder();
    let text = '';
    const tell = (value: unknown): void => {
      if (value instanceof ArrayBuffer) text += decode.decode(value);
      else if (ArrayBuffer.isView(value)) text += decode.decode(value as Uint8Array);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(tell);
      else text += ` ${String(value)}`;
    };
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
      });
    const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
    for (const name of names.filter((one) => one.includes(wanted))) {
      const db = await asked(indexedDB.open(name));
      for (const store of db.objectStoreNames) {
        tell(await asked(db.transaction(store).objectStore(store).getAll()));
        tell(await asked(db.transaction(store).objectStore(store).getAllKeys()));
      }
      db.close();
    }
    for (let i = 0; i < localStorage.length; i++) text += localStorage.getItem(localStorage.key(i) ?? '');
    return { names, text };
  }, part);
