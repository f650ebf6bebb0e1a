// SPDX-License-Identifier: EUPL-1.2
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** The rules that map to the RGAA, and those of WCAG 2.2 AA. */
const TAGS = ['RGAAv4', 'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const LOOKS = ['light', 'dark', 'contrast'] as const;
/** What an appearance can change: all else is the same page. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** The screen as it stands has no fault that axe can see, in any appearance. */
export async function expectAccessible(page: Page): Promise<void> {
  const before = await page.evaluate(() => document.documentElement.dataset.theme);
  for (const look of LOOKS) {
    await page.evaluate((theme) => {
      document.documentElement.dataset.theme = theme;
    }, look);
    const axe = new AxeBuilder({ page });
    const { violations } = await (look === 'light' ? axe.withTags(TAGS) : axe.withRules(COLOURS)).analyze();
    const told = violations.map(
      (v) => `${look} ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`,
    );
    expect(told).toEqual([]);
  }
  await page.evaluate((theme) => {
    document.documentElement.dataset.theme = theme ?? 'system';
  }, before);
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
