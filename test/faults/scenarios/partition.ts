import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Island, lacksIslands, makeIslands } from '../../../cli/islands.ts';
import { sleep, systemClock } from '../../../engine/clock.ts';
import { LIMITS } from '../../../engine/limits.ts';
import { type NodeProgram, Region, serving } from '../region.ts';
import { overRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

/** For the nodes to share the shards. */
const SHARE_MS = 2_000;
/** Longer than a lease: the other node takes over while the cut lasts. */
const CUT_MS = LIMITS.leaseMs + 2_500;

/** Which shards a node gets rests on its name, and that on chance: to cut off one without any shows nothing. */
async function withShare(region: Region, data: string): Promise<void> {
  const node = region.nodes[1] as NodeProgram;
  for (let tries = 0; tries < 10; tries++) {
    await sleep(systemClock, SHARE_MS);
    if ((await serving(node)).length > 0) return;
    await node.stop();
    await rm(data, { recursive: true });
    await node.restart();
  }
  throw new Error('the node that is cut off never got a shard');
}

export const PARTITIONS: readonly Scenario[] = [
  {
    name: 'partition',
    what: 'a node is cut off from nats-server, but not from its scanners; another takes over',
    rounds: { short: 2, long: 200 },
    cannot: lacksIslands,
    run: async (bench) => {
      const { mainland, all } = await makeIslands(bench.opened, 1);
      const [island] = all as [Island];
      const region = await Region.start(
        { ...bench, dir: join(bench.dir, 'region') },
        {
          nodes: 2,
          servers: 1,
          host: mainland,
          place: (node) => (node === 1 ? { before: island.before, host: island.door } : undefined),
        },
      );
      await withShare(region, join(bench.dir, 'region', 'node-1'));
      await overRounds(
        bench,
        () => region.target,
        async ({ load }) => {
          await island.cut();
          await sleep(systemClock, CUT_MS);
          await load.answersAgain();
          await island.heal();
          await sleep(systemClock, CUT_MS);
        },
      );
    },
  },
];
