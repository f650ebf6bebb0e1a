// SPDX-License-Identifier: EUPL-1.2
// Later visits: what is shown before anything is loaded or asked, and what becomes of it.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { call, tokenOf } from './src/api.ts';
import { expectAccessible } from './src/axe.ts';
import { keeps } from './src/last-visit.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive } from './src/steps.ts';
import { composer, pair, say, talk } from './src/talk.ts';
import { workerReady } from './src/worker.ts';

const stage = onStage();

/** Without what the SDK has kept of the last sync: what is shown can only come from the last visit. */
async function forgetSync(page: Page): Promise<void> {
  await page.goto('/icon.svg');
  await page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
    await Promise.all(
      names
        .filter((name) => name.includes('chappe-sync'))
        .map(
          (name) =>
            new Promise((resolve, reject) => {
              const deleting = indexedDB.deleteDatabase(name);
              deleting.onsuccess = resolve;
              deleting.onerror = reject;
            }),
        ),
    );
  });
}

/** The server answers nothing until the function that this gives is called. */
async function hold(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/_matrix/**', async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test('[UX-5] a later visit shows list and conversation before any answer, and does then what one asked for', async () => {
  const { camille, alix, names } = await pair(stage);
  await say(camille, 'bonsoir');
  await say(alix, 'à demain');
  await talk(camille).getByText('à demain').waitFor();
  await workerReady(camille);
  await keeps(camille, 'à demain');
  const address = camille.url();
  await camille.close();

  const page = await camille.context().newPage();
  await forgetSync(page);
  const release = await hold(page);
  const fromWorker: boolean[] = [];
  const loaded: string[] = [];
  page.on('response', (answer) => {
    const { pathname } = new URL(answer.url());
    if (!/\.(js|wasm)$/.test(pathname)) return;
    fromWorker.push(answer.fromServiceWorker());
    loaded.push(pathname);
  });
  await page.goto(address);
  const row = await talk(page).getByText('à demain').elementHandle();
  await page.getByRole('link', { name: new RegExp(`${names.alix}.*à demain`) }).waitFor();
  expect(await page.title()).toContain(names.alix);
  await expectAccessible(page);
  await say(page, 'me revoilà');
  await page.getByRole('button', { name: 'Envoyer' }).and(page.locator('[aria-disabled]')).waitFor();
  expect(await composer(page).inputValue()).toBe('me revoilà');

  release();
  await talk(alix).getByText('me revoilà').waitFor();
  await talk(page).getByText('me revoilà').waitFor();
  // The session takes over what was there: no row is made anew, and the focus stays.
  expect(await row?.evaluate((node) => node.isConnected)).toBe(true);
  await expect.poll(() => composer(page).inputValue()).toBe('');
  expect(await composer(page).evaluate((box) => box === document.activeElement)).toBe(true);
  expect(fromWorker.length).toBeGreaterThan(3);
  expect(fromWorker).not.toContain(false);
  // A fifth of the processor's time until something was shown: it waits for a text that needs it.
  const readsMarkdown = () => loaded.some((path) => path.includes('/markdown-'));
  expect(readsMarkdown()).toBe(false);
  await say(page, 'me **revoilà**');
  await expect.poll(readsMarkdown, { timeout: 60_000 }).toBe(true);
  await say(alix, 'bien dormi ?');
  await talk(page).getByText('bien dormi ?').waitFor();
});

/** Rooms of the last sync that this page has read; told before any script of it runs. */
async function noteReads(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const read = new Set<unknown>();
    Object.assign(window, { roomsRead: read });
    const { get } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.get = function note(key) {
      if (this.transaction.db.name === 'chappe-sync-rooms' && this.name === 'joined') read.add(key);
      return get.call(this, key);
    };
  });
}

const roomsRead = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { roomsRead: Set<unknown> }).roomsRead.size);

/** Rooms that the page has kept of its syncs. */
const roomsKept = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('chappe-sync-rooms');
        opening.onerror = () => reject(opening.error ?? new Error('IndexedDB'));
        opening.onsuccess = () => {
          const counting = opening.result.transaction('joined').objectStore('joined').count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
  );

