import type { LifeId } from '../../../actors/rights/lane.ts';
import { numberOf, pointOf } from '../../../actors/rights/lane.ts';
import { lanesToWriteOff } from '../../../actors/rights/lives.ts';
import { Network } from '../network.ts';
import { Random } from '../random.ts';
import type { World } from '../world.ts';
import { Bus } from './bus.ts';
import type { Fault } from './faults.ts';
import { Hub } from './hub.ts';
import { homeOf, keyOf, Market, PLACES } from './market.ts';
import { Oracle } from './oracle.ts';
import { type Plan, REGIONS, type Turn } from './plan.ts';
import { Region } from './region.ts';

/** A hub and its regions, and how to hurt and mend them. */
export class Globe {
  readonly world: World;
  readonly oracle: Oracle;
  readonly network: Network;
  readonly bus: Bus;
  readonly hub: Hub;
  readonly regions: readonly Region[];
  readonly markets: readonly Market[];
  /** Shards of homes in each region; the next one is its point's. */
  readonly homes: number;

  constructor({ seed, shape }: Plan, world: World) {
    const stream = (purpose: string): Random => new Random(seed, purpose);
    this.world = world;
    this.homes = shape.homes;
    this.oracle = new Oracle(REGIONS, shape.homes);
    this.network = new Network(world, stream('network'));
    this.bus = new Bus(world, this.network, stream('bus'));
    this.bus.lost = shape.lost;
    this.bus.repeated = shape.repeated;
    this.bus.onSaid = (subject, data) => this.oracle.told(subject, data);
    const { network, bus, oracle } = this;
    const shared = {
      world,
      network,
      bus,
      regions: PLACES,
      witness: oracle,
      random: stream('nodes'),
    };
    this.regions = REGIONS.map((name, i) => {
      return new Region({
        ...{ ...shared, name, nodes: shape.nodes[i] ?? [], shards: shape.homes + 1 },
        snapshotEveryRecords: shape.snapshotEveryRecords,
        natsRandom: stream(`nats ${name}`),
        onStored: (shard, stored, by) => {
          world.say(by, `stored ${shard}.${stored.seq} ${stored.id}`);
          oracle.stored(name, shard, stored);
        },
      });
    });
    const { regions } = this;
    this.hub = new Hub(world, network, bus, regions, shape.homes + 1, shape.readsEveryMs);
    const parts = { world, network, random: stream('markets'), oracle, regions };
    this.markets = regions.map((region) => new Market(region, parts));
  }

  start(): void {
    for (const region of this.regions) region.start();
  }

  market(region: string): Market {
    return this.markets[REGIONS.indexOf(region as (typeof REGIONS)[number])] as Market;
  }

  /** A region comes to know other rules. */
  turn({ region, to }: Turn): void {
    this.oracle.count('rules changed');
    this.#region(region).rules.turn(to);
  }

