import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep, systemClock } from '../../../engine/clock.ts';
import { LIMITS } from '../../../engine/limits.ts';
import type { Opened } from '../../../loadtest/opened.ts';
import { lacks, run } from '../machine.ts';
import { type NodeProgram, Region, serving } from '../region.ts';
import { overRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';

/** For the nodes to share the shards. */
const SHARE_MS = 2_000;
/** Longer than a lease: the other node takes over while the cut lasts. */
const CUT_MS = LIMITS.leaseMs + 2_500;

/**
 * A network namespace with two wires: one to nats-server, that is cut, and one
 * for scanners, that is not. A cut wire loses packets and says nothing.
 */
class Island {
  readonly name = `hf-${process.pid}`;
  readonly server = '10.213.77.1';
  readonly door = '10.213.78.2';
  readonly #wire = `hfn${process.pid}`;

  static async make(opened: Opened): Promise<Island> {
    const island = new Island();
    const { name } = island;
    await run('ip', 'netns', 'add', name);
    opened.add(() => run('ip', 'netns', 'del', name));
    await run('ip', 'netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up');
    await island.#bridge(opened, `hfa${process.pid}`, island.#wire, '10.213.77');
    await island.#bridge(opened, `hfb${process.pid}`, `hfd${process.pid}`, '10.213.78');
    return island;
  }

  /** The bridge stays up when the wire does not, so that the address on this side stays too. */
  async #bridge(opened: Opened, bridge: string, wire: string, net: string): Promise<void> {
    const inside = (...args: readonly string[]): Promise<unknown> =>
      run('ip', 'netns', 'exec', this.name, 'ip', ...args);
    await run('ip', 'link', 'add', bridge, 'type', 'bridge');
    opened.add(() => run('ip', 'link', 'del', bridge));
    await run('ip', 'addr', 'add', `${net}.1/24`, 'dev', bridge);
    await run('ip', 'link', 'set', bridge, 'up');
    await run('ip', 'link', 'add', wire, 'type', 'veth', 'peer', 'name', `${wire}i`);
    opened.add(() => run('ip', 'link', 'del', wire));
    await run('ip', 'link', 'set', wire, 'master', bridge);
    await run('ip', 'link', 'set', `${wire}i`, 'netns', this.name);
    await inside('addr', 'add', `${net}.2/24`, 'dev', `${wire}i`);
    await inside('link', 'set', `${wire}i`, 'up');
    await run('ip', 'link', 'set', wire, 'up');
  }

  cut(): Promise<unknown> {
    return run('ip', 'link', 'set', this.#wire, 'down');
  }

  heal(): Promise<unknown> {
    return run('ip', 'link', 'set', this.#wire, 'up');
  }
}

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
    cannot: () => lacks('ip'),
    run: async (bench) => {
      const island = await Island.make(bench.opened);
      const before = ['ip', 'netns', 'exec', island.name];
      const region = await Region.start(
        { ...bench, dir: join(bench.dir, 'region') },
        {
          nodes: 2,
          servers: 1,
          host: island.server,
          place: (node) => (node === 1 ? { before, host: island.door } : undefined),
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
