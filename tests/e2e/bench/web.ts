// SPDX-License-Identifier: EUPL-1.2
// usage: web.ts --size smoke|short|full --json FILE [--times N] [--account small|large]
// Every time is told to standard error as it is taken, so that a run can be followed.
import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser, SIZES } from '../src/browser.ts';
import { keeps } from '../src/last-visit.ts';
import { PASSWORD } from '../src/stage.ts';
import { arrive } from '../src/steps.ts';
import { composer, say, talk } from '../src/talk.ts';
import { workerReady } from '../src/worker.ts';
import { brake, keyTimes, shownAfter, switchTo } from './clock.ts';
import { type Case, caseOf, runOf } from './tell.ts';
import { type Agent, type Place, PRELOADED_PASSWORD, Town } from './town.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'short' },
    json: { type: 'string' },
    times: { type: 'string' },
    account: { type: 'string' },
  },
});
const smoke = values.size === 'smoke';
/** Medians of ten. */
const TIMES = Number(values.times ?? (smoke ? 1 : 10));
const SWITCHES = smoke ? 5 : 60;
const MANY = smoke ? { rooms: 20, people: 50 } : { rooms: 1000, people: 10_000 };
const KEYS = 'Une phrase que l’on écrit pendant que les messages arrivent de partout.';
const BURST = smoke ? 10 : 200;
const cases: Case[] = [];

function tell(name: string, times: readonly number[]): void {
  const one = caseOf(name, times);
  cases.push(one);
  process.stderr.write(`${name}: n ${one.n}, p50 ${one.p50_ms} ms, p95 ${one.p95_ms}, max ${one.max_ms}\n`);
}

async function repeat(times: number, once: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push(await once());
  return all;
}

const newContext = (browser: Browser, town: Town): Promise<BrowserContext> =>
  browser.newContext({
    baseURL: town.program.url.replace('127.0.0.1', 'localhost'),
    locale: 'fr-FR',
    viewport: SIZES.desktop,
  });

/** In a page of its own, braked, with the files that the browser has kept or without. */
async function visit(context: BrowserContext, address: string, cold: boolean): Promise<Page> {
  const page = await context.newPage();
  const cdp = await brake(page);
  if (cold) {
    await cdp.send('Network.clearBrowserCache');
    await cdp.send('Network.setBypassServiceWorker', { bypass: true });
  }
  await page.goto(address, { waitUntil: 'commit' });
  return page;
}

async function firstScreen(browser: Browser, town: Town): Promise<void> {
  const once = async () => {
    const context = await newContext(browser, town);
    const page = await visit(context, '/', true);
    const time = await shownAfter(page, 'h1', 'Se connecter');
    await context.close();
    return time;
  };
  tell('first screen', await repeat(TIMES, once));
}

const hrefOf = (room: string): string => `/#/salon/${encodeURIComponent(room)}`;

/** The device is signed in; what its page needs is fetched anew, or stands in the browser. Before each visit
 * something is said that the device does not know: it sees the last conversation as it was, and then that. */
async function visits(
  context: BrowserContext,
  town: Town,
  agent: Agent,
  { room, last }: Place,
  label: string,
): Promise<void> {
  let known = last;
  const once = async (cold: boolean): Promise<[number, number]> => {
    const news = `entretemps ${crypto.randomUUID()}`;
    await town.say(agent, room, news);
    const page = await visit(context, hrefOf(room), cold);
    const readable = await shownAfter(page, '.talk__text', known);
    const complete = await shownAfter(page, '.talk__text', news);
    await keeps(page, news);
    await page.close();
    known = news;
    return [readable, complete];
  };
  for (const [name, cold] of [
    ['last conversation readable', true],
    ['second visit', false],
  ] as const) {
    const times: [number, number][] = [];
    for (let i = 0; i < TIMES; i++) times.push(await once(cold));
    tell(
      name + label,
      times.map(([readable]) => readable),
    );
    tell(
      `${name}, with what came since${label}`,
      times.map(([, complete]) => complete),
    );
  }
}

/** It was the last conversation. */
async function leaveFrom(page: Page, { room, last }: Place): Promise<void> {
  await page.goto(hrefOf(room));
  await shownAfter(page, '.talk__text', last);
  await keeps(page, last);
  await page.close();
}

