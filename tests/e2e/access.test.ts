// SPDX-License-Identifier: EUPL-1.2
// [UX-16] [UX-17] [UX-18] What axe does not see: keys, the order of the focus, the tree that a screen reader
// reads, zoom, spacing, movement, titles and language.
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive, signIn } from './src/steps.ts';
import { composer, pair, say, talk } from './src/talk.ts';

const stage = onStage();

let camille: Page;
let alix: Page;
let names: { camille: string; alix: string };
beforeAll(async () => {
  ({ camille, alix, names } = await pair(stage));
  await say(alix, 'Bonjour');
  await talk(camille).getByText('Bonjour').waitFor();
});

/** What stands at the focus, as it is called. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null;
    const label = at?.getAttribute('aria-label') ?? (at as HTMLInputElement | null)?.labels?.[0]?.textContent;
    return (label ?? at?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
  });

async function tabbed(page: Page, steps: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < steps; i++) {
    await page.keyboard.press('Tab');
    names.push(await focused(page));
  }
  return names;
}

/** The tree without what changes from one run to the next. */
async function tree(page: Page, selector: string): Promise<string> {
  const text = await page.locator(selector).ariaSnapshot();
  return text
    .replaceAll(names.camille, 'Camille')
    .replaceAll(names.alix, 'Alix')
    .replaceAll(/\d{2}:\d{2}/g, 'HH:MM')
    .replaceAll(/\n\s*- \/url: .*/g, '')
    .replaceAll(/^\s*- status.*\n?/gm, '')
    .replaceAll(/(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) \d+(er)? \S+ \d{4}/gi, 'JOUR');
}

test('[UX-16] the focus goes in the order of reading, before one is in and after', async () => {
  const { page } = await stage.person();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  expect(await tabbed(page, 12)).toEqual([
    'Aller au contenu',
    'Identifiant ou adresse professionnelle',
    'Mot de passe',
    'Afficher le mot de passe',
    'Se connecter',
    'Mot de passe oublié ?',
    'Créer mon compte',
    'Apparence',
    'Langue',
    'Déclaration d’accessibilité',
    'Mentions légales',
    'Données personnelles',
  ]);
  await camille.reload();
  await camille.getByRole('heading', { name: names.alix }).waitFor();
  const order = await tabbed(camille, 15);
  expect(order.slice(0, 4)).toEqual([
    'Aller au contenu',
    'Rechercher',
    'Nouvelle conversation',
    'Filtrer les conversations',
  ]);
  const at = (name: RegExp) => order.findIndex((one) => name.test(one));
  expect(at(new RegExp(names.alix))).toBeLessThan(at(/Réglages/));
  expect(at(/Réglages/)).toBeLessThan(at(/^Profil/));
  expect(at(/^Profil/)).toBeLessThan(at(/^Messages\s: /));
});

test('[UX-16] F6 goes from zone to zone, Ctrl+K anywhere, ? lists the keys, and each is switched off', async () => {
  await composer(camille).focus();
  await camille.keyboard.press('F6');
  await expect.poll(() => focused(camille)).toBe('Rechercher');
  await camille.keyboard.press('Shift+F6');
  await expect.poll(() => focused(camille)).toBe(`Message à ${names.alix}`);

  await camille.getByRole('link', { name: /Réglages/ }).click();
  await camille.getByRole('heading', { name: 'Réglages', exact: true }).waitFor();
  await camille.keyboard.press('Control+k');
  await camille.getByRole('dialog', { name: 'Rechercher' }).waitFor();
  await camille.keyboard.type(names.alix.toUpperCase());
  expect(await camille.getByRole('combobox', { name: 'Personne, conversation' }).inputValue()).toBe(
    names.alix.toUpperCase(),
  );
  await camille
    .getByRole('option', { name: new RegExp(names.alix) })
    .first()
    .waitFor();
  await shoot(camille, 'search-name');
  await expectAccessible(camille);
  await camille.keyboard.press('Enter');
  await camille.getByRole('dialog').waitFor({ state: 'detached' });
  await camille.getByRole('heading', { name: names.alix }).waitFor();

  // In a field it is a letter like another.
  await composer(camille).press('?');
  expect(await composer(camille).inputValue()).toBe('?');
  await composer(camille).fill('');
  await camille.getByRole('heading', { name: names.alix }).focus();
  await camille.keyboard.press('?');
  const help = camille.getByRole('dialog', { name: 'Raccourcis clavier' });
  await help.waitFor();
  await shoot(camille, 'keys');
  await expectAccessible(camille);
  await help.getByLabel('Cette liste').uncheck();
  await camille.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await camille.keyboard.press('?');
  await camille.keyboard.press('Control+k');
  await camille.getByRole('dialog', { name: 'Rechercher' }).waitFor();
  expect(await help.count()).toBe(0);
  await camille.keyboard.press('Escape');
});

