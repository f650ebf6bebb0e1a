// SPDX-License-Identifier: EUPL-1.2
// One's own account: a forgotten password, an account that has ended, and what the settings hold.
import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { tokenOf } from './src/api.ts';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { arriveByMail, field, mailedCode, mailedLink } from './src/mails.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage, PASSWORD } from './src/stage.ts';

const stage = onStage({ set: { 'registration.mode': 'email', 'accounts.validity': '90d' } });
const OTHER_PASSWORD = 'une tout autre phrase';

const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

async function signInWith(page: Page, address: string, password: string): Promise<void> {
  await page.goto('/');
  await field(page, 'Identifiant ou adresse professionnelle').fill(address);
  await field(page, 'Mot de passe').fill(password);
  await page.keyboard.press('Enter');
}

async function toSettings(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Réglages' }).click();
  await page.getByRole('heading', { name: 'Réglages' }).waitFor();
}

let token: Promise<string> | undefined;
async function adminToken(): Promise<string> {
  const file = `${stage.program.dataDir}/password`;
  await writeFile(file, `${PASSWORD}\n`, { mode: 0o600 });
  await stage.program.command('user', 'add', 'operateur', '--password-file', file, '--admin');
  return tokenOf(stage, 'operateur');
}

/** Its account came to its end a second ago. */
async function expire(userId: string): Promise<void> {
  token ??= adminToken();
  const answer = await fetch(`${stage.program.url}/_synapse/client/email_account_validity/admin`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await token}` },
    body: JSON.stringify({
      user_id: userId,
      expiration_ts: Date.now() - 1000,
      enable_renewal_emails: false,
    }),
  });
  expect(answer.status).toBe(200);
}

test('a forgotten password: address, code, a new one; the devices that were signed in are not any more', async () => {
  const first = await stage.person();
  const address = `${newName('camille.oubli')}@interieur.example`;
  await arriveByMail(first, address);

  const person = await stage.person();
  const { page } = person;
  await page.goto('/');
  await page.getByRole('link', { name: 'Mot de passe oublié ?' }).click();
  await page.getByRole('heading', { name: 'Mot de passe oublié' }).waitFor();
  expect(await page.title()).toContain('Mot de passe oublié');
  await shoot(page, 'forgotten');
  await expectAccessible(page);
  await field(page, 'Adresse professionnelle').fill(` ${address.toUpperCase()} `);
  await page.keyboard.press('Enter');
  await field(page, 'Code reçu par courriel').fill(await mailedCode(person, address));
  await page.keyboard.press('Enter');
  await page.getByText('Tous vos appareils seront déconnectés.').waitFor();
  await expectAccessible(page);
  await field(page, 'Nouveau mot de passe').fill('court');
  await page.keyboard.press('Enter');
  await page.getByText('Le mot de passe est trop court').waitFor();
  await field(page, 'Nouveau mot de passe').fill(OTHER_PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor();
  await first.page.getByRole('heading', { name: 'Vous avez été déconnecté' }).waitFor();

  const again = await stage.person();
  await signInWith(again.page, address, PASSWORD);
  await again.page.getByText('Identifiant ou mot de passe incorrect').waitFor();
});

test('an account that has ended says so, mails a link, and goes on once it is renewed', async () => {
  const person = await stage.person();
  const { page } = person;
  const name = newName('dominique.fin');
  const address = `${name}@interieur.example`;
  await arriveByMail(person, address);
  await expire(`@${name}-interieur.example:localhost`);
  await page.getByRole('heading', { name: 'Votre compte a expiré' }).waitFor();
  await shoot(page, 'expired');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Envoyer un nouveau courriel' }).click();
  await page.getByText('Un nouveau courriel est parti.').waitFor();

  // Whoever signs in elsewhere meanwhile is told the same, and not that the password is wrong.
  const other = await stage.person();
  await signInWith(other.page, address, PASSWORD);
  await other.page.getByText('Votre compte a expiré').waitFor();
  await other.page.getByRole('button', { name: 'Envoyer un nouveau courriel' }).waitFor();
  await expectAccessible(other.page);

  await mailedLink(person, address, /account_validity\/renew/);
  await page.getByRole('link', { name: 'Réglages' }).waitFor();
  await other.page.getByRole('button', { name: 'Envoyer un nouveau courriel' }).click();
  await other.page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor();
});

test('the settings: a fixed name explained, the red list, devices, the password, the diagnostic, the end', async () => {
  const person = await stage.person();
  const { page } = person;
  const address = `${newName('eric.reglages')}@interieur.example`;
  await arriveByMail(person, address);
  const second = await stage.person();
  await signInWith(second.page, address, PASSWORD);
  await second.page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor();

  await toSettings(page);
  await part(page, 'Profil').getByText(address).waitFor();
  await part(page, 'Profil').getByText('viennent de votre adresse professionnelle').waitFor();
  await part(page, 'Appareils').getByText('Cet appareil').waitFor();
  await shoot(page, 'settings');
  await expectAccessible(page);
  for (const width of [320, 390, 820]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoSideways(page);
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  // Each part is one press away; what only the help desk asks for is put away.
  const summary = page.getByRole('navigation', { name: 'Sommaire des réglages' });
  await summary.getByRole('button', { name: 'Appareils' }).press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Appareils');
  const identifier = part(page, 'Profil').getByText('localhost');
  expect(await identifier.isVisible()).toBe(false);
  await part(page, 'Profil').getByText('Détails techniques').click();
  await identifier.waitFor();
  expect(await page.getByRole('link', { name: 'Conversations' }).isVisible()).toBe(true);

  await page.getByLabel('Taille du texte').selectOption('Très grande');
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe('21px');
  await page.getByLabel('Taille du texte').selectOption('Normale');

  const kept = (type: string) =>
    page.waitForResponse((answer) => answer.url().includes(`account_data/${type}`));
  await Promise.all([kept('im.vector.hide_profile'), page.getByLabel(/liste rouge/).check()]);
  await Promise.all([kept('org.chappe.mail_digest'), page.getByLabel(/M’envoyer un courriel/).uncheck()]);
  await page.reload();
  await expect.poll(() => page.getByLabel(/liste rouge/).isChecked(), { timeout: 60_000 }).toBe(true);
  await expect
    .poll(() => page.getByLabel(/M’envoyer un courriel/).isChecked(), { timeout: 60_000 })
    .toBe(false);

  // Devices: this one is renamed, the other signed out with the password.
  const devices = part(page, 'Appareils');
  await devices
    .getByRole('button', { name: /^Renommer/ })
    .first()
    .click();
  await devices.getByLabel('Nom de l’appareil').fill('Poste du bureau');
  await page.keyboard.press('Enter');
  await devices.getByText('Poste du bureau').waitFor();
  await devices.getByRole('button', { name: /^Déconnecter/ }).click();
  const question = page.getByRole('dialog');
  await question.getByLabel('Mot de passe', { exact: true }).fill('pas le bon');
  await page.keyboard.press('Enter');
  await question.getByText('Ce mot de passe n’est pas le bon.').waitFor();
  await expectAccessible(page);
  await question.getByLabel('Mot de passe', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await second.page.getByRole('heading', { name: 'Vous avez été déconnecté' }).waitFor();
  // What it gives the focus back to would take the key that comes next.
  await question.waitFor({ state: 'detached' });

  const password = part(page, 'Mot de passe');
  await password.getByLabel('Mot de passe actuel').fill(PASSWORD);
  await password.getByLabel('Nouveau mot de passe').fill(OTHER_PASSWORD);
  await page.keyboard.press('Enter');
  await password.getByText('Votre mot de passe est changé.').waitFor();

  await page.getByRole('button', { name: 'Copier le diagnostic' }).click();
  await page.getByText('Diagnostic copié.').waitFor();
  const told = await page.evaluate(() => navigator.clipboard.readText());
  expect(told).toContain('connection: online');
  expect(told).not.toContain('eric');

  await page.getByRole('button', { name: 'Fermer mon compte…' }).click();
  await question.getByText('C’est définitif').waitFor();
  await question.getByLabel('Mot de passe', { exact: true }).fill(OTHER_PASSWORD);
  await question.getByRole('button', { name: 'Fermer définitivement' }).click();
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  await signInWith(page, address, OTHER_PASSWORD);
  await page.getByRole('alert').waitFor();
});
