import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError, say } from './say.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean,
 *   os?: string[], cpu?: string[] }} Locked
 */

/**
 * True when node_modules holds exactly what package-lock.json asks for. npm
 * writes down what it installed, so no matter who ran it this costs two reads.
 * @param {string} root
 */
export function packagesAreCurrent(root) {
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const installed = lockedPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  const same = Object.entries(installed).every(
    ([path, is]) =>
      is.version === wanted[path]?.version &&
      is.integrity === wanted[path]?.integrity &&
      fits(is.os, process.platform) &&
      fits(is.cpu, process.arch),
  );
  return same && Object.keys(wanted).every((p) => p === '' || wanted[p]?.optional || installed[p]);
}

/**
 * Installs what package-lock.json names, with npm's own output on stderr.
 * @param {string} root
 */
export function installPackages(root) {
  say('installing npm packages');
  const [npm, ...args] = npmCommand();
  // The level is set, or `npm start --silent` would hide why an install fails.
  const options = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=notice'];
  const { status, error } = spawnSync(npm, [...args, 'ci', ...options], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: npm === 'npm' && process.platform === 'win32',
  });
  if (error) throw new SetupError('npm was not found; install it (it comes with Node) and retry');
  if (status !== 0) throw new SetupError('npm ci failed (see above); put that right and retry');
}

/** The npm that started us, else the one on PATH. @returns {[string, ...string[]]} */
function npmCommand() {
  const script = process.env.npm_execpath;
  return script && basename(script) === 'npm-cli.js' ? [process.execPath, script] : ['npm'];
}

/**
 * @param {string} file
 * @returns {Record<string, Locked> | undefined}
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * @param {string[] | undefined} allowed such as `['linux']` or `['!win32']`
 * @param {string} here
 */
function fits(allowed, here) {
  if (!allowed || allowed.includes(here)) return true;
  return allowed.every((a) => a.startsWith('!')) && !allowed.includes(`!${here}`);
}
