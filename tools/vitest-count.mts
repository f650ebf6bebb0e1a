// SPDX-License-Identifier: EUPL-1.2
// usage: vitest-count.mts FOLDER [vitest options]
// Runs the Vitest of a folder and ends with the line "N passed, N failed, N skipped"; exits 0 only when
// something ran and nothing failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tallyOf } from './vitest-report.mts';

const [folder, ...rest] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'chappe-vitest-'));
const report = join(directory, 'report.json');
const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const done = spawnSync(process.execPath, [vitest, 'run', '--root', folder, ...reporters, ...rest], {
  stdio: 'inherit',
  cwd: folder,
});
const { passed, failed, skipped } = tallyOf(report, done.status);
rmSync(directory, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
