// SPDX-License-Identifier: EUPL-1.2
// [UX-14] Web Push from end to end: the server seals and sends, a push service of ours takes it, what it
// took is opened with the browser's secrets and brought to the service worker by the debugger. Only the
// browser's own push service, which Debian's Chromium lacks, is replaced.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, tokenOf } from './src/api.ts';
import { PushService } from './src/push-service.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive, begin, signOut } from './src/steps.ts';
import { composer, say } from './src/talk.ts';
import { deliverPush, shown, workerReady } from './src/worker.ts';

const service = new PushService();
beforeAll(() => service.start());
afterAll(() => service.stop());
const stage = onStage({ set: { 'push.allow': '127.0.0.0/8' } });
const WAIT = { timeout: 60_000 };
const part = (page: Page) => page.getByRole('region', { name: 'Notifications', exact: true });

/** The n-th push that was taken, opened. */
async function taken(n: number): Promise<string> {
  await expect.poll(() => service.taken.length, WAIT).toBeGreaterThanOrEqual(n);
  const push = service.taken[n - 1];
  expect(push?.encoding).toBe('aes128gcm');
  expect(push?.authorization).toMatch(/^vapid t=[\w-]+\.[\w-]+\.[\w-]+, ?k=[\w-]+$/);
  return push ? service.open(push) : '';
}

async function pushers(name: string): Promise<unknown[]> {
  const { body } = await call(stage, await tokenOf(stage, name), 'GET', '/pushers');
  return body.pushers as unknown[];
}

test('[UX-14] a test arrives or names its fault, a message is told with identifiers only, sign-out ends it', async () => {
  // A second try is not given what the first one was sent.
  service.taken.length = 0;
  service.status = 201;
  const camille = await stage.person();
  const alix = await stage.person();
  const names = { camille: newName('camille'), alix: newName('alix') };
  await service.serve(camille.context);
  await camille.context.grantPermissions(['notifications']);
  await arrive(camille.page, names.camille);
  await arrive(alix.page, names.alix);
  const { page } = camille;
  await workerReady(page);
  await page.getByRole('link', { name: 'Réglages' }).click();
  await part(page).getByRole('button', { name: 'Recevoir un test' }).click();
  await deliverPush(page, await taken(1));
  await part(page).getByText('Le test est arrivé').waitFor();
  await part(page).getByText('même quand la messagerie est fermée').first().waitFor();

  await begin(alix.page, 'Écrire à un collègue');
  await alix.page.getByLabel('Nom, ministère ou identifiant').fill(names.camille);
  await alix.page.getByRole('button', { name: `Écrire à ${names.camille}` }).click();
  await composer(alix.page).waitFor();
  await page.getByRole('link', { name: new RegExp(`${names.alix} vous invite`) }).click();
  await page.getByRole('button', { name: 'Rejoindre' }).click();
  await composer(page).waitFor();
  const before = service.taken.length;
  await page.close();
  const beside = await camille.context.newPage();
  await beside.goto('/icon.svg');
  await say(alix.page, 'un secret');
  // An invitation calls as well, and may be told before.
  let text = '';
  await expect
    .poll(async () => {
      const all = await Promise.all(service.taken.map((_, i) => taken(i + 1)));
      text = all.slice(before).find((one) => one.includes('event_id')) ?? '';
      return text;
    }, WAIT)
    .not.toBe('');
  expect(text).not.toContain('secret');
  expect(text).not.toContain(names.alix);
  await deliverPush(beside, text);
  await expect
    .poll(async () => (await shown(beside)).map((one) => one.title), WAIT)
    .toContain('Nouveau message');

  const again = await camille.context.newPage();
  await again.goto('/');
  await again.getByRole('link', { name: 'Réglages' }).click();
  service.status = 410;
  await part(again).getByRole('button', { name: 'Recevoir un test' }).click();
  await part(again).getByText('Le navigateur s’est désabonné.').waitFor();
  await part(again).getByText('Envoi par votre messagerie ne fonctionne pas').waitFor();
  service.status = 201;
  await part(again).getByRole('button', { name: 'Désactiver les notifications' }).click();
  await part(again).getByRole('button', { name: 'Activer les notifications' }).click();
  await part(again).getByText('même quand la messagerie est fermée').first().waitFor();
  expect(await pushers(names.camille)).toHaveLength(1);
  await signOut(again);
  await again.getByRole('heading', { name: 'Se connecter' }).waitFor();
  expect(await pushers(names.camille)).toEqual([]);
});
