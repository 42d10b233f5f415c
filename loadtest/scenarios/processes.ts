import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ticks of /proc/PID/stat, per second: fixed by Linux for programs. */
const TICKS = 100;

/** Of a process: what the system says. NaN where it does not, or the process is gone. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

export const usageOf = (pid: number): Usage => ({
  cpuSeconds: cpuOf(textOf(`/proc/${pid}/stat`)),
  rssBytes: rssOf(textOf(`/proc/${pid}/status`)),
});

/** User and system time of a line of /proc/PID/stat. */
export function cpuOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Of the text of /proc/PID/status. */
export const rssOf = (status: string): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** The nats-server of a data folder of `holdfast up`. */
export const natsPidOf = (data: string): number =>
  Number(readFileSync(join(data, 'nats', 'pid'), 'utf8').split(' ')[0]);

/** Files that a process may have open; undefined where the system does not say. */
export function openFilesLimit(): number | undefined {
  const text = textOf('/proc/self/limits');
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  if (hard === undefined) return undefined;
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}
