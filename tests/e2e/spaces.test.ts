// SPDX-License-Identifier: EUPL-1.2
// Spaces, pictures of rooms, and the page of a person.
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { png } from '../api/src/pictures.ts';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive, begin } from './src/steps.ts';
import { act, composer, inMenu, pair, say, talk } from './src/talk.ts';

const stage = onStage();
let camille: Page;
let alix: Page;
let names: { camille: string; alix: string };
beforeAll(async () => {
  ({ camille, alix, names } = await pair(stage));
});

const create = async (page: Page, name: string, kind: string) => {
  const space = kind === 'Espace';
  await begin(page, space ? 'Créer un espace' : 'Créer un salon');
  await page
    .getByRole('dialog')
    .getByLabel(space ? 'Nom de l’espace' : 'Nom du salon')
    .fill(name);
  if (!space) await page.getByRole('radio', { name: kind, exact: true }).check();
  await page.getByRole('button', { name: /^Créer (le salon|l’espace)/ }).click();
  await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
};
const row = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name });

test('[UX-7] a space holds rooms and spaces, is gone through, and its rooms have pictures that others see', async () => {
  await create(camille, 'Budget', 'Public (forum)');
  await inMenu(camille, 'Réglages du salon');
  const choosing = camille.waitForEvent('filechooser');
  await camille.getByRole('button', { name: 'Choisir une image…' }).click();
  const picture = { name: 'logo.png', mimeType: 'image/png', buffer: png(300, 200) };
  await (await choosing).setFiles(picture);
  await camille.getByRole('button', { name: 'Retirer l’image' }).waitFor();
  await talk(camille).getByText('Vous avez changé l’image du salon').waitFor();
  await row(camille, 'Budget').locator('img').waitFor();
  await shoot(camille, 'room-picture');
  await expectAccessible(camille);

  await create(camille, 'Marchés', 'Public (forum)');
  await create(camille, 'Direction', 'Espace');
  await camille.getByText('ne contient encore aucun salon').waitFor();
  await create(camille, 'Équipe', 'Espace');
  await row(camille, 'Direction').click();
  await camille.getByRole('button', { name: 'Ajouter des salons' }).click();
  await camille.getByRole('button', { name: 'Ajouter Budget' }).click();
  await camille.getByText('Budget est dans l’espace.').waitFor();
  await camille.getByRole('button', { name: 'Ajouter Équipe' }).click();
  await camille.getByText('Équipe est dans l’espace.').waitFor();
  await camille.getByRole('button', { name: 'Ajouter Marchés' }).click();
  await camille.getByText('Marchés est dans l’espace.').waitFor();
  await expectAccessible(camille);
  await camille.keyboard.press('Escape');
  await camille.getByRole('button', { name: 'Inviter' }).click();
  await camille.getByLabel('Nom, ministère ou identifiant').fill(names.alix);
  await camille.getByRole('button', { name: `Inviter ${names.alix}` }).click();
  await camille.getByText(`${names.alix} est invité.`).waitFor();
  await camille.keyboard.press('Escape');
  await shoot(camille, 'space');
  await expectAccessible(camille);
  for (const width of [320, 390]) {
    await camille.setViewportSize({ width, height: 800 });
    await expectNoSideways(camille);
  }
  await camille.setViewportSize({ width: 1280, height: 800 });

  // Who is invited sees what it holds, comes into what is open, and goes from there to the next space.
  await row(alix, 'Direction').click();
  await alix.getByRole('button', { name: 'Rejoindre' }).click();
  await alix.getByRole('button', { name: 'Rejoindre Budget' }).waitFor();
  // As a whole: told before, one after the other; what is on invitation stays so, a refusal is named.
  await alix.getByRole('button', { name: 'Rejoindre tous les salons' }).click();
  const whole = alix.getByRole('dialog', { name: 'Rejoindre tous les salons' });
  await whole.getByText('Vous rejoindrez ces 2 salons').waitFor();
  expect(await whole.getByRole('listitem').allTextContents()).toEqual(['Budget', 'Marchés']);
  await shoot(alix, 'join-all');
  await expectAccessible(alix);
  await alix.setViewportSize({ width: 390, height: 844 });
  await expectNoSideways(alix);
  await alix.setViewportSize({ width: 1280, height: 800 });
  await alix.route(/\/join\//, (route) => route.fulfill({ status: 403, json: { errcode: 'M_FORBIDDEN' } }), {
    times: 1,
  });
  await whole.getByRole('button', { name: 'Rejoindre les 2 salons' }).focus();
  await alix.keyboard.press('Enter');
  await whole.getByRole('status').getByText('1 salon de plus').waitFor();
  await whole.getByRole('listitem').filter({ hasText: 'Budget – ' }).waitFor();
  await expectAccessible(alix);
  await whole.getByRole('button', { name: 'Fermer' }).last().click();
  await alix.getByRole('link', { name: 'Ouvrir Marchés' }).waitFor();
  await alix.getByRole('button', { name: 'Rejoindre Budget' }).click();
  await alix.getByRole('link', { name: 'Ouvrir Budget' }).waitFor();
  await row(alix, 'Budget').locator('img').waitFor();
  await alix.getByRole('link', { name: 'Ouvrir Budget' }).click();
  await composer(alix).waitFor();
  // A room names the space that holds it, and leads there.
  await shoot(alix, 'room-in-space');
  await expectAccessible(alix);
  await alix.getByRole('link', { name: 'Dans l’espace Direction' }).click();
  await alix.getByRole('heading', { name: 'Direction', level: 1 }).waitFor();
  await camille.getByRole('button', { name: 'Retirer Budget de l’espace' }).click();
  await camille.getByRole('link', { name: 'Ouvrir Budget' }).waitFor({ state: 'detached' });
  await camille.getByRole('link', { name: 'Ouvrir Équipe' }).click();
  await camille.getByRole('heading', { name: 'Équipe', level: 1 }).waitFor();
});

