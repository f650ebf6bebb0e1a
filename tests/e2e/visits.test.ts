// SPDX-License-Identifier: EUPL-1.2
// Later visits: what is shown before anything is loaded or asked, and what becomes of it.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible } from './src/axe.ts';
import { keeps } from './src/last-visit.ts';
import { onStage } from './src/stage.ts';
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
  page.on('response', (answer) => {
    if (/\.(js|wasm)$/.test(new URL(answer.url()).pathname)) fromWorker.push(answer.fromServiceWorker());
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
  await say(alix, 'bien dormi ?');
  await talk(page).getByText('bien dormi ?').waitFor();
});
