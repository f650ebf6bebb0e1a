// SPDX-License-Identifier: EUPL-1.2
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { call, newAccount } from './src/api.ts';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { colleagues } from './src/colleagues.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage, PASSWORD } from './src/stage.ts';
import { arrive, begin, signIn } from './src/steps.ts';
import { act, composer, doNow, pair as pairOn, say, talk } from './src/talk.ts';

const stage = onStage();
const pair = () => pairOn(stage);

test('two agents find each other and talk, encrypted: reply, reaction, edit, deletion, read and typing', async () => {
  const { camille, alix, names, codes } = await pair();
  await camille.getByText('Privé, chiffré').waitFor();
  await say(camille, 'Bonjour, la note est **prête**');
  await talk(alix).getByText('Bonjour, la note est prête').waitFor();
  expect(await talk(alix).locator('strong').textContent()).toBe('prête');
  await camille.getByText(`Lu par ${names.alix}`).waitFor();

  await composer(alix).pressSequentially('je');
  await camille.getByText(`${names.alix} écrit…`).waitFor();
  await composer(alix).fill('');

  await act(alix, 'la note est', 'Répondre');
  await say(alix, 'Merci, je la relis');
  await talk(camille).getByText('Merci, je la relis').waitFor();
  await talk(camille).getByRole('button', { name: 'En réponse à vous' }).waitFor();
  await act(camille, 'Merci, je la relis', 'Réagir 👍');
  await talk(alix)
    .getByRole('button', { name: new RegExp(`👍 1 : ${names.camille}`) })
    .waitFor();

  // ↑ edits the last of one's own messages.
  await composer(alix).focus();
  await alix.keyboard.press('ArrowUp');
  await alix.getByText('Modification de votre message').waitFor();
  await say(alix, 'Merci, je la relis ce soir');
  await talk(camille).getByText('Merci, je la relis ce soir').waitFor();
  await talk(camille).getByText('(modifié)').waitFor();

  await say(alix, 'à effacer');
  await talk(camille).getByText('à effacer').waitFor();
  await act(alix, 'à effacer', 'Supprimer');
  await alix.getByRole('status').getByRole('button', { name: 'Annuler' }).click();
  await talk(alix).getByText('à effacer').waitFor();
  await act(alix, 'à effacer', 'Supprimer');
  await talk(alix).getByText('à effacer').waitFor({ state: 'detached' });
  await doNow(alix);
  await talk(camille).getByText('Message supprimé').waitFor();

  await shoot(camille, 'conversation');
  await expectAccessible(camille);
  for (const width of [320, 390, 820]) {
    await camille.setViewportSize({ width, height: 800 });
    await expectNoSideways(camille);
  }
  await camille.setViewportSize({ width: 1280, height: 800 });

  // [UX-3] [UX-4] The next day, on another device: what was said before is readable with the code.
  const later = await stage.person();
  await signIn(later.page, names.alix);
  await later.page.getByRole('button', { name: 'Plus tard' }).click();
  await later.page.getByRole('link', { name: new RegExp(names.camille) }).click();
  await talk(later.page)
    .getByText(/pas encore lisible/)
    .first()
    .waitFor();
  await later.page.getByRole('button', { name: 'Les retrouver' }).click();
  await later.page.getByLabel('Code de récupération').fill(codes.alix);
  await later.page.keyboard.press('Enter');
  await talk(later.page).locator('strong', { hasText: 'prête' }).waitFor();
});

test('[UX-24] a contact who starts again without their code is shown so, once, and talks on', async () => {
  const { camille, alix, names } = await pair();
  await say(camille, 'avant');
  await talk(alix).getByText('avant').waitFor();
  await alix.context().close();
  const again = await stage.person();
  await signIn(again.page, names.alix);
  await again.page.getByRole('button', { name: 'Je n’ai plus mon code' }).click();
  await again.page.getByRole('button', { name: 'J’accepte de perdre mes anciens messages' }).click();
  await again.page.getByRole('textbox', { name: 'Mot de passe' }).fill(PASSWORD);
  await again.page.keyboard.press('Enter');
  await again.page.getByRole('button', { name: 'Je l’ai mis en lieu sûr' }).click();
  const warning = camille.getByText(`« ${names.alix} » est protégé autrement qu’avant`);
  await warning.waitFor();
  await shoot(camille, 'identity');
  await expectAccessible(camille);
  await camille.getByRole('button', { name: 'Comment vérifier' }).click();
  const how = camille.getByRole('dialog', { name: /Comment vérifier/ });
  await how.getByText('un numéro que vous connaissiez déjà').waitFor();
  await shoot(camille, 'identity-verify');
  await expectAccessible(camille);
  await how.getByRole('button', { name: 'Pas encore vérifié' }).click();
  await how.waitFor({ state: 'detached' });

  // What is written meanwhile waits for that, and leaves by itself.
  await again.page.getByRole('link', { name: new RegExp(names.camille) }).click();
  await composer(again.page).waitFor();
  await say(camille, 'pour elle seule');
  const held = camille.getByRole('alert').filter({ hasText: 'Pas encore parti' });
  await held.waitFor();
  await shoot(camille, 'identity-held');
  await expectAccessible(camille);
  await camille.getByRole('button', { name: 'Continuer' }).click();
  await warning.waitFor({ state: 'detached' });
  await expect.poll(() => composer(camille).evaluate((box) => box === document.activeElement)).toBe(true);
  await talk(again.page).getByText('pour elle seule').waitFor();
  await held.waitFor({ state: 'detached' });
  await say(camille, 'après');
  await talk(again.page).getByText('après').waitFor();
});

