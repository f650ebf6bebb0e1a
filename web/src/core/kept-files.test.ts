// SPDX-License-Identifier: EUPL-1.2
import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import { KeptFiles } from './kept-files.ts';
import { MemoryVault, vaultUntil } from './vault.ts';

const file = (name: string, text: string) => new File([text], name, { type: 'text/plain' });

beforeEach(() => {
  indexedDB = new IDBFactory();
});

/** All bytes that stand in the database. */
async function stored(): Promise<string[]> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open('chappe-drafts');
    opening.onsuccess = () => resolve(opening.result);
  });
  const records = await new Promise<{ data: ArrayBuffer }[]>((resolve) => {
    const asking = db.transaction('files').objectStore('files').getAll();
    asking.onsuccess = () => resolve(asking.result as { data: ArrayBuffer }[]);
  });
  db.close();
  return records.map(({ data }) => new TextDecoder().decode(data));
}

test('[UX-10] [WEB-06] files come back as they were, for their place alone, and stand nowhere in clear', async () => {
  const vault = new MemoryVault();
  const files = new KeptFiles(vault);
  expect(await files.add('!a', file('un.txt', 'des mots'))).toBe(1);
  expect(await files.add('!a $root', file('deux.txt', 'ailleurs'))).toBe(2);
  await files.describe(1, 'une no');
  await files.describe(1, 'une note');
  const later = new KeptFiles(vault);
  const [one, ...others] = await later.read('!a');
  expect(others).toEqual([]);
  expect([one?.id, one?.description, one?.file.name, one?.file.type]).toEqual([
    1,
    'une note',
    'un.txt',
    'text/plain',
  ]);
  expect(await one?.file.text()).toBe('des mots');
  expect((await stored()).join()).not.toMatch(/mots|ailleurs/);
});

test('what is too large, alone or with the others, is not kept; what leaves makes room', async () => {
  const files = new KeptFiles(new MemoryVault(), { one: 6, all: 10 });
  expect(await files.add('!a', file('a', '1234567'))).toBeUndefined();
  expect(await files.add('!a', file('b', '123456'))).toBe(1);
  expect(await files.add('!b', file('c', '12345'))).toBeUndefined();
  await files.forget(1);
  expect(await files.add('!b', file('c', '12345'))).toBe(1);
  expect(await files.read('!a')).toEqual([]);
  expect(await stored()).toHaveLength(1);
});

test('files of rooms that were left go; those of a thread stay with its room', async () => {
  const vault = new MemoryVault();
  const files = new KeptFiles(vault);
  for (const place of ['!a', '!a $root', '!b']) await files.add(place, file(place, 'x'));
  await files.tidy(new Set(['!a']));
  expect(await files.read('!b')).toEqual([]);
  expect((await files.read('!a $root')).map(({ file: one }) => one.name)).toEqual(['!a $root']);
  expect(await stored()).toHaveLength(2);
});

test('bytes that another key has sealed, or a browser that keeps nothing, are no files', async () => {
  const vault = new MemoryVault();
  await new KeptFiles(vault).add('!a', file('a', 'x'));
  const other = new MemoryVault();
  await other.write('files', await vault.read('files'));
  expect(await new KeptFiles(other).read('!a')).toEqual([]);
  indexedDB.open = () => {
    throw new Error('none');
  };
  expect(await new KeptFiles(new MemoryVault()).add('!a', file('a', 'x'))).toBeUndefined();
});

test('[UX-19] a tab that has let go touches nothing of what the next one keeps', async () => {
  const vault = new MemoryVault();
  const leaving = new AbortController();
  const before = new KeptFiles(vaultUntil(leaving.signal, vault));
  expect(await before.add('!a', file('un.txt', 'un'))).toBe(1);
  leaving.abort();
  const now = new KeptFiles(vault);
  expect(await now.add('!b', file('deux.txt', 'deux'))).toBe(2);
  // By what it knew then: that there is one file, and number two is free.
  expect(await before.add('!a', file('trois.txt', 'trois'))).toBeUndefined();
  await before.tidy(new Set());
  const texts = await Promise.all((await now.read('!b')).map((one) => one.file.text()));
  expect(texts).toEqual(['deux']);
  expect(await new KeptFiles(vault).read('!a')).toHaveLength(1);
});
