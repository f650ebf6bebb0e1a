// SPDX-License-Identifier: EUPL-1.2
// Times, taken inside the page: from what the person does to the frame that shows what they wait for.
import type { CDPSession, Page } from 'playwright-core';

/** The machine of an agent, on a bad day: web-client times are told at these. */
export const SLOW = { cpu: 4, downKbit: 10_000, upKbit: 10_000, latencyMs: 40 };

export async function brake(page: Page): Promise<CDPSession> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW.cpu });
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: SLOW.latencyMs,
    downloadThroughput: (SLOW.downKbit * 1000) / 8,
    uploadThroughput: (SLOW.upKbit * 1000) / 8,
  });
  return cdp;
}

/** A limit only ends what hangs. */
const HANGS_MS = 120_000;

/** Milliseconds from the beginning of the visit to the frame in which `selector` shows `text`. */
export const shownAfter = (page: Page, selector: string, text: string): Promise<number> =>
  page.evaluate(
    ([wanted, words, limit]) =>
      new Promise<number>((resolve, reject) => {
        const look = () => {
          const found = [...document.querySelectorAll(wanted)].some((one) =>
            one.textContent?.includes(words),
          );
          // The frame that was being made is on the screen when the next begins.
          if (found) requestAnimationFrame(() => resolve(performance.now()));
          else if (performance.now() > limit) reject(new Error(`${words} is not shown`));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [selector, text, HANGS_MS] as const,
  );

/** Milliseconds from a press on a room of the list to the frame that shows its last message. */
export const switchTo = (page: Page, href: string, text: string): Promise<number> =>
  page.evaluate(
    ([address, words, limit]) =>
      new Promise<number>((resolve, reject) => {
        const rows = [...document.querySelectorAll<HTMLElement>('.rooms__row')];
        const row = rows.find((one) => one.getAttribute('href') === address);
        if (!row) throw new Error(`no row of ${address}`);
        const begun = performance.now();
        row.click();
        const look = () => {
          const found = [...document.querySelectorAll('.talk__text')].some((one) =>
            one.textContent?.includes(words),
          );
          if (found) requestAnimationFrame(() => resolve(performance.now() - begun));
          else if (performance.now() - begun > limit) reject(new Error(`${words} is not shown`));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    [href, text, HANGS_MS] as const,
  );

/** Waits of keys until the frame that shows them, as the browser itself tells them (Event Timing), while
 * `meanwhile` goes on. It tells in steps of 8 ms, and nothing under 16. */
export async function keyTimes(page: Page, text: string, meanwhile: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const kept = new Map<number, number>();
    Object.assign(window, { keyTimes: kept });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEventTiming & { interactionId: number })[])
        if (entry.name === 'keydown' || entry.name === 'keypress' || entry.name === 'input')
          kept.set(entry.startTime, Math.max(kept.get(entry.startTime) ?? 0, entry.duration));
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
  const other = meanwhile();
  await page.keyboard.type(text, { delay: 60 });
  await other;
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  const slow = await page.evaluate(() => [
    ...(window as unknown as { keyTimes: Map<number, number> }).keyTimes.values(),
  ]);
  return [...slow, ...Array.from({ length: Math.max(text.length - slow.length, 0) }, () => 16)];
}