test('a room: named people, mentions, members, and leaving it', async () => {
  const { camille, alix, names } = await colleagues(stage);
  await begin(camille, 'Créer un salon');
  await expectAccessible(camille);
  await shoot(camille, 'create-room');
  await camille.getByRole('button', { name: 'Créer le salon' }).click();
  await camille.getByText('Donnez un nom au salon.').waitFor();
  await camille.getByLabel('Nom du salon').fill('Comité de suivi');
  await camille.keyboard.press('Enter');
  await camille.getByRole('heading', { name: 'Comité de suivi' }).waitFor();
  await camille.getByRole('button', { name: 'Membres' }).click();
  await camille.getByRole('button', { name: 'Inviter', exact: true }).click();
  await camille.getByLabel('Nom, ministère ou identifiant').fill(names.alix);
  await camille.getByRole('button', { name: `Inviter ${names.alix}` }).click();
  await camille.getByText(`${names.alix} est invité.`).waitFor();
  await camille.keyboard.press('Escape');
  const members = camille.getByRole('complementary', { name: 'Membres' });
  await members.getByText('1 membre · 1 invitation en attente').waitFor();
  await members.getByRole('heading', { name: 'Invitations en attente' }).waitFor();
  await shoot(camille, 'members');
  await expectAccessible(camille);

  await alix.getByRole('link', { name: /Comité de suivi/ }).click();
  await alix.getByRole('button', { name: 'Rejoindre' }).click();
  await alix.getByRole('heading', { name: 'Comité de suivi' }).waitFor();
  // Elsewhere, to see that the room calls.
  await alix.getByRole('link', { name: new RegExp(`^${names.camille}`) }).click();

  await composer(camille).pressSequentially(`Qu’en pense @${names.alix.slice(0, 3)}`);
  await camille.getByRole('option', { name: new RegExp(names.alix) }).waitFor();
  await camille.keyboard.press('Enter');
  await composer(camille).pressSequentially('?');
  await camille.keyboard.press('Enter');
  const row = alix.getByRole('link', { name: /Comité de suivi/ });
  await row.getByText('vous êtes mentionné').waitFor();
  expect(await alix.title()).toMatch(/^\(\d+\) /);
  await row.click();
  await talk(alix).getByText('Qu’en pense').waitFor();
  const mention = talk(alix).locator('.talk__mention');
  expect(await mention.textContent()).toBe(`@${names.alix}`);
  expect(await mention.getAttribute('title')).toBe(`@${names.alix}:localhost`);
  await row.getByText('vous êtes mentionné').waitFor({ state: 'detached' });

  await alix.getByRole('button', { name: 'Autres actions' }).click();
  await alix.getByRole('menuitem', { name: 'Quitter' }).click();
  await alix.getByRole('dialog').getByRole('button', { name: 'Quitter' }).click();
  await alix.getByRole('heading', { name: 'Bienvenue' }).waitFor();
  await alix.getByText('Vous quittez « Comité de suivi ».').waitFor();
  await doNow(alix);
  await talk(camille).getByText(`${names.alix} a quitté la conversation`).waitFor();
});

