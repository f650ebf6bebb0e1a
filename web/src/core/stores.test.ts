// SPDX-License-Identifier: EUPL-1.2
import { IDBFactory } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import { emptyStores, forgetStores } from './stores.ts';
import { VAULT_DATABASE } from './vault.ts';

const make = (factory: IDBFactory, name: string): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const opening = factory.open(name);
    opening.addEventListener('success', () => resolve(opening.result));
    opening.addEventListener('error', () => reject(opening.error));
  });

test('everything goes but the vault, and one that is still open does not hold the rest up', async () => {
  const factory = new IDBFactory();
  for (const name of [VAULT_DATABASE, 'sync', 'keys']) (await make(factory, name)).close();
  await make(factory, 'held by another tab');
  await forgetStores(factory);
  const left = (await factory.databases()).map((database) => database.name);
  expect(left).toContain(VAULT_DATABASE);
  expect(left).not.toContain('sync');
  expect(left).not.toContain('keys');
});

test('what lies in the clear is emptied while it is open still, and what is sealed left to its vault', async () => {
  const factory = new IDBFactory();
  const fill = (name: string): Promise<IDBDatabase> =>
    new Promise((resolve) => {
      const opening = factory.open(name);
      opening.addEventListener('upgradeneeded', () => {
        for (const store of ['a', 'b']) opening.result.createObjectStore(store).put(name, 'words');
      });
      opening.addEventListener('success', () => resolve(opening.result));
    });
  const names = [VAULT_DATABASE, 'keys', 'chappe-sync-rooms', 'matrix-js-sdk:chappe-sync'];
  const held = await Promise.all(names.map(fill));
  await emptyStores(factory);
  const counts = await Promise.all(
    held.map(
      (db) =>
        new Promise<number>((resolve) => {
          const counting = db.transaction('b').objectStore('b').count();
          counting.addEventListener('success', () => resolve(counting.result));
        }),
    ),
  );
  expect(counts).toEqual([1, 1, 0, 0]);
});
