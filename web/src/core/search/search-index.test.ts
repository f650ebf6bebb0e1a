// SPDX-License-Identifier: EUPL-1.2
import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import type { SearchQuery } from '../search.ts';
import { forgetStores } from '../stores.ts';
import { BrowserVault } from '../vault.ts';
import { SearchIndex } from './search-index.ts';
import { type Entry, SEGMENT_MOST, type Saying } from './shard.ts';
import { SEARCH_DATABASE, Shelves } from './shelves.ts';

const vault = new BrowserVault();
const opened: SearchIndex[] = [];

async function open(bounds?: { most: number; roomMost: number }): Promise<SearchIndex> {
  const index = await SearchIndex.open(await Shelves.open(await vault.sealer('search')), bounds);
  opened.push(index);
  return index;
}

afterEach(async () => {
  for (const index of opened.splice(0)) index.close();
  await forgetStores(indexedDB);
});

function message(id: string, at: number, text = id, part: Partial<Entry> = {}): Saying {
  return {
    what: 'message',
    entry: { id, sender: '@a:x', at, text, file: false, edit: undefined, ...part },
  };
}

const many = (start: number, count: number) =>
  Array.from({ length: count }, (_, i) => message(`$${start + i}`, start + i));

const ALL: SearchQuery = {
  words: '',
  roomId: undefined,
  sender: undefined,
  from: undefined,
  to: undefined,
  filesOnly: false,
};
const find = async (index: SearchIndex, query: Partial<SearchQuery>, most = 50) =>
  index.find({ ...ALL, ...query }, most, new AbortController().signal);
const ids = async (index: SearchIndex, query: Partial<SearchQuery>) =>
  (await find(index, query)).hits.map(({ entry }) => entry.id);

/** All bytes of a database, as somebody who copied the files would read them. */
async function copied(name: string): Promise<string> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const asking = indexedDB.open(name);
    asking.addEventListener('success', () => resolve(asking.result));
    asking.addEventListener('error', () => reject(asking.error ?? new Error(name)));
  });
  let text = '';
  const tell = (value: unknown): void => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
      text += Buffer.from(value instanceof ArrayBuffer ? value : value.buffer).toString('latin1');
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(tell);
    else text += ` ${String(value)}`;
  };
  for (const store of db.objectStoreNames)
    for (const what of ['getAll', 'getAllKeys'] as const)
      tell(
        await new Promise((resolve) => {
          const asking = db.transaction(store).objectStore(store)[what]();
          asking.addEventListener('success', () => resolve(asking.result));
        }),
      );
  db.close();
  return text;
}

test('[UX-12] what was said is found, with its neighbours, by words, room, person, date and kind', async () => {
  const index = await open();
  await index.gap('!a');
  await index.gap('!b');
  await index.add(
    '!a',
    [message('$1', 100, 'le budget'), message('$2', 200, 'accordé'), message('$3', 300, 'le Budget révisé')],
    '$3',
  );
  await index.add('!b', [message('$4', 250, 'budget.pdf', { file: true, sender: '@b:x' })], '$4');
  expect(await ids(index, { words: 'budget' })).toEqual(['$3', '$4', '$1']);
  expect(await ids(index, { words: 'budget revise' })).toEqual(['$3']);
  expect(await ids(index, { words: 'budget', roomId: '!b' })).toEqual(['$4']);
  expect(await ids(index, { words: 'budget', sender: '@a:x' })).toEqual(['$3', '$1']);
  expect(await ids(index, { words: 'budget', from: 200, to: 300 })).toEqual(['$4']);
  expect(await ids(index, { filesOnly: true })).toEqual(['$4']);
  const { hits, total, senders, roomIds } = await find(index, { words: 'accorde' }, 1);
  expect(hits[0]).toMatchObject({ roomId: '!a', before: { id: '$1' }, after: { id: '$3' } });
  expect([total, [...senders.keys()], roomIds]).toEqual([1, ['@a:x'], ['!a']]);
});

