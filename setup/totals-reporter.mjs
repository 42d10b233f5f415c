import { writeFileSync } from 'node:fs';

/** @import { Reporter, TestModule } from 'vitest/node' */

/**
 * Writes the counts of a Vitest run, as one line, to the file that
 * HOLDFAST_TOTALS_FILE names. A suite that failed to load and an error outside
 * any test each count as one failed.
 * @implements {Reporter}
 */
export default class TotalsReporter {
  /**
   * @param {ReadonlyArray<TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.HOLDFAST_TOTALS_FILE;
    if (file) writeFileSync(file, totalsLine(count(modules, unhandledErrors.length)));
  }
}

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Totals
 * @param {Totals} totals
 */
export function totalsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * @param {ReadonlyArray<TestModule>} modules
 * @param {number} unhandled
 */
function count(modules, unhandled) {
  const totals = { passed: 0, failed: unhandled, skipped: 0 };
  for (const module of modules) {
    totals.failed += module.errors().length;
    for (const suite of module.children.allSuites()) totals.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // Still pending when the run was cut short: it did not pass.
      totals[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  return totals;
}
