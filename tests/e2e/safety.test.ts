// SPDX-License-Identifier: EUPL-1.2
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { forge } from '../api/src/forged.ts';
import { type Answer, call, tokenOf } from './src/api.ts';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { forgetCamera, holdBeforeCamera } from './src/camera.ts';
import { shoot } from './src/shots.ts';
import { newName, onStage, PASSWORD } from './src/stage.ts';
import { arrive, readCode, signIn, signOut, signUp } from './src/steps.ts';
import { copied } from './src/stored.ts';
import { act, inMenu, pair, say, talk } from './src/talk.ts';

const stage = onStage();
afterAll(forgetCamera);

/** What the server keeps for an account, asked as another device would. */
const ask = async (name: string, path: string): Promise<Answer> =>
  call(stage, await tokenOf(stage, name), 'GET', path);

const DOUBTS = /^(Non chiffré|Appareil non confirmé|Auteur non garanti|Reçu deux fois)$/;

const letters = (text: string) => text.replace(/\s/g, '');

test('[UX-2] a new account is protected without a question, and its code offered for safekeeping', async () => {
  const { page } = await stage.person();
  const name = newName('camille');
  await signUp(page, name);
  const code = await readCode(page);
  expect(letters(code)).toMatch(/^[1-9A-Za-z]{48}$/);
  await shoot(page, 'code');
  await expectAccessible(page);

  // The keyboard alone: from the title to the first button.
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('safety-title');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Code copié.').waitFor();
  expect(letters(await page.evaluate(() => navigator.clipboard.readText()))).toBe(letters(code));

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Télécharger' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('code-de-recuperation-chappe.txt');
  expect(letters(await readFile(await file.path(), 'utf8'))).toContain(letters(code));

  // What the browser's manager is given stands beside the password of the account, and not in its place.
  await page.evaluate(() => {
    navigator.credentials.store = (given: Credential) => {
      document.title = JSON.stringify([given.id, (given as Credential & { password: string }).password]);
      return Promise.resolve();
    };
  });
  await page.getByRole('button', { name: 'Envoyer vers mon gestionnaire' }).click();
  await page.getByRole('status').getByText('Votre gestionnaire de mots de passe propose').waitFor();
  const [kept, password] = JSON.parse(await page.title()) as [string, string];
  expect(kept).toMatch(new RegExp(`^@${name}:.* \\(code de récupération\\)$`));
  expect(letters(password)).toBe(letters(code));

  const backup = await ask(name, '/room_keys/version');
  expect(backup.status).toBe(200);

  // Put off, it is not shown again the same day, and is still there.
  await page.getByRole('button', { name: 'Plus tard' }).click();
  await page.getByRole('heading', { name: 'Votre code de récupération' }).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('link', { name: 'Réglages' }).waitFor();
  await page.getByRole('heading', { name: 'Votre code de récupération' }).waitFor({ state: 'detached' });
});

test('[UX-3] a new device: a wrong code is said at once, the right one opens, pasted in pieces', async () => {
  const first = await stage.person();
  const name = newName('dominique');
  const code = await arrive(first.page, name);

  const { page } = await stage.person();
  await signIn(page, name);
  await page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor();
  await shoot(page, 'unlock');
  await expectAccessible(page);
  const field = page.getByLabel('Code de récupération');
  await field.fill('EsTc oops');
  await page.keyboard.press('Enter');
  await page.getByText('Ce code n’est pas le bon.').waitFor();
  await field.fill(`  ${letters(code).slice(0, 11)} - ${letters(code).slice(11)} `);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor({ state: 'detached' });

  // Never asked twice.
  await page.reload();
  await page.getByRole('link', { name: 'Réglages' }).waitFor();
  await page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor({ state: 'detached' });
});

const picturesOf = (page: Page) => page.getByRole('dialog').getByRole('listitem').allInnerTexts();

