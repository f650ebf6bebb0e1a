// SPDX-License-Identifier: EUPL-1.2
// The databases that a device leaves in the browser, beside the vault.
import { VAULT_DATABASE } from './vault.ts';

/** Deleted, or to be deleted as soon as another tab that still holds it open has gone. */
function forget(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve) => {
    const deleting = factory.deleteDatabase(name);
    for (const over of ['success', 'blocked', 'error']) deleting.addEventListener(over, () => resolve());
  });
}

/** Their names. */
async function others(factory: IDBFactory): Promise<string[]> {
  const names = (await factory.databases()).map((database) => database.name ?? '');
  return names.filter((name) => name && name !== VAULT_DATABASE);
}

/** What an earlier device has left. Called where nothing of it is open: without the vault's key it could
 * not be read any more anyway. */
export async function forgetStores(factory: IDBFactory): Promise<void> {
  await Promise.all((await others(factory)).map((name) => forget(factory, name)));
}

function clear(db: IDBDatabase, over: () => void): void {
  const stores = [...db.objectStoreNames];
  if (stores.length === 0) return over();
  const tx = db.transaction(stores, 'readwrite');
  for (const end of ['complete', 'abort']) tx.addEventListener(end, over);
  for (const store of stores) tx.objectStore(store).clear();
  return undefined;
}

function empty(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = factory.open(name);
    for (const over of ['blocked', 'error']) opening.addEventListener(over, () => resolve());
    opening.addEventListener('success', () => {
      const db = opening.result;
      try {
        clear(db, () => {
          db.close();
          resolve();
        });
      } catch (error) {
        db.close();
        reject(error as Error);
      }
    });
  });
}

/** What this device keeps beside the vault, while it is open still: some of it is in the clear, and to delete
 * it would wait for who holds it. One that cannot be emptied does not hold the others up. */
export async function emptyStores(factory: IDBFactory): Promise<void> {
  await Promise.allSettled((await others(factory)).map((name) => empty(factory, name)));
}