test('[UX-7] a public room is made with its consequence said, found by another agent and joined', async () => {
  const { camille, alix } = await colleagues(stage);
  await begin(camille, 'Créer un salon');
  await camille.getByLabel('Nom du salon').fill('Veille numérique');
  await camille.getByText('Tous les agents peuvent le trouver').waitFor();
  await camille.getByRole('radio', { name: 'Public (forum)' }).check();
  await camille.getByLabel('Sujet (facultatif)').fill('Lectures et outils à partager');
  await shoot(camille, 'create-public');
  await camille.getByRole('button', { name: 'Créer le salon' }).click();
  await camille.getByText('Public, non chiffré').first().waitFor();
  // Where nothing was said yet, what comes first is offered.
  const inviting = camille.getByRole('button', { name: 'Inviter des collègues' });
  await shoot(camille, 'beginning');
  await expectAccessible(camille);
  await inviting.click();
  await camille.getByRole('dialog', { name: 'Inviter dans le salon' }).waitFor();
  await camille.keyboard.press('Escape');
  await say(camille, 'Bienvenue à tous');
  await inviting.waitFor({ state: 'detached' });

  await begin(alix, 'Trouver un salon public');
  await alix.getByLabel('Nom ou sujet du salon').fill('numérique');
  await alix.getByText('1 salon trouvé').waitFor();
  await alix.getByRole('dialog').getByText('Lectures et outils à partager').waitFor();
  await shoot(alix, 'directory');
  await expectAccessible(alix);
  for (const width of [320, 640]) {
    await alix.setViewportSize({ width, height: 400 });
    await expectNoSideways(alix);
  }
  await alix.setViewportSize({ width: 1280, height: 800 });
  await alix
    .getByRole('dialog')
    .getByRole('link', { name: /Veille numérique.*1 membre/ })
    .click();
  await alix.getByText('votre nom sera visible des autres membres').waitFor();
  await alix.getByRole('button', { name: 'Rejoindre le salon' }).click();
  await talk(alix).getByText('Bienvenue à tous').waitFor();
});

/** What was being written into the browser's store is there. */
const settled = (page: Page) =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestIdleCallback(resolve));
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('chappe-vault');
      opening.onsuccess = () => resolve(opening.result);
    });
    await new Promise((resolve) => {
      const reading = db.transaction('sealed').objectStore('sealed').count();
      reading.onsuccess = resolve;
    });
    db.close();
  });

test('[UX-15] offline: it is said, messages wait in order and leave once; a draft survives', async () => {
  const { camille, alix } = await colleagues(stage);
  await say(camille, 'avant');
  await talk(alix).getByText('avant').waitFor();
  const context = camille.context();
  await context.setOffline(true);
  for (const word of ['un', 'deux', 'trois']) await say(camille, `attente ${word}`);
  await camille.getByText('Hors ligne').waitFor({ timeout: 110_000 });
  await expect
    .poll(
      () =>
        talk(camille)
          .getByText(/^attente/)
          .count(),
      { timeout: 60_000 },
    )
    .toBe(3);
  await context.setOffline(false);
  await talk(alix).getByText('attente trois').waitFor();
  expect(
    await talk(alix)
      .getByText(/^attente/)
      .allTextContents(),
  ).toEqual(['attente un', 'attente deux', 'attente trois']);
  await composer(camille).pressSequentially('un brouillon');
  await settled(camille);
  await camille.reload();
  await expect.poll(() => composer(camille).inputValue(), { timeout: 60_000 }).toBe('un brouillon');
  await composer(camille).fill('');
});

test('[UX-15] what was refused waits for its author, also at the next visit, and holds nobody up', async () => {
  const { camille, alix } = await colleagues(stage);
  await say(camille, 'avant le refus');
  await talk(alix).getByText('avant le refus').waitFor();
  await camille.route('**/send/**', (route) =>
    route.fulfill({ status: 403, json: { errcode: 'M_FORBIDDEN', error: 'no' } }),
  );
  await say(camille, 'refusé');
  await talk(camille).getByText('Non envoyé').waitFor();
  await settled(camille);
  await camille.unroute('**/send/**');
  await camille.reload();
  await talk(camille).getByText('Non envoyé').waitFor();
  await say(camille, 'après');
  await talk(alix).getByText('après').waitFor();
  expect(await talk(alix).getByText('refusé').count()).toBe(0);
  await talk(camille).getByRole('button', { name: 'Renvoyer' }).click();
  await talk(alix).getByText('refusé').waitFor();
});

