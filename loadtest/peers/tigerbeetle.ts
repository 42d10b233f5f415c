import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from '../../engine/errors.ts';
import type { Opener } from '../alternate.ts';
import { endProcess } from '../child.ts';
import type { Opened } from '../opened.ts';
import { type CpuSeconds, cpuOf, type Process, residentOf } from '../processes.ts';
import type { Rate } from '../throughput/station.ts';
import { parseTigerbeetle } from './tigerbeetle-output.ts';

const TRANSFERS = 1_000_000;
/** As many transfers as one of its messages holds. */
export const TIGERBEETLE_BATCH = 8_189;
const LOOK_MS = 20;

/** Its batches are full ones by default; the option that says so has another name in each of its years. */
export const TIGERBEETLE_OPTIONS: readonly string[] = [
  'benchmark',
  `--transfer-count=${TRANSFERS}`,
  '--transfer-pending',
  '--query-count=0',
];

/** TigerBeetle's own benchmark: it starts a replica of its own, and prints what it measured. */
export const openTigerbeetle =
  (binary: string | undefined): Opener<Rate> =>
  async (opened) => {
    if (binary === undefined) return undefined;
    if (!existsSync(binary)) throw new StartError(`--tigerbeetle ${binary}: there is no such file`);
    return {
      warmUp: async () => {},
      round: () => benchmark(binary, opened),
      verify: async () => {}, // its benchmark stops at the first transfer that fails
    };
  };

async function benchmark(binary: string, opened: Opened): Promise<Rate> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-tigerbeetle-'));
  opened.add(() => rm(dir, { recursive: true, force: true }));
  const program = spawn(binary, TIGERBEETLE_OPTIONS, { cwd: dir, stdio: ['ignore', 'pipe', 2] });
  opened.add(() => endProcess(program, 'SIGTERM'));
  const watched = watch(program);
  const text = await printed(program);
  const { cpu, resident } = watched();
  await rm(dir, { recursive: true, force: true });
  const { transfersPerSecond, batchCommands, p50Ms, p99Ms } = parseTigerbeetle(text);
  if (batchCommands !== TIGERBEETLE_BATCH)
    throw new Error(`tigerbeetle sent ${batchCommands} in a batch, not ${TIGERBEETLE_BATCH}`);
  return {
    commands: TRANSFERS,
    perSecond: transfersPerSecond,
    p50Us: p50Ms * 1_000,
    p99Us: p99Ms * 1_000,
    cpu,
    resident,
  };
}

/** Looks at it and its replica until asked: what they spent, and the most that they took. */
function watch({ pid }: ChildProcess): () => { cpu: CpuSeconds; resident: Rate['resident'] } {
  const processes: Process[] = [{ name: 'tigerbeetle', pid: pid as number, withChildren: true }];
  let cpu: CpuSeconds = { tigerbeetle: null };
  let most = 0;
  const timer = setInterval(() => {
    const now = cpuOf(processes);
    // A replica that has ended takes its time with it: keep the highest.
    if ((now.tigerbeetle ?? 0) >= (cpu.tigerbeetle ?? 0)) cpu = now;
    most = Math.max(most, residentOf(processes).tigerbeetle ?? 0);
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    return { cpu, resident: { tigerbeetle: most === 0 ? null : most } };
  };
}

async function printed(program: ChildProcess): Promise<string> {
  let text = '';
  program.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const [code] = await new Promise<[number | null]>((resolve, reject) => {
    program.once('error', reject).once('close', (status) => resolve([status]));
  });
  if (code !== 0) throw new Error(`tigerbeetle benchmark ended with ${code}: ${text}`);
  return text;
}
