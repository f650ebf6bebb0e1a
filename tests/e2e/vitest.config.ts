// SPDX-License-Identifier: EUPL-1.2
import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Large files begin first, for they last; this one is small and lasts: last, it would end alone. */
const LONG = 'firefox.test.ts';

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (basename(moduleId) === LONG ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    sequence: { sequencer: LongestFirst },
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
