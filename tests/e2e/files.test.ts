// SPDX-License-Identifier: EUPL-1.2
// Files, with the antivirus between who sends and who opens. The real clamd on the base of the tests
// leaves what it finds nothing in "not verified"; the one that we play ourselves says "clean".
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eicar, FakeClamd, signaturesOf } from '../api/src/clamd.ts';
import { gif, png } from '../api/src/pictures.ts';
import { expectAccessible, expectNoSideways } from './src/axe.ts';
import { colleagues } from './src/colleagues.ts';
import { shoot } from './src/shots.ts';
import { onStage } from './src/stage.ts';
import { begin } from './src/steps.ts';
import { copied } from './src/stored.ts';
import { act, composer, pair, talk } from './src/talk.ts';

const LIMIT = 2_000_000;
const stage = onStage({ set: { 'scanner.gate': 'enforce', 'media.max_size': String(LIMIT) } });

const clamd = new FakeClamd();
const HELD = Buffer.from('une note qui attend son tour');
let release = () => {};
const held = new Promise<void>((resolve) => {
  release = resolve;
});
clamd.behaviour = async ({ name, bytes }) => {
  if (name === 'VERSION') return signaturesOf(Date.now());
  if (bytes.includes(HELD)) await held;
  return undefined;
};
beforeAll(() => clamd.start());
afterAll(() => clamd.dispose());
const official = onStage({ set: { 'scanner.gate': 'enforce', 'scanner.engine': clamd.engine } });

interface Sent {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const textFile = (name: string, buffer: Buffer): Sent => ({ name, mimeType: 'text/plain', buffer });

async function choose(page: Page, ...files: Sent[]): Promise<void> {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Joindre un fichier' }).click();
  await (await choosing).setFiles(files);
}

const send = (page: Page) =>
  page.getByRole('button', { name: /^Envoyer (le fichier|les \d+ fichiers)$/ }).click();
const card = (page: Page, name: string) => talk(page).getByRole('listitem').filter({ hasText: name });
const keep = (page: Page, name: string) =>
  card(page, name).getByRole('button', { name: `Télécharger ${name}` });

async function saved(page: Page, name: string): Promise<{ bytes: Buffer; name: string }> {
  const downloading = page.waitForEvent('download');
  await keep(page, name).click();
  const download = await downloading;
  return { bytes: await readFile(await download.path()), name: download.suggestedFilename() };
}

/** A photo, with what a camera writes into it. */
async function photo(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1600, 1000);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#2a6';
    context.fillRect(0, 0, 1600, 1000);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
    let text = '';
    for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
    return btoa(text);
  });
  const plain = Buffer.from(base64, 'base64');
  const words = Buffer.from('Exif\0\0PLACE-AND-HOUR', 'latin1');
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, words.length + 2]), words]);
  return Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]);
}

