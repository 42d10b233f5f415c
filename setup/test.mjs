/**
 * `npm test [-- vitest options]`: sets up what is missing, runs the tests and
 * ends with their totals on a line of its own.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNatsServer } from './nats-server.mjs';
import { prepare, ROOT } from './prepare.mjs';
import { SetupError, say } from './say.mjs';
import { totalsLine } from './totals-reporter.mjs';

const REPORTER = join(ROOT, 'setup', 'totals-reporter.mjs');
const NOTHING_RAN = totalsLine({ passed: 0, failed: 1, skipped: 0 });

const { status, totals } = await setUpAndRun(process.argv.slice(2));
console.log(totals);
process.exitCode = status;

/** @param {string[]} args */
async function setUpAndRun(args) {
  try {
    await prepare();
    process.env.HOLDFAST_NATS_SERVER = await ensureNatsServer();
    return runVitest(args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return { status: 1, totals: NOTHING_RAN };
  }
}

/** @param {string[]} args */
function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  const file = join(folder, 'totals');
  try {
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = args.some((a) => a.startsWith('--reporter')) ? [] : ['--reporter=default'];
    const { status } = spawnSync(
      process.execPath,
      [vitest, 'run', ...reporters, `--reporter=${REPORTER}`, ...args],
      { cwd: ROOT, stdio: 'inherit', env: { ...process.env, HOLDFAST_TOTALS_FILE: file } },
    );
    return { status: status ?? 1, totals: read(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** No file: Vitest itself died, or found no test. @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return NOTHING_RAN;
  }
}
