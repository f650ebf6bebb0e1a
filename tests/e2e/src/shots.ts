// SPDX-License-Identifier: EUPL-1.2
// Screenshots, to be looked at: build artefacts under build/screenshots, made when CHAPPE_SHOTS is set.
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { ROOT } from '../../api/src/paths.ts';
import { SIZES } from './browser.ts';

export async function shoot(page: Page, name: string): Promise<void> {
  if (!process.env.CHAPPE_SHOTS) return;
  const directory = `${ROOT}/build/screenshots`;
  mkdirSync(directory, { recursive: true });
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(SIZES))
    for (const scheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: `${directory}/${name}-${size}-${scheme}.png`, animations: 'disabled' });
    }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}
