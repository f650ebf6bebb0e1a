// SPDX-License-Identifier: EUPL-1.2
// [UX-14] Being told: with the page open, closed, and what a notification says.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage } from './src/stage.ts';
import { arrive, begin } from './src/steps.ts';
import { composer, pair, say, talk } from './src/talk.ts';
import { chooseNotification, deliverPush, shown, workerReady } from './src/worker.ts';

const stage = onStage();
const WAIT = { timeout: 60_000 };
const part = (page: Page) => page.getByRole('region', { name: 'Notifications', exact: true });

async function toSettings(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Réglages' }).click();
  await page.getByRole('heading', { name: 'Réglages' }).waitFor();
}

// Long: all that one chooses, one after the other, between the same two people.
test('[UX-14] [WEB-06] notifications are explained, turned on, say nothing of a message unless one wants it, and lead to it', {
  timeout: 240_000,
}, async () => {
  const { camille, alix, names } = await pair(stage);
  const context = camille.context();
  await context.grantPermissions(['notifications']);
  await toSettings(camille);
  await part(camille).getByText('Votre navigateur va vous demander son accord.').waitFor();
  await shoot(camille, 'notifications-off');
  await expectAccessible(camille);
  await part(camille).getByRole('button', { name: 'Activer les notifications' }).click();
  await part(camille)
    .getByText(/^Les notifications sont activées/)
    .waitFor();
  await workerReady(camille);

  await say(alix, 'un secret');
  const told = async () => (await shown(camille)).map(({ title, body }) => `${title} / ${body}`);
  await expect.poll(told, WAIT).toEqual(['Nouveau message / Ouvrez la messagerie pour le lire.']);

  await part(camille).getByLabel('Montrer les noms et le texte des messages').check();
  await expectAccessible(camille);
  for (const width of [320, 390]) {
    await camille.setViewportSize({ width, height: 800 });
    await expectNoSideways(camille);
  }
  await shoot(camille, 'notifications-on');
  await camille.setViewportSize({ width: 1280, height: 800 });
  await say(alix, 'un autre');
  await expect.poll(told, WAIT).toEqual([`${names.alix} / un autre`]);

  // It leads to the conversation; what is read there calls no more.
  const [{ tag }] = await shown(camille);
  await chooseNotification(context, tag);
  await talk(camille).getByText('un autre').waitFor();
  await expect.poll(told, WAIT).toEqual([]);

  // What one looks at does not call.
  await say(alix, 'sous les yeux');
  await talk(camille).getByText('sous les yeux').waitFor();
  await camille.getByText(`${names.alix} écrit…`).waitFor({ state: 'detached' });
  expect(await told()).toEqual([]);

  // Quiet hours: all day but for a minute that is long in coming. Nothing calls in them.
  await toSettings(camille);
  await part(camille).getByLabel('Heures calmes').click();
  const [from, until] = await camille.evaluate(() =>
    [30, 29].map((minutes) => new Date(Date.now() + minutes * 60_000).toTimeString().slice(0, 5)),
  );
  await part(camille)
    .getByLabel('De', { exact: true })
    .fill(from ?? '');
  await part(camille)
    .getByLabel('À', { exact: true })
    .fill(until ?? '');
  // The page scrolls inside its frame, and not the window.
  expect(await camille.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  await shoot(camille, 'quiet-hours');
  await expectAccessible(camille);
  for (const width of [320, 390]) {
    await camille.setViewportSize({ width, height: 800 });
    await expectNoSideways(camille);
  }
  await camille.setViewportSize({ width: 1280, height: 800 });
  await say(alix, 'dans la nuit');
  await camille.getByRole('link', { name: /dans la nuit/ }).waitFor();
  expect(await told()).toEqual([]);
  await part(camille).getByLabel('Heures calmes').click();

  // A choice for all devices; by mentions alone, an ordinary message does not call.
  await part(camille).getByLabel('Me prévenir').selectOption('Des mentions seulement');
  await part(camille).getByText('Enregistré').waitFor();
  await say(alix, 'sans bruit');
  await camille.getByRole('link', { name: /sans bruit/ }).waitFor();
  expect(await told()).toEqual([]);

  // Quiet again, with the page closed: the worker knows the hours too, and what comes makes no sound.
  await part(camille).getByLabel('Heures calmes').click();
  await expect.poll(() => part(camille).getByLabel('Heures calmes').isChecked(), WAIT).toBe(true);
  const beside = await context.newPage();
  await beside.goto('/icon.svg');
  const known = () =>
    beside.evaluate(async () => (await (await caches.open('chappe-choices')).match('/quiet'))?.text());
  await expect.poll(known, WAIT).toContain('"on":true');
  await camille.close();
  await deliverPush(beside, JSON.stringify({ event_id: '$1', room_id: tag, counts: { unread: 1 } }));
  await expect.poll(async () => (await shown(beside)).length, WAIT).toBe(1);
  expect(
    await beside.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration('/');
      return (await registration?.getNotifications())?.map(({ silent }) => silent);
    }),
  ).toEqual([true]);
});

test('[UX-14] a push while the page is closed: the number of messages, no name and no text; it opens the room', async () => {
  const { page, context } = await stage.person();
  await context.grantPermissions(['notifications']);
  await arrive(page, newName('camille'));
  await begin(page, 'Créer un salon');
  await page.getByLabel('Nom du salon').fill('Veille');
  await page.getByRole('button', { name: 'Créer le salon' }).click();
  await composer(page).waitFor();
  const roomId = decodeURIComponent(new URL(page.url()).hash.split('/')[2] ?? '');
  await workerReady(page);
  // A page of the server that is none of the client's.
  const beside = await context.newPage();
  await beside.goto('/icon.svg');
  await page.close();

  await deliverPush(
    beside,
    JSON.stringify({ event_id: '$1', room_id: roomId, counts: { unread: 3 }, prio: 'high' }),
  );
  await expect
    .poll(() => shown(beside), WAIT)
    .toEqual([{ title: 'Nouveau message', body: '3 messages non lus', tag: roomId }]);
  await deliverPush(beside, '<html>rien de connu</html>');
  await expect.poll(async () => (await shown(beside)).length, WAIT).toBe(2);

  const address = await chooseNotification(context, roomId);
  const again = await context.newPage();
  await again.goto(address ?? '');
  await again.getByRole('heading', { name: 'Veille' }).waitFor();
});

test('[UX-14] « Recevoir un test » names the link that does not hold', async () => {
  const { page, context } = await stage.person();
  await arrive(page, newName('camille'));
  await workerReady(page);
  await toSettings(page);
  // Headless, the browser answers no to a question that nobody can be asked.
  await part(page).getByRole('button', { name: 'Recevoir un test' }).click();
  await part(page).getByRole('alert').getByText('Le navigateur refuse les notifications').waitFor();
  await part(page).getByText('Accord du navigateur ne fonctionne pas').waitFor();
  await shoot(page, 'notifications-test');
  await expectAccessible(page);
  // Debian's Chromium has no push service to subscribe to: the test says that, and not something else.
  await context.grantPermissions(['notifications']);
  await part(page).getByRole('button', { name: 'Recevoir un test' }).click();
  await part(page).getByText('Travail en arrière-plan fonctionne').waitFor();
});
