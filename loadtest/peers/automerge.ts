import { type Entrant, shared } from '../alternate.ts';
import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import { cpuOf, residentOf, spent } from '../processes.ts';
import { perSecond } from '../stats.ts';
import type { Load } from '../throughput/lane.ts';
import type { Rate } from '../throughput/station.ts';
import type { AutomergeOrder, AutomergeReport } from './automerge-worker.ts';

const WORKER = new URL('./automerge-worker.js', import.meta.url);
const LIMIT_MS = 120_000;
const WARM_UP_MS = 500;
const ROUND_MS = 1_000;

/** Automerge documents, reserved from within their process: no network and no disk. */
export async function openAutomerge(opened: Opened): Promise<(of: Load) => Entrant<Rate>> {
  const { child } = await Child.start<number, AutomergeOrder, AutomergeReport>(WORKER, opened);
  const processes = [{ name: 'automerge', pid: child.pid }];
  let acknowledged = 0;
  const run = async (of: Load, ms: number): Promise<Rate> => {
    const before = cpuOf(processes);
    const report = await child.ask({ kind: 'go', load: of, ms }, LIMIT_MS);
    const { commands, p50Us, p99Us, messageBytes, savedBytes } = report;
    acknowledged += commands;
    return {
      commands,
      perSecond: perSecond(commands, report.ms),
      p50Us,
      p99Us,
      cpu: spent(before, cpuOf(processes)),
      resident: residentOf(processes),
      more: { 'bytes of a change': messageBytes, 'bytes of a saved document': savedBytes },
    };
  };
  const verify = shared(async () => {
    const { reserved } = await child.ask({ kind: 'verify' }, LIMIT_MS);
    if (reserved !== acknowledged)
      throw new Error(`Automerge made ${acknowledged} changes, has ${reserved} reserved`);
  });
  return (of) => ({
    warmUp: () => run(of, WARM_UP_MS),
    round: () => run(of, ROUND_MS),
    verify: () => verify(opened),
  });
}
