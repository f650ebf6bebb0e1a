// SPDX-License-Identifier: EUPL-1.2
// Without a network, and from one version to the next.
import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { expectAccessible } from './src/axe.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive } from './src/steps.ts';
import { pair, say, talk } from './src/talk.ts';
import { copyOfBuild, nextVersion } from './src/versions.ts';
import { workerReady } from './src/worker.ts';

const files = copyOfBuild();
const stage = onStage({ set: { 'web.files': files } });
afterAll(() => rmSync(files, { recursive: true, force: true }));

test('[UX-15] opened without a network: what is on the device, and what was written there leaves once', async () => {
  const { camille, alix, names } = await pair(stage);
  const context = camille.context();
  await say(camille, 'avant la coupure');
  await talk(alix).getByText('avant la coupure').waitFor();
  await workerReady(camille);
  await context.setOffline(true);
  await camille.getByText('Hors ligne').waitFor();
  for (const word of ['un', 'deux']) await say(camille, `attente ${word}`);
  await talk(camille).getByText('attente deux').waitFor();
  // The page is gone, and nothing of it but what the browser keeps.
  await camille.close({ runBeforeUnload: true });

  const again = await context.newPage();
  await again.goto('/');
  await again.getByText('voici ce qui est déjà sur cet appareil').waitFor();
  await again.getByRole('link', { name: new RegExp(names.alix) }).click();
  await talk(again).getByText('avant la coupure').waitFor();
  await talk(again).getByText('attente deux').waitFor();
  await say(again, 'attente trois');
  await talk(again).getByText('attente trois').waitFor();
  await expect
    .poll(() => talk(again).getByText('Partira au retour de la connexion').count(), { timeout: 60_000 })
    .toBe(3);
  await shoot(again, 'offline');
  await expectAccessible(again);
  // And once more: a page that is loaded anew has them all, once.
  await again.reload();
  await talk(again).getByText('attente trois').waitFor();
  const waiting = () =>
    talk(again)
      .getByText(/^attente/)
      .allTextContents();
  expect(await waiting()).toEqual(['attente un', 'attente deux', 'attente trois']);

  await context.setOffline(false);
  await talk(alix).getByText('attente trois').waitFor();
  await again.getByText('Hors ligne').waitFor({ state: 'detached' });
  const arrived = await talk(alix)
    .getByText(/^attente/)
    .allTextContents();
  expect(arrived).toEqual(['attente un', 'attente deux', 'attente trois']);
  expect(await waiting()).toEqual(arrived);
});

test('[UX-19] a new version is told, applied when one says so, and the other tab takes over as the new one', async () => {
  const { page, context } = await stage.person();
  await arrive(page, newName('camille'));
  await workerReady(page);
  const versions = () =>
    page.evaluate(async () => (await caches.keys()).filter((name) => name.includes('files')));
  expect(await versions()).toHaveLength(1);
  const other = await context.newPage();
  await other.goto('/');
  await other.getByRole('heading', { name: 'Ouvert dans un autre onglet' }).waitFor();

  nextVersion(files);
  // What the page does by itself once an hour.
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration('/'))?.update());
  await page.getByText('Une nouvelle version est prête.').waitFor();
  await shoot(page, 'new-version');
  await expectAccessible(page);
  const isNext = () =>
    page.evaluate(() =>
      [...document.childNodes, ...document.body.childNodes].some((one) => one.nodeType === 8),
    );
  expect(await isNext()).toBe(false);
  // Nothing changes under one's hands: the page of now is still the page of before.
  await page.reload();
  await page.getByText('Une nouvelle version est prête.').waitFor();

  const loaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Mettre à jour' }).click();
  await loaded;
  await page.getByRole('link', { name: 'Réglages' }).waitFor();
  expect(await isNext()).toBe(true);
  await page.getByText('Une nouvelle version est prête.').waitFor({ state: 'detached' });

  await other.getByRole('button', { name: 'Utiliser ici' }).click();
  await other.getByRole('link', { name: 'Réglages' }).waitFor();
  await page.getByRole('heading', { name: 'La messagerie continue dans un autre onglet' }).waitFor();
});

test('[WEB-05] the worker keeps the files of the build and nothing of the API; another script is refused', async () => {
  const { page, faults } = await stage.person();
  await arrive(page, newName('camille'));
  await workerReady(page);
  const kept = await page.evaluate(async () => {
    const paths: string[] = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) paths.push(new URL(request.url).pathname);
    return paths;
  });
  expect(kept).toContain('/');
  expect(kept.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
  for (const path of kept)
    expect(path).toMatch(/^\/($|assets\/|icons\/|icon\.svg$|manifest\.webmanifest$|language$|quiet$)/);
  const refused = await page.evaluate(async () => {
    try {
      await navigator.serviceWorker.register('/_matrix/media/v3/download/a/b');
      return 'taken';
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(refused).toBe('TypeError');
  // Told by an event of its own, a moment later.
  await expect
    .poll(() => faults, { timeout: 60_000 })
    .toEqual([expect.stringContaining('ServiceWorkerContainer register')]);
  faults.length = 0;
});

test('installable: the manifest is French, its icons are there, one of them for any mask', async () => {
  const answer = await fetch(`${stage.program.url}/manifest.webmanifest`);
  expect(answer.headers.get('content-type')).toBe('application/manifest+json');
  const manifest = (await answer.json()) as {
    lang: string;
    display: string;
    start_url: string;
    icons: { src: string; sizes: string; purpose?: string }[];
  };
  expect(manifest).toMatchObject({ lang: 'fr', display: 'standalone', start_url: '/' });
  expect(manifest.icons.some((icon) => icon.purpose === 'maskable')).toBe(true);
  for (const { src, sizes } of manifest.icons) {
    const bytes = Buffer.from(await (await fetch(stage.program.url + src)).arrayBuffer());
    // Width and height stand where a PNG has them.
    if (src.endsWith('.png')) expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
  }
  const { page } = await stage.person();
  await page.goto('/');
  const cdp = await page.context().newCDPSession(page);
  const { errors } = await cdp.send('Page.getAppManifest');
  expect(errors).toEqual([]);
});
