// SPDX-License-Identifier: EUPL-1.2
// The databases that a device leaves in the browser, beside the vault.
import { VAULT_DATABASE } from './vault.ts';

/** What the syncs have brought lies in the clear: each room apart, and what the SDK keeps itself. */
export const KEPT_DATABASE = 'chappe-sync-rooms';
export const SDK_DATABASE = 'chappe-sync';
const IN_CLEAR: readonly string[] = [KEPT_DATABASE, `matrix-js-sdk:${SDK_DATABASE}`];

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

/** What this device keeps in the clear, while it is open still: to delete it would wait for who holds it. All
 * else is sealed with keys of the vault; and the cryptography, whose store were emptied under it, throws (seen
 * in Firefox). One that cannot be emptied does not hold the other up. */
export async function emptyStores(factory: IDBFactory): Promise<void> {
  const names = (await others(factory)).filter((name) => IN_CLEAR.includes(name));
  await Promise.allSettled(names.map((name) => empty(factory, name)));
}
