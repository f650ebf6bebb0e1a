// SPDX-License-Identifier: EUPL-1.2
// A room that is run and used: roles, settings, threads, pins, polls, links, dates.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { call, tokenOf } from './src/api.ts';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { colleagues } from './src/colleagues.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive, begin } from './src/steps.ts';
import { act, composer, doNow, inMenu, say, talk } from './src/talk.ts';

const stage = onStage({ set: { retention: 'on' } });

const panel = (page: Page, name: string) => page.getByRole('complementary', { name, exact: true });

/** What was said in the thread that is open. */
const thread = (page: Page) => panel(page, 'Fil · Fils');
const said = (page: Page) => thread(page).getByRole('region');
const answer = (page: Page) => thread(page).getByRole('textbox', { name: 'Répondre dans le fil' });

/** It stands on the screen, and not only in the page. */
const isSeen = (locator: Locator) =>
  locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top > 0 && bottom < innerHeight;
  });

/** The identifier of what was said in the room. */
async function rootOf(page: Page, text: string): Promise<string> {
  const row = talk(page).getByRole('listitem').filter({ hasText: text }).first();
  return ((await row.getAttribute('id')) ?? '').replace(/^m-/, '');
}

/** Somebody answers in a thread, from elsewhere. `link`: to a message of its room. */
async function answerMany(name: string, link: string, root: string, count: number): Promise<void> {
  const token = await tokenOf(stage, name);
  const room = new URL(link).hash.split('/')[2];
  for (let i = 1; i <= count; i++) {
    const { status } = await call(stage, token, 'PUT', `/rooms/${room}/send/m.room.message/answer${i}`, {
      msgtype: 'm.text',
      body: `réponse ${i}`,
      'm.relates_to': { rel_type: 'm.thread', event_id: root },
    });
    expect(status).toBe(200);
  }
}

/** The two colleagues, in a room that the first has made. */
async function roomOfTwo(room: string) {
  const { camille, alix, names } = await colleagues(stage);
  await begin(camille, 'Créer un salon');
  await camille.getByLabel('Nom du salon').fill(room);
  await camille.getByRole('button', { name: 'Créer le salon' }).click();
  await camille.getByRole('button', { name: 'Membres' }).click();
  await camille.getByRole('button', { name: 'Inviter', exact: true }).click();
  await camille.getByLabel('Nom, ministère ou identifiant').fill(names.alix);
  await camille.getByRole('button', { name: `Inviter ${names.alix}` }).click();
  await camille.getByText(`${names.alix} est invité.`).waitFor();
  await camille.getByRole('dialog').getByRole('button', { name: 'Fermer' }).click();
  await alix.getByRole('link', { name: new RegExp(room) }).click();
  await alix.getByRole('button', { name: 'Rejoindre' }).click();
  await alix.getByRole('heading', { name: room, level: 1 }).waitFor();
  await composer(alix).waitFor();
  return { camille, alix, names };
}

