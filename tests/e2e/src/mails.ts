// SPDX-License-Identifier: EUPL-1.2
// The demonstration's page of mails, and signing up with what it shows.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Person } from './browser.ts';
import { PASSWORD } from './stage.ts';
import { readCode } from './steps.ts';

export const field = (page: Page, name: string) => page.getByRole('textbox', { name });

const used = new Set<string>();
/** A limit only ends what hangs. */
const WAIT = { timeout: 60_000 };

/** The code of a mail that was not there before, on the page of mails: it comes a moment after it was asked. */
export async function mailedCode({ context }: Person, address: string): Promise<string> {
  const mails = await context.newPage();
  const find = async () => {
    await mails.goto('/demo/mail');
    const texts = await mails.locator('article').filter({ hasText: address }).allTextContents();
    const codes = texts.flatMap((text) =>
      [...text.matchAll(/\b(\d{4}[\s\u00a0]?\d{4})\b/g)].map((match) => match[1].replaceAll(/\D/g, '')),
    );
    return codes.find((code) => !used.has(code));
  };
  let code: string | undefined;
  await expect
    .poll(async () => {
      code = await find();
      return code;
    }, WAIT)
    .toBeDefined();
  await mails.close();
  used.add(code ?? '');
  return code ?? '';
}

/** Up to the last step: the address is proved, and the password is asked for. */
export async function proveAddress(person: Person, address: string): Promise<void> {
  const { page } = person;
  await page.goto('/#/inscription');
  await field(page, 'Adresse professionnelle').fill(address);
  await page.keyboard.press('Enter');
  await field(page, 'Code reçu par courriel').fill(await mailedCode(person, address));
  await page.keyboard.press('Enter');
  await field(page, 'Mot de passe').fill(PASSWORD);
}

/** An account of an address, its recovery code kept. */
export async function arriveByMail(person: Person, address: string): Promise<string> {
  const { page } = person;
  await proveAddress(person, address);
  await page.keyboard.press('Enter');
  const code = await readCode(page);
  await page.getByRole('button', { name: 'Je l’ai mis en lieu sûr' }).click();
  await page.getByRole('heading', { name: 'Votre code de récupération' }).waitFor({ state: 'detached' });
  return code;
}

/** Opens the link of a mail in a page of its own and presses its button, as its reader would. */
export async function mailedLink({ context }: Person, address: string, link: RegExp): Promise<void> {
  const mails = await context.newPage();
  let href: string | null | undefined;
  await expect
    .poll(async () => {
      await mails.goto('/demo/mail');
      const mail = mails.locator('article').filter({ hasText: address }).locator('a');
      const all = await mail.evaluateAll((links) => links.map((one) => (one as HTMLAnchorElement).href));
      href = all.find((one) => link.test(one));
      return href;
    }, WAIT)
    .toBeDefined();
  // The mail names the address that the server listens on, and not localhost.
  const { pathname, search } = new URL(href ?? '');
  await mails.goto(pathname + search);
  await mails.getByRole('button').click();
  await mails.waitForLoadState();
  await mails.close();
}