/** From the opening of the page of sign-up to the message that the other one reads. */
async function signUpToMessage(browser: Browser, town: Town): Promise<void> {
  let n = 0;
  const other = await newContext(browser, town);
  const alix = await other.newPage();
  await arrive(alix, 'alix');
  const once = async () => {
    const context = await newContext(browser, town);
    const page = await context.newPage();
    await brake(page);
    const begun = performance.now();
    await arrive(page, `nouveau${++n}`);
    await page.getByRole('button', { name: /^Écrire à un collègue/ }).click();
    await page.getByLabel('Nom, ministère ou identifiant').fill('alix');
    await page.getByRole('button', { name: 'Écrire à alix' }).click();
    await composer(page).waitFor();
    await say(page, `bonjour ${n}`);
    await alix.getByRole('link', { name: new RegExp(`nouveau${n}\\b`) }).click();
    await alix.getByRole('button', { name: 'Rejoindre' }).click();
    await talk(alix).getByText(`bonjour ${n}`).waitFor();
    const time = performance.now() - begun;
    await context.close();
    return time;
  };
  tell('sign-up to first message read', await repeat(TIMES, once));
  await other.close();
}

/** A device that is signed in, its identity made, its worker there, and all of it written down. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Je l’ai mis en lieu sûr' }).click();
  await page.getByRole('link', { name: 'Réglages' }).waitFor();
  await workerReady(page);
}

async function signIn(page: Page, agent: Agent, password: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Identifiant ou adresse professionnelle').fill(agent.name);
  await page.getByLabel('Mot de passe', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await settle(page);
}

/** The places in turn, none twice in a row. */
const inTurn = (places: readonly Place[], i: number): Place => places[(i * 7) % places.length]!;

async function switches(page: Page, places: readonly Place[], label: string): Promise<void> {
  const times: number[] = [];
  for (let i = 1; i <= SWITCHES; i++) {
    const { room, last } = inTurn(places, i);
    times.push(await switchTo(page, hrefOf(room).slice(1), last));
  }
  tell(`room switch${label}`, times);
}

async function keys(
  page: Page,
  town: Town,
  agent: Agent,
  places: readonly Place[],
  label: string,
): Promise<void> {
  const cdp = await brake(page);
  await page.goto(hrefOf(places[0]!.room));
  await shownAfter(page, '.talk__text', places[0]!.last);
  await page.evaluate(async () => {
    // What the visit itself costs is measured apart.
    for (let i = 0; i < 5; i++) await new Promise((resolve) => requestIdleCallback(resolve));
  });
  await composer(page).click();
  const burst = async () => {
    for (let i = 0; i < BURST; i++) await town.say(agent, inTurn(places, i).room, `rafale ${i}.`);
  };
  tell(`key to glyph, ${BURST} events coming in${label}`, await keyTimes(page, KEYS, burst));
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await cdp.detach();
}

/** An account with a handful of rooms. */
async function small(browser: Browser): Promise<void> {
  const town = await Town.open();
  await firstScreen(browser, town);
  await signUpToMessage(browser, town);
  const context = await newContext(browser, town);
  const page = await context.newPage();
  await arrive(page, 'camille');
  await workerReady(page);
  const agent = await town.signIn('camille', PASSWORD);
  const places = await town.rooms(agent, 10, 20);
  await page.getByRole('link', { name: /Salon 9/ }).waitFor();
  await switches(page, places, '');
  await keys(page, town, agent, places.slice(5), '');
  await leaveFrom(page, places[3]!);
  await visits(context, town, agent, places[3]!, '');
  await context.close();
  await town.program.dispose();
}

/** An account with very many rooms, one of them of very many people. */
async function large(browser: Browser): Promise<void> {
  const directory = Town.preload(MANY.people);
  const { agent, room } = Town.manifest(directory);
  const town = await Town.open({}, directory);
  const places = await town.rooms(agent, MANY.rooms, 2);
  const hall = { room, last: 'bonjour à tous.' };
  await town.say(agent, room, hall.last);
  const label = `, ${MANY.rooms} rooms, one of ${MANY.people}`;
  const context = await newContext(browser, town);
  const page = await context.newPage();
  const begun = performance.now();
  await signIn(page, agent, PRELOADED_PASSWORD);
  tell(`first sign-in, without brake${label}`, [performance.now() - begun]);
  // The last ones made are the first of the list.
  const [near, far] = [places.slice(-20).concat(hall), places.slice(0, 20)];
  await page.getByRole('link', { name: new RegExp(`Salon ${MANY.rooms - 1}\\b`) }).waitFor();
  await switches(page, near, label);
  await keys(page, town, agent, far, label);
  await leaveFrom(page, hall);
  await visits(context, town, agent, hall, label);
  await context.close();
  await town.program.dispose();
  rmSync(dirname(directory), { recursive: true, force: true });
}

const browser = await openBrowser();
try {
  if (values.account !== 'large') await small(browser);
  if (values.account !== 'small') await large(browser);
} finally {
  await browser.close();
}
if (values.json) writeFileSync(values.json, JSON.stringify(runOf(cases)));