test('[UX-3] a new device: the pictures of both are compared', async () => {
  const first = await stage.person();
  const name = newName('alix');
  await arrive(first.page, name);
  const second = await stage.person();
  await signIn(second.page, name);
  await second.page.getByRole('button', { name: 'Comparer avec un autre appareil' }).click();
  await first.page.getByRole('button', { name: 'C’est moi, continuer' }).click();
  await second.page.getByRole('button', { name: 'Comparer des images' }).click();
  for (const { page } of [first, second])
    await page.getByText('Les deux appareils montrent-ils les mêmes images').waitFor();
  const pictures = await picturesOf(first.page);
  expect(pictures).toHaveLength(7);
  expect(await picturesOf(second.page)).toEqual(pictures);
  for (const picture of pictures) expect(picture).toMatch(/\p{Letter}{3}/u);
  await shoot(second.page, 'pictures');
  await expectAccessible(second.page);
  for (const { page } of [first, second])
    await page.getByRole('button', { name: 'Ce sont les mêmes' }).click();
  for (const { page } of [first, second]) {
    await page.getByText('C’est fait').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Fermer' }).last().click();
  }
  await second.page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor({ state: 'detached' });
});

test('[UX-3] a new device: it reads with its camera the code that the other shows', {
  timeout: 240_000,
}, async () => {
  const first = await stage.person();
  const name = newName('nour');
  await arrive(first.page, name);
  const second = await stage.person('phone');
  await second.context.grantPermissions(['camera']);
  await signIn(second.page, name);
  await second.page.getByRole('button', { name: 'Comparer avec un autre appareil' }).click();
  await first.page.getByRole('button', { name: 'C’est moi, continuer' }).click();
  const code = (page: Page) => page.getByRole('img', { name: 'Code que votre autre appareil peut lire' });
  for (const { page } of [first, second]) await code(page).waitFor();
  await shoot(first.page, 'qr-code');
  await expectAccessible(first.page);

  // The wrong one first: its own.
  await holdBeforeCamera(code(second.page));
  const read = second.page.getByRole('button', { name: 'Lire le code de l’autre appareil' });
  await read.focus();
  await second.page.keyboard.press('Enter');
  await second.page.getByText('Ce code n’est pas celui').waitFor();
  await shoot(second.page, 'qr-camera');
  await expectAccessible(second.page);
  await expectNoSideways(second.page);
  await second.page.getByRole('button', { name: 'Revenir à mon code' }).click();
  await code(second.page).waitFor();
  await holdBeforeCamera(code(first.page));
  await read.click();
  await second.page.getByText('Le code est reconnu').waitFor();
  await first.page.getByText('Un appareil vient de lire ce code').waitFor();
  await expectAccessible(first.page);
  await first.page.getByRole('button', { name: 'Oui, c’est le mien' }).click();
  for (const { page } of [first, second]) {
    await page.getByText('C’est fait').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Fermer' }).last().click();
  }
  await second.page.getByRole('heading', { name: 'Retrouvez vos messages' }).waitFor({ state: 'detached' });
});

test('[UX-3] before signing out, a code that is in no safe hands is shown, and its loss accepted in words', async () => {
  const { page } = await stage.person();
  await signUp(page, newName('dominique'));
  const code = await readCode(page);
  await page.getByRole('button', { name: 'Plus tard' }).click();
  await signOut(page);
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/ne pourront plus être lus/).waitFor();
  const shown = await dialog.getByRole('group', { name: 'Code de récupération' }).textContent();
  expect(letters(shown ?? '')).toBe(letters(code));
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Annuler' }).click();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await dialog.getByRole('button', { name: /^J’accepte de perdre mes messages chiffrés/ }).click();
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
});

test('a lost code: what is lost is said first, then two steps give a new one', async () => {
  const first = await stage.person();
  const name = newName('sacha');
  const code = await arrive(first.page, name);
  await signOut(first.page);
  await first.page.getByRole('heading', { name: 'Se connecter' }).waitFor();

  const { page } = await stage.person();
  await signIn(page, name);
  await page.getByRole('button', { name: 'Je n’ai plus mon code' }).click();
  await page.getByText('vos anciens messages chiffrés ne pourront plus être lus').waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'J’accepte de perdre mes anciens messages' }).click();
  await page.getByRole('textbox', { name: 'Mot de passe' }).fill('pas le bon');
  await page.keyboard.press('Enter');
  await page.getByText('Ce mot de passe n’est pas le bon.').waitFor();
  await page.getByRole('textbox', { name: 'Mot de passe' }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  const next = await readCode(page);
  expect(letters(next)).not.toBe(letters(code));
  expect((await ask(name, '/room_keys/version')).status).toBe(200);
});

