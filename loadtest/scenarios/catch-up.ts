import type { NatsConnection } from '@nats-io/transport-node';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { ShardInfo } from '../../engine/info.ts';
import { LIMITS } from '../../engine/limits.ts';
import { shardInfoSubject } from '../../engine/subjects.ts';
import type { AsOf } from '../../oms/as-of.ts';
import { ask } from './centre.ts';
import { nowMs } from './metronome.ts';
import { Probe } from './probe.ts';
import { Region } from './region.ts';
import { problemsOfRuns, Rig } from './rig.ts';
import { atLeast, atMost, type Scenario } from './scenario.ts';
import type { WorkPlan } from './work.ts';

const PLAN: WorkPlan = { kind: 'shift', warehouse: 'W1', skus: 500, units: 1_000 };
const REGION = 'local';
const VISIBLE_MS = 50;
const TIMES = 10;
const LOOK_MS = 20;

/** The centre away while the load goes on, then back. */
export const catchUp: Scenario = {
  what: 'the centre is stopped under load, then reads what it missed; before that, how soon it sees a change',
  defaults: { seconds: 20, rate: 1_000, scanners: 100, sync: 'always' },
  async run({ rate, seconds, scanners, sync }, bench) {
    const { say, opened } = bench;
    say('starting a nats-server, a node and a centre');
    const region = await Region.start(sync, opened);
    const rig = await Rig.open(region.target, bench);
    await region.startCentre();
    await rig.driver.receive(PLAN);
    await rig.driver.connect(scanners);
    const probe = await Probe.open(rig.nats, region.target.address);
    opened.add(async () => probe.close());

    say(`${rate}/s for ${seconds} s, the centre running`);
    const load = { plan: PLAN, rate, seconds };
    const [{ run, use }] = await Promise.all([rig.measure(load), probe.run(seconds)]);

    say('stopping the centre and starting it with nothing to read');
    const empty = await restart(region, rig.nats, async () => {});
    say(`stopping the centre, ${rate}/s for ${seconds} s without it`);
    let missed = run;
    const full = await restart(region, rig.nats, async () => {
      missed = await rig.driver.run(load);
    });

    const problems = await problemsOfRuns([run, missed], rig, bench, probe.books.accounts);
    const { visible } = probe;
    const figures = [
      { name: 'visible at the centre, p50', value: visible.us(50) / 1000, unit: 'ms' },
      atMost('visible at the centre, p99', visible.us(99) / 1000, 'ms', VISIBLE_MS),
      { name: 'start with nothing to read', value: empty.sql, unit: 's' },
      { name: 'start with what it missed', value: full.sql, unit: 's' },
      times('stock caught up', seconds, full.memory - empty.memory),
      times('history caught up', seconds, full.sql - empty.sql),
    ];
    return { run, use, figures, problems };
  },
};

/** Of real time. What took no longer than a start without it took a look at most. */
const times = (name: string, seconds: number, took: number) =>
  atLeast(name, seconds / Math.max(took, LOOK_MS / 1000), '× real time', TIMES);

/** From the start of the process, s. */
interface Took {
  /** Until it answers with all that the region had. */
  readonly memory: number;
  /** Until that is in SQL. */
  readonly sql: number;
}

async function restart(
  region: Region,
  nats: NatsConnection,
  meanwhile: () => Promise<void>,
): Promise<Took> {
  await region.stopCentre();
  await meanwhile();
  const numbers = await recordNumbers(nats);
  const begunMs = nowMs();
  await region.startCentre();
  await reached(nats, numbers, 'inv.oms.availability', { skus: [] });
  const memory = (nowMs() - begunMs) / 1000;
  await reached(nats, numbers, 'inv.oms.ledger', { limit: 1 });
  return { memory, sql: (nowMs() - begunMs) / 1000 };
}

/** Of the last record of each shard of the region. */
const recordNumbers = (nats: NatsConnection): Promise<number[]> =>
  Promise.all(
    Array.from({ length: LIMITS.shards }, async (_, shard) => {
      const info = await ask<ShardInfo>(nats, shardInfoSubject(REGION, shard), {});
      return info.number;
    }),
  );

/** Resolves when a service answers as of these records. */
async function reached(
  nats: NatsConnection,
  numbers: readonly number[],
  subject: string,
  question: object,
): Promise<void> {
  for (;;) {
    const { asOf } = await ask<{ asOf: readonly AsOf[] }>(nats, subject, question);
    if (asOf.every(({ shard, number }) => number >= (numbers[shard] as number))) return;
    await sleep(systemClock, LOOK_MS);
  }
}
