import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.mjs';

/** What k6 and nats-server, programs of others that are looked for and fetched, have in common. */

export const run = promisify(execFile);

export const EXE = process.platform === 'win32' ? '.exe' : '';

/**
 * Where a fetched one is kept.
 * @param {string} name
 * @param {string} version
 */
export function cachedBinary(name, version) {
  return join(cacheFolder(), `${name}-${version}${EXE}`);
}

/**
 * The first one on PATH.
 * @param {string} name
 */
export function binaryOnPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((f) => join(f, `${name}${EXE}`)).find((b) => existsSync(b));
}

/**
 * @param {string} binary
 * @param {string} asked its argument
 * @param {RegExp} told finds the version in what it then says
 * @returns {Promise<string | undefined>} such as `2.15.1`; undefined if it does not run
 */
export async function versionOf(binary, asked, told) {
  try {
    const { stdout } = await run(binary, [asked], { timeout: 10_000 });
    return told.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/**
 * @param {string} version
 * @param {number[]} least major and minor
 */
export function isNewEnough(version, [needMajor = 0, needMinor = 0]) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > needMajor || (major === needMajor && minor >= needMinor);
}

/**
 * For a `go install` of a program for this machine.
 * @param {string} folder where it is put
 */
export function goEnvironment(folder) {
  return { ...process.env, GOBIN: folder, GOOS: '', GOARCH: '', CGO_ENABLED: '0' };
}

/**
 * The last line that a program said before it failed.
 * @param {unknown} error as {@link run} throws it
 */
export function lastLineOf(error) {
  const { stderr, message } = /** @type {Error & { stderr?: string }} */ (error);
  return (stderr || message).trim().split('\n').at(-1);
}
