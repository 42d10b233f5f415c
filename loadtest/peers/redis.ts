import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../cli/ports.ts';
import { endProcess } from '../child.ts';
import type { Opened } from '../opened.ts';
import { SKUS } from '../throughput/shape.ts';
import { Station } from '../throughput/station.ts';
import { RedisLink } from './redis-link.ts';
import { RESERVE, stockKey } from './redis-script.ts';

const UNITS = 1_000_000_000;
const READY_MS = 10_000;

/** `none` keeps nothing on disk; `always` has each reservation there before it is answered. */
export type RedisPersistence = 'none' | 'always';

export const REDIS_OPTIONS: Readonly<Record<RedisPersistence, readonly string[]>> = {
  none: ['--save', '', '--appendonly', 'no'],
  // A rewrite of the log in the middle of a round would be charged to that round.
  always: [
    ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
    ...['--auto-aof-rewrite-percentage', '0'],
  ],
};

/** A private Redis that reserves by a Lua script. Undefined where there is none. */
export async function openRedis(
  persistence: RedisPersistence,
  opened: Opened,
): Promise<Station | undefined> {
  const server = await startRedis(persistence, opened);
  if (server === undefined) return undefined;
  const { port, pid, link } = server;
  for (let i = 0; i < SKUS; i++) await link.ask('SET', stockKey(i), UNITS);
  const sha = String(await link.ask('SCRIPT', 'LOAD', RESERVE));
  return Station.open(
    {
      peer: { kind: 'redis', port, sha },
      processes: [{ name: 'redis-server', pid }],
      verify: (acknowledged) => verify(link, acknowledged),
    },
    opened,
  );
}

/** A private Redis, empty, and a connection to it. Undefined where there is none. */
export async function startRedis(
  persistence: RedisPersistence,
  opened: Opened,
): Promise<{ port: number; pid: number; link: RedisLink } | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
  const { port, pid } = await startServer(persistence, opened);
  const link = await firstLink(port);
  opened.add(() => link.close());
  await mustBe(link, pid);
  return { port, pid, link };
}

async function startServer(
  persistence: RedisPersistence,
  opened: Opened,
): Promise<{ port: number; pid: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-redis-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  const where = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--daemonize', 'no'];
  const options = REDIS_OPTIONS[persistence];
  const server = spawn('redis-server', [...where, ...options], { stdio: 'ignore' });
  opened.add(() => endProcess(server, 'SIGTERM'));
  return { port, pid: server.pid as number };
}

async function firstLink(port: number): Promise<RedisLink> {
  const until = performance.now() + READY_MS;
  for (;;) {
    try {
      return await RedisLink.connect(port);
    } catch (e) {
      if (performance.now() > until) throw e;
      await sleep(20);
    }
  }
}

/** Another Redis on this port would be measured, or worse, written to. */
async function mustBe(link: RedisLink, pid: number): Promise<void> {
  const said = /^process_id:(\d+)/m.exec(String(await link.ask('INFO', 'server')))?.[1];
  if (Number(said) !== pid) throw new Error(`this Redis is process ${said}, ours is ${pid}`);
}

async function verify(link: RedisLink, acknowledged: number): Promise<void> {
  const keys = Array.from({ length: SKUS }, (_, i) => stockKey(i));
  const left = (await link.ask('MGET', ...keys)) as readonly string[];
  const reserved = left.reduce((sum, units) => sum + UNITS - Number(units), 0);
  const holds = Number(await link.ask('DBSIZE')) - SKUS;
  if (reserved === acknowledged && holds === acknowledged) return;
  throw new Error(`Redis acknowledged ${acknowledged}, has ${reserved} reserved in ${holds} holds`);
}
