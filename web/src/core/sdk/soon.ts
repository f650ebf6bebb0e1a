// SPDX-License-Identifier: EUPL-1.2
/** Runs once for all that comes in one go: the members of a large room are told one by one. What comes within
 * `gap` milliseconds of the last run waits for their end: while very much comes, whoever types would feel
 * each run in their keys. */
export function soon(action: () => void, gap = 0): () => void {
  let waiting = false;
  let ran = Number.NEGATIVE_INFINITY;
  return () => {
    if (waiting) return;
    waiting = true;
    const run = () => {
      waiting = false;
      ran = performance.now();
      action();
    };
    setTimeout(run, Math.max(ran + gap - performance.now(), 0));
  };
}
