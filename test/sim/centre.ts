import type { Logger } from 'pino';
import type { ActorKey } from '../../actors/ids.ts';
import type { Watermark } from '../../engine/centre.ts';
import type { Aggregator } from '../../oms/aggregator.ts';
import type { Availability, Part } from '../../oms/availability.ts';
import { NOWHERE, type Position } from '../../oms/position.ts';
import { openShards, type Shards } from '../../oms/shards.ts';
import { Failure } from './failure.ts';
import type { Nats } from './nats.ts';
import type { Network, Proc } from './network.ts';
import type { Oracle } from './oracle.ts';
import type { Random } from './random.ts';
import { SimSource } from './source.ts';
import { type Moment, SimStore } from './store.ts';
import { Tables } from './tables.ts';
import { Life, type World } from './world.ts';

/** What is wrong with the centre's database. */
export type StoreTrouble = 'fails' | 'hangs';

export interface CentreParts {
  readonly world: World;
  readonly network: Network;
  readonly nats: Nats;
  readonly random: Random;
  readonly oracle: Oracle;
  readonly shards: number;
}

/** How the real ones wait for company, ms (oms/jetstream-source.ts). */
const MEMORY_PACE_MS = 10;
const HISTORY_PACE_MS = 500;

/** ⑦ The centre: its own aggregators and availability over a simulated journal and store. Its tables outlive its runs. */
export class SimCentre implements Proc {
  readonly name = 'centre';
  readonly tables = new Tables();
  trouble: StoreTrouble | undefined;
  readonly #parts: CentreParts;
  /** Shards whose aggregator has given up in this run; it says so once. */
  readonly #told = new Set<Aggregator>();
  #life: Life | undefined;
  #up: Shards | undefined;
  #runs = 0;

  constructor(parts: CentreParts) {
    this.#parts = parts;
  }

  get life(): Life | undefined {
    return this.#life;
  }

  start(): void {
    if (this.#life !== undefined) return;
    const life = new Life(this.name, ++this.#runs);
    this.#life = life;
    void this.#run(life);
  }

  kill(): void {
    this.#life?.end();
    this.#life = undefined;
    this.#up = undefined;
  }

  /** As an operator stops it: what is being written is finished. */
  async close(): Promise<void> {
    const life = this.#life;
    await Promise.all((this.#up?.aggregators ?? []).map((a) => a.close()));
    if (this.#life === life) this.kill();
  }

  /** Its connection was cut and is there again. */
  reconnected(): void {
    for (const aggregator of this.#up?.aggregators ?? []) aggregator.reconnected();
  }

  /** As a region's node asks for it. Throws while it is starting. */
  watermark(shard: number): Watermark {
    const { epoch, number, hash, seq } = this.#aggregator(shard).history.durable;
    return { epoch, number, hash, seq };
  }

  /** What its tables say, whether it runs or not. */
  durable(shard: number): Position {
    return this.tables.watermarks.get(shard) ?? NOWHERE;
  }

  /** What it has merged; undefined while it does not run. */
  memory(shard: number): Position | undefined {
    return this.#up?.aggregators[shard]?.memory;
  }

  /** Why it reads a shard no further. */
  broken(shard: number): string | undefined {
    const state = this.#up?.aggregators[shard]?.state;
    return state?.kind === 'broken' ? state.why : undefined;
  }

  /** Every actor of a shard that it has in memory. */
  *remembered(shard: number): Iterable<readonly [ActorKey, Part]> {
    const { availability } = this.#up as Shards;
    for (let id = 0; id < availability.actors.size; id++) {
      const part = availability.part(id);
      if (part !== undefined && part.seq > 0 && part.shard === shard) {
        yield [availability.actors.key(id) as ActorKey, part];
      }
    }
  }

  /** After every step: nothing is called durable that is not, and who gives up says so. */
  look(): void {
    const { oracle } = this.#parts;
    for (const aggregator of this.#up?.aggregators ?? []) {
      const { shard, state, history } = aggregator;
      if (history.durable.number > this.durable(shard).number) {
        oracle.check(() => {
          const said = `${history.durable.number}, its tables have ${this.durable(shard).number}`;
          throw new Failure('R1 watermark', `shard ${shard} is said to be durable up to ${said}`);
        });
      }
      if (state.kind !== 'broken' || this.#told.has(aggregator)) continue;
      this.#told.add(aggregator);
      oracle.centreBroke(shard, state.why);
    }
  }

  async #run(life: Life): Promise<void> {
    const { world, network, nats, shards } = this.#parts;
    const clock = world.clock(life);
    const source = (shard: number, paceMs: number): SimSource =>
      new SimSource({ network, nats, life, clock, shard, paceMs });
    let up: Shards | undefined;
    up = await openShards({
      regions: [{ region: 'sim', number: 0 }],
      shards,
      clock,
      store: new SimStore(this.tables, (moment) => this.#step(life, moment)),
      log: this.#log(life),
      sources: ({ shard }) => ({
        memory: source(shard, MEMORY_PACE_MS),
        history: source(shard, HISTORY_PACE_MS),
      }),
      onChanged: (id) => this.#changed((up as Shards).availability, id),
    });
    this.#up = up;
    for (const aggregator of up.aggregators) aggregator.start();
  }

  /** R1: what it merges is what the journal says. */
  #changed(availability: Availability, id: number): void {
    const { shard, seq, balances } = availability.part(id) as Part;
    this.#parts.oracle.merged(shard, availability.actors.key(id) as ActorKey, seq, balances);
  }

  /** A moment of a transaction: it takes time, and may fail before its commit, or after it and nobody knows. */
  async #step(life: Life, moment: Moment): Promise<void> {
    const { world, random } = this.#parts;
    const ms = this.trouble === 'hangs' ? random.between(100, 2_000) : random.between(0.1, 3);
    await new Promise<void>((resolve) => {
      world.after(ms, life, resolve);
    });
    if (moment === 'read') return;
    if (random.chance(this.trouble === 'fails' ? 0.3 : 0.002))
      throw new Error(`the database fails at ${moment}`);
  }

  #aggregator(shard: number): Aggregator {
    const aggregator = this.#up?.aggregators[shard];
    if (aggregator === undefined) throw new Error('the centre is starting');
    return aggregator;
  }

  #log(life: Life): Logger {
    const { world } = this.#parts;
    const say = (what: unknown, words?: string): void => {
      const { why = '' } = what as { why?: string };
      if (!life.dead) world.say(life.id, `${words ?? String(what)} ${why}`);
    };
    const log = { debug: say, info: say, warn: say, error: say, child: () => log };
    return log as unknown as Logger;
  }
}
