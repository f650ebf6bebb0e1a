// SPDX-License-Identifier: EUPL-1.2
// Two agents who are there for all tests of a file. To sign up costs a browser more than most of what a test
// is about, and is proven where it is the subject (arrive, mail, safety, account, firefox, talking).
import type { BrowserContext, Page } from 'playwright-core';
import { onTestFailed } from 'vitest';
import type { Stage } from './stage.ts';
import { composer, pair } from './talk.ts';

interface Lent {
  readonly people: Awaited<ReturnType<typeof pair>>;
  /** Their conversation. */
  readonly address: string;
}

const lent = new WeakMap<Stage, Lent>();

/** A window as new on that address, and no other: no route, no size, no listener of another test is left. */
async function anew(context: BrowserContext, address: string): Promise<Page> {
  await context.setOffline(false);
  await context.unrouteAll();
  for (const page of context.pages()) await page.close();
  const page = await context.newPage();
  // Before it has heard from the server the page shows what it showed last.
  const heard = page.waitForResponse((answer) => answer.url().includes('/sync?') && answer.ok());
  await page.goto(address);
  await heard;
  await composer(page).waitFor();
  return page;
}

/**
 * Two agents who talk, in their conversation, each in a browser of their own: the same for all tests of a file,
 * to be asked for inside a test. What others have said and made is still there, so a test that counts, or that
 * changes what goes beyond a room of its own (a device, a choice, a name), takes a `pair` of its own. After a
 * failure they are not lent again.
 */
export async function colleagues(stage: Stage): Promise<Lent['people']> {
  onTestFailed(() => {
    lent.delete(stage);
  });
  const known = lent.get(stage);
  if (!known) {
    const people = await pair(stage);
    lent.set(stage, { people, address: people.camille.url() });
    return people;
  }
  const { people, address } = known;
  const [camille, alix] = await Promise.all(
    [people.camille, people.alix].map((page) => anew(page.context(), address)),
  );
  return { ...people, camille, alix } as Lent['people'];
}
