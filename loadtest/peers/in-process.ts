import { type Entrant, shared } from '../alternate.ts';
import { Child } from '../child.ts';
import type { Latencies } from '../latencies.ts';
import type { Opened } from '../opened.ts';
import { cpuOf, residentOf, spent } from '../processes.ts';
import { perSecond } from '../stats.ts';
import type { Load } from '../throughput/lane.ts';
import type { Rate } from '../throughput/station.ts';

/** What a side that works within its own process is told. */
export type InProcessOrder =
  | { readonly kind: 'go'; readonly load: Load; readonly ms: number }
  | { readonly kind: 'verify' };

export interface InProcessReport {
  readonly commands: number;
  /** What they took, one after another. */
  readonly ms: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** What else it can tell, by name and unit. */
  readonly more: Readonly<Record<string, number>>;
  /** Units that are gone from its stock by all that it ever did. */
  readonly taken: number;
}

/** What took so long, of a side that has so many units less than it began with. */
export const reportOf = (
  latencies: Latencies,
  taken: number,
  more: InProcessReport['more'] = {},
): InProcessReport => ({
  ...{ commands: latencies.count, ms: (latencies.count * latencies.meanUs) / 1_000, more, taken },
  ...{ p50Us: latencies.us(50), p99Us: latencies.us(99) },
});

const LIMIT_MS = 120_000;
const WARM_UP_MS = 500;
const ROUND_MS = 1_000;

/** A script that answers {@link InProcessOrder}s: one unit a command, no network and no disk. */
export async function openInProcess(
  name: string,
  script: URL,
  opened: Opened,
): Promise<(of: Load) => Entrant<Rate>> {
  const { child } = await Child.start<number, InProcessOrder, InProcessReport>(script, opened);
  const processes = [{ name, pid: child.pid }];
  let done = 0;
  const run = async (load: Load, ms: number): Promise<Rate> => {
    const before = cpuOf(processes);
    const report = await child.ask({ kind: 'go', load, ms }, LIMIT_MS);
    const { commands, p50Us, p99Us, more } = report;
    done += commands;
    return {
      ...{ commands, p50Us, p99Us, perSecond: perSecond(commands, report.ms), more },
      ...{ cpu: spent(before, cpuOf(processes)), resident: residentOf(processes) },
    };
  };
  const verify = shared(async () => {
    const { taken } = await child.ask({ kind: 'verify' }, LIMIT_MS);
    if (taken !== done) throw new Error(`${name} took ${done} units, ${taken} are gone`);
  });
  return (of) => ({
    warmUp: () => run(of, WARM_UP_MS),
    round: () => run(of, ROUND_MS),
    verify: () => verify(opened),
  });
}
