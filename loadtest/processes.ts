import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that works for one side of a comparison. */
export interface Process {
  readonly name: string;
  readonly pid: number;
  /** Its children work for the same side and are counted with it. */
  readonly withChildren?: true;
  /** Only its first thread, or all but that one; left out: all. */
  readonly threads?: 'first' | 'others';
}

/** The bench itself, where it drives. */
export const THIS: Process = { name: 'driver', pid: process.pid };

/** Seconds of processor time, by the names of the processes; null where it cannot be told. */
export type CpuSeconds = Readonly<Record<string, number | null>>;

/** Fields of /proc/…/stat after the name, which may hold blanks and brackets. */
const UTIME = 11;
const STIME = 12;
/** Linux tells processor time in hundredths of a second, whatever its own clock. */
const TICKS_PER_SECOND = 100;

/** Processor time that each has spent so far. */
export const cpuOf = (processes: readonly Process[]): CpuSeconds =>
  Object.fromEntries(
    processes.map((p) => [p.name, sumOf(membersOf(p).map((pid) => cpuSeconds(pid, p.threads)))]),
  );

/** What was spent between two readings. */
export const spent = (before: CpuSeconds, after: CpuSeconds): CpuSeconds =>
  Object.fromEntries(
    Object.entries(after).map(([name, value]) => {
      const earlier = before[name];
      return [name, value === null || earlier == null ? null : value - earlier];
    }),
  );

const LOOK_MS = 250;
/** Of one processor, between two looks. Timers and leases take less. */
const IDLE_SHARE = 0.15;
/** The centre begins to write up to half a second after the last sale: one quiet look says nothing. */
const QUIET_LOOKS = 3;
/** A million receipts are minutes of SQL. */
const PATIENCE_MS = 600_000;

/** Waits until they have nothing left to do, so that it is not charged to whose turn comes next. */
export async function settled(processes: readonly Process[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let quiet = 0;
  for (let before = total(cpuOf(processes)); performance.now() < until; ) {
    await sleep(LOOK_MS);
    const now = total(cpuOf(processes));
    quiet = now - before <= (IDLE_SHARE * LOOK_MS) / 1000 ? quiet + 1 : 0;
    if (quiet === QUIET_LOOKS) return;
    before = now;
  }
  throw new Error(`${processes.map((p) => p.name).join(', ')}: still busy after a round`);
}

const total = (cpu: CpuSeconds): number =>
  Object.values(cpu).reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);

/** Resident memory of each now, bytes; threads share that of their process. Pages that several of its processes share count once for each. */
export const residentOf = (processes: readonly Process[]): Record<string, number | null> =>
  Object.fromEntries(
    processes
      .filter((p) => p.threads !== 'others')
      .map((p) => [p.name, sumOf(membersOf(p).map((pid) => residentBytes(pid)))]),
  );

function membersOf({ pid, withChildren }: Process): number[] {
  return withChildren ? [pid, ...childrenOf(pid)] : [pid];
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      (readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
    );
  } catch {
    return []; // it has ended, or this is no Linux
  }
}

function cpuSeconds(pid: number, threads: Process['threads']): number | undefined {
  const all = cpuIn(`/proc/${pid}/stat`);
  if (threads === undefined || all === undefined) return all;
  const first = cpuIn(`/proc/${pid}/task/${pid}/stat`);
  return threads === 'first' || first === undefined ? first : all - first;
}

function cpuIn(path: string): number | undefined {
  const fields = read(path)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  if (fields === undefined) return undefined;
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_SECOND;
}

function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Null where none of them could be told. A child that has ended meanwhile is left out. */
function sumOf(values: readonly (number | undefined)[]): number | null {
  const told = values.filter((v) => v !== undefined);
  return told.length === 0 ? null : told.reduce((a, b) => a + b, 0);
}
