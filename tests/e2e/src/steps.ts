// SPDX-License-Identifier: EUPL-1.2
// What people do in nearly every story.
import type { Page } from 'playwright-core';
import { PASSWORD } from './stage.ts';

export async function signUp(page: Page, name: string): Promise<void> {
  await page.goto('/#/inscription');
  await page.getByLabel('Identifiant').fill(name);
  await page.getByLabel('Mot de passe', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Créer mon compte' }).click();
}

export async function signIn(page: Page, name: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Identifiant ou adresse professionnelle').fill(name);
  await page.getByLabel('Mot de passe', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Se connecter' }).click();
}

/** The code of the screen that a new account is shown. */
export async function readCode(page: Page): Promise<string> {
  await page.getByRole('heading', { name: 'Votre code de récupération' }).waitFor();
  return ((await page.getByRole('group', { name: 'Code de récupération' }).textContent()) ?? '').trim();
}

/** A new account, its code kept. */
export async function arrive(page: Page, name: string): Promise<string> {
  await signUp(page, name);
  const code = await readCode(page);
  await page.getByRole('button', { name: 'Je l’ai mis en lieu sûr' }).click();
  await page.getByRole('heading', { name: 'Votre code de récupération' }).waitFor({ state: 'detached' });
  return code;
}

/** From the menu of what one may begin. */
export async function begin(page: Page, what: string): Promise<void> {
  await page.getByRole('button', { name: 'Nouvelle conversation' }).click();
  await page.getByRole('menuitem', { name: what, exact: true }).click();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Réglages' }).click();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
}
