import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../../cli/ports.ts';
import { endProcess } from '../child.ts';
import type { Opened } from '../opened.ts';

const run = promisify(execFile);

export interface Cluster {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A new one each time, so a server that knows it is ours. */
  readonly password: string;
  readonly database: string;
}

const INSTALLED = '/usr/lib/postgresql';
const READY_MS = 20_000;

/** A new PostgreSQL cluster on a free port, gone with `opened`. Undefined where there is none. */
export async function startCluster(
  opened: Opened,
): Promise<{ readonly cluster: Cluster; readonly pid: number } | undefined> {
  const bin = postgresBinaries();
  const who = account();
  if (bin === undefined || who === undefined) return undefined;
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-postgres-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const [data, secret] = [join(dir, 'data'), join(dir, 'password')];
  const password = randomBytes(16).toString('hex');
  await mkdir(data, { mode: 0o700 });
  await writeFile(secret, password, { mode: 0o600 });
  if ('uid' in who) await Promise.all([dir, data, secret].map((p) => chown(p, who.uid, who.gid)));
  const options = { cwd: dir, ...who };
  const words = ['-D', data, '-U', 'bench', '-A', 'scram-sha-256', `--pwfile=${secret}`];
  await run(join(bin, 'initdb'), [...words, '--no-sync', '--no-locale', '-E', 'UTF8'], options);
  const port = await freePort();
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories='],
    { ...options, stdio: 'ignore' },
  );
  opened.add(() => endProcess(server, 'SIGINT')); // its fast shutdown
  const cluster = { host: '127.0.0.1', port, user: 'bench', password, database: 'postgres' };
  await ready(cluster);
  return { cluster, pid: server.pid as number };
}

/** The folder of initdb and postgres: on PATH, else the newest that is installed. */
export function postgresBinaries(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const installed = existsSync(INSTALLED) ? readdirSync(INSTALLED) : [];
  const newest = installed.sort((a, b) => Number(b) - Number(a));
  const folders = [...onPath, ...newest.map((version) => join(INSTALLED, version, 'bin'))];
  return folders.find((f) => existsSync(join(f, 'initdb')) && existsSync(join(f, 'postgres')));
}

/** PostgreSQL refuses to be root; then it runs as somebody else. Undefined where there is nobody. */
function account(): { uid: number; gid: number } | Record<string, never> | undefined {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = [idOf('-u', name), idOf('-g', name)];
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  return undefined;
}

function idOf(which: '-u' | '-g', name: string): number | undefined {
  const { status, stdout } = spawnSync('id', [which, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

async function ready(cluster: Cluster): Promise<void> {
  const until = performance.now() + READY_MS;
  for (;;) {
    const client = new Client(cluster);
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (e) {
      if (performance.now() > until) throw e;
      await sleep(50);
    }
  }
}
