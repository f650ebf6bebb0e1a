// SPDX-License-Identifier: EUPL-1.2
// What people do in a conversation.
import type { Page } from 'playwright-core';
import { newName, type Stage } from './stage.ts';
import { arrive, begin } from './steps.ts';

export const composer = (page: Page) => page.getByRole('textbox', { name: /^Message à / });
export const talk = (page: Page) => page.getByRole('region', { name: /^Messages\s: / });

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await page.keyboard.press('Enter');
}

/** Of what can be done in a conversation. */
export async function inMenu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'Autres actions' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Two agents who talk, each in a browser of their own. */
export async function pair(stage: Stage) {
  const camille = await stage.person();
  const alix = await stage.person();
  const names = { camille: newName('camille'), alix: newName('alix') };
  const codes = {
    camille: await arrive(camille.page, names.camille),
    alix: await arrive(alix.page, names.alix),
  };
  await begin(camille.page, 'Écrire à un collègue');
  await camille.page.getByLabel('Nom, ministère ou identifiant').fill(names.alix);
  await camille.page.getByRole('button', { name: `Écrire à ${names.alix}` }).click();
  await composer(camille.page).waitFor();
  await alix.page.getByRole('link', { name: new RegExp(`${names.camille} vous invite`) }).click();
  await alix.page.getByRole('button', { name: 'Rejoindre' }).click();
  await composer(alix.page).waitFor();
  return { camille: camille.page, alix: alix.page, names, codes, faults: camille.faults };
}

/** An action of the menu of the message that holds a text. */
export async function act(page: Page, text: string, action: string): Promise<void> {
  const row = talk(page).getByRole('listitem').filter({ hasText: text }).first();
  await row.hover();
  await row.getByRole('button', { name: /^Actions sur le message/ }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

/** What may still be taken back is done at once, if its time is not over yet. */
export async function doNow(page: Page): Promise<void> {
  const over = page.locator('.ui-toast').waitFor({ state: 'detached' });
  const asked = page.getByRole('status').getByRole('button', { name: 'Ne pas attendre' }).click();
  await Promise.race([over, asked.catch(() => over)]);
  await over;
}
