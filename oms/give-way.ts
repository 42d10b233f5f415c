import { setPriority } from 'node:os';

/**
 * Sales on the same machine go before this thread. Linux counts niceness by
 * thread (setpriority(2), "C library/kernel differences"); elsewhere it would
 * slow the whole process, so nothing is done.
 */
export function giveWay(nice: number): void {
  if (process.platform === 'linux') setPriority(nice);
}
