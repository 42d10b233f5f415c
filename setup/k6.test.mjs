import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureK6, findK6 } from './k6.mjs';

const CACHED = 'k6-1.8.1';

/** @type {string} */ let folder;
/** @type {string} */ let bin;
/** @type {string} */ let cache;

// The stand-ins are shell scripts, and the cache folder is the Linux one.
describe.skipIf(process.platform !== 'linux')('k6', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-setup-'));
    bin = join(folder, 'bin');
    cache = join(folder, 'cache', 'holdfast');
    mkdirSync(bin);
    vi.stubEnv('HOLDFAST_K6', undefined);
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    vi.stubEnv('PATH', bin);
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  test('the named one comes before the cached one, and that before the one on PATH', async () => {
    k6(join(bin, 'k6'), '1.9.0');
    expect(await findK6()).toBe(join(bin, 'k6'));
    mkdirSync(cache, { recursive: true });
    const cached = k6(join(cache, CACHED), '1.8.1');
    expect(await findK6()).toBe(cached);
    const named = k6(join(folder, 'mine'), '2.0.0');
    vi.stubEnv('HOLDFAST_K6', named);
    expect(await findK6()).toBe(named);
  });

  test('a named one that is too old or does not run is refused', async () => {
    vi.stubEnv('HOLDFAST_K6', k6(join(folder, 'old'), '1.7.1'));
    await expect(findK6()).rejects.toThrow(/old is no k6 of 1\.8 or newer/);
    vi.stubEnv('HOLDFAST_K6', join(folder, 'gone'));
    await expect(findK6()).rejects.toThrow(/gone is no k6/);
  });

  test('one on PATH that is too old is passed over', async () => {
    k6(join(bin, 'k6'), '0.56.0');
    expect(await findK6()).toBeUndefined();
  });

  test('without Go it says what to do', async () => {
    await expect(ensureK6()).rejects.toThrow(
      /no Go to build it with; put k6 1\.8 or newer on PATH/,
    );
    expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
  });

  test('of many callers at once one builds it', async () => {
    const count = join(folder, 'builds');
    vi.stubEnv('PATH', [bin, '/usr/bin', '/bin'].join(delimiter));
    const build = `echo one >> ${count}; printf '#!/bin/sh\\necho "k6 v1.8.1 (go1)"\\n' > $GOBIN/k6; chmod +x $GOBIN/k6`;
    script(join(bin, 'go'), `[ "$1" = version ] || { ${build}; }`);
    const found = await Promise.all(Array.from({ length: 4 }, ensureK6));
    expect(new Set(found)).toEqual(new Set([join(cache, CACHED)]));
    expect(readdirSync(cache)).toEqual([CACHED]);
    expect(readFileSync(count, 'utf8')).toBe('one\n');
  });

  test('a build that fails says why, and leaves nothing', async () => {
    script(join(bin, 'go'), '[ "$1" = version ] || { echo "no network" >&2; exit 1; }');
    await expect(ensureK6()).rejects.toThrow(/k6 cannot be built \(no network\)/);
    expect(readdirSync(cache)).toEqual([]);
  });
});

/** @param {string} path @param {string} version */
const k6 = (path, version) => script(path, `echo "k6 v${version} (go1.26, linux/amd64)"`);

/** @param {string} path @param {string} body */
function script(path, body) {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}