// Long: two pages are loaded anew on the way.
test('[UX-9] [UX-10] two agents share a photo and a text, encrypted; nothing of the camera goes with it', {
  timeout: 240_000,
}, async () => {
  const { camille, alix, names } = await colleagues(stage);
  const note = Buffer.from('Réunion à 14 h.\n');
  await choose(
    camille,
    { name: 'quai.jpg', mimeType: 'image/jpeg', buffer: await photo(camille) },
    textFile('note.txt', note),
  );
  await camille.getByRole('heading', { name: '2 fichiers à envoyer' }).waitFor();
  await camille.getByLabel('Description de quai.jpg').fill('Le quai, vu du pont');
  await shoot(camille, 'files-chosen');
  await expectAccessible(camille);

  // A page that ends loses none of it, and nobody who copies the browser's files reads it.
  await camille.getByText('Gardés sur cet appareil').waitFor();
  expect((await copied(camille)).text).not.toMatch(/Réunion à 14 h|note\.txt|vu du pont/);
  await camille.reload();
  await camille.getByRole('heading', { name: '2 fichiers à envoyer' }).waitFor();
  expect(await camille.getByLabel('Description de quai.jpg').inputValue()).toBe('Le quai, vu du pont');
  await send(camille);

  const picture = talk(alix).getByRole('img', { name: 'Le quai, vu du pont' });
  await picture.waitFor();
  expect(await picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(800);
  await card(alix, 'quai.jpg').getByText('Non vérifié').waitFor();
  await card(alix, 'note.txt').getByText('Non vérifié').waitFor();
  expect(await saved(alix, 'note.txt')).toEqual({ bytes: note, name: 'note.txt' });
  const { bytes } = await saved(alix, 'quai.jpg');
  expect(bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
  expect(bytes.includes('PLACE-AND-HOUR')).toBe(false);
  expect(await camille.getByRole('heading', { name: /à envoyer/ }).count()).toBe(0);
  await shoot(alix, 'files');
  await expectAccessible(alix);
  for (const width of [320, 390]) {
    await alix.setViewportSize({ width, height: 800 });
    await expectNoSideways(alix);
  }
  await alix.setViewportSize({ width: 1280, height: 800 });

  // Larger, and back where one was.
  const enlarge = talk(alix).getByRole('button', { name: 'Le quai, vu du pont' });
  await enlarge.focus();
  await alix.keyboard.press('Enter');
  const large = alix.getByRole('dialog', { name: 'quai.jpg' });
  await large.getByRole('img', { name: 'Le quai, vu du pont' }).waitFor();
  await expectAccessible(alix);
  await alix.keyboard.press('Escape');
  await large.waitFor({ state: 'detached' });
  expect(await enlarge.evaluate((button) => button === document.activeElement)).toBe(true);

  // Into a room that is not encrypted, as that one wants it; the words with it, and still through the antivirus.
  await begin(alix, 'Créer un salon');
  await alix.getByLabel('Nom du salon').fill('Photothèque');
  await alix.getByRole('radio', { name: 'Public (forum)' }).check();
  await alix.getByRole('button', { name: 'Créer le salon' }).click();
  await alix.getByRole('heading', { name: 'Photothèque', level: 1 }).waitFor();
  await alix.getByRole('link', { name: new RegExp(`^${names.camille}`) }).click();
  await act(alix, 'quai.jpg', 'Transférer');
  await alix.getByRole('button', { name: 'Transférer dans « Photothèque »' }).click();
  await alix.getByText('Transféré dans « Photothèque ».').waitFor();
  await expectAccessible(alix);
  await alix.keyboard.press('Escape');
  await alix.getByRole('link', { name: /^Photothèque/ }).click();
  await talk(alix).getByRole('img', { name: 'Le quai, vu du pont' }).waitFor();
  expect((await saved(alix, 'quai.jpg')).bytes.equals(bytes)).toBe(true);
  await alix.getByRole('link', { name: new RegExp(`^${names.camille}`) }).click();

  // Read again by a page that starts anew.
  await alix.reload();
  await talk(alix).getByRole('img', { name: 'Le quai, vu du pont' }).waitFor();
});

test('[UX-9] a virus is blocked: said to both, never given nor shown', async () => {
  const { camille, alix } = await colleagues(stage);
  await choose(camille, textFile('facture.txt', eicar()));
  await send(camille);
  for (const page of [camille, alix]) {
    await card(page, 'facture.txt').getByText('Bloqué : virus').waitFor();
    expect(await keep(page, 'facture.txt').count()).toBe(0);
  }
  await choose(camille, {
    name: 'image.gif',
    mimeType: 'image/gif',
    buffer: Buffer.concat([gif(20, 2), eicar()]),
  });
  await send(camille);
  await card(alix, 'image.gif').getByText('Bloqué : virus').waitFor();
  expect(
    await talk(alix)
      .getByRole('img', { name: /image\.gif/ })
      .count(),
  ).toBe(0);
  await shoot(alix, 'files-blocked');
  await expectAccessible(alix);
});

test('[UX-9] the analysis is said while it lasts, and its end is read out; nothing opens before', async () => {
  const { camille, alix } = await pair(official);
  await choose(camille, textFile('note.txt', HELD));
  await send(camille);
  const verdict = card(alix, 'note.txt').locator('[aria-live="polite"]');
  await verdict.getByText('Analyse en cours').waitFor();
  expect(await keep(alix, 'note.txt').count()).toBe(0);
  await expectAccessible(alix);
  release();
  await verdict.getByText('Vérifié', { exact: true }).waitFor();
  expect((await saved(alix, 'note.txt')).bytes).toEqual(HELD);
});

test('[UX-10] files are chosen, described and sent with the keyboard alone, pasted, and dropped', async () => {
  const { camille, alix } = await colleagues(stage);
  const focused = () =>
    camille.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
    });
  const tabTo = async (name: string) => {
    for (let i = 0; i < 20 && (await focused()) !== name; i++) await camille.keyboard.press('Tab');
    expect(await focused()).toBe(name);
  };
  const choosing = camille.waitForEvent('filechooser');
  await composer(camille).focus();
  await tabTo('Joindre un fichier');
  await camille.keyboard.press('Enter');
  // With what a program has written into it, which does not leave either.
  const drawn = png(40, 30);
  const notes = Buffer.from('tEXtComment\0PLACE-AND-HOUR', 'latin1');
  const around = Buffer.alloc(8);
  around.writeUInt32BE(notes.length - 4, 0);
  around.writeUInt32BE(crc32(notes), 4);
  const chunk = Buffer.concat([around.subarray(0, 4), notes, around.subarray(4)]);
  const buffer = Buffer.concat([drawn.subarray(0, 33), chunk, drawn.subarray(33)]);
  await (await choosing).setFiles([{ name: 'plan.png', mimeType: 'image/png', buffer }]);
  const description = camille.getByLabel('Description de plan.png');
  await description.waitFor();
  for (let i = 0; i < 20 && !(await description.evaluate((e) => e === document.activeElement)); i++)
    await camille.keyboard.press('Shift+Tab');
  await camille.keyboard.type('Plan du rez-de-chaussée');
  await tabTo('Envoyer le fichier');
  await camille.keyboard.press('Enter');
  await talk(alix).getByRole('img', { name: 'Plan du rez-de-chaussée' }).waitFor();
  expect((await saved(alix, 'plan.png')).bytes.equals(drawn)).toBe(true);
  expect(await composer(camille).evaluate((e) => e === document.activeElement)).toBe(true);

  const give = (event: 'paste' | 'drop', name: string) =>
    composer(camille).evaluate(
      (box, [event, name]) => {
        const data = new DataTransfer();
        data.items.add(new File(['des mots'], name!, { type: 'text/plain' }));
        const bubbles = { bubbles: true, cancelable: true };
        box.dispatchEvent(
          event === 'paste'
            ? new ClipboardEvent('paste', { ...bubbles, clipboardData: data })
            : new DragEvent('drop', { ...bubbles, dataTransfer: data }),
        );
      },
      [event, name] as const,
    );
  await give('paste', 'colle.txt');
  await camille.getByText('colle.txt').first().waitFor();
  await give('drop', 'depose.txt');
  await camille.getByRole('heading', { name: '2 fichiers à envoyer' }).waitFor();
  await camille.getByRole('button', { name: 'Retirer colle.txt' }).click();
  await send(camille);
  await keep(alix, 'depose.txt').waitFor();
  expect(await card(alix, 'colle.txt').count()).toBe(0);
});

