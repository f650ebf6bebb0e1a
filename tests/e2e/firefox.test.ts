// SPDX-License-Identifier: EUPL-1.2
// [UX-23] The main journeys on Debian's Firefox ESR: what administrations have.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../api/src/paths.ts';
import { Program } from '../api/src/program.ts';
import { openFirefox, Visitor } from './src/firefox.ts';
import { PASSWORD } from './src/stage.ts';

let server: Program;
let browser: Browser;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chappe-firefox-'));
  server = await Program.start({ engine: 'sqlite', set: { 'web.files': `${ROOT}/build/web` } });
  browser = await openFirefox();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  await rm(directory, { recursive: true, force: true });
});

async function signUp(visitor: Visitor, name: string): Promise<void> {
  await visitor.page.goto(`${server.url.replace('127.0.0.1', 'localhost')}/#/inscription`);
  await visitor.type('Identifiant', name);
  await visitor.typePassword(PASSWORD);
  await visitor.press('Créer mon compte');
  await visitor.press('Je l’ai mis en lieu sûr');
}

// The limit only ends what hangs: half a minute on a quiet machine.
test('[UX-23] Firefox ESR: two agents sign up, talk encrypted, share a file, come back, and sign out', async () => {
  const camille = await Visitor.open(browser);
  const alix = await Visitor.open(browser);
  await signUp(camille, 'camille');
  await signUp(alix, 'alix');
  await camille.press('Nouvelle conversation');
  await camille.press('Écrire à un collègue', 'menuitem');
  await camille.type('Nom, ministère ou identifiant', 'alix', 'searchbox');
  await camille.press('Écrire à alix');
  await camille.type('Message à alix', 'Bonjour depuis Firefox');
  await camille.page.keyboard.press('Enter');
  await alix.pressText('camille vous invite');
  await alix.press('Rejoindre');
  await alix.sees('Bonjour depuis Firefox');
  await alix.sees('Privé, chiffré');
  await alix.type('Message à camille', 'Bien reçu');
  await alix.page.keyboard.press('Enter');
  await camille.sees('Bien reçu');

  const note = join(directory, 'note.txt');
  await writeFile(note, 'Réunion à 14 h.\n');
  await camille.give(note);
  await camille.press('Envoyer le fichier');
  await alix.sees('note.txt');

  // The worker answers the next visit, and what was said is still readable.
  await alix.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await alix.page.reload();
  await alix.sees('Bonjour depuis Firefox');

  await alix.follow('#/reglages');
  await alix.press('Se déconnecter');
  await alix.sees('Se connecter');
  expect([...camille.faults, ...alix.faults]).toEqual([]);
  await camille.close();
  await alix.close();
}, 300_000);