test('[UX-24] roles are given and taken in plain words, a member removed, the list exported, a successor named', async () => {
  const { camille, alix, names } = await roomOfTwo('Comité');
  const members = panel(camille, 'Membres');
  const actions = members.getByRole('button', { name: `Actions sur ${names.alix}` });
  await actions.click();
  await camille.getByRole('menuitem', { name: 'Nommer modérateur' }).click();
  await members.getByText('Modérateur').waitFor();
  await actions.click();
  await camille.getByRole('menuitem', { name: 'Nommer administrateur' }).click();
  await camille.getByText('Vous ne pourrez plus lui retirer ce rôle').waitFor();
  await shoot(camille, 'member-question');
  await expectAccessible(camille);
  await camille.getByRole('dialog').getByRole('button', { name: 'Annuler' }).click();
  await actions.click();
  await camille.getByRole('menuitem', { name: 'Rendre simple membre' }).click();
  await members.getByText('Modérateur').waitFor({ state: 'detached' });

  await members.getByRole('button', { name: 'Actions sur la liste' }).click();
  const [file] = await Promise.all([
    camille.waitForEvent('download'),
    camille.getByRole('menuitem', { name: 'Télécharger la liste (tableur)' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('Comité.csv');
  const csv = await readFile(await file.path(), 'utf8');
  expect(csv.split('\r\n')[0]).toBe('\uFEFFNom;Organisation;Rôle');
  expect(csv).toContain(`${names.camille};;Administrateur`);
  expect(csv).not.toContain('localhost');

  // The last administrator is warned, and names who follows; leaving is taken back once.
  const leave = async () => {
    await inMenu(camille, 'Quitter');
    await camille.getByText('Vous êtes le dernier administrateur').waitFor();
    await camille.getByLabel('Votre successeur').selectOption(names.alix);
    await camille.getByRole('dialog').getByRole('button', { name: 'Quitter' }).click();
  };
  await leave();
  await camille.getByRole('status').getByRole('button', { name: 'Annuler' }).click();
  await camille.getByRole('link', { name: /Comité/ }).click();
  await leave();
  await doNow(camille);
  await talk(alix).getByText(`${names.camille} a quitté la conversation`).waitFor();
  await alix.getByRole('button', { name: 'Membres' }).click();
  await panel(alix, 'Membres').getByText('Administrateur').waitFor();
});

test('a room is renamed and described, stands among the favourites, and calls as one likes', async () => {
  const { camille, alix, names } = await roomOfTwo('Sans sujet');
  await inMenu(camille, 'Réglages du salon');
  const info = panel(camille, 'Réglages du salon');
  await info.getByLabel('Nom du salon').fill('Budget 2027');
  await info.getByLabel('Sujet').fill('Préparer le projet de loi de finances');
  await info.getByRole('button', { name: 'Enregistrer' }).click();
  await info.getByText('Enregistré').waitFor();
  await camille.getByRole('heading', { name: 'Budget 2027' }).waitFor();
  await info.getByText('n’y mettez rien de confidentiel').waitFor();
  await info.getByLabel('Me prévenir').selectOption('Seulement quand on me mentionne');
  await shoot(camille, 'room-settings');
  await expectAccessible(camille);
  await alix.getByRole('heading', { name: 'Budget 2027' }).waitFor();
  await inMenu(alix, 'Réglages du salon');
  await panel(alix, 'Réglages du salon').getByText('Préparer le projet de loi').waitFor();
  expect(await panel(alix, 'Réglages du salon').getByLabel('Sujet').count()).toBe(0);

  await inMenu(camille, 'Ajouter aux favoris');
  await camille.getByRole('heading', { name: 'Favoris' }).waitFor();
  await inMenu(camille, 'Retirer des favoris');
  await camille.getByRole('heading', { name: 'Favoris' }).waitFor({ state: 'detached' });

  // Messages that mention nobody do not count any more.
  await camille.getByRole('link', { name: /Réglages/ }).click();
  await say(alix, 'rien de pressé');
  await say(alix, `@${names.camille.slice(0, 4)}`);
  await composer(alix).fill('');
  const row = camille.getByRole('link', { name: /Budget 2027/ });
  await row
    .getByText('rien de pressé')
    .or(row.getByText(`@${names.camille.slice(0, 4)}`))
    .waitFor();
  expect(await row.getByText('non lu').count()).toBe(0);
});

test('how long messages are kept is said to all, and chosen by who runs the room', async () => {
  const { camille, alix } = await roomOfTwo('Archives');
  await inMenu(camille, 'Réglages du salon');
  const info = panel(camille, 'Réglages du salon');
  await info.getByText('Les messages sont gardés sans limite de durée.').waitFor();
  await info.getByLabel('Garder les messages').selectOption('30 jours');
  await info.getByText('C’est définitif.').waitFor();
  await expectAccessible(camille);
  await info.getByRole('button', { name: 'Appliquer cette durée' }).click();
  await info.getByText('Les messages sont effacés après 30 jours.').waitFor();
  await inMenu(alix, 'Réglages du salon');
  await panel(alix, 'Réglages du salon').getByText('Les messages sont effacés après 30 jours.').waitFor();
  expect(await panel(alix, 'Réglages du salon').getByLabel('Garder les messages').count()).toBe(0);
});

// Long: a page is loaded anew on the way.
test('[UX-13] [UX-20] a thread has a place of its own, is counted, read, and reached by links', {
  timeout: 240_000,
}, async () => {
  const { camille, alix, names } = await roomOfTwo('Fils');
  await say(camille, 'Qui relit la note ?');
  await talk(alix).getByText('Qui relit la note ?').waitFor();
  await act(alix, 'Qui relit', 'Répondre dans un fil');
  await said(alix).getByText('Qui relit la note ?').waitFor();
  await thread(alix).getByText('Privé, chiffré · 2 membres').waitFor();
  await answer(alix).fill('Je m’en charge');
  await alix.keyboard.press('Enter');
  await said(alix).getByText('Je m’en charge').waitFor();

  const link = talk(camille).getByRole('button', { name: /1 réponse dans le fil/ });
  await link.waitFor();
  expect(await talk(camille).getByText('Je m’en charge').count()).toBe(0);
  await talk(camille)
    .getByRole('button', { name: /1 non lue/ })
    .click();
  await said(camille).getByText('Je m’en charge').waitFor();
  await shoot(camille, 'thread');
  await expectAccessible(camille);
  await talk(camille)
    .getByRole('button', { name: /1 non lue/ })
    .waitFor({ state: 'detached' });
  await answer(camille).fill('Merci à vous');
  await camille.keyboard.press('Enter');
  await said(alix).getByText('Merci à vous').waitFor();

  // One way out: a cross beside the room; on a phone, where the thread is alone, the way back.
  const cross = thread(camille).getByRole('button', { name: 'Fermer' });
  const back = thread(camille).getByRole('button', { name: 'Retour' });
  expect([await cross.count(), await back.count()]).toEqual([1, 0]);
  await camille.setViewportSize({ width: 390, height: 800 });
  await back.waitFor();
  expect(await cross.count()).toBe(0);
  expect(await composer(camille).count()).toBe(0);
  expect(await camille.getByRole('button', { name: 'Membres' }).count()).toBe(0);
  await expectNoSideways(camille);
  await back.click();
  await composer(camille).waitFor();
  await camille.setViewportSize({ width: 1280, height: 800 });
  await inMenu(camille, 'Fils de discussion');
  await panel(camille, 'Fils de discussion')
    .getByText(/2 réponses dans le fil/)
    .waitFor();
  await expectAccessible(camille);
  for (const width of [320, 390, 820]) {
    await camille.setViewportSize({ width, height: 800 });
    await expectNoSideways(camille);
  }
  await camille.setViewportSize({ width: 1280, height: 800 });

  // [UX-13] A link to an answer, and a search that finds it, lead into the thread, at the answer; also to
  // one that stands before all that the thread is opened with.
  const first = said(alix).getByRole('listitem').filter({ hasText: 'Je m’en charge' });
  await first.hover();
  await first.getByRole('button', { name: /^Actions sur le message/ }).click();
  await alix.getByRole('menuitem', { name: 'Copier le lien' }).click();
  await alix.getByText('Copié.').waitFor();
  const address = await alix.evaluate(() => navigator.clipboard.readText());
  await answerMany(names.alix, address, await rootOf(alix, 'Qui relit'), 40);
  await said(alix).getByText('réponse 40', { exact: true }).waitFor();
  await camille.goto('/');
  await camille.goto(address);
  const shown = (text: string) => said(camille).locator('[data-shown]', { hasText: text });
  await shown('Je m’en charge').waitFor();
  await expectAccessible(camille);
  await camille.getByRole('button', { name: 'Rechercher' }).click();
  await camille.getByRole('combobox').fill('merci vous');
  await camille.getByRole('group', { name: 'Messages et fichiers' }).getByRole('option').waitFor();
  await camille.keyboard.press('Enter');
  await shown('Merci à vous').waitFor();
  await expect.poll(() => isSeen(said(camille).getByText('Merci à vous')), { timeout: 60_000 }).toBe(true);
  // From there one goes on to the end.
  await said(camille).getByRole('button', { name: 'Revenir aux derniers messages' }).click();
  await said(camille).getByText('réponse 40', { exact: true }).waitFor();
});

test('[UX-20] polls are put, answered and ended', async () => {
  const { camille, alix } = await roomOfTwo('Sondages');
  await inMenu(camille, 'Créer un sondage…');
  await camille.getByRole('button', { name: 'Lancer le sondage' }).click();
  await camille.getByText('Posez une question.').waitFor();
  await expectAccessible(camille);
  await camille.getByLabel('Question').fill('Quel jour pour la réunion ?');
  await camille.getByLabel('Réponse 1').fill('Lundi');
  await camille.getByLabel('Réponse 2').fill('Mardi');
  await camille.getByRole('radio', { name: 'Plusieurs' }).check();
  await shoot(camille, 'create-poll');
  await camille.getByRole('button', { name: 'Lancer le sondage' }).click();
  const poll = (page: Page) => talk(page).getByRole('group', { name: /Quel jour pour la réunion/ });
  await poll(alix).getByRole('button', { name: /Mardi/ }).click();
  await poll(camille)
    .getByRole('button', { name: /Mardi 1 voix/ })
    .waitFor();
  await poll(camille).getByRole('button', { name: /Lundi/ }).click();
  await poll(alix).getByText('2 votants').waitFor();
  await poll(alix).getByText('Jusqu’à 2 réponses').waitFor();
  await poll(alix).getByRole('button', { name: /Lundi/ }).click();
  await poll(camille)
    .getByRole('button', { name: /Lundi 2 voix/ })
    .waitFor();
  // One answer more, and not another one instead.
  expect(
    await poll(camille)
      .getByRole('button', { name: /Mardi 1 voix/ })
      .count(),
  ).toBe(1);
  await poll(alix).getByRole('button', { name: /Mardi/, pressed: true }).waitFor();
  await shoot(camille, 'poll');
  await expectAccessible(camille);
  await poll(camille).getByRole('button', { name: 'Terminer le sondage' }).click();
  await poll(alix).getByText('Sondage terminé').waitFor();
});

test('[UX-13] [UX-20] a message is pinned, linked to, forwarded, reported, and found by its date', async () => {
  const { camille, alix, names } = await roomOfTwo('Repères');
  await say(camille, 'Le plan d’accès est affiché à l’accueil');
  await talk(alix).getByText('Le plan d’accès').waitFor();
  await act(camille, 'Le plan d’accès', 'Épingler');
  await talk(camille).getByText('Vous avez changé les messages épinglés').waitFor();
  await inMenu(alix, 'Messages épinglés');
  await panel(alix, 'Messages épinglés').getByText('Le plan d’accès').waitFor();
  await shoot(alix, 'pinned');
  await expectAccessible(alix);
  await panel(alix, 'Messages épinglés')
    .getByRole('button', { name: /Voir dans la conversation/ })
    .click();
  await talk(alix).getByText('Le plan d’accès').waitFor();

  await act(camille, 'Le plan d’accès', 'Copier le lien');
  await camille.getByText('Copié.').waitFor();
  const link = await camille.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain('/#/salon/');
  await alix.goto('/');
  await alix.goto(link);
  await talk(alix).locator('[data-shown]', { hasText: 'Le plan d’accès' }).waitFor();

  await begin(alix, 'Écrire à un collègue');
  await alix.getByLabel('Nom, ministère ou identifiant').fill(names.camille);
  await alix.getByRole('button', { name: `Écrire à ${names.camille}` }).click();
  await composer(alix).waitFor();
  await alix.getByRole('link', { name: /Repères/ }).click();
  await act(alix, 'Le plan d’accès', 'Transférer');
  await shoot(alix, 'forward');
  await expectAccessible(alix);
  await alix.getByRole('button', { name: `Transférer dans « ${names.camille} »` }).click();
  await alix.getByText(`Transféré dans « ${names.camille} ».`).waitFor();
  await alix.keyboard.press('Escape');
  await alix.getByRole('link', { name: new RegExp(`^${names.camille}`) }).click();
  await talk(alix).getByText('Le plan d’accès').waitFor();

  await alix.getByRole('link', { name: /Repères/ }).click();
  await act(alix, 'Le plan d’accès', 'Signaler');
  await alix.getByRole('dialog').getByRole('button', { name: 'Signaler' }).click();
  await alix.getByText('Dites en quelques mots').waitFor();
  await alix.getByLabel('Pourquoi ?').fill('Ce plan est ancien');
  await alix.getByRole('dialog').getByRole('button', { name: 'Signaler' }).click();
  await alix.getByText('Le message est signalé.').waitFor();
  await alix.keyboard.press('Escape');

  const today = await alix.evaluate(() => {
    const now = new Date();
    const two = (n: number) => String(n).padStart(2, '0');
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  });
  await inMenu(alix, 'Aller à une date…');
  await expectAccessible(alix);
  await alix.getByLabel('Date', { exact: true }).fill('2100-01-01');
  await alix.getByRole('button', { name: 'Aller', exact: true }).click();
  await alix.getByText('Aucun message à partir de cette date.').waitFor();
  await alix.getByLabel('Date', { exact: true }).fill(today);
  await alix.getByRole('button', { name: 'Aller', exact: true }).click();
  await alix.getByRole('dialog').waitFor({ state: 'detached' });
  await talk(alix).getByText('Le plan d’accès').waitFor();
});

test('[UX-21] a conversation is exported as a page that holds author, hour and words, and runs nothing', async () => {
  const { camille, alix, names } = await roomOfTwo('Mémoire');
  await say(alix, 'Le <b>compte rendu</b> est **validé** :\n\n- par tous');
  await talk(camille).getByText('compte rendu').waitFor();
  await inMenu(camille, 'Exporter la conversation…');
  await camille.getByText('Il n’est pas chiffré').waitFor();
  await shoot(camille, 'export');
  await expectAccessible(camille);
  const [file] = await Promise.all([
    camille.waitForEvent('download'),
    camille.getByRole('button', { name: 'Exporter', exact: true }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('conversations.html');
  const html = await readFile(await file.path(), 'utf8');
  expect(html).toContain('<h1>Mémoire</h1>');
  expect(html).toMatch(
    new RegExp(`<b>${names.alix} \\(@${names.alix}:localhost\\)</b> <time datetime="\\d{4}-`),
  );
  expect(html).toContain('Le &lt;b&gt;compte rendu&lt;/b&gt; est validé :\n- par tous<');
  expect(html).not.toMatch(/<script|src=|href=/);
  await camille.getByText('Le fichier est prêt.').waitFor();
});

test('[UX-20] any symbol is found by its name, for a reaction and in a message', async () => {
  const { camille, alix } = await roomOfTwo('Symboles');
  await say(camille, 'C’est voté');
  await act(camille, 'C’est voté', 'Autres réactions…');
  await camille.getByLabel('Chercher un symbole').fill('fusee');
  await camille.getByRole('button', { name: 'fusée', exact: true }).waitFor();
  await shoot(camille, 'emoji');
  await expectAccessible(camille);
  await camille.getByRole('button', { name: 'fusée', exact: true }).click();
  await talk(alix).getByRole('button', { name: /🚀 1/ }).waitFor();
  await composer(camille).fill('bravo ');
  await camille.getByRole('button', { name: 'Insérer un symbole' }).click();
  await camille.getByLabel('Chercher un symbole').fill('cotillons');
  await camille.getByRole('dialog').getByRole('listitem').first().getByRole('button').click();
  await expect.poll(() => composer(camille).inputValue(), { timeout: 60_000 }).toMatch(/^bravo \p{Emoji}/u);
});

test('where one types: the words to send on a large screen, one row on a phone, the layout when asked for', async () => {
  // One's own: the layout that is asked for stays on the device.
  const { page: camille } = await stage.person();
  await arrive(camille, newName('camille'));
  await begin(camille, 'Créer un salon');
  await camille.getByLabel('Nom du salon').fill('Saisie');
  await camille.getByRole('button', { name: 'Créer le salon' }).click();
  await camille.getByRole('heading', { name: 'Saisie', level: 1 }).waitFor();
  const button = (name: string) => camille.getByRole('button', { name, exact: true });
  const format = button('Mise en forme');
  expect(await button('Envoyer').getAttribute('aria-disabled')).toBe('true');
  expect(await format.getAttribute('aria-expanded')).toBe('false');
  await format.click();
  await composer(camille).fill('important');
  await composer(camille).selectText();
  await button('Gras').click();
  await expect.poll(() => composer(camille).inputValue()).toBe('**important**');
  expect(await button('Envoyer').getAttribute('aria-disabled')).toBeNull();
  await shoot(camille, 'composer');
  await expectAccessible(camille);
  await camille.setViewportSize({ width: 320, height: 800 });
  await expectNoSideways(camille);
  await button('Envoyer').click();
  await talk(camille).locator('strong', { hasText: 'important' }).waitFor();
  // The way out of a text has gone with the text, and the focus is where one types.
  await button('Enregistrer un message vocal').waitFor();
  expect(await button('Envoyer').count()).toBe(0);
  await expect.poll(() => composer(camille).evaluate((box) => box === document.activeElement)).toBe(true);
  await button('Gras').waitFor();
  await camille.getByRole('heading', { name: 'Saisie' }).focus();
  await button('Gras').waitFor({ state: 'hidden' });
  await shoot(camille, 'composer-rest');
  await expectAccessible(camille);

  // Asked for once.
  await camille.setViewportSize({ width: 1280, height: 800 });
  await camille.reload();
  await button('Gras').waitFor();
});

test('[UX-7] a public room is looked at before it is joined, by a link that anybody may be given', async () => {
  const [camille, alix] = [await stage.person(), await stage.person()];
  await arrive(camille.page, newName('camille'));
  await arrive(alix.page, newName('alix'));
  const { page } = camille;
  await begin(page, 'Créer un salon');
  await page.getByLabel('Nom du salon').fill('Achats durables');
  await page.getByRole('radio', { name: 'Public (forum)' }).check();
  await page.getByRole('button', { name: 'Créer le salon' }).click();
  await composer(page).waitFor();
  await inMenu(page, 'Copier le lien du salon');
  await page.getByText('Copié.').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await alix.page.goto(link);
  await alix.page.getByRole('heading', { name: 'Achats durables' }).waitFor();
  await alix.page.getByText('tous les agents peuvent trouver ce salon').waitFor();
  expect(await composer(alix.page).count()).toBe(0);
  await shoot(alix.page, 'preview');
  await expectAccessible(alix.page);
  await alix.page.getByRole('button', { name: 'Rejoindre le salon' }).click();
  await composer(alix.page).waitFor();

  await alix.page.goto('/#/salon/!inconnu');
  await alix.page.getByRole('heading', { name: 'Vous n’avez pas accès' }).waitFor();

  // A private room: nothing of it is told, until it lets others ask; then one asks, and is let in.
  await begin(page, 'Créer un salon');
  await page.getByLabel('Nom du salon').fill('Cabinet');
  await page.getByRole('button', { name: 'Créer le salon' }).click();
  await page.getByRole('heading', { name: 'Cabinet', level: 1 }).waitFor();
  await inMenu(page, 'Copier le lien du salon');
  await page.getByText('Copié.').waitFor();
  const closed = await page.evaluate(() => navigator.clipboard.readText());
  await alix.page.goto(closed);
  await alix.page.getByText('demandez une invitation à la personne').waitFor();
  expect(await alix.page.getByText(/Cabinet|camille/).count()).toBe(0);
  await shoot(alix.page, 'no-access');
  await expectAccessible(alix.page);

  await inMenu(page, 'Réglages du salon');
  const letAsk = page.getByLabel('Permettre de demander à entrer');
  await letAsk.click();
  await expect.poll(() => letAsk.isChecked(), { timeout: 60_000 }).toBe(true);
  await alix.page.goto('/');
  await alix.page.goto(closed);
  await alix.page.getByRole('heading', { name: 'Cabinet' }).waitFor();
  await alix.page.getByLabel('Votre message').fill('Je rejoins le cabinet lundi');
  await shoot(alix.page, 'ask-to-enter');
  await expectAccessible(alix.page);
  await alix.page.keyboard.press('Enter');
  await alix.page.getByRole('status').getByText('Votre demande est envoyée').waitFor();
  await alix.page.getByRole('button', { name: 'Retirer ma demande' }).click();
  await alix.page.getByRole('button', { name: 'Demander à entrer' }).click();
  await alix.page.getByRole('status').getByText('Votre demande est envoyée').waitFor();
  await expectAccessible(alix.page);
  await page.getByRole('button', { name: 'Membres · 1 demande d’entrée' }).click();
  const members = panel(page, 'Membres');
  await members.getByRole('heading', { name: '1 demande d’entrée' }).waitFor();
  await shoot(page, 'asking');
  await expectAccessible(page);
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoSideways(page);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await members.getByRole('button', { name: /^Accepter / }).click();
  await members.getByRole('heading', { name: /demande/ }).waitFor({ state: 'detached' });
  await alix.page.getByRole('button', { name: 'Rejoindre' }).click();
  await composer(alix.page).waitFor();
});
