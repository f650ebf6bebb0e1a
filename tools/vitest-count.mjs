// SPDX-License-Identifier: EUPL-1.2
// usage: vitest-count.mjs FOLDER [vitest options]
// Runs the Vitest of a folder and ends with the line "N passed, N failed, N skipped"; exits 0 only when
// something ran and nothing failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [folder, ...rest] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'chappe-vitest-'));
const report = join(directory, 'report.json');
const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const done = spawnSync(process.execPath, [vitest, 'run', '--root', folder, ...reporters, ...rest], {
  stdio: 'inherit',
  cwd: folder,
});

function count() {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not be loaded has no failed test: it counts as one.
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'),
  ).length;
  const failed = result.numFailedTests + broken;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && done.status !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

const { passed, failed, skipped } = count();
rmSync(directory, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
