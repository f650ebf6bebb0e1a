// SPDX-License-Identifier: EUPL-1.2

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ROOT } from '../api/src/paths.ts';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage, PASSWORD, Stage } from './src/stage.ts';
import { arrive, begin, readCode, signOut } from './src/steps.ts';
import { say, talk } from './src/talk.ts';

const OPERATOR = 'Ministère de la Transition écologique';
const stage = onStage({ set: { 'operator.name': OPERATOR } });
const WEB = `${ROOT}/build/web`;

test('an agent makes an account, leaves, and comes back', async () => {
  const { page } = await stage.person();
  const name = newName('camille');
  await page.goto('/');
  await page.getByRole('link', { name: 'Créer mon compte' }).click();
  await arrive(page, name);
  await signOut(page);
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  await page.getByLabel('Identifiant ou adresse professionnelle').fill(` ${name.toUpperCase()} `);
  await page.getByLabel('Mot de passe', { exact: true }).fill('un autre mot de passe');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Identifiant ou mot de passe incorrect').waitFor();
  await page.getByText('Code à donner à l’assistance : M_FORBIDDEN-403').waitFor();
  await expectAccessible(page);
  await page.getByLabel('Mot de passe', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Plus tard' }).click();
  await page.getByRole('link', { name: 'Réglages' }).waitFor();

  // A reload, and a later visit, need no password.
  await page.reload();
  await page.getByRole('link', { name: 'Réglages' }).or(page.getByText('Retrouvez')).first().waitFor();
});

test('the first screen: accessible, by keyboard alone, at every size', async () => {
  const { page } = await stage.person();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  await shoot(page, 'arrival');
  await expectAccessible(page);
  for (const width of [320, 390, 820, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoSideways(page);
  }
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Aller au contenu');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('camille');
  await page.keyboard.press('Enter');
  // The form says what is missing and goes there.
  const focused = page.locator(':focus');
  expect(await focused.getAttribute('name')).toBe('password');
  expect(await focused.getAttribute('aria-invalid')).toBe('true');
  await expectAccessible(page);
});

test('who runs the service is said before one signs in, where the server says so', async () => {
  const { page } = await stage.person('phone');
  await page.goto('/');
  await page.getByText(`Opérateur du service : ${OPERATOR}`).waitFor();
  await expectNoSideways(page);
  await page.route('**/.well-known/matrix/client', (route) => route.fulfill({ json: {} }));
  await page.reload();
  // What this form shows comes after the same answer.
  await page.getByRole('link', { name: 'Créer mon compte' }).click();
  await page.getByLabel('Identifiant').waitFor();
  expect(await page.getByText('Opérateur du service').count()).toBe(0);
});

test('an account is made with the code that one was given, where the server asks for one', async () => {
  const apart = new Stage();
  await apart.open({ set: { 'registration.mode': 'token' } });
  try {
    const code = (await apart.program.command('token', 'add', '--uses', '1')).trim();
    const { page } = await apart.person('phone');
    await page.goto('/#/inscription');
    await page.getByLabel('Code d’invitation').fill('un autre');
    await page.getByLabel('Identifiant').fill('nour');
    await page.getByLabel('Mot de passe', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Créer mon compte' }).click();
    await page.getByRole('alert').getByText('Ce code d’invitation n’est pas reconnu').waitFor();
    await shoot(page, 'sign-up-code');
    await expectAccessible(page);
    await expectNoSideways(page);
    await page.getByLabel('Code d’invitation').fill(` ${code} `);
    await page.getByRole('button', { name: 'Créer mon compte' }).click();
    await readCode(page);
  } finally {
    await apart.close();
  }
});

test('appearance and language are chosen before signing in, and kept', async () => {
  const { page } = await stage.person();
  await page.goto('/');
  await page.getByLabel('Apparence').selectOption('Contraste élevé');
  await page.getByLabel('Langue').selectOption('English');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await page.evaluate(() => ({ ...document.documentElement.dataset }))).toEqual({
    theme: 'contrast',
    size: 'normal',
  });
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
});

test('[UX-19] a second tab says that the first has it, and can take over', async () => {
  const { page, context } = await stage.person();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  const second = await context.newPage();
  await second.goto('/');
  await second.getByRole('heading', { name: 'Ouvert dans un autre onglet' }).waitFor();
  await expectAccessible(second);
  await second.getByRole('button', { name: 'Utiliser ici' }).click();
  await second.getByRole('heading', { name: 'Se connecter' }).waitFor();
  await page.getByRole('heading', { name: 'La messagerie continue dans un autre onglet' }).waitFor();
});

test('[UX-22] a server that does not answer, or answers rubbish, is said in words (WEB-07)', async () => {
  const { page } = await stage.person();
  await page.goto('/');
  await page.getByLabel('Identifiant ou adresse professionnelle').fill('camille');
  await page.getByLabel('Mot de passe', { exact: true }).fill(PASSWORD);
  await page.route('**/_matrix/**', (route) => route.abort());
  await page.keyboard.press('Enter');
  await page.getByText('Le serveur ne répond pas.').waitFor();
  await page.unroute('**/_matrix/**');
  await page.route('**/_matrix/**', (route) => route.fulfill({ status: 200, body: '<html>portail captif' }));
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByText('Le serveur a donné une réponse illisible.').waitFor();
  await page.unroute('**/_matrix/**');
});

test('[WEB-05] the page refuses to be framed, and its policy lets nothing inline or foreign in', async () => {
  const answer = await fetch(`${stage.program.url}/`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|data:|https?:|\*/);
  expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
});

/** Of scripts that a page has loaded, as they travel. */
async function weightOf(page: Page): Promise<number> {
  const names = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  const paths = new Set(names.map((name) => new URL(name).pathname).filter((path) => path.endsWith('.js')));
  expect(paths.size).toBeGreaterThan(0);
  return [...paths].reduce((sum, path) => sum + readFileSync(`${WEB}${path}.gz`).length, 0);
}

test('scripts weigh at most 120 kB before the first screen, 420 kB more before the first message, 800 kB in all', async () => {
  const { page, asked } = await stage.person();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  const first = await weightOf(page);
  expect(first).toBeLessThanOrEqual(120_000);
  const all = asked.filter((url) => /\.(js|css|woff2)$|\/$/.test(new URL(url).pathname));
  expect(all.length).toBeLessThanOrEqual(8);

  await page.evaluate(() => performance.setResourceTimingBufferSize(1000));
  await arrive(page, newName('camille'));
  await begin(page, 'Créer un salon');
  await page.getByLabel(/^Nom du salon/).fill('Poids');
  await page.getByRole('button', { name: 'Créer le salon' }).click();
  await say(page, 'un message');
  await talk(page).getByText('un message').waitFor();
  expect((await weightOf(page)) - first).toBeLessThanOrEqual(420_000);

  const scripts = readdirSync(`${WEB}/assets`).filter((file) => file.endsWith('.js.gz'));
  const whole = scripts.reduce((sum, file) => sum + readFileSync(`${WEB}/assets/${file}`).length, 0);
  expect(whole).toBeLessThanOrEqual(800_000);
});

test('the cryptography is a file of its own, and inlined nowhere', () => {
  const files = readdirSync(`${WEB}/assets`);
  const wasm = files.filter((file) => file.endsWith('.wasm'));
  expect(wasm).toHaveLength(1);
  expect(files).toContain(`${wasm[0]}.br`);
  const chunks = files.filter((file) => file.endsWith('.js.gz'));
  expect(chunks.length).toBeGreaterThan(0);
  for (const file of chunks) {
    const text = gunzipSync(readFileSync(`${WEB}/assets/${file}`)).toString('latin1');
    // A module inlined as base64 begins so.
    expect(text, file).not.toContain('AGFzbQ');
  }
});

test('[UX-5] a second visit loads nothing again but the page', async () => {
  const { page } = await stage.person();
  const visit = async (address: string) => {
    await page.goto(address);
    await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    return page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter((entry) => entry.name.includes('/assets/'))
        .map((entry) => entry.transferSize > 0),
    );
  };
  const first = await visit('/');
  expect(first.length).toBeGreaterThan(2);
  expect(first).not.toContain(false);
  const second = await visit('/?again');
  expect(second.length).toBe(first.length);
  expect(second).not.toContain(true);
});

test('no file of the State’s design system is in the default build', () => {
  for (const entry of readdirSync(WEB, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
    const text = readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8');
    expect(text, entry.name).not.toMatch(/Marianne|DSFR v|République française/);
  }
});