test('a device whose owner starts again on another one writes nothing more, says why, and the new code lets it in', async () => {
  const { camille, alix, names } = await pair(stage);
  await say(alix, 'avant');
  await talk(camille).getByText('avant').waitFor();
  const other = await stage.person();
  await signIn(other.page, names.alix);
  await other.page.getByRole('button', { name: 'Je n’ai plus mon code' }).click();
  await other.page.getByRole('button', { name: 'J’accepte de perdre mes anciens messages' }).click();
  await other.page.getByRole('textbox', { name: 'Mot de passe' }).fill(PASSWORD);
  await other.page.keyboard.press('Enter');
  const code = await readCode(other.page);

  const title = alix.getByRole('heading', { name: 'Cet appareil n’est plus confirmé' });
  await title.waitFor();
  await shoot(alix, 'replaced');
  await expectAccessible(alix);
  await alix.getByRole('button', { name: 'Plus tard' }).click();
  await say(alix, 'de cet appareil');
  const held = row(alix, 'de cet appareil').getByRole('alert');
  await held.getByText('cet appareil n’est plus confirmé').waitFor();
  await shoot(alix, 'replaced-held');
  await expectAccessible(alix);

  await alix.getByRole('button', { name: 'Que faire ?' }).click();
  await alix.getByLabel('Code de récupération').fill(code);
  await alix.keyboard.press('Enter');
  await title.waitFor({ state: 'detached' });
  // It leaves by itself.
  await talk(camille).getByText('de cet appareil').waitFor();
  await held.waitFor({ state: 'detached' });
});

test('[WEB-06] what stays in the browser holds neither token nor code in the clear, and goes at sign-out', async () => {
  const { page } = await stage.person();
  const name = newName('charlie');
  let token = '';
  page.on('request', (request) => {
    token ||= request.headers().authorization?.replace('Bearer ', '') ?? '';
  });
  await signUp(page, name);
  const code = await readCode(page);
  expect(token).not.toBe('');
  const dump = () =>
    page.evaluate(async () => {
      const kept: unknown[] = [{ ...localStorage }, { ...sessionStorage }];
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(name!);
          opening.onsuccess = () => resolve(opening.result);
          opening.onerror = () => reject(opening.error);
        });
        for (const store of db.objectStoreNames) {
          const values = await new Promise<unknown[]>((resolve, reject) => {
            const asking = db.transaction(store).objectStore(store).getAll();
            asking.onsuccess = () => resolve(asking.result);
            asking.onerror = () => reject(asking.error);
          });
          const bytes = (value: unknown): string =>
            value instanceof ArrayBuffer || ArrayBuffer.isView(value)
              ? new TextDecoder().decode(value as ArrayBuffer)
              : '';
          kept.push([name, store, values, values.map(bytes)]);
        }
        db.close();
      }
      return JSON.stringify(kept);
    });
  const text = await dump();
  expect(text).toContain('chappe-vault');
  expect(text).not.toContain(token);
  expect(letters(text)).not.toContain(letters(code));
  await page.getByRole('button', { name: 'Je l’ai mis en lieu sûr' }).click();
  await signOut(page);
  await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
  const after = await dump();
  expect(after).not.toContain(name);
  expect(after).not.toContain('matrix-js-sdk');
});

/** Devices that stand in for one who has none. */
async function standIns(token: string, userId: string): Promise<number> {
  const answer = await fetch(`${stage.program.url}/_matrix/client/v3/keys/query`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify({ device_keys: { [userId]: [] } }),
  });
  const { device_keys: keys } = (await answer.json()) as {
    device_keys: Record<string, Record<string, { dehydrated?: boolean }>>;
  };
  return Object.values(keys[userId] ?? {}).filter(({ dehydrated }) => dehydrated).length;
}

