import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { natsCentreLink } from './centre.ts';
import { systemClock } from './clock.ts';
import { Courier } from './courier.ts';
import { FarErrands } from './far-errands.ts';
import { fileHistory } from './history.ts';
import { answerInfo } from './info.ts';
import { JetStreamJournal } from './journal/jetstream.ts';
import { KvLeases } from './lease.ts';
import { LIMITS, slotsOf } from './limits.ts';
import { newCounters, shardMetrics } from './metrics.ts';
import { listen } from './peers/careful.ts';
import { Members } from './peers/members.ts';
import { NatsPeers } from './peers/nats.ts';
import { ChangeRelay } from './peers/relay.ts';
import { NO_PLANS, type SalesPlans } from './plans.ts';
import type { Regions } from './regions.ts';
import { sellingMetrics } from './rights/metrics.ts';
import { Selling } from './rights/selling.ts';
import { Router } from './router.ts';
import type { RulesOf } from './routing/rules.ts';
import { natsScheduling } from './scheduling/nats.ts';
import { Slot } from './slot.ts';
import { FileSnapshots } from './snapshots/file.ts';
import { ObjectSnapshots } from './snapshots/object.ts';
import type { SnapshotStore } from './snapshots/store.ts';
import { shardInfoSubject } from './subjects.ts';
import { Watchers } from './watch.ts';

export interface NodeOptions {
  readonly nats: NatsConnection;
  readonly region: string;
  /** Name of this node, the same after a restart; its data folder must be its own. */
  readonly name: string;
  /** Where its scanners connect. */
  readonly url: string;
  readonly dataDir: string;
  readonly log: Logger;
  readonly snapshotEveryRecords?: number;
  /** Of a region of several nodes; undefined for a node that is alone in its region. */
  readonly shared?: SharedRegion;
  /** Where there are several: this node takes commands for its own region's warehouses only. */
  readonly regions?: Regions;
  /** How goods are sold; left out, all are shared by all. */
  readonly plans?: SalesPlans;
  /** How orders that name no warehouse are routed; undefined: by what is known of stock alone. */
  readonly routing?: RulesOf;
}

/** What the nodes of a region have in common. */
export interface SharedRegion {
  /** A folder that all nodes reach; undefined keeps snapshots in the JetStream object store. */
  readonly snapshotDir?: string;
  /** Copies of the journals, leases and stored snapshots, on as many servers. */
  readonly replicas: number;
}

/** One region node: its slots, in the order of a scan. */
export class RegionNode {
  readonly router: Router;
  readonly watchers: Watchers;
  readonly metrics: Registry;
  readonly slots: readonly Slot[];
  /** Undefined where there is one region, which sells its own. */
  readonly selling: Selling | undefined;
  readonly #courier: Courier;
  readonly #members: Members | undefined;
  readonly #asked: readonly Pick<Subscription, 'unsubscribe'>[];

  private constructor(
    slots: readonly Slot[],
    router: Router,
    courier: Courier,
    watchers: Watchers,
    metrics: Registry,
    members: Members | undefined,
    asked: readonly Pick<Subscription, 'unsubscribe'>[],
    selling: Selling | undefined,
  ) {
    this.selling = selling;
    this.slots = slots;
    this.watchers = watchers;
    this.metrics = metrics;
    this.router = router;
    this.#courier = courier;
    this.#members = members;
    this.#asked = asked;
  }

  /** Opens journals and snapshots and starts to take shards over. */
  static async start(options: NodeOptions): Promise<RegionNode> {
    const { nats, region, log, shared } = options;
    const self = { node: options.name, url: options.url };
    const watchers = new Watchers();
    const leases = await KvLeases.open(nats, region, shared?.replicas);
    const members = shared && new Members(nats, systemClock, region, self);
    const relay = members && new ChangeRelay(nats, region, self.node, members, watchers);
    const peers = members && new NatsPeers(nats, region, self, members);
    const { regions } = options;
    const shards = slotsOf(regions !== undefined);
    const counters = Array.from({ length: shards }, newCounters);
    const slots: Slot[] = [];
    const router = new Router(slots, LIMITS.shards, regions && { region, regions });
    let selling: Selling | undefined;
    const far = regions && new FarErrands(nats, region, router);
    const courier = new Courier(systemClock, (ask) => (far ?? router).submit(ask), log);
    for (const [shard, shardCounters] of counters.entries()) {
      slots.push(
        new Slot({
          region,
          shard,
          clock: systemClock,
          leases,
          self,
          journal: await JetStreamJournal.open(nats, region, shard, shared?.replicas),
          snapshots: await snapshotsOf(options, shard),
          centre: natsCentreLink(nats, region),
          ...(peers === undefined ? {} : { peers }),
          history: fileHistory(folderOf(options, shard)),
          nonce: () => randomBytes(8).toString('hex'),
          log,
          counters: shardCounters,
          sellingPoints: shard < LIMITS.shards ? (regions?.names ?? []) : [],
          onErrand: (errand) => courier.send(errand),
          isHeard: () => watchers.any || selling !== undefined || relay?.isWatched(shard) === true,
          onCommitted: (changes) => {
            watchers.tell(changes);
            relay?.tell(shard, changes);
            selling?.committedAt(shard, changes);
          },
          onRights: (changes) => selling?.changedAt(shard, changes),
          ...(options.snapshotEveryRecords === undefined
            ? {}
            : { snapshotEveryRecords: options.snapshotEveryRecords }),
        }),
      );
    }
    const metrics = new Registry();
    shardMetrics(metrics, slots, counters);
    const infos = slots.map((slot) =>
      listen(nats, shardInfoSubject(region, slot.number), (message) => answerInfo(slot, message)),
    );
    for (const slot of slots) slot.start();
    if (regions !== undefined) {
      const [point] = slots.slice(LIMITS.shards) as [Slot];
      const centre = natsCentreLink(nats, region);
      const ours = { nats, region, regions, slots: slots.slice(0, LIMITS.shards), point, centre };
      const { plans = NO_PLANS, routing } = options;
      const scheduling = natsScheduling(nats, { region, run: randomBytes(8).toString('hex') });
      const how = { plans, scheduling, ...(routing && { routing }) };
      selling = new Selling({ ...ours, ...how, clock: systemClock, log });
      sellingMetrics(metrics, selling);
    }
    const asked = far === undefined ? infos : [...infos, far];
    return new RegionNode(slots, router, courier, watchers, metrics, members, asked, selling);
  }

  /** Resolves when every slot serves, waits for another node, or has stopped. */
  async settled(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.settled()));
  }

  /** Finishes what is in flight and gives the shards back. */
  async close(): Promise<void> {
    this.selling?.close();
    this.#courier.close();
    this.#members?.leave();
    await Promise.all(this.slots.map((slot) => slot.close()));
    for (const one of this.#asked) one.unsubscribe();
  }
}

const folderOf = ({ dataDir, region }: NodeOptions, shard: number): string =>
  join(dataDir, `${region}.${shard}`);

/** Where every node that may own the shard finds them. */
function snapshotsOf(options: NodeOptions, shard: number): Promise<SnapshotStore> {
  const { nats, region, shared } = options;
  if (shared === undefined) return FileSnapshots.open(join(folderOf(options, shard), 'snapshots'));
  if (shared.snapshotDir === undefined) {
    return ObjectSnapshots.open(nats, region, shard, shared.replicas);
  }
  return FileSnapshots.open(join(shared.snapshotDir, `${region}.${shard}`, 'snapshots'));
}