test('[UX-24] the page of a person: what is shared, blocking, and a report', async () => {
  for (const [page, name] of [
    [camille, names.alix],
    [alix, names.camille],
  ] as const)
    await row(page, name).click();
  await say(alix, 'première parole');
  await talk(camille).getByText('première parole').waitFor();
  await act(camille, 'première parole', 'Voir le profil');
  const profile = camille.getByRole('dialog', { name: 'Profil' });
  await profile.getByText(/\d conversations? en commun/).waitFor();
  await shoot(camille, 'person');
  await expectAccessible(camille);
  await profile.getByRole('button', { name: 'Bloquer' }).click();
  await profile.getByText('Vous avez bloqué cette personne').waitFor();
  await camille.keyboard.press('Escape');
  await talk(camille).getByText('première parole').waitFor({ state: 'detached' });
  await camille.getByRole('button', { name: 'Profil', exact: true }).click();
  await profile.getByRole('button', { name: 'Ne plus bloquer' }).click();
  await talk(camille).getByText('première parole').waitFor();
  await profile.getByText('Signaler cette personne').click();
  await profile.getByRole('button', { name: 'Signaler', exact: true }).click();
  await profile.getByText('Dites en quelques mots').waitFor();
  await profile.getByLabel('Pourquoi ?').fill('Messages répétés');
  await profile.getByRole('button', { name: 'Signaler', exact: true }).click();
  await profile.getByText('Le signalement est envoyé.').waitFor();
  await profile.getByRole('button', { name: 'Écrire' }).click();
  await profile.waitFor({ state: 'detached' });
  await camille.getByRole('heading', { name: names.alix, level: 1 }).waitFor();
});

test('somebody whose name looks like another’s in the room is shown with their identifier', async () => {
  const other = (await stage.person()).page;
  const otherName = newName('autre');
  await arrive(other, otherName);
  // A letter of another script in the place of the first.
  for (const [page, name] of [
    [alix, 'Alix Martin'],
    [other, '\u0410lix Martin'],
  ] as const) {
    await page.getByRole('link', { name: 'Réglages' }).click();
    await page.getByLabel('Nom affiché').fill(name);
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await page.getByText('Nom enregistré.').waitFor();
  }
  await create(camille, 'Forum', 'Public (forum)');
  await inMenu(camille, 'Copier le lien du salon');
  await camille.getByText('Copié.').waitFor();
  const link = await camille.evaluate(() => navigator.clipboard.readText());
  for (const page of [alix, other]) {
    await page.goto(link);
    await page.getByRole('button', { name: 'Rejoindre le salon' }).click();
    await composer(page).waitFor();
  }
  await say(other, 'je suis Alix');
  await say(alix, 'moi aussi');
  const message = (words: string) => talk(camille).getByRole('listitem').filter({ hasText: words });
  await message('je suis Alix').getByText(`${otherName}:`).waitFor();
  await message('moi aussi').getByText(`${names.alix}:`).waitFor();
});
