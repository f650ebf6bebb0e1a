// SPDX-License-Identifier: EUPL-1.2
// [UX-18] The palette itself keeps the contrasts of WCAG 2.2 AA, whatever a screen does with it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

function palette(scheme: 'light' | 'dark' | 'contrast'): Map<string, string> {
  const colours = new Map<string, string>();
  for (const [, name, light, dark] of css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g))
    colours.set(name!, scheme === 'dark' ? dark! : light!);
  if (scheme !== 'contrast') return colours;
  const block = css.slice(css.indexOf('[data-theme="contrast"]'));
  for (const [, name, colour] of block.matchAll(/--([\w-]+): (#\w{6});/g)) colours.set(name!, colour!);
  return colours;
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

const GROUNDS = ['paper', 'surface', 'raised', 'sunken', 'hover'];
const PAIRS: [string, string[], number][] = [
  ['ink', [...GROUNDS, 'danger-soft', 'warn-soft', 'good-soft', 'accent-soft', 'extern-soft'], 7],
  ['ink-soft', GROUNDS, 4.5],
  ['accent', GROUNDS, 4.5],
  ['on-accent', ['accent', 'accent-strong'], 4.5],
  ['on-accent-soft', ['accent-soft'], 7],
  ['danger', [...GROUNDS, 'danger-soft'], 4.5],
  ['warn', [...GROUNDS, 'warn-soft'], 4.5],
  ['good', [...GROUNDS, 'good-soft'], 4.5],
  ['extern', [...GROUNDS, 'extern-soft'], 4.5],
  ['line-strong', GROUNDS, 3],
  ['focus', [...GROUNDS, 'accent-soft'], 3],
];

describe.each(['light', 'dark', 'contrast'] as const)('the scheme %s', (scheme) => {
  const colours = palette(scheme);
  test.each(PAIRS)('%s', (front, grounds, least) => {
    for (const ground of grounds)
      expect(
        contrast(colours.get(front)!, colours.get(ground)!),
        `${front} on ${ground}`,
      ).toBeGreaterThanOrEqual(least);
  });
});
