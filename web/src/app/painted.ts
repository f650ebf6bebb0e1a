// SPDX-License-Identifier: EUPL-1.2
/** In a tab that nobody sees nothing is painted. */
const UNSEEN_MS = 1000;

/** Once what has just been drawn is on the screen. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, UNSEEN_MS);
  });
}
