// SPDX-License-Identifier: EUPL-1.2
import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { BrowserVault, MemoryVault, vaultUntil } from './vault.ts';

test('what is kept comes back, for this and later openings, until it is wiped', async () => {
  const vault = new BrowserVault();
  expect(await vault.read('credentials')).toBeUndefined();
  await vault.write('credentials', { accessToken: 'secret', n: 1 });
  await vault.write('store', [1, 2, 3]);
  expect(await new BrowserVault().read('credentials')).toEqual({ accessToken: 'secret', n: 1 });
  await vault.remove('store');
  expect(await vault.read('store')).toBeUndefined();
  await vault.wipe();
  expect(await vault.read('credentials')).toBeUndefined();
  // What was under way when it was wiped does not come back; a new page begins anew.
  await vault.write('credentials', 'late');
  expect(await new BrowserVault().read('credentials')).toBeUndefined();
  const next = new BrowserVault();
  await next.write('credentials', 'again');
  expect(await next.read('credentials')).toBe('again');
});

test('[UX-19] what another tab has taken over is not written over by this one', async () => {
  const leaving = new AbortController();
  const vault = new MemoryVault();
  const ours = vaultUntil(leaving.signal, vault);
  await ours.write('credentials', 'ours');
  leaving.abort();
  await ours.write('credentials', 'late');
  await ours.remove('credentials');
  await ours.wipe();
  expect(await ours.read('credentials')).toBe('ours');
});

test('a value moved to another name is not believed', async () => {
  const vault = new BrowserVault();
  await vault.write('a', 'value');
  const opening = indexedDB.open('chappe-vault');
  const db = await new Promise<IDBDatabase>((resolve) => {
    opening.onsuccess = () => resolve(opening.result);
  });
  const store = () => db.transaction('sealed', 'readwrite').objectStore('sealed');
  const sealed = await new Promise<unknown>((resolve) => {
    const asking = store().get('a');
    asking.onsuccess = () => resolve(asking.result);
  });
  await new Promise((resolve) => {
    const putting = store().put(sealed, 'b');
    putting.onsuccess = () => resolve(undefined);
  });
  db.close();
  await expect(vault.read('b')).rejects.toThrow();
});

test('a vault that could not be opened is opened again, and says while it keeps nothing', async () => {
  const vault = new BrowserVault();
  const opening = vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
    throw new DOMException('no room', 'UnknownError');
  });
  await expect(vault.read('store')).rejects.toThrow('no room');
  opening.mockImplementationOnce(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });
  await expect(vault.write('store', 1)).rejects.toThrow('no room');
  expect(vault.keeps.get()).toBe(false);
  await vault.write('store', 2);
  expect(vault.keeps.get()).toBe(true);
  expect(await vault.read('store')).toBe(2);
});
