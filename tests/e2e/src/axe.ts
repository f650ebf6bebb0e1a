// SPDX-License-Identifier: EUPL-1.2
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What axe runs in the page, in each appearance. */
const WISH = {
  looks: ['light', 'dark', 'contrast'],
  /** The rules that map to the RGAA, and those of WCAG 2.2 AA: in the first appearance. */
  tags: ['RGAAv4', 'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  /** What another appearance can change: all else is the same page. */
  colours: ['color-contrast', 'link-in-text-block'],
};

/** Runs in the page, which has axe already. */
async function faultsOf({ looks, tags, colours }: typeof WISH): Promise<string[]> {
  const { axe: there } = window as unknown as { axe: typeof axe };
  const { dataset } = document.documentElement;
  const before = dataset.theme ?? 'system';
  const told: string[] = [];
  // What moves is judged where it comes to rest; what never does, as it is.
  for (const moving of document.getAnimations())
    if (Number.isFinite(Number(moving.effect?.getComputedTiming().endTime))) moving.finish();
  for (const look of looks) {
    dataset.theme = look;
    const runOnly: axe.RunOnly =
      look === looks[0] ? { type: 'tag', values: tags } : { type: 'rule', values: colours };
    const { violations } = await there.run(document, { runOnly, resultTypes: ['violations'] });
    for (const { id, nodes } of violations)
      told.push(`${look} ${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  }
  dataset.theme = before;
  return told;
}

/** The screen as it stands has no fault that axe can see, in any appearance. */
export async function expectAccessible(page: Page): Promise<void> {
  // Once a document: it is 600 kB of script.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  expect(await page.evaluate(faultsOf, WISH)).toEqual([]);
}

/** The whole page, and what is open over it, fit the width of the window: nobody scrolls sideways. */
export async function expectNoSideways(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const dialogs = [...document.querySelectorAll('dialog[open]')];
    const beyond = dialogs.map((dialog) => dialog.scrollWidth - dialog.clientWidth);
    return Math.max(document.documentElement.scrollWidth - window.innerWidth, ...beyond);
  });
  expect(over).toBeLessThanOrEqual(0);
}
