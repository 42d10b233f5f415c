import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError, say } from './say.mjs';

const NOT_COPIED = /\.ts$|\.mts$|\.test\.mjs$|tsconfig\.json$/;

/**
 * True when dist/ was built from exactly these sources.
 * @param {string} root
 */
export function buildIsCurrent(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === fingerprint(root);
  } catch {
    return false;
  }
}

/**
 * Compiles into dist/ and puts the files that are not compiled (SQL, pages,
 * set-up scripts) beside the compiled ones. Nothing of an older build stays.
 * @param {string} root
 */
export function build(root) {
  say('building');
  const print = fingerprint(root);
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) {
    if (!name.startsWith('.')) rmSync(join(dist, name), { recursive: true });
  }
  rmSync(stampFile(root), { force: true });
  compile(root);
  for (const file of sourceFiles(root)) {
    if (!NOT_COPIED.test(file)) copy(root, file);
  }
  writeFileSync(stampFile(root), print);
}

/** @param {string} root */
function compile(root) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '--pretty', String(process.stderr.isTTY === true)],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
    },
  );
  if (status !== 0) throw new SetupError('the build failed; put the type errors above right');
}

/**
 * @param {string} root
 * @param {string} file
 */
function copy(root, file) {
  const to = join(root, 'dist', file);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(join(root, file), to);
}

/**
 * Paths, sizes and times of all that decides what the build gives.
 * @param {string} root
 */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of [...sourceFiles(root), 'tsconfig.json', 'package-lock.json']) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}:${size}:${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @returns {string[]} relative paths of all files in the folders tsconfig.json includes
 */
function sourceFiles(root) {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const folders = /** @type {string[]} */ (include).map((path) => path.split('/')[0] ?? path);
  return [...new Set(folders)].flatMap((folder) => filesUnder(root, folder)).sort();
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((d) => {
    const path = join(folder, d.name);
    if (d.isDirectory()) return filesUnder(root, path);
    return d.isFile() ? [path] : [];
  });
}

/** @param {string} root */
const stampFile = (root) => join(root, 'dist', '.built-from');
