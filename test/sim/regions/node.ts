import type { Logger } from 'pino';
import { refuse } from '../../../actors/outcomes.ts';
import type { HomeAct, PointAct, SaleAct } from '../../../actors/rights/acts.ts';
import type { ChangeCommand } from '../../../actors/stock/commands.ts';
import { askOf } from '../../../engine/asking.ts';
import { natsCentreLink } from '../../../engine/centre.ts';
import { LIMITS } from '../../../engine/limits.ts';
import { newCounters } from '../../../engine/metrics.ts';
import type { SalesPlans } from '../../../engine/plans.ts';
import type { Regions } from '../../../engine/regions.ts';
import { Selling } from '../../../engine/rights/selling.ts';
import type { Answer } from '../../../engine/settled.ts';
import type { Shard } from '../../../engine/shard.ts';
import { Slot } from '../../../engine/slot.ts';
import { SimSnapshots, type SnapshotFiles } from '../disk.ts';
import { API_MS, SimJournal } from '../journal.ts';
import { simLeases } from '../leases.ts';
import type { Nats } from '../nats.ts';
import type { Network, Proc } from '../network.ts';
import type { Random } from '../random.ts';
import { Life, type Skew, type World } from '../world.ts';
import type { Bus } from './bus.ts';

/** Who is told of all that nodes do. */
export interface Witness {
  /** A shop is about to be told this. */
  answered(region: string, act: SaleAct, answer: Answer): void;
  stopped(life: string, shard: number, why: string): void;
}

export interface NodeParts {
  readonly world: World;
  readonly network: Network;
  readonly bus: Bus;
  readonly random: Random;
  readonly nats: Nats;
  readonly region: string;
  readonly regions: Regions;
  readonly witness: Witness;
  /** By shard; of all nodes of the region. */
  readonly files: readonly SnapshotFiles[];
  /** By shard: how often its journal began anew after a loss, from 1. */
  readonly lineages: readonly number[];
  readonly snapshotEveryRecords: number;
  readonly plans: SalesPlans;
}

/** A node of one region among several: the engine's slots, homes and selling point over simulated ports. */
export class SellingNode implements Proc {
  readonly name: string;
  readonly skew: Skew;
  readonly #parts: NodeParts;
  #life: Life | undefined;
  #runs = 0;
  #slots: readonly Slot[] = [];
  #selling: Selling | undefined;

  constructor(name: string, skew: Skew, parts: NodeParts) {
    this.name = name;
    this.skew = skew;
    this.#parts = parts;
  }

  get life(): Life | undefined {
    return this.#life?.dead === true ? undefined : this.#life;
  }

  get slots(): readonly Slot[] {
    return this.life === undefined ? [] : this.#slots;
  }

  start(): void {
    if (this.life !== undefined) return;
    const life = new Life(this.name, ++this.#runs, this.skew);
    this.#life = life;
    const { world, bus, region, regions } = this.#parts;
    const nats = bus.connection(life);
    const slots = Array.from({ length: LIMITS.shards + 1 }, (_, i) => this.#slot(life, i));
    this.#slots = slots;
    for (const slot of slots) slot.start();
    this.#selling = new Selling({
      ...{ nats, region, regions, slots: slots.slice(0, LIMITS.shards) },
      ...{ point: slots[LIMITS.shards] as Slot, clock: world.clock(life) },
      ...{
        centre: natsCentreLink(nats, region),
        log: this.#log(life, -1),
        plans: this.#parts.plans,
      },
    });
  }

  kill(): void {
    this.#life?.end();
  }

  /** As an operator stops it. */
  async close(): Promise<void> {
    const life = this.#life;
    this.#selling?.close();
    await Promise.all(this.#slots.map((slot) => slot.close()));
    life?.end();
  }

  /** The shard that this node serves, if it does. */
  serving(shard: number): Shard | undefined {
    return this.slots[shard]?.shard;
  }

  /** ① An order of a shop. Undefined where another node owns the point. */
  async sell(act: SaleAct): Promise<Answer | undefined> {
    const { witness, region } = this.#parts;
    const life = this.#life as Life;
    if (this.#selling?.isServing !== true) return undefined;
    const answer = (await this.#selling.seller.sell(act)) ?? refuse('moved');
    if (!life.dead) witness.answered(region, act, answer);
    return answer;
  }

  /** ① What floor staff do at a home. */
  stock(shard: number, command: ChangeCommand): Promise<Answer> {
    return new Promise((resolve) => {
      this.#slots[shard]?.submit({
        ...{ command, caller: { client: 'floor', incarnation: '' }, n: 0, fingerprint: 0 },
        ...{ acked: 0, decided: false, answer: resolve, fate: () => {} },
      });
    });
  }

  /** A person's word, at home or at the point. */
  rights(shard: number, act: HomeAct | PointAct, at: 'home' | 'point'): Promise<Answer> {
    const { region: point } = this.#parts;
    const command =
      at === 'home'
        ? ({ op: 'rights', shard, at, act: act as HomeAct } as const)
        : ({ op: 'rights', shard, at, point, act: act as PointAct } as const);
    return askOf(this.#slots[shard] as Slot, command);
  }

  #slot(life: Life, shard: number): Slot {
    const { world, network, nats, random, region, files, lineages, bus } = this.#parts;
    const { snapshotEveryRecords } = this.#parts;
    return new Slot({
      ...{ region, shard, clock: world.clock(life), counters: newCounters() },
      leases: simLeases(world, network, nats, life),
      self: { node: this.name, url: this.name },
      journal: new SimJournal(world, network, nats, life, shard),
      snapshots: new SimSnapshots(files[shard] as SnapshotFiles, (what) =>
        network.call(life, nats, API_MS, what),
      ),
      centre: natsCentreLink(bus.connection(life), region),
      history: {
        has: () => false,
        mark: () => Promise.resolve(),
        lineage: () => lineages[shard] as number,
      },
      nonce: () => random.hex(16),
      sellingPoints: shard < LIMITS.shards ? this.#parts.regions.names : [],
      log: this.#log(life, shard),
      onErrand: () => {},
      isHeard: () => true,
      onCommitted: (changes) => {
        if (!life.dead) this.#selling?.committedAt(shard, changes);
      },
      onRights: (changes) => {
        if (!life.dead) this.#selling?.changedAt(shard, changes);
      },
      snapshotEveryRecords,
    });
  }

  #log(life: Life, shard: number): Logger {
    const { world, witness } = this.#parts;
    const say = (what: unknown, words?: string): void => {
      const { why = '' } = (typeof what === 'object' ? what : {}) as { why?: string };
      const text = typeof what === 'string' ? what : `${words ?? ''} ${why}`;
      if (!life.dead) world.say(life.id, `shard ${shard}: ${text}`);
    };
    const fatal = (what: unknown, words: string): void => {
      say(what, words);
      if (!life.dead) witness.stopped(life.id, shard, words);
    };
    return { debug: say, info: say, warn: say, error: say, fatal } as unknown as Logger;
  }
}
