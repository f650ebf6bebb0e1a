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

/** What an earlier device has left. Called where nothing of it is open: without the vault's key it could
 * not be read any more anyway. */
export async function forgetStores(factory: IDBFactory): Promise<void> {
  const names = (await factory.databases()).map((database) => database.name ?? '');
  const others = names.filter((name) => name && name !== VAULT_DATABASE);
  await Promise.all(others.map((name) => forget(factory, name)));
}
