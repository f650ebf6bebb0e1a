// SPDX-License-Identifier: EUPL-1.2
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    pool: 'forks',
    // A browser and a server a file; while one waits for its page the other works.
    maxWorkers: 2,
    // Generous on purpose: a limit here only ends a test that hangs, it measures nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What waits for a busy machine is tried once more, and named as unsteady at the end of the run.
    retry: 1,
    allowOnly: false,
    silent: 'passed-only',
  },
});
