/**
 * `node setup/run.mjs <command> [options]`: sets up what is missing, then is
 * the Holdfast command line itself. One process, so that its pid and the
 * signals sent to it are the program's own; stdout is the program's alone.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureNatsServer } from './nats-server.mjs';
import { prepare, ROOT } from './prepare.mjs';
import { runSetup } from './say.mjs';

/** Commands that start a nats-server of their own. */
const STARTS_NATS = new Set(['up', 'replay', 'bench', 'loadtest']);

const args = process.argv.slice(2);
const program = join(ROOT, 'dist', 'cli', 'main.js');

await runSetup(async () => {
  await prepare();
  if (STARTS_NATS.has(args[0] ?? '')) process.env.HOLDFAST_NATS_SERVER = await ensureNatsServer();
});
process.argv = [process.execPath, program, ...args];
await import(pathToFileURL(program).href);
