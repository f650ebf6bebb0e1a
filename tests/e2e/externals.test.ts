// SPDX-License-Identifier: EUPL-1.2
// Outside partners: the room that is open to them, the invitation by mail, what they see and what they do
// not; docs/design/room-rules.md.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import type { Person } from './src/browser.ts';
import { arriveByMail, proveAddress } from './src/mails.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage } from './src/stage.ts';
import { begin, readCode } from './src/steps.ts';
import { composer, say, talk } from './src/talk.ts';

const stage = onStage({ set: { 'registration.mode': 'email' } });

async function createRoom(page: Page, name: string, kind: string): Promise<void> {
  await begin(page, 'Créer un salon');
  await page.getByLabel('Nom du salon').fill(name);
  await page.getByRole('radio', { name: kind, exact: true }).check();
  await page.getByRole('button', { name: 'Créer le salon' }).click();
  await page.getByRole('heading', { name }).waitFor();
}

/** Opens the window of invitations of the room and types into it. */
async function lookFor(page: Page, term: string): Promise<void> {
  await page.getByRole('button', { name: 'Membres' }).click();
  await page.getByRole('button', { name: 'Inviter', exact: true }).click();
  await page.getByLabel('Nom, ministère ou identifiant').fill(term);
}

async function closeDialog(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Fermer' }).first().click();
}

async function signUpFromMail(person: Person, address: string): Promise<void> {
  await proveAddress(person, address);
  await person.page.keyboard.press('Enter');
  await readCode(person.page);
  await person.page.getByRole('button', { name: 'Je l’ai mis en lieu sûr' }).click();
}

