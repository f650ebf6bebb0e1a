// SPDX-License-Identifier: EUPL-1.2
// A build of the client that a test may change: its next version is made by the tool that makes every one.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../api/src/paths.ts';

/** A copy of the build, without what was compressed ahead: the server then serves what stands there. */
export function copyOfBuild(): string {
  const directory = mkdtempSync(join(tmpdir(), 'chappe-web-'));
  cpSync(`${ROOT}/build/web`, directory, { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) });
  return directory;
}

/** Another page and another list of files, as an upgrade of the server would bring. */
export function nextVersion(directory: string): void {
  appendFileSync(`${directory}/index.html`, '<!-- next -->\n');
  rmSync(`${directory}/sw.js`);
  execFileSync(process.execPath, [`${ROOT}/web/tools/worker.ts`, directory], {
    cwd: `${ROOT}/web`,
    stdio: 'pipe',
  });
}