test('[UX-3] [UX-4] what was sent while one had no device at all is readable at the next sign-in', async () => {
  const { camille, alix, names, codes } = await pair(stage);
  const watcher = newName('temoin');
  const other = await stage.person();
  await arrive(other.page, watcher);
  const token = await tokenOf(stage, watcher);
  await expect.poll(() => standIns(token, `@${names.alix}:localhost`), { timeout: 60_000 }).toBe(1);
  await say(camille, 'avant le départ');
  await talk(alix).getByText('avant le départ').waitFor();
  await signOut(alix);
  await alix.getByRole('heading', { name: 'Se connecter' }).waitFor();
  const sent = camille.waitForResponse((answer) => answer.url().includes('/send/m.room.encrypted'));
  await say(camille, 'pendant l’absence');
  await sent;
  await signIn(alix, names.alix);
  await alix.getByLabel('Code de récupération').fill(codes.alix);
  await alix.keyboard.press('Enter');
  await alix.getByRole('link', { name: new RegExp(`^${names.camille}`) }).click();
  await talk(alix).getByText('avant le départ').waitFor();
  await talk(alix).getByText('pendant l’absence').waitFor();
  expect(await talk(alix).getByText(DOUBTS).count()).toBe(0);
  // What stood in for a device is none that a person would know.
  await alix.getByRole('link', { name: 'Réglages' }).click();
  await alix.getByText('Cet appareil').first().waitFor();
  expect(await alix.getByText('Dehydrated').count()).toBe(0);
});

/** The message that says that, and what is said of it. */
const row = (page: Page, text: string) => talk(page).getByRole('listitem').filter({ hasText: text }).first();

test('in an encrypted room what came in clear or from a device that is not confirmed says so, in quotations too', async () => {
  const { camille, alix, names, codes } = await pair(stage);
  await say(alix, 'comme il faut');
  await row(camille, 'comme il faut').waitFor();
  await say(camille, 'bien reçu');
  await talk(alix).getByText('bien reçu').waitFor();

  const token = await tokenOf(stage, names.alix);
  const room = /#\/salon\/([^/]+)/.exec(camille.url())?.[1] ?? '';
  const content = { msgtype: 'm.text', body: 'à découvert', 'm.mentions': {} };
  const sent = await call(stage, token, 'PUT', `/rooms/${room}/send/m.room.message/clair`, content);
  expect(sent.status).toBe(200);
  const mark = row(camille, 'à découvert').getByText('Non chiffré', { exact: true });
  await mark.click();
  await row(camille, 'à découvert')
    .getByText(/rien ne garantit qui l’a écrit/)
    .waitFor();
  await shoot(camille, 'doubts');
  await expectAccessible(camille);
  await act(camille, 'à découvert', 'Répondre');
  await say(camille, 'vraiment ?');
  await row(camille, 'vraiment ?').locator('blockquote').getByText('Non chiffré').waitFor();

  const second = await stage.person();
  await signIn(second.page, names.alix);
  await second.page.getByRole('button', { name: 'Plus tard' }).click();
  await second.page.getByRole('link', { name: new RegExp(`^${names.camille}`) }).click();
  await say(second.page, 'de l’inconnu');
  await row(camille, 'de l’inconnu').getByText('Appareil non confirmé').waitFor();

  // Nor is a vote of it taken for one like the others.
  await inMenu(second.page, 'Créer un sondage…');
  await second.page.getByLabel('Question').fill('On signe ?');
  await second.page.getByLabel('Réponse 1').fill('Oui');
  await second.page.getByLabel('Réponse 2').fill('Non');
  await second.page.getByRole('button', { name: 'Lancer le sondage' }).click();
  const poll = (page: Page) => talk(page).getByRole('group', { name: /On signe/ });
  await poll(second.page).getByRole('button', { name: /Oui/ }).click();
  const unsure = poll(camille).getByText('Attention : 1 vote vient d’un appareil');
  await unsure.waitFor();
  await shoot(camille, 'poll-unsure');
  await expectAccessible(camille);

  // Changed on that device, a vote given on a confirmed one stands, and both read so.
  await poll(alix).getByRole('button', { name: /Non/ }).click();
  await unsure.waitFor({ state: 'detached' });
  await poll(second.page).getByRole('button', { name: /Non/ }).click();
  const passed = poll(camille).getByText('1 vote modifié depuis ne compte pas');
  await passed.waitFor();
  await poll(alix).getByText('Votre dernier vote ne compte pas').waitFor();
  await shoot(alix, 'poll-passed');
  await expectAccessible(alix);

  // What others write is kept from it, and it says why.
  await say(camille, 'pour les confirmés');
  await talk(alix).getByText('pour les confirmés').waitFor();
  await talk(second.page)
    .locator('.talk__locked:last-child')
    .getByText('Il s’ouvrira quand vous aurez saisi votre code')
    .waitFor();

  // Its owner confirms it: of what it says and has said, nothing is doubted any more. Nor is what it reads
  // from the backup.
  await second.page.getByRole('button', { name: 'Saisir mon code' }).first().click();
  await second.page.getByLabel('Code de récupération').fill(codes.alix);
  await second.page.keyboard.press('Enter');
  await talk(second.page).getByText('comme il faut').waitFor();
  await talk(second.page).getByText('pour les confirmés').waitFor();
  await row(camille, 'de l’inconnu').getByText('Appareil non confirmé').waitFor({ state: 'detached' });
  await passed.waitFor({ state: 'detached' });
  for (const text of ['comme il faut', 'pour les confirmés'])
    expect(await row(second.page, text).getByText(DOUBTS).count()).toBe(0);

  await camille.reload();
  await row(camille, 'à découvert').getByText('Non chiffré', { exact: true }).first().waitFor();
});

