// SPDX-License-Identifier: EUPL-1.2
// What is kept and found again: voice messages, the files of a room, messages at hand; an upload that is cut.
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { shoot } from './src/shots.ts';
import { onStage } from './src/stage.ts';
import { signIn } from './src/steps.ts';
import { act, pair, say, talk } from './src/talk.ts';

const stage = onStage();
let camille: Page;
let alix: Page;
let names: { camille: string; alix: string };
let codes: { camille: string; alix: string };
beforeAll(async () => {
  ({ camille, alix, names, codes } = await pair(stage));
});

const card = (page: Page, name: string) => talk(page).getByRole('listitem').filter({ hasText: name });

test('[UX-20] a voice message is recorded, heard before it leaves, and played by who gets it', async () => {
  await camille.getByRole('button', { name: 'Enregistrer un message vocal' }).click();
  const bar = camille.getByRole('region', { name: 'Message vocal' });
  await bar.getByText('Enregistrement en cours').waitFor();
  await expectAccessible(camille);
  await bar.getByText(/^\d:(?!00)\d\d$/).waitFor();
  await bar.getByRole('button', { name: 'Terminer' }).click();
  await bar.getByRole('group', { name: /^Message vocal, \d+:\d\d/ }).waitFor();
  await bar.getByRole('button', { name: 'Écouter' }).click();
  await bar.getByRole('slider', { name: 'Position' }).and(camille.locator(':enabled')).waitFor();
  await shoot(camille, 'voice');
  await expectAccessible(camille);
  await bar.getByRole('button', { name: 'Envoyer le message vocal' }).click();
  await bar.waitFor({ state: 'detached' });

  const player = talk(alix).getByRole('group', { name: /^Message vocal, \d+:\d\d/ });
  await player.getByRole('button', { name: 'Écouter' }).click();
  const place = player.getByRole('slider', { name: 'Position' });
  await place.and(alix.locator(':enabled')).waitFor();
  await expectAccessible(alix);
  for (const width of [320, 390]) {
    await alix.setViewportSize({ width, height: 800 });
    await expectNoSideways(alix);
  }
  await alix.setViewportSize({ width: 1280, height: 800 });
  // Dropped, nothing leaves.
  await camille.getByRole('button', { name: 'Enregistrer un message vocal' }).click();
  await bar.getByText('Enregistrement en cours').waitFor();
  await bar.getByRole('button', { name: 'Abandonner l’enregistrement' }).click();
  await bar.waitFor({ state: 'detached' });
});

test('[UX-9] an upload that is cut goes on where it was, and the files of a room are found in one place', async () => {
  const size = 1_500_000;
  const offsets: (string | null)[] = [];
  await camille.route('**/org.chappe/media/upload/**', async (route) => {
    const request = route.request();
    if (request.method() !== 'PUT') return route.continue();
    offsets.push(new URL(request.url()).searchParams.get('offset'));
    if (offsets.length > 1) return route.continue();
    // A part of it has come when the line breaks.
    const part = new Uint8Array(request.postDataBuffer() ?? []).subarray(0, 600_000);
    const headers = {
      authorization: request.headers().authorization,
      'content-type': 'application/octet-stream',
    };
    await fetch(request.url().replace('localhost', '127.0.0.1'), { method: 'PUT', headers, body: part });
    return route.abort('connectionfailed');
  });
  const choosing = camille.waitForEvent('filechooser');
  await camille.getByRole('button', { name: 'Joindre un fichier' }).click();
  const file = { name: 'rapport.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(size, 7) };
  await (await choosing).setFiles([file]);
  await camille.getByRole('button', { name: 'Envoyer le fichier' }).click();
  await card(alix, 'rapport.bin').getByText('Non vérifié').waitFor();
  expect(offsets).toEqual(['0', '600000']);

  await alix.getByRole('button', { name: 'Autres actions' }).click();
  await alix.getByRole('menuitem', { name: 'Fichiers et images' }).click();
  const gallery = alix.getByRole('complementary', { name: 'Fichiers et images' });
  await gallery.getByText('rapport.bin').waitFor();
  await gallery.getByText('Non vérifié').first().waitFor();
  await shoot(alix, 'gallery');
  await expectAccessible(alix);
  await gallery.getByLabel('Afficher').selectOption('Les images');
  await gallery.getByText('Aucun fichier').waitFor();
  await gallery.getByLabel('Afficher').selectOption('Tout');
  await gallery
    .getByRole('button', { name: /Voir dans la conversation/ })
    .first()
    .click();
  await talk(alix).locator('[data-shown]', { hasText: 'rapport.bin' }).waitFor();
});

test('[UX-20] a message that is kept is at hand on all devices, and said nowhere', async () => {
  await say(alix, 'Le code du portail est affiché à l’accueil');
  await act(camille, 'Le code du portail', 'Garder');
  await camille.getByRole('link', { name: 'Messages gardés' }).click();
  const list = (page: Page) => page.getByRole('region', { name: 'Messages gardés' });
  await list(camille).getByText('Le code du portail').waitFor();
  await shoot(camille, 'saved');
  await expectAccessible(camille);
  await expect.poll(() => camille.title(), { timeout: 60_000 }).toMatch(/Messages gardés/);

  const later = await stage.person();
  await signIn(later.page, names.camille);
  await later.page.getByLabel('Code de récupération').fill(codes.camille);
  await later.page.keyboard.press('Enter');
  await later.page.getByRole('link', { name: 'Messages gardés' }).click();
  await list(later.page).getByText('Le code du portail').waitFor();
  await list(later.page).getByRole('link', { name: 'Voir dans la conversation' }).click();
  await talk(later.page).locator('[data-shown]', { hasText: 'Le code du portail' }).waitFor();

  await list(camille).getByRole('button', { name: 'Ne plus garder' }).click();
  await list(camille).getByText('Aucun message gardé').waitFor();
  await later.page.getByRole('link', { name: 'Messages gardés' }).waitFor({ state: 'detached' });
});