test('[UX-16] an edit waits for the network like a message; [UX-20] a deletion outlives its page', async () => {
  const { camille, alix } = await colleagues(stage);
  await say(camille, 'première version');
  await say(camille, 'à effacer');
  await talk(alix).getByText('à effacer').waitFor();
  await act(camille, 'à effacer', 'Supprimer');
  await talk(camille).getByText('à effacer').waitFor({ state: 'detached' });
  await settled(camille);
  await camille.reload();
  await talk(alix).getByText('Message supprimé').waitFor();
  await talk(camille).getByText('Message supprimé par vous').waitFor();

  const context = camille.context();
  await context.setOffline(true);
  await act(camille, 'première version', 'Modifier');
  await say(camille, 'seconde version');
  await talk(camille).getByText('seconde version').waitFor();
  await talk(camille).getByText('Partira au retour de la connexion').waitFor();
  await context.setOffline(false);
  await talk(alix).getByText('seconde version').waitFor();
  await talk(camille).getByText('Partira au retour de la connexion').waitFor({ state: 'detached' });
});

const CORPUS = [
  '<script>window.broken = 1</script>',
  '<img src=x onerror="window.broken = 1">',
  '<svg onload="window.broken = 1"></svg>',
  '<iframe srcdoc="<script>parent.broken = 1</script>"></iframe>',
  '<a href="javascript:window.broken = 1">lien</a>',
  '<p onclick="window.broken = 1" style="position:fixed;inset:0" id="root" class="house">texte</p>',
  '<math><mtext><table><mglyph><style><img src=x onerror="window.broken = 1">',
  '<form action="/x"><input name="password"></form>',
  '<base href="https://evil.example/">',
];

test('[WEB-01] [WEB-02] what others send is text, or the allowed layout, and links show where they go', async () => {
  const { page: camille, faults } = await stage.person();
  const me = newName('camille');
  await arrive(camille, me);
  const other = newName('alix');
  const token = await newAccount(stage, other);
  const name = '<img src=x onerror="window.broken = 1"> Salon';
  const made = await call(stage, token, 'POST', '/createRoom', {
    name,
    invite: [`@${me}:localhost`],
  });
  const roomId = String(made.body.room_id);
  const links = [
    '<a href="https://evil.example/x">https://interieur.example</a>',
    '<a href="https://evil.example/x">le formulaire</a>',
    '<a href="https://evil.example/x">https://interieur.example@evil.example/x</a>',
    '<a href="https://\u0430\u0440\u0440\u04cf\u0435.example/">https://\u0430\u0440\u0440\u04cf\u0435.example</a>',
    '<a href="https://evil.example/x">evil.example/x</a>',
    '<a href="mailto:evil@evil.example">le ministre</a>',
    `<a href="https://matrix.to/#/@${other}:localhost">Le ministre</a>`,
  ];
  const bodies = [...CORPUS, ...links, '<b>fin</b>'];
  for (const [i, html] of bodies.entries())
    await call(stage, token, 'PUT', `/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${i}`, {
      msgtype: 'm.text',
      body: html,
      format: 'org.matrix.custom.html',
      formatted_body: html,
    });
  await camille.getByRole('link', { name: /Salon/ }).click();
  await camille.getByRole('button', { name: 'Rejoindre' }).click();
  await talk(camille).locator('b', { hasText: 'fin' }).waitFor();
  const page = await talk(camille).evaluate((element) => ({
    broken: (window as unknown as { broken?: number }).broken,
    tags: element.querySelectorAll(
      'script,iframe,form,input,base,style,math,[onclick],[onerror],[style],.house',
    ).length,
    links: [...element.querySelectorAll('.talk__text a[href]')].map((a) => [
      a.getAttribute('href'),
      a.textContent,
    ]),
    mentions: [...element.querySelectorAll('.talk__mention')].map((a) => a.textContent),
    roots: document.querySelectorAll('#root').length,
  }));
  expect(page).toEqual({
    broken: undefined,
    tags: 0,
    links: [
      ['https://evil.example/x', 'https://interieur.example (evil.example)'],
      ['https://evil.example/x', 'le formulaire (evil.example)'],
      ['https://evil.example/x', 'https://interieur.example@evil.example/x (evil.example)'],
      [
        'https://\u0430\u0440\u0440\u04cf\u0435.example/',
        expect.stringContaining('(xn--80ak6aa92e.example)'),
      ],
      ['https://evil.example/x', 'evil.example/x'],
      ['mailto:evil@evil.example', 'le ministre (evil@evil.example)'],
    ],
    mentions: [`@${other}`],
    roots: 1,
  });
  // Chromium reports what the policy stopped while the sanitiser parsed it apart: a second wall, not a fault.
  const walls = /^policy: (script-src-attr inline|style-src-(attr|elem) inline|base-uri https:\/\/evil)/;
  faults.splice(0, faults.length, ...faults.filter((fault) => !walls.test(fault)));
});
