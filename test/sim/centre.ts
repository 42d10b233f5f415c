import type { ActorKey } from '../../actors/ids.ts';
import type { Balances } from '../../actors/stock/balances.ts';
import type { Watermark } from '../../engine/centre.ts';
import type { Stored } from '../../engine/journal/journal.ts';
import { GENESIS, hashOf, type JournalRecord, open } from '../../engine/record.ts';
import { SimJournal } from './journal.ts';
import type { Nats } from './nats.ts';
import type { Network, Proc } from './network.ts';
import type { Random } from './random.ts';
import { Life, type World } from './world.ts';

/** What the simulation needs of a centre, so that a real aggregator can take its place. */
export interface SimCentre extends Proc {
  start(): void;
  kill(): void;
  /** Durable: what it says stays so whatever happens to it. */
  watermark(shard: number): Watermark;
  /** Why it reads a shard no further: the journal contradicts what it has read. */
  damage(shard: number): string | undefined;
  parts(shard: number): ReadonlyMap<ActorKey, Part>;
}

export interface Part {
  readonly seq: number;
  readonly balances: Balances;
}

interface Durable {
  readonly watermark: Watermark;
  readonly parts: ReadonlyMap<ActorKey, Part>;
}

const START: Durable = {
  watermark: { epoch: 0, number: 0, hash: GENESIS, seq: 0 },
  parts: new Map(),
};
const LOOK_AGAIN_MS = 120;
const PAGE = 20;

/** ⑦ Reads journals page by page, merges, and moves its watermark with the rows. */
export class ReadingCentre implements SimCentre {
  readonly name = 'centre';
  readonly #world: World;
  readonly #network: Network;
  readonly #nats: Nats;
  readonly #random: Random;
  readonly #durable: Durable[];
  readonly #damage: (string | undefined)[];
  #life: Life | undefined;
  #runs = 0;

  constructor(world: World, network: Network, nats: Nats, random: Random, shards: number) {
    this.#random = random;
    this.#world = world;
    this.#network = network;
    this.#nats = nats;
    this.#durable = Array.from({ length: shards }, () => START);
    this.#damage = Array.from({ length: shards }, () => undefined);
  }

  get life(): Life | undefined {
    return this.#life;
  }

  start(): void {
    if (this.#life !== undefined) return;
    const life = new Life(this.name, ++this.#runs);
    this.#life = life;
    for (const shard of this.#durable.keys()) void this.#follow(life, shard);
  }

  kill(): void {
    this.#life?.end();
    this.#life = undefined;
  }

  watermark(shard: number): Watermark {
    return this.#at(shard).watermark;
  }

  damage(shard: number): string | undefined {
    return this.#damage[shard];
  }

  parts(shard: number): ReadonlyMap<ActorKey, Part> {
    return this.#at(shard).parts;
  }

  async #follow(life: Life, shard: number): Promise<void> {
    const journal = new SimJournal(this.#world, this.#network, this.#nats, life, shard);
    while (this.#damage[shard] === undefined) {
      const page = await journal.page(this.watermark(shard).seq + 1, PAGE).catch(() => []);
      const next = this.#merged(shard, page);
      await this.#pause(life, page.length === PAGE ? 1 : LOOK_AGAIN_MS);
      this.#durable[shard] = next; // one transaction: rows and watermark
    }
  }

  #merged(shard: number, page: readonly Stored[]): Durable {
    const at = this.#at(shard);
    if (page.length === 0) return at;
    let { watermark } = at;
    let again: JournalRecord | undefined;
    const parts = new Map(at.parts);
    for (const stored of page) {
      const record = this.#next(shard, stored, watermark);
      if (record === undefined) break;
      merge(parts, record);
      // What was delivered once may come again, later than what followed it.
      if (again === undefined || this.#random.chance(0.3)) again = record;
      const { epoch, number, hash } = record;
      watermark = { epoch, number, hash, seq: stored.seq };
    }
    if (again !== undefined && this.#random.chance(0.3)) merge(parts, again);
    return { watermark, parts };
  }

  #next(
    shard: number,
    stored: Stored,
    { seq, number, hash }: Watermark,
  ): JournalRecord | undefined {
    const say = (what: string): undefined => {
      this.#damage[shard] = `record ${number + 1} at ${stored.seq}: ${what}`;
      this.#world.say(this.name, `shard ${shard}: ${this.#damage[shard]}`);
    };
    if (stored.seq !== seq + 1) return say(`there is nothing at ${seq + 1}`);
    if (hashOf(stored.bytes) !== stored.id) return say('its content does not match its hash');
    const record = open(stored.bytes);
    if (record.number !== number + 1) return say(`it is number ${record.number}`);
    if (record.prev !== hash) return say('it does not follow the record before it');
    return record;
  }

  #at(shard: number): Durable {
    return this.#durable[shard] as Durable;
  }

  #pause(life: Life, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.after(ms, life, resolve);
    });
  }
}

/** R1: the higher sequence wins, whatever comes in whatever order, however often. */
function merge(parts: Map<ActorKey, Part>, { body }: JournalRecord): void {
  if (body.kind !== 'batch') return;
  for (const { outcome } of body.entries) {
    if (!outcome.ok) continue;
    for (const { key, seq, after } of outcome.changes) {
      if (seq > (parts.get(key)?.seq ?? 0)) parts.set(key, { seq, balances: after });
    }
  }
}
