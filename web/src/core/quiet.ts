// SPDX-License-Identifier: EUPL-1.2

/** Of browsers that do not tell when they have nothing to do. */
const PAUSE_MS = 1;

/** Once the page has nothing else to do, and, if it is given, no later than after `patience` milliseconds. */
export function quiet(patience?: number): Promise<void> {
  return new Promise((resolve) => {
    if (!('requestIdleCallback' in globalThis)) setTimeout(resolve, PAUSE_MS);
    else requestIdleCallback(() => resolve(), patience === undefined ? {} : { timeout: patience });
  });
}