test('[WEB-06] signing out empties what syncs have brought before any server answers: the page may be closed at once', async () => {
  const { page } = await stage.person();
  const name = newName('noor');
  await arrive(page, name);
  const kept = async () => (await copied(page, 'chappe-sync')).text;
  await expect.poll(kept).toContain('m.secret_storage');
  await page.route('**/logout', () => {});
  // Nor does the page wait for the server in vain, and begin anew.
  await page.evaluate(() => {
    const later = window.setTimeout.bind(window);
    window.setTimeout = ((act: () => void, ms?: number) => (ms === 5000 ? 0 : later(act, ms))) as never;
  });
  await signOut(page);
  await expect.poll(kept).not.toMatch(new RegExp(`m\\.secret_storage|${name}`));
});

test('what the server itself writes by way of the backup has no author, and what it serves again says so', async () => {
  const { camille, alix, names } = await pair(stage);
  await say(alix, 'd’accord');
  await row(camille, 'd’accord').waitFor();
  const room = decodeURIComponent(/#\/salon\/([^/]+)/.exec(camille.url())?.[1] ?? '');
  const [hers, mine] = [await tokenOf(stage, names.alix), await tokenOf(stage, names.camille)];
  const send = async (id: string, content: unknown) => {
    const path = `/rooms/${encodeURIComponent(room)}/send/m.room.encrypted/${id}`;
    expect((await call(stage, hers, 'PUT', path, content)).status).toBe(200);
  };

  const { body } = await call(
    stage,
    hers,
    'GET',
    `/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=20`,
  );
  const said = (body.chunk as { type: string; content: object }[]).find(
    ({ type }) => type === 'm.room.encrypted',
  );
  await send('again', said?.content);
  await expect.poll(() => talk(camille).getByText('Reçu deux fois').count(), { timeout: 30_000 }).toBe(2);
  await shoot(camille, 'twice');

  // By then others know that this device is confirmed.
  await camille.evaluate(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 61_000;
  });
  // And it hears of what is said after that.
  await say(alix, 'une minute après');
  await row(camille, 'une minute après').waitFor();
  const { body: backup } = await call(stage, mine, 'GET', '/room_keys/version');
  const { public_key: publicKey } = backup.auth_data as { public_key: string };
  const { sessionId, content, kept } = await forge(`@${names.alix}:localhost`, room, publicKey, 'j’ai signé');
  const place = `/room_keys/keys/${encodeURIComponent(room)}/${encodeURIComponent(sessionId)}?version=${backup.version}`;
  expect((await call(stage, mine, 'PUT', place, kept)).status).toBe(200);
  await send('forged', content);
  await row(camille, 'j’ai signé').getByText('Auteur non garanti', { exact: true }).waitFor();
  await shoot(camille, 'unproven');
  await expectAccessible(camille);

  // What is said as it should be is marked no more than before, and the mark is there at the next visit.
  await say(alix, 'je n’ai rien signé');
  await row(camille, 'je n’ai rien signé').waitFor();
  expect(await row(camille, 'je n’ai rien signé').getByText(DOUBTS).count()).toBe(0);
  await camille.reload();
  await row(camille, 'j’ai signé').getByText('Auteur non garanti', { exact: true }).waitFor();
});
