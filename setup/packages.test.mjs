import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packagesAreCurrent } from './packages.mjs';

/** @type {string} */ let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-setup-'));
  mkdirSync(join(root, 'node_modules'));
});
afterEach(() => rmSync(root, { recursive: true }));

const A = { version: '1.0.0', integrity: 'sha512-a' };
const WANTED = {
  '': { version: '0.1.0' },
  'node_modules/a': A,
  'node_modules/other-os': { ...A, optional: true, os: ['none'] },
};

/** @type {[string, boolean, Record<string, object> | undefined][]} */
const CASES = [
  ['nothing is installed', false, undefined],
  ['all but an optional package is', true, { 'node_modules/a': A }],
  ['a package is missing', false, {}],
  ['a package has another version', false, { 'node_modules/a': { ...A, version: '1.0.1' } }],
  ['a package has other content', false, { 'node_modules/a': { ...A, integrity: 'sha512-b' } }],
  ['a package is there that none wants', false, { 'node_modules/a': A, 'node_modules/b': A }],
  ['they are for another system', false, { 'node_modules/a': { ...A, os: ['none'] } }],
];

test.each(CASES)('%s: current is %s', (_, current, installed) => {
  write('package-lock.json', WANTED);
  if (installed) write('node_modules/.package-lock.json', installed);
  expect(packagesAreCurrent(root)).toBe(current);
});

/**
 * @param {string} file
 * @param {object} packages
 */
function write(file, packages) {
  writeFileSync(join(root, file), JSON.stringify({ packages }));
}
