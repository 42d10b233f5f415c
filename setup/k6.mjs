import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.mjs';
import { withLock } from './lock.mjs';
import { SetupError, say } from './say.mjs';

const run = promisify(execFile);

/** What is built when there is none, and the oldest that will do. */
const VERSION = '1.8.1';
const AT_LEAST = [1, 8];

const EXE = process.platform === 'win32' ? '.exe' : '';
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
  if ((await versionOf(cachedBinary())) === VERSION) return cachedBinary();
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const binary = folders.map((f) => join(f, `k6${EXE}`)).find((b) => existsSync(b));
  return binary && isNewEnough(await versionOf(binary)) ? binary : undefined;
}

/** @param {string} binary */
async function requireUsable(binary) {
  if (isNewEnough(await versionOf(binary))) return binary;
  const least = AT_LEAST.join('.');
  throw new SetupError(
    `HOLDFAST_K6=${binary} is no k6 of ${least} or newer that runs; name one, or unset it`,
  );
}

async function buildWithGo() {
  await requireGo();
  say(`building k6 ${VERSION} with Go (some minutes)`);
  const folder = await mkdtemp(join(cacheFolder(), '.fetch-'));
  try {
    const env = { ...process.env, GOBIN: folder, GOOS: '', GOARCH: '', CGO_ENABLED: '0' };
    const options = { env, timeout: BUILD_TIMEOUT_MS };
    await run('go', ['install', `go.k6.io/k6@v${VERSION}`], options).catch((error) => {
      const said = (error.stderr || error.message).trim().split('\n').at(-1);
      throw new SetupError(`k6 cannot be built (${said}); ${ADVICE}`);
    });
    await rename(join(folder, `k6${EXE}`), cachedBinary());
    return cachedBinary();
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

/**
 * @param {string} binary
 * @returns {Promise<string | undefined>} such as `1.8.1`; undefined if it does not run
 */
async function versionOf(binary) {
  try {
    const { stdout } = await run(binary, ['version'], { timeout: 10_000 });
    return /k6\S* v(\d+\.\d+\.\S+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} version */
function isNewEnough(version) {
  if (version === undefined) return false;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = AT_LEAST;
  return major > needMajor || (major === needMajor && minor >= needMinor);
}

function cachedBinary() {
  return join(cacheFolder(), `k6-${VERSION}${EXE}`);
}