test('[UX-12] nothing stands in clear in the browser, and it dies with the vault and the sign-out', async () => {
  const index = await open();
  await index.gap('!salon-secret');
  await index.add('!salon-secret', [message('$girafe', 1, 'girafe', { sender: '@helene:x' })], '$girafe');
  expect(await ids(index, { words: 'girafe' })).toEqual(['$girafe']);
  const bytes = await copied(SEARCH_DATABASE);
  expect(bytes.length).toBeGreaterThan(100);
  expect(bytes).not.toMatch(/girafe|salon-secret|helene/);
  // A key that was lost: what it had sealed is thrown away, and read anew.
  index.close();
  await new BrowserVault().wipe();
  const again = await open();
  expect(again.roomIds).toEqual([]);
  again.close();
  await forgetStores(indexedDB);
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(SEARCH_DATABASE);
});

test('it is there at the next visit, and goes on where it was', async () => {
  const index = await open();
  await index.gap('!a');
  const first = index.nextWalk()!;
  expect(first).toEqual({ roomId: '!a', walk: { token: undefined, until: undefined, at: undefined } });
  expect(index.reach.get()).toEqual({ at: 'reading', since: undefined });
  const next = { token: 't1', until: undefined, at: 500 };
  await index.addPage('!a', first.walk, {
    sayings: [message('$9', 900)],
    next,
    newest: '$9',
    holes: false,
  });
  index.close();
  const again = await open();
  expect(again.nextWalk()).toEqual({ roomId: '!a', walk: { token: 't1', at: 500 } });
  expect(again.reach.get()).toEqual({ at: 'reading', since: 500 });
  expect(await ids(again, { words: '9' })).toEqual(['$9']);
  // What was missed since is read down to what is known.
  await again.gap('!a');
  expect(again.nextWalk()?.walk).toEqual({ token: undefined, until: '$9', at: undefined });
  await again.addPage('!a', again.nextWalk()!.walk, {
    sayings: [],
    next: undefined,
    newest: '$12',
    holes: true,
  });
  await again.addPage('!a', again.nextWalk()!.walk, {
    sayings: [],
    next: undefined,
    newest: undefined,
    holes: false,
  });
  expect(again.reach.get()).toEqual({ at: 'whole', since: undefined });
  // What could not be decrypted is read again once it can be.
  await again.mendHoles();
  expect(again.nextWalk()?.walk.token).toBeUndefined();
  await again.forget('!a');
  expect(await ids(again, {})).toEqual([]);
  expect(again.nextWalk()).toBeUndefined();
});

test('rooms go back in time side by side', async () => {
  const index = await open();
  for (const [room, at] of [
    ['!a', 500],
    ['!b', 700],
  ] as const) {
    await index.gap(room);
    const { walk } = index.nextWalk()!;
    await index.addPage(room, walk, {
      sayings: [],
      next: { token: room, until: undefined, at },
      newest: '$',
      holes: false,
    });
  }
  expect(index.nextWalk()?.roomId).toBe('!b');
  expect(index.reach.get()).toEqual({ at: 'reading', since: 700 });
});

test('[UX-12] it is bounded: the oldest goes, of a room and of all, and it says from when on all is there', async () => {
  const n = SEGMENT_MOST;
  const index = await open({ most: 3 * n, roomMost: 2 * n });
  await index.gap('!a');
  await index.add('!a', many(10_000, 2 * n + 10), '$');
  expect(index.reach.get()).toEqual({ at: 'cut', since: 10_000 + n });
  expect((await find(index, {})).total).toBe(n + 10);
  await index.gap('!b');
  await index.add('!b', many(1000, n), '$');
  await index.gap('!c');
  await index.add('!c', many(20_000, 2 * n), '$');
  expect((await find(index, {})).total).toBeLessThanOrEqual(3 * n);
  expect(await ids(index, { roomId: '!b' })).toEqual([]);
  expect((await find(index, { roomId: '!c' })).total).toBe(2 * n);
});

test('a browser that keeps nothing is said so', async () => {
  const index = await open();
  index.close();
  await expect(index.gap('!a')).rejects.toThrow();
  expect(index.reach.get().at).toBe('none');
});