test('[UX-7] [UX-8] a room for partners: its consequence, the invitation by mail, and the badge everywhere', async () => {
  const camille = await stage.person();
  const { page } = camille;
  await arriveByMail(camille, `${newName('camille.durand')}@interieur.example`);
  await shoot(page, 'welcome');
  await expectAccessible(page);

  // Three kinds, each with what it means.
  await begin(page, 'Créer un salon');
  for (const sentence of [
    'entre agents',
    'Définitif : il ne pourra plus être réservé aux agents.',
    'Tous les agents peuvent le trouver',
    'Définitif : il restera public.',
    'Le nom n’est pas chiffré',
  ])
    await page.getByText(sentence).waitFor();
  await shoot(page, 'create-room-kinds');
  await expectAccessible(page);
  for (const width of [320, 640]) {
    await page.setViewportSize({ width, height: 400 });
    await expectNoSideways(page);
    // However little one sees of it, what ends it is there.
    const end = await page.getByRole('button', { name: 'Créer le salon' }).boundingBox();
    expect((end?.y ?? 0) + (end?.height ?? 400), `at ${width}`).toBeLessThanOrEqual(400);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByLabel('Nom du salon').fill('Projet Astrolabe');
  await page.getByRole('radio', { name: 'Privé ouvert aux externes' }).check();
  await page.getByRole('button', { name: 'Créer le salon ouvert aux externes' }).click();
  await page.getByText('Privé, ouvert aux externes, chiffré').waitFor();
  await page.getByText('Ce salon est ouvert aux personnes externes.').waitFor();

  // What the invitation means is said before it leaves.
  const address = `${newName('paul.martin')}@partenaire.example`;
  await lookFor(page, address);
  await page.getByText('la personne aura un compte externe').waitFor();
  await shoot(page, 'invite-by-mail');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
  await page.getByText(`Une invitation attend ${address}.`).waitFor();
  await closeDialog(page);

  // The partner signs up from the mail, and is in the room without looking for it.
  const paul = await stage.person();
  await signUpFromMail(paul, address);
  await composer(paul.page).waitFor();
  await paul.page.getByRole('heading', { name: 'Projet Astrolabe' }).waitFor();
  await talk(page)
    .getByText(/Paul Martin.* a rejoint la conversation/)
    .waitFor();
  await page.getByText('1 personne externe dans ce salon').waitFor();
  await say(page, 'Bienvenue, le calendrier est prêt');
  await talk(paul.page).getByText('le calendrier est prêt').waitFor();
  await say(paul.page, 'Merci, je le lis');
  const message = talk(page).getByRole('listitem').filter({ hasText: 'Merci, je le lis' });
  await message.getByText('Externe', { exact: true }).waitFor();
  const members = page.getByRole('complementary', { name: 'Membres' });
  await members.getByText('Externe', { exact: true }).waitFor();
  await composer(page).pressSequentially('@paul');
  await page.getByRole('option', { name: /Externe/ }).waitFor();
  await page.keyboard.press('Escape');
  await composer(page).fill('');
  await shoot(page, 'externals');
  await expectAccessible(page);
  for (const width of [320, 390, 820]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoSideways(page);
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  // What a partner may not do is not offered.
  for (const name of [
    'Nouvelle conversation',
    'Écrire à un collègue',
    'Trouver un salon public',
    'Créer un salon',
  ])
    expect(await paul.page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
  await paul.page.getByRole('link', { name: /Compte externe/ }).waitFor();
  await paul.page.getByRole('button', { name: 'Membres' }).click();
  await paul.page.getByText('3 membres').or(paul.page.getByText('2 membres')).first().waitFor();
  expect(await paul.page.getByRole('button', { name: 'Inviter', exact: true }).count()).toBe(0);
  await shoot(paul.page, 'external-view');
  await expectAccessible(paul.page);

  // An agent who writes to them by themselves is told each time.
  await begin(page, 'Écrire à un collègue');
  await page.getByLabel('Nom, ministère ou identifiant').fill(address);
  await page.getByRole('dialog').getByText('Externe', { exact: true }).waitFor();
  await page.getByRole('button', { name: /^Écrire à Paul Martin/ }).click();
  await page.getByText('ne fait pas partie de l’administration').waitFor();
  await page.getByRole('link', { name: /Paul Martin.*Externe/ }).waitFor();
});

test('[UX-7] a room of agents is opened for a partner only once it is known that this is for good', async () => {
  const camille = await stage.person();
  const { page } = camille;
  await arriveByMail(camille, `${newName('camille.roux')}@interieur.example`);
  await createRoom(page, 'Note au cabinet', 'Privé');
  await page.getByText('Privé, chiffré').waitFor();
  const address = `${newName('lea.petit')}@partenaire.example`;
  await lookFor(page, address);
  await page.getByText('Ce salon est réservé aux agents.').waitFor();
  expect(await page.getByRole('button', { name: 'Envoyer l’invitation' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Ouvrir aux externes…' }).click();
  const question = page.getByRole('dialog', { name: 'Ouvrir le salon aux externes ?' });
  await question.getByText('C’est définitif').waitFor();
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Annuler' }).click();
  await page.getByText('Ce salon est réservé aux agents.').waitFor();
  await page.getByRole('button', { name: 'Ouvrir aux externes…' }).click();
  await question.getByRole('button', { name: 'Ouvrir définitivement' }).click();
  await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
  await page.getByText(`Une invitation attend ${address}.`).waitFor();
  await closeDialog(page);
  await page.getByText('Privé, ouvert aux externes, chiffré').waitFor();

  // A colleague without an account is invited by mail too, and finds the door after the sign-up.
  await createRoom(page, 'Budget 2027', 'Privé');
  const colleague = `${newName('noe.blanc')}@culture.example`;
  await lookFor(page, colleague);
  await page.getByText('Cette adresse relève de « Culture »').waitFor();
  await page.getByRole('button', { name: 'Envoyer l’invitation' }).click();
  await page.getByText(`Une invitation attend ${colleague}.`).waitFor();
  const noe = await stage.person();
  await signUpFromMail(noe, colleague);
  await noe.page.getByRole('heading', { name: /Budget 2027/ }).waitFor();
  await shoot(noe.page, 'invitation');
  await expectAccessible(noe.page);
  await noe.page.getByRole('button', { name: 'Rejoindre' }).click();
  await composer(noe.page).waitFor();
});
