// SPDX-License-Identifier: EUPL-1.2
// Looking for what was said, encrypted or not, on the device that reads it.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { shoot } from './src/shots.ts';
import { onStage } from './src/stage.ts';
import { signIn, signOut } from './src/steps.ts';
import { copied } from './src/stored.ts';
import { act, composer, doNow, pair, say, talk } from './src/talk.ts';

const stage = onStage();
const WAIT = { timeout: 60_000 };

const field = (page: Page) => page.getByRole('combobox', { name: 'Personne, conversation, message' });
const messages = (page: Page) =>
  page.getByRole('group', { name: 'Messages et fichiers' }).getByRole('option');

async function look(page: Page, words: string): Promise<void> {
  if ((await field(page).count()) === 0) await page.keyboard.press('Control+k');
  await field(page).fill(words);
}

test('[UX-12] [WEB-06] what was said is found, on a new device too, by keyboard, with its place; nothing is kept in clear', async () => {
  const { camille, alix, names, codes } = await pair(stage);
  await say(camille, 'Le **dirigeable** arrive à Orléans');
  await say(camille, 'Prévoir l’amarrage avec la météorologie');
  await talk(alix).getByText('Prévoir l’amarrage').waitFor();
  await say(alix, 'Merci pour le dirigeable');
  await talk(camille).getByText('Merci pour').waitFor();

  // Without accents, by the beginnings of words; what comes is there at once.
  await look(camille, 'orleans DIRIG');
  await messages(camille).filter({ hasText: 'arrive à Orléans' }).waitFor();
  await expect.poll(() => messages(camille).count(), WAIT).toBe(1);
  await camille.getByText('La recherche porte sur tous les messages').waitFor();
  expect(await messages(camille).locator('mark').allTextContents()).toEqual(['dirigeable', 'Orléans']);
  await messages(camille).getByText('Prévoir l’amarrage').waitFor();
  await shoot(camille, 'search');
  await expectAccessible(camille);

  // By person, and all of it by keyboard.
  await look(camille, 'dirigeable');
  await expect.poll(() => messages(camille).count(), WAIT).toBe(2);
  await camille.getByText('Filtrer les messages').click();
  await camille.getByLabel('De', { exact: true }).selectOption(names.alix);
  await expect.poll(() => messages(camille).count(), WAIT).toBe(1);
  await camille.getByLabel('Jusqu’au').fill('2001-01-01');
  await camille.getByText('Rien ne correspond.').waitFor();
  await camille.getByRole('button', { name: 'Enlever les filtres' }).click();
  await expect.poll(() => messages(camille).count(), WAIT).toBe(2);
  await expectAccessible(camille);
  for (const width of [320, 390]) {
    await camille.setViewportSize({ width, height: 800 });
    await expectNoSideways(camille);
  }
  await camille.setViewportSize({ width: 1280, height: 800 });
  await field(camille).focus();
  await camille.keyboard.press('ArrowDown');
  await camille.keyboard.press('Enter');
  await talk(camille).locator('[data-shown]', { hasText: 'arrive à Orléans' }).waitFor();

  // An edit and a deletion are followed.
  await act(camille, 'Prévoir l’amarrage', 'Modifier');
  await composer(camille).fill('Prévoir un hangar');
  await camille.keyboard.press('Enter');
  await talk(alix).getByText('Prévoir un hangar').waitFor();
  await look(alix, 'amarrage');
  await alix.getByText('Rien ne correspond.').waitFor();
  await look(alix, 'hangar');
  await messages(alix).filter({ hasText: 'Prévoir un hangar' }).waitFor();
  await alix.keyboard.press('Escape');
  await act(alix, 'Merci pour', 'Supprimer');
  await doNow(alix);
  await talk(camille).getByText('Message supprimé').waitFor();
  await look(camille, 'merci');
  await camille.getByText('Rien ne correspond.').waitFor();
  await camille.keyboard.press('Escape');

  // On a new device, once the code has opened what was said before, in rooms that were never looked at.
  const later = await stage.person();
  await signIn(later.page, names.alix);
  await later.page.getByRole('button', { name: 'Plus tard' }).waitFor();
  await later.page.getByLabel('Code de récupération').fill(codes.alix);
  await later.page.keyboard.press('Enter');
  await later.page.getByRole('button', { name: 'Rechercher' }).click();
  await field(later.page).fill('dirigeable');
  await messages(later.page).filter({ hasText: 'arrive à Orléans' }).waitFor();
  await later.page.keyboard.press('Enter');
  await talk(later.page).locator('[data-shown]', { hasText: 'arrive à Orléans' }).waitFor();

  // What was found is in none of the browser's databases, and after signing out the index is gone.
  const { names: databases, text } = await copied(later.page);
  expect(databases).toContain('chappe-search');
  expect(text.length).toBeGreaterThan(1000);
  expect(text).not.toMatch(/dirigeable|hangar/);
  await signOut(later.page);
  await later.page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  await expect.poll(async () => (await copied(later.page)).names, WAIT).not.toContain('chappe-search');
});
