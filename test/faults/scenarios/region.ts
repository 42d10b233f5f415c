import { jetstreamManager } from '@nats-io/jetstream';
import { sleep, systemClock } from '../../../engine/clock.ts';
import { LIMITS } from '../../../engine/limits.ts';
import { journalStream } from '../../../engine/subjects.ts';
import { Region } from '../region.ts';
import { type Hands, overRounds } from '../rounds.ts';
import type { Bench, Scenario } from '../scenario.ts';

const REGION = 'local';
/** Longer than a lease, and than taking over. */
const FROZEN_MS = 2 * LIMITS.leaseMs;
/** For the nodes to share the shards anew. */
const SHARE_MS = 1_000;

export const REGIONS: readonly Scenario[] = [
  {
    name: 'failover',
    what: 'SIGKILL of the node that serves most, of three; the others take its shards over',
    rounds: { short: 20, long: 100 },
    run: (bench) =>
      overRegion(bench, { nodes: 3, servers: 1 }, async (region, { load }) => {
        const { node, warehouses } = await region.busiest();
        await node.kill();
        await load.answersAgain(warehouses);
        bench.progress.outagesMs.push(load.outageMs(warehouses));
        await node.restart();
      }),
  },
  {
    name: 'zombie',
    what: 'SIGSTOP of an owner beyond its lease, takeover by the other node, SIGCONT',
    rounds: { short: 2, long: 1_000 },
    run: (bench) =>
      overRegion(bench, { nodes: 2, servers: 1 }, async (region, { load }) => {
        const { node, warehouses } = await region.busiest();
        node.signal('SIGSTOP');
        await load.answersAgain(warehouses);
        bench.progress.outagesMs.push(load.outageMs(warehouses));
        await sleep(systemClock, FROZEN_MS);
        node.signal('SIGCONT');
        await sleep(systemClock, SHARE_MS);
      }),
  },
  {
    name: 'rolling-restart',
    what: 'each of three nodes stopped in order and started again, one after the other',
    rounds: { short: 1, long: 50 },
    run: (bench) =>
      overRegion(bench, { nodes: 3, servers: 1 }, async (region, { load }) => {
        for (const node of region.nodes) {
          await node.stop();
          await load.answersAgain();
          await node.restart();
          await sleep(systemClock, SHARE_MS);
        }
      }),
  },
  {
    name: 'centre-kill',
    what: 'SIGKILL of the centre; sales go on, and it catches up',
    rounds: { short: 2, long: 200 },
    run: (bench) =>
      overRegion(bench, { nodes: 1, servers: 1 }, async (region, { load }) => {
        await region.centre.kill();
        await load.answersAgain();
        await region.centre.restart();
      }),
  },
  {
    name: 'leader-kill',
    what: "SIGKILL of the nats-server that leads a shard's journal, of three with R3",
    rounds: { short: 2, long: 100 },
    run: (bench) => overServers(bench, true),
  },
  {
    name: 'minority-kill',
    what: 'SIGKILL of a nats-server that follows, of three with R3',
    rounds: { short: 1, long: 100 },
    run: (bench) => overServers(bench, false),
  },
];

/** Against nodes of a region and a centre, each a process of its own. */
async function overRegion(
  bench: Bench,
  size: { readonly nodes: number; readonly servers: 1 | 3 },
  fault: (region: Region, hands: Hands) => Promise<void>,
): Promise<void> {
  const region = await Region.start(bench, size);
  await overRounds(
    bench,
    () => region.target,
    (hands) => fault(region, hands),
  );
}

async function overServers(bench: Bench, leads: boolean): Promise<void> {
  await overRegion(bench, { nodes: 2, servers: 3 }, async (region, { load, round }) => {
    const leader = await leaderOf(region, round % LIMITS.shards);
    const name = leads ? leader : (region.servers.names.find((n) => n !== leader) as string);
    await region.servers.kill(name);
    await load.answersAgain();
    await region.servers.run(name);
  });
}

async function leaderOf(region: Region, shard: number): Promise<string> {
  const nats = await region.servers.connect();
  try {
    const jsm = await jetstreamManager(nats);
    const { cluster } = await jsm.streams.info(journalStream(REGION, shard));
    if (cluster?.leader === undefined)
      throw new Error(`the journal of shard ${shard} has no leader`);
    return cluster.leader;
  } finally {
    await nats.close();
  }
}