test('[UX-10] what is too large is said in words before it leaves; progress, stop, failure, another try', async () => {
  // Of their own: what is uploaded is counted.
  const { camille, alix } = await pair(stage);
  const uploads: string[] = [];
  camille.on('request', (request) => {
    if (request.url().includes('/media/v3/upload')) uploads.push(request.url());
  });
  await choose(camille, textFile('enorme.bin', Buffer.alloc(LIMIT * 2)));
  await camille.getByText('Trop volumineux : 4 Mo, alors que la limite est de 2 Mo.').waitFor();
  expect(await camille.getByRole('button', { name: 'Envoyer le fichier' }).count()).toBe(0);
  await expectAccessible(camille);
  await camille.getByRole('button', { name: 'Retirer enorme.bin' }).click();
  expect(uploads).toEqual([]);

  const network = await camille.context().newCDPSession(camille);
  await network.send('Network.enable');
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 60_000 };
  await network.send('Network.emulateNetworkConditions', slow);
  const long = Buffer.alloc(LIMIT / 2, 'une ligne\n');
  await choose(camille, textFile('long.txt', long));
  await send(camille);
  await camille.getByRole('progressbar', { name: 'Envoi de long.txt' }).waitFor();
  await camille.getByText(/[1-9]\d? %/).waitFor();
  await shoot(camille, 'files-progress');
  await camille.getByRole('button', { name: 'Arrêter l’envoi de long.txt' }).click();
  await camille.getByRole('status').getByText('L’envoi de long.txt est arrêté.').waitFor();
  await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });

  await camille.route('**/media/v3/upload*', (route) => route.abort(), { times: 1 });
  await send(camille);
  await camille.getByRole('status').getByText('long.txt n’a pas pu être envoyé.').waitFor();
  await expectAccessible(camille);
  await camille.getByRole('button', { name: 'Réessayer l’envoi de long.txt' }).click();
  await keep(alix, 'long.txt').waitFor();
  expect((await saved(alix, 'long.txt')).bytes.equals(long)).toBe(true);
  expect(await card(alix, 'long.txt').count()).toBe(1);
});

test('in a public room a file goes in clear, and passes the antivirus too', async () => {
  const { camille, alix } = await colleagues(stage);
  await begin(camille, 'Créer un salon');
  await camille.getByLabel('Nom du salon').fill('Documents publics');
  await camille.getByRole('radio', { name: 'Public (forum)' }).check();
  await camille.getByRole('button', { name: 'Créer le salon' }).click();
  await camille.getByText('Public, non chiffré').first().waitFor();
  await begin(alix, 'Trouver un salon public');
  await alix.getByLabel('Nom ou sujet du salon').fill('Documents');
  await alix.getByRole('dialog').getByRole('link', { name: 'Documents publics' }).click();
  await alix.getByRole('button', { name: 'Rejoindre le salon' }).click();
  await composer(alix).waitFor();
  const words = Buffer.from('Ordre du jour');
  await choose(camille, textFile('ordre.txt', words), textFile('virus.txt', eicar()));
  await send(camille);
  await card(alix, 'virus.txt').getByText('Bloqué : virus').waitFor();
  expect((await saved(alix, 'ordre.txt')).bytes).toEqual(words);
});
