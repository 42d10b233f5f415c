import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../cli/nats-binary.ts';
import { packageRoot, VERSION } from '../../cli/version.ts';
import { postgresBinaries } from '../peers/postgres-cluster.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
}

/** Of everything that takes part; null where it is not on this machine. */
export type Versions = Readonly<Record<string, string | null>>;

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  kernel: release(),
});

/** Processes that wanted a processor, over the last minute. */
export const loadNow = (): number => loadavg()[0] ?? 0;

export async function versions(tigerbeetle: string | undefined): Promise<Versions> {
  const postgres = postgresBinaries();
  return {
    holdfast: VERSION,
    node: process.versions.node,
    'nats-server': said(await findBinary(), '--version'),
    redis: said('redis-server', '--version'),
    postgresql: postgres === undefined ? null : said(join(postgres, 'postgres'), '--version'),
    automerge: automergeVersion(),
    tigerbeetle: tigerbeetle === undefined ? null : said(tigerbeetle, 'version'),
  };
}

/** The first figure with a dot in what a program says of itself. */
function said(binary: string, word: string): string | null {
  const { stdout } = spawnSync(binary, [word], { encoding: 'utf8' });
  return /\d+(?:\.\d+)+/.exec(stdout ?? '')?.[0] ?? null;
}

function automergeVersion(): string | null {
  const path = ['node_modules', '@automerge', 'automerge', 'package.json'];
  try {
    return (JSON.parse(readFileSync(join(packageRoot(), ...path), 'utf8')) as Version).version;
  } catch {
    return null;
  }
}

interface Version {
  readonly version: string;
}
