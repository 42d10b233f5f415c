import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { StartError } from '../engine/errors.ts';
import type { KeyPair } from '../gateway/auth.ts';

/** Version of the data folder's layout. */
const FORMAT = 1;

/** One instance's data: journal, snapshots, the centre's store, keys. */
export interface DataFolder {
  readonly dir: string;
  /** Name of this node, made with the folder. */
  readonly node: string;
  readonly keys: KeyPair;
  /** True when this start made it. */
  readonly fresh: boolean;
  path(...parts: string[]): string;
  /** Lets another process have the folder. */
  release(): Promise<void>;
}

/** `$XDG_DATA_HOME/holdfast`, or its like. */
export function defaultDataDir(): string {
  if (process.platform === 'win32') return join(process.env.LOCALAPPDATA ?? homedir(), 'holdfast');
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'holdfast');
}

/** Opens the folder for this process alone; makes it if it is not there. */
export async function openData(dir: string): Promise<DataFolder> {
  const fresh = await prepare(dir);
  await lock(dir);
  try {
    const { node } = await about(dir);
    return {
      dir,
      node,
      keys: await keysOf(dir),
      fresh,
      path: (...parts) => join(dir, ...parts),
      release: () => rm(join(dir, 'lock'), { force: true }),
    };
  } catch (e) {
    await rm(join(dir, 'lock'), { force: true });
    throw e;
  }
}

/** The keys of a folder that another process may have open. */
export async function readKeys(dir: string): Promise<KeyPair> {
  if (!existsSync(join(dir, 'holdfast.json'))) {
    throw new StartError(`${dir} is no data folder; start with: npm start -- --data ${dir}`);
  }
  return keysOf(dir);
}

async function prepare(dir: string): Promise<boolean> {
  try {
    await mkdir(dir, { recursive: true });
    if (existsSync(join(dir, 'holdfast.json'))) return false;
    const found = (await readdir(dir)).filter((f) => f !== 'lock');
    if (found.length > 0) {
      throw new StartError(`${dir} holds other files; name an empty folder with --data`);
    }
  } catch (e) {
    if (e instanceof StartError) throw e;
    throw new StartError(
      `${dir} cannot be used (${(e as Error).message}); name another with --data`,
    );
  }
  return true;
}

async function about(dir: string): Promise<{ node: string }> {
  const path = join(dir, 'holdfast.json');
  if (!existsSync(path)) {
    const made = { format: FORMAT, node: `node-${randomBytes(4).toString('hex')}` };
    await writeFile(path, `${JSON.stringify(made)}\n`, { flush: true });
    return made;
  }
  const said: unknown = JSON.parse(await readFile(path, 'utf8'));
  const { format, node } = said as { format?: unknown; node?: unknown };
  if (format !== FORMAT || typeof node !== 'string') {
    throw new StartError(
      `${dir} was made by another version (format ${String(format)}, here ${FORMAT}); ` +
        'name another folder with --data, or use that version',
    );
  }
  return { node };
}

async function keysOf(dir: string): Promise<KeyPair> {
  const path = join(dir, 'keys.json');
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as KeyPair;
  const made = await generateKeyPair('EdDSA', { extractable: true });
  const keys: KeyPair = {
    privateKey: await exportJWK(made.privateKey),
    publicKey: await exportJWK(made.publicKey),
  };
  await writeFile(path, `${JSON.stringify(keys)}\n`, { mode: 0o600, flush: true });
  return keys;
}

/** A folder has one process. A lock whose process is gone is taken over. */
async function lock(dir: string): Promise<void> {
  const path = join(dir, 'lock');
  const mine = JSON.stringify({ pid: process.pid, born: bornAt(process.pid) });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return;
    } catch (e) {
      if ((e as { code?: unknown }).code !== 'EEXIST') throw e;
      const holder = holderOf(path);
      if (holder !== undefined) {
        throw new StartError(
          `${dir} is in use by process ${holder}; stop it, or name another folder with --data`,
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new StartError(`${dir} is being opened by another process; try again`);
}

function holderOf(path: string): number | undefined {
  try {
    const { pid, born } = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; born: string };
    return isAlive(pid) && bornAt(pid) === born ? pid : undefined;
  } catch {
    return undefined; // cut off in the middle of writing it
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (e) {
    return (e as { code?: unknown }).code === 'EPERM';
  }
}

/** Fields of /proc/PID/stat after the name; empty where there is no such file. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

const isZombie = (pid: number): boolean => statOf(pid)[0] === 'Z';

/** Tells a process from a later one with the same number. '' where the system does not say. */
export const bornAt = (pid: number): string => statOf(pid)[19] ?? '';
