// SPDX-License-Identifier: EUPL-1.2

/** A longer one would be felt in the keys, on a slow machine too. */
const PIECE_MS = 30;

/** For work of many steps: to be awaited after each. Keys and frames have their turn once a piece is long. */
export function inPieces(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < PIECE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    begun = performance.now();
  };
}