  hurt(fault: Fault): void {
    const { world } = this;
    world.say('fault', JSON.stringify(fault));
    this.oracle.count(fault.kind);
    switch (fault.kind) {
      case 'part':
        return this.#part(fault);
      case 'isolate':
        return this.#isolate(fault.region, fault.node, fault.forMs);
      case 'crash': {
        const node = this.#node(fault.region, fault.node);
        node.kill();
        return this.#later(fault.forMs, () => node.start());
      }
      case 'close': {
        const node = this.#node(fault.region, fault.node);
        return void node.close().then(() => this.#later(fault.forMs, () => node.start()));
      }
      case 'freeze': {
        const { life } = this.#node(fault.region, fault.node);
        if (life !== undefined) life.frozenUntilMs = world.nowMs + fault.forMs;
        return;
      }
      case 'nats': {
        const { nats } = this.#region(fault.region);
        nats.kill();
        return this.#later(fault.forMs, () => nats.start(false));
      }
      case 'lose':
        return this.#lose(fault);
      case 'bury':
        return this.bury();
      case 'closeLanes': {
        const { warehouse, sku, region } = fault;
        const act = {
          act: 'close',
          home: homeOf(warehouse),
          skus: [keyOf(sku, warehouse)],
        } as const;
        return void this.#region(region).owner(this.homes)?.rights(this.homes, act, 'point');
      }
    }
  }

  /** All that is down comes up; all links work. */
  mend(): void {
    this.world.say('fault', 'mended');
    this.network.mendAll();
    this.bus.lost = 0;
    this.bus.repeated = 0;
    this.start();
  }

  restart(): void {
    for (const { nodes } of this.regions) for (const node of nodes) node.kill();
    this.start();
  }

  /** Writes off, wherever there is a home, every life that another life of its point has followed. */
  bury(): void {
    for (const region of this.regions) {
      for (let shard = 0; shard < this.homes; shard++) {
        for (const life of this.gone(region, shard)) {
          void region.owner(shard)?.rights(shard, { act: 'bury', life, more: 0, most: 2 }, 'home');
        }
      }
    }
  }

  /** Lives that are over and that a home still takes for open. */
  gone({ name }: Region, shard: number): LifeId[] {
    const { home } = this.oracle.truth(`${name}.${shard}`).state.rights;
    const known = [...home.lives.keys(), ...[...home.waiting].filter((one) => one.includes('.'))];
    return [...new Set(known)].filter((id): id is LifeId => {
      const life = id as LifeId;
      const now = this.oracle.point(pointOf(life)).state.rights.lineage;
      const isOpen = (home.lives.get(life)?.state ?? 'open') === 'open';
      return numberOf(life) < now && (isOpen || lanesToWriteOff(home, life).length > 0);
    });
  }

  #region(name: string): Region {
    return this.regions.find((region) => region.name === name) as Region;
  }

  #node(region: string, node: number) {
    const { nodes } = this.#region(region);
    return nodes[node % nodes.length] as (typeof nodes)[number];
  }

  #later(ms: number, run: () => void): void {
    this.world.after(ms, undefined, run);
  }

  /** All that has a place in these regions. */
  #namesIn(regions: readonly string[]): string[] {
    return regions.flatMap((name) => {
      const { nats, nodes } = this.#region(name);
      const centre = name === 'hub' ? [this.hub.name] : [];
      return [nats.name, ...nodes.map((node) => node.name), ...centre];
    });
  }

  #part({ apart, from, oneWay, how, forMs }: Extract<Fault, { kind: 'part' }>): void {
    this.#cut(this.#namesIn(apart), this.#namesIn(from), oneWay, how, forMs);
  }

  #isolate(region: string, at: number, forMs: number): void {
    const { name } = this.#node(region, at);
    const others = [...this.#namesIn(REGIONS), this.market(region).name].filter(
      (one) => one !== name,
    );
    this.#cut([name], others, false, 'drops', forMs);
  }

  #cut(
    some: readonly string[],
    others: readonly string[],
    oneWay: boolean,
    how: 'drops' | 'holds',
    forMs: number,
  ): void {
    const links = some.flatMap((a) => others.map((b) => [a, b] as const));
    for (const [a, b] of links) {
      this.network.cut(a, b, how);
      if (!oneWay) this.network.cut(b, a, how);
    }
    this.#later(forMs, () => {
      for (const [a, b] of links) {
        this.network.mend(a, b);
        this.network.mend(b, a);
      }
    });
  }

  #lose({ region: name, what, records, forMs }: Extract<Fault, { kind: 'lose' }>): void {
    const region = this.#region(name);
    const shard = what === 'point' ? this.homes : 0;
    const { nats, nodes } = region;
    const { last } = nats.streams[shard] as (typeof nats.streams)[number];
    const kept = Math.max(1, this.hub.watermark(name, shard).seq, last - records);
    if (nats.life === undefined || kept >= last) return;
    nats.kill();
    for (const node of nodes) node.kill();
    this.oracle.count(`lost records of a ${what}`, last - kept);
    region.loseTail(shard, kept);
    this.oracle.lost(name, shard, kept);
    this.#later(Math.min(forMs, 1_500), () => region.start());
  }
}
