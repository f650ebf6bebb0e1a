// SPDX-License-Identifier: EUPL-1.2
/** Runs once for all that comes in one go: the members of a large room are told one by one. */
export function soon(action: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      action();
    });
  };
}