test('[UX-5] a later visit reads the rooms that it needs and asks the server; the others come after the answer', async () => {
  const ROOMS = 30;
  const { page, context } = await stage.person();
  const name = newName('camille');
  await arrive(page, name);
  const token = await tokenOf(stage, name);
  const ids: string[] = [];
  for (let i = 0; i < ROOMS; i++) {
    const room = await call(stage, token, 'POST', '/createRoom', {
      name: `Salon ${i}`,
      preset: 'public_chat',
    });
    ids.push(String(room.body.room_id));
    const path = `/rooms/${encodeURIComponent(ids[i]!)}/send/m.room.message/${i}`;
    await call(stage, token, 'PUT', path, { msgtype: 'm.text', body: `le mot du salon ${i}.` });
  }
  await page.getByRole('link', { name: /Salon 3\b.*le mot du salon 3\./ }).click();
  await talk(page).getByText('le mot du salon 3.').waitFor();
  await workerReady(page);
  await keeps(page, 'le mot du salon 3.');
  await expect.poll(() => roomsKept(page), { timeout: 60_000 }).toBe(ROOMS);
  await page.close();

  const again = await context.newPage();
  await noteReads(again);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await again.route('**/_matrix/client/v3/sync?*', async (route) => {
    await released;
    await route.continue();
  });
  const asked = again.waitForRequest(/\/v3\/sync\?/, { timeout: 120_000 });
  await again.goto('/');
  await asked;
  // The one that was looked at last.
  expect(await roomsRead(again)).toBe(1);
  // One that no visit has opened yet comes before the others.
  await again.getByRole('link', { name: /Salon 20\b/ }).click();
  await talk(again).getByText('le mot du salon 20.').waitFor();
  expect(await roomsRead(again)).toBe(2);
  expect(await again.getByRole('link', { name: /Salon \d+\b/ }).count()).toBe(ROOMS);

  const path = `/rooms/${encodeURIComponent(ids[7]!)}/send/m.room.message/since`;
  await call(stage, token, 'PUT', path, { msgtype: 'm.text', body: 'dit entretemps.' });
  release();
  const moved = again.getByRole('link', { name: /Salon 7\b.*dit entretemps\./ });
  await moved.waitFor();
  await expect.poll(() => roomsRead(again), { timeout: 60_000 }).toBe(ROOMS);
  // Whole: what was said before stands above.
  await moved.click();
  await talk(again).getByText('dit entretemps.').waitFor();
  await talk(again).getByText('le mot du salon 7.').waitFor();
  expect(await again.getByRole('link', { name: /Salon \d+\b/ }).count()).toBe(ROOMS);
});

/** The record of a room that the page has kept can be read by nobody any more. */
const spoil = (page: Page, id: string): Promise<void> =>
  page.evaluate(
    (key) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('chappe-sync-rooms');
        opening.onerror = () => reject(opening.error ?? new Error('IndexedDB'));
        opening.onsuccess = () => {
          const tx = opening.result.transaction('joined', 'readwrite');
          tx.objectStore('joined').put('{', key);
          tx.onerror = () => reject(tx.error ?? new Error('IndexedDB'));
          tx.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    id,
  );

test('[UX-15] what is kept of a room and cannot be read is asked of the server, and no message is lost with it', async () => {
  const ROOMS = 7;
  const { page, context } = await stage.person();
  const name = newName('camille');
  await arrive(page, name);
  const token = await tokenOf(stage, name);
  const ids: string[] = [];
  for (let i = 0; i < ROOMS; i++) {
    const room = await call(stage, token, 'POST', '/createRoom', {
      name: `Salon ${i}`,
      preset: 'public_chat',
    });
    ids.push(String(room.body.room_id));
    const path = `/rooms/${encodeURIComponent(ids[i]!)}/send/m.room.message/${i}`;
    await call(stage, token, 'PUT', path, { msgtype: 'm.text', body: `le mot du salon ${i}.` });
  }
  await page.route('**/send/m.room.message/**', (route) => route.abort());
  const look = async (i: number) => {
    await page.getByRole('link', { name: new RegExp(`Salon ${i}\\b`) }).click();
    await talk(page).getByText(`le mot du salon ${i}.`).waitFor();
  };
  await look(6);
  await say(page, 'resté en chemin');
  await talk(page).getByText('Partira au retour de la connexion').waitFor();
  // The last that were looked at are read at the beginning of the next visit; that one is not among them.
  for (let i = 0; i < 6; i++) await look(i);
  await workerReady(page);
  await keeps(page, 'le mot du salon 5.');
  await expect.poll(() => roomsKept(page), { timeout: 60_000 }).toBe(ROOMS);
  await page.close({ runBeforeUnload: true });

  const again = await context.newPage();
  await again.goto('/icon.svg');
  await spoil(again, ids[6]!);
  let anew = false;
  again.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    anew ||= pathname.endsWith('/v3/sync') && !searchParams.has('since');
  });
  await again.goto('/');
  // What comes ends the request that the server would hold for half a minute.
  let said = 0;
  const stir = async () => {
    const path = `/rooms/${encodeURIComponent(ids[0]!)}/send/m.room.message/stir${said++}`;
    await call(stage, token, 'PUT', path, { msgtype: 'm.text', body: 'du mouvement.' });
    return anew;
  };
  await expect.poll(stir, { timeout: 60_000, interval: 1000 }).toBe(true);
  const arrived = async () => {
    const path = `/rooms/${encodeURIComponent(ids[6]!)}/messages?dir=b`;
    return JSON.stringify((await call(stage, token, 'GET', path)).body);
  };
  await expect.poll(arrived, { timeout: 60_000 }).toContain('resté en chemin');
  await again.getByRole('link', { name: /Salon 6\b/ }).click();
  await talk(again).getByText('resté en chemin').waitFor();
  await talk(again).getByText('le mot du salon 6.').waitFor();
  await expect
    .poll(() => again.getByRole('link', { name: /Salon \d+\b/ }).count(), { timeout: 60_000 })
    .toBe(ROOMS);
});
