// SPDX-License-Identifier: EUPL-1.2
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    // Several nodes share one PostgreSQL; SQLite has one node by design.
    exclude: process.env.CHAPPE_ENGINE === 'postgres' ? [] : ['nodes.test.ts', 'nodes-storage.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Generous on purpose: a limit here only ends a test that hangs, it measures nothing.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    // What waits for a busy machine is tried once more, and named as unsteady at the end of the run.
    retry: 1,
    allowOnly: false,
    silent: 'passed-only',
  },
});
