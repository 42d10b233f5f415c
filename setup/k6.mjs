import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  binaryOnPath,
  cachedBinary,
  EXE,
  goEnvironment,
  isNewEnough,
  lastLineOf,
  run,
  versionOf,
} from './binary.mjs';
import { cacheFolder } from './cache-folder.mjs';
import { withLock } from './lock.mjs';
import { SetupError, say } from './say.mjs';

/** What is built when there is none, and the oldest that will do. */
const VERSION = '1.8.1';
const AT_LEAST = [1, 8];

const BUILD_TIMEOUT_MS = 20 * 60_000;

/**
 * The k6 to use, built with Go into the user's cache folder if there is none.
 * Of many processes at once, one builds and the others wait for it.
 * @returns {Promise<string>} the path of the binary
 */
export async function ensureK6() {
  const found = await findK6();
  if (found) return found;
  return withLock(join(cacheFolder(), `k6-${VERSION}.lock`), async () => {
    return (await findK6()) ?? (await buildWithGo());
  });
}

/**
 * The k6 that is here already: the one HOLDFAST_K6 names, else the cached one,
 * else the one on PATH if it is new enough.
 * @returns {Promise<string | undefined>} the path of the binary
 */
export async function findK6() {
  const named = process.env.HOLDFAST_K6;
  if (named) return requireUsable(named);
  if ((await versionOfK6(cached())) === VERSION) return cached();
  const binary = binaryOnPath('k6');
  return binary && (await isUsable(binary)) ? binary : undefined;
}

/** @param {string} binary */
async function requireUsable(binary) {
  if (await isUsable(binary)) return binary;
  const least = AT_LEAST.join('.');
  throw new SetupError(
    `HOLDFAST_K6=${binary} is no k6 of ${least} or newer that runs; name one, or unset it`,
  );
}

/** @param {string} binary */
async function isUsable(binary) {
  const version = await versionOfK6(binary);
  return version !== undefined && isNewEnough(version, AT_LEAST);
}

async function buildWithGo() {
  await requireGo();
  say(`building k6 ${VERSION} with Go (some minutes)`);
  const folder = await mkdtemp(join(cacheFolder(), '.fetch-'));
  try {
    const options = { env: goEnvironment(folder), timeout: BUILD_TIMEOUT_MS };
    await run('go', ['install', `go.k6.io/k6@v${VERSION}`], options).catch((error) => {
      throw new SetupError(`k6 cannot be built (${lastLineOf(error)}); ${ADVICE}`);
    });
    await rename(join(folder, `k6${EXE}`), cached());
    return cached();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ADVICE = `put k6 ${AT_LEAST.join('.')} or newer on PATH, name one with HOLDFAST_K6, or install Go`;

async function requireGo() {
  try {
    await run('go', ['version']);
  } catch {
    throw new SetupError(`there is no k6, and no Go to build it with; ${ADVICE}`);
  }
}

/** @param {string} binary */
const versionOfK6 = (binary) => versionOf(binary, 'version', /k6\S* v(\d+\.\d+\.\S+)/);

const cached = () => cachedBinary('k6', VERSION);
