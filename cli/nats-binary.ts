import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './version.ts';

/** Path of a usable nats-server; fetched into the user's cache folder if there is none. */
export async function findBinary(): Promise<string> {
  // Set-up runs before the build and is plain JavaScript beside dist/, not inside it.
  const setup = pathToFileURL(join(packageRoot(), 'setup', 'nats-server.mjs')).href;
  const { ensureNatsServer } = (await import(setup)) as typeof import('../setup/nats-server.mjs');
  return ensureNatsServer();
}
