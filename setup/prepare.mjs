import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNewEnough } from './binary.mjs';
import { build, buildIsCurrent } from './build.mjs';
import { withLock } from './lock.mjs';
import { installPackages, packagesAreCurrent } from './packages.mjs';
import { runSetup, SetupError } from './say.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_AT_LEAST = [20, 19];

/** Makes node_modules and dist/ what the sources ask for. Quick when they are. */
export async function prepare() {
  requireNode();
  if (packagesAreCurrent(ROOT) && buildIsCurrent(ROOT)) return;
  await withLock(join(ROOT, 'dist', '.setup-lock'), async () => {
    if (!packagesAreCurrent(ROOT)) installPackages(ROOT);
    if (!buildIsCurrent(ROOT)) build(ROOT);
  });
}

function requireNode() {
  if (isNewEnough(process.versions.node, NODE_AT_LEAST)) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old; install Node ${NODE_AT_LEAST.join('.')} or newer (https://nodejs.org)`,
  );
}

// `npm run build`
if (process.argv[1] === fileURLToPath(import.meta.url)) await runSetup(prepare);
