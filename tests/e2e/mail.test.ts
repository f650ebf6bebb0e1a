// SPDX-License-Identifier: EUPL-1.2
// The demonstration, as somebody sees it who has just typed `make run`.
import { expect, test } from 'vitest';
import { expectAccessible } from './src/axe.ts';
import { field, mailedCode } from './src/mails.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage, PASSWORD } from './src/stage.ts';
import { readCode } from './src/steps.ts';

const stage = onStage({ set: { 'registration.mode': 'email' } });

test('[UX-1] an agent signs up by mail: three screens, three fields, then the messaging', async () => {
  const person = await stage.person();
  const { page } = person;
  const address = `${newName('anne.lefevre')}@interieur.example`;
  await page.goto('/');
  await page.getByRole('link', { name: 'Créer mon compte' }).click();
  await page.getByText('Démonstration').waitFor();
  await page.getByText('Étape 1 sur 3').waitFor();
  await shoot(page, 'sign-up');
  await expectAccessible(page);
  let fields = 0;
  const fill = async (name: string, value: string) => {
    fields++;
    await field(page, name).fill(value);
    await page.keyboard.press('Enter');
  };
  await fill('Adresse professionnelle', `  ${address.toUpperCase()} `);
  await page.getByText('Étape 2 sur 3').waitFor();
  await page.getByText('Compte de : Intérieur').waitFor();
  await expectAccessible(page);
  await field(page, 'Code reçu par courriel').fill('0000 0000');
  await page.keyboard.press('Enter');
  await page.getByText('Ce n’est pas le bon code.').waitFor();
  await fill('Code reçu par courriel', await mailedCode(person, address));
  await page.getByText('Étape 3 sur 3').waitFor();
  await page
    .getByRole('main')
    .getByRole('link', { name: /Conditions/ })
    .waitFor();
  await expectAccessible(page);
  await fill('Mot de passe', PASSWORD);
  await readCode(page);
  expect(fields).toBeLessThanOrEqual(6);
  await page.getByRole('button', { name: 'Je l’ai mis en lieu sûr' }).click();
  await page.getByRole('link', { name: /Anne Lefevre.*Intérieur/ }).waitFor();

  // Coming back takes the address, in any case.
  const again = await stage.person();
  await again.page.goto('/');
  await field(again.page, 'Identifiant ou adresse professionnelle').fill(address.toUpperCase());
  await field(again.page, 'Mot de passe').fill(PASSWORD);
  await again.page.keyboard.press('Enter');
  await again.page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor();

  // And the same address makes no second account.
  await page.goto('about:blank');
  const other = await stage.person();
  await other.page.goto('/#/inscription');
  await field(other.page, 'Adresse professionnelle').fill(address);
  await other.page.keyboard.press('Enter');
  await field(other.page, 'Code reçu par courriel').fill(await mailedCode(other, address));
  await other.page.keyboard.press('Enter');
  await field(other.page, 'Mot de passe').fill(PASSWORD);
  await other.page.keyboard.press('Enter');
  await other.page.getByText('Un compte existe déjà avec cette adresse.').waitFor();
});

test('[UX-1] an address that may not sign up gets a sentence that says what to do', async () => {
  const { page } = await stage.person();
  await page.goto('/#/inscription');
  for (const [address, sentence] of [
    ['camille', 'Cette adresse semble incomplète'],
    ['a@evil.org@interieur.example', 'Ce n’est pas une adresse de courriel.'],
    ['quelqu.un@partenaire.example', 'ne peut pas créer de compte sans invitation'],
  ] as const) {
    await field(page, 'Adresse professionnelle').fill(address);
    await page.keyboard.press('Enter');
    await page.getByText(sentence).waitFor();
  }
  await expectAccessible(page);
});

test('[UX-8] the mail of an invitation leads to sign-up, with the address that got it filled in', async () => {
  const { page } = await stage.person();
  await page.goto('/#/inscription/paul.martin@partenaire.example');
  const address = field(page, 'Adresse professionnelle');
  await expect.poll(() => address.inputValue()).toBe('paul.martin@partenaire.example');
  // It is a proposal: who was not invited is told so.
  await address.press('Enter');
  await page.getByText('ne peut pas créer de compte sans invitation').waitFor();
  await expectAccessible(page);
});