test('[UX-16] what may be begun is in one menu, in words, gone through with the arrows', async () => {
  await camille.goto('/#/');
  await camille.getByRole('heading', { name: 'Bienvenue' }).waitFor();
  await camille.getByRole('button', { name: 'Nouvelle conversation' }).focus();
  await camille.keyboard.press('Enter');
  await expect.poll(() => focused(camille)).toBe('Écrire à un collègue');
  const items = await camille.getByRole('menuitem').allTextContents();
  expect(items).toEqual([
    'Écrire à un collègue',
    'Créer un salon',
    'Trouver un salon public',
    'Créer un espace',
  ]);
  await shoot(camille, 'new');
  await expectAccessible(camille);
  await camille.setViewportSize({ width: 320, height: 400 });
  await expectNoSideways(camille);
  await camille.setViewportSize({ width: 1280, height: 800 });
  await camille.keyboard.press('ArrowUp');
  await expect.poll(() => focused(camille)).toBe('Créer un espace');
  await camille.keyboard.press('Enter');
  const dialog = camille.getByRole('dialog', { name: 'Créer un espace' });
  await dialog.getByText('on n’y écrit pas').waitFor();
  expect(await dialog.getByRole('radio').count()).toBe(0);
  await expectAccessible(camille);
  await camille.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // Back to where one was.
  await expect.poll(() => focused(camille)).toBe('Nouvelle conversation');
  await camille.getByRole('link', { name: new RegExp(names.alix) }).click();
  await camille.getByRole('heading', { name: names.alix }).waitFor();
});

test('[UX-17] a conversation read by its tree: landmarks, one heading, messages with author and hour', async () => {
  const { page } = await stage.person();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  expect(await tree(page, 'main')).toMatchInlineSnapshot(`
    "- main:
      - region "Se connecter":
        - heading "Se connecter" [level=1]
        - text: Identifiant ou adresse professionnelle
        - paragraph: "ex. : prenom.nom@ministere.fr"
        - textbox "Identifiant ou adresse professionnelle"
        - text: Mot de passe
        - textbox "Mot de passe"
        - checkbox "Afficher le mot de passe"
        - text: Afficher le mot de passe
        - button "Se connecter"
        - paragraph:
          - link "Mot de passe oublié ?":
        - paragraph: Première visite ?
        - link "Créer mon compte":
        - paragraph: Avec votre adresse professionnelle"
  `);
  expect(await tree(camille, 'main .talk')).toMatchInlineSnapshot(`
    "- 'region "Messages : Alix"':
      - paragraph: Début de la conversation
      - list:
        - listitem: JOUR
        - listitem: Vous avez ouvert cette conversation · Les messages sont chiffrés · Vous avez invité Alix · Alix a rejoint la conversation
        - listitem:
          - paragraph:
            - text: Alix
            - time: HH:MM
          - paragraph: Bonjour
          - button "Actions sur le message écrit par Alix""
  `);
  expect(await tree(camille, '.compose')).toMatchInlineSnapshot(`
    "- text: Message à Alix
    - textbox "Message à Alix"
    - button "Envoyer" [disabled]
    - button "Joindre un fichier"
    - button "Insérer un symbole"
    - button "Enregistrer un message vocal"
    - button "Mise en forme"
    - paragraph: Entrée envoie, Maj + Entrée passe à la ligne."
  `);
  for (const [role, least] of [
    ['navigation', 1],
    ['main', 1],
  ] as const)
    expect(await camille.getByRole(role).count(), role).toBe(least);
  expect(await camille.getByRole('heading', { level: 1 }).count()).toBe(1);
});

