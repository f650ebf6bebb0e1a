// SPDX-License-Identifier: EUPL-1.2
// What a run of Vitest came to, read from its JSON report.
import { existsSync, readFileSync } from 'node:fs';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface Assertion {
  status: string;
  fullName: string;
  failureMessages?: string[] | null;
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; assertionResults: Assertion[] }[];
}

const fileOf = (path: string) => path.split('/').at(-1);

/** Names what failed, and what failed at first and passed when it was tried again, a line each, in
 *  the words that tools/run-tests repeats at its end. */
function nameFailures(report: Report): void {
  for (const file of report.testResults) {
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      const why = failureMessages?.[0]?.split('\n')[0] ?? '';
      if (status === 'failed') console.log(`FAILED: ${fileOf(file.name)}: ${fullName}: ${why}`);
      else if (status === 'passed' && why) {
        console.log(`UNSTEADY: ${fileOf(file.name)}: ${fullName}: ${why}`);
      }
    }
  }
}

/** The count of the report in a file; exit is the status Vitest ended with. No report: one failed. A
 *  file that could not be loaded, or whose server did not start, has no failed test: it counts as
 *  one, as does a run that ended badly without saying why. */
export function tallyOf(path: string, exit: number | null): Tally {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  const report: Report = JSON.parse(readFileSync(path, 'utf8'));
  nameFailures(report);
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'),
  );
  for (const file of broken) console.log(`FAILED: ${fileOf(file.name)}: the file itself`);
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exit !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