test('[UX-18] 200 % of zoom, text spacing and 320 px hide nothing and scroll one way only', async () => {
  const shown = (role: 'heading' | 'textbox', name: string | RegExp) =>
    camille.getByRole(role, { name }).first().waitFor();
  const screens: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['list', () => camille.goto('/#/'), () => shown('heading', 'Bienvenue')],
    [
      'conversation',
      () => camille.getByRole('link', { name: new RegExp(names.alix) }).click(),
      () => shown('textbox', `Message à ${names.alix}`),
    ],
    [
      'person',
      () => camille.getByRole('button', { name: 'Profil' }).click(),
      () => shown('heading', 'Profil'),
    ],
    ['settings', () => camille.goto('/#/reglages'), () => shown('heading', 'Appareils')],
  ];
  for (const [name, open, there] of screens) {
    await camille.setViewportSize({ width: 1280, height: 800 });
    await open();
    await there();
    // Half of what a window of 1280 by 800 shows, and the narrowest that the law names.
    for (const width of [640, 320]) {
      await camille.setViewportSize({ width, height: 400 });
      await expectNoSideways(camille);
    }
    // WCAG 1.4.12. A style sheet of the page's own objects: the policy lets no other in.
    await camille.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }' +
          'p { margin-bottom: 2em !important }',
      );
      document.adoptedStyleSheets = [sheet];
    });
    await expectNoSideways(camille);
    const cut = await camille.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a, label, h1, h2')]
        .filter((one) => one.getClientRects().length > 0 && getComputedStyle(one).textOverflow !== 'ellipsis')
        .filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 2)
        .map((one) => one.textContent),
    );
    expect(cut, name).toEqual([]);
    await camille.evaluate(() => {
      document.adoptedStyleSheets = [];
    });
  }
  await camille.setViewportSize({ width: 1280, height: 800 });
});

test('[UX-18] who asks for less movement sees none', async () => {
  const { page } = await stage.person();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/');
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((one) => {
        const { animationDuration, transitionDuration } = getComputedStyle(one);
        return [animationDuration, transitionDuration].some((time) => Number.parseFloat(time) > 0.001);
      }).length,
  );
  expect(moving).toBe(0);
});

test('each screen has a title of its own, and the page its language', async () => {
  const { page } = await stage.person();
  for (const [address, title] of [
    ['/', 'Se connecter — Chappe'],
    ['/#/inscription', 'Créer un compte — Chappe'],
    ['/#/mot-de-passe', 'Mot de passe oublié — Chappe'],
  ] as const) {
    await page.goto(address);
    await expect.poll(() => page.title(), { timeout: 60_000 }).toBe(title);
  }
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('fr');
  await page.getByLabel('Langue').selectOption('English');
  await expect.poll(() => page.title()).toBe('Forgotten password — Chappe');
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  await camille.goto('/#/reglages');
  await expect.poll(() => camille.title()).toMatch(/Réglages — Chappe$/);
  await camille.getByRole('link', { name: new RegExp(`^${names.alix}`) }).click();
  await expect.poll(() => camille.title()).toMatch(new RegExp(`${names.alix} — Chappe$`));
});

test('[UX-18] on a phone the list and the conversation take turns, and the first doors are in the list', async () => {
  const { page } = await stage.person('phone');
  await arrive(page, newName('mobile'));
  await page.getByRole('heading', { name: 'Bienvenue' }).waitFor();
  await shoot(page, 'welcome-list');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Écrire à un collègue' }).click();
  await page.getByLabel('Nom, ministère ou identifiant').fill(names.camille);
  await page.getByRole('button', { name: `Écrire à ${names.camille}` }).click();
  await composer(page).waitFor();
  const row = page.getByRole('link', { name: new RegExp(`^${names.camille}`) });
  expect(await row.count()).toBe(0);
  await say(page, 'Depuis mon téléphone');
  await talk(page).getByText('Depuis mon téléphone').waitFor();
  await expectAccessible(page);
  await expectNoSideways(page);
  await page.getByRole('link', { name: 'Retour' }).click();
  await row.waitFor();
  expect(await composer(page).count()).toBe(0);
});

test('[UX-25] the first steps are put away once, for good and on all devices', async () => {
  const first = await stage.person();
  const name = newName('nouveau');
  await arrive(first.page, name);
  const card = (page: Page) => page.getByRole('button', { name: /^Trouver un salon public Les sujets/ });
  await card(first.page).waitFor();
  await first.page.getByRole('button', { name: 'Ne plus afficher ces conseils' }).click();
  await first.page.getByRole('heading', { name: 'Choisissez une conversation' }).waitFor();
  const second = await stage.person();
  await signIn(second.page, name);
  await second.page.getByRole('button', { name: 'Plus tard' }).click();
  await second.page.getByRole('heading', { name: 'Choisissez une conversation' }).waitFor();
  expect(await card(second.page).count()).toBe(0);
});

test('the pages that are owed are one click away, before one is in and after', async () => {
  const { page } = await stage.person();
  await page.goto('/');
  for (const at of [page, camille]) {
    if (at === camille) await camille.goto('/#/reglages');
    const links = at.getByRole('list', { name: 'Informations légales et aide' }).getByRole('link');
    await links.first().waitFor();
    const addresses = await links.evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
    expect(addresses).toHaveLength(5);
    for (const address of addresses) {
      const answer = await fetch(address.replace('localhost', '127.0.0.1'));
      expect(answer.status, address).toBe(200);
      expect(await answer.text()).toContain('<html lang="fr"');
    }
  }
});
