import type { Logger } from 'pino';
import { parseActorKey } from '../actors/ids.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import { type Clock, nextTurn } from '../engine/clock.ts';
import { messageOfError, ShardStopped } from '../engine/errors.ts';
import type { JournalRecord } from '../engine/record.ts';
import { slotOf } from '../engine/subjects.ts';
import type { Applied, Availability, Broken } from './availability.ts';
import { type Arrived, positionOf } from './chunk.ts';
import { History } from './history.ts';
import type { Position } from './position.ts';
import { JournalReader } from './reader.ts';
import type { Sources } from './source.ts';
import type { Store } from './store/store.ts';

export interface AggregatorOptions {
  readonly sources: Sources;
  readonly shard: number;
  /** Of the region: a warehouse belongs to one by its name. */
  readonly shards: number;
  /** Where the store stands. */
  readonly from: Position;
  readonly availability: Availability;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told each actor that has changed. Must not wait. */
  onChanged(id: number): void;
}

export type AggregatorState =
  /** Its journal, or the server, is not there. */
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'following' }
  /** Its records do not fit. Nothing after `memory` is taken until a person has looked. */
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'closed' };

/**
 * ⑦ One shard at the centre. Two readers of one journal, each with its own
 * watermark: this one merges into memory at once; {@link History} follows
 * behind it into SQL, so that a burst delays history and never availability.
 */
export class Aggregator {
  readonly shard: number;
  readonly history: History;
  readonly #options: AggregatorOptions;
  readonly #reader: JournalReader;
  #state: AggregatorState = { kind: 'waiting', why: 'starting' };
  #memory: Position;
  #records = 0;
  #changes = 0;
  #reached: (() => void)[] = [];
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: AggregatorOptions) {
    const { sources, shard, from, clock, log } = options;
    this.#options = options;
    this.shard = shard;
    this.#memory = from;
    const common = { shard, from, clock };
    this.#reader = new JournalReader({
      ...common,
      source: sources.memory,
      onWait: (why) => this.#wait(why),
    });
    this.history = new History({
      reader: new JournalReader({ ...common, source: sources.history, onWait: () => {} }),
      store: options.store,
      from,
      clock,
      log: log.child({ shard }),
      numberOf: (key) => options.availability.actors.numberOf(key, shard),
      merged: (number) => this.#merged(number),
    });
  }

  start(): void {
    const stop = (e: unknown): void => this.#break(messageOfError(e));
    this.#running = Promise.all([this.#run().catch(stop), this.history.run().catch(stop)]);
  }

  get state(): AggregatorState {
    return this.#state;
  }

  /** The last record merged into memory. */
  get memory(): Position {
    return this.#memory;
  }

  /** Monotonic ms up to which everything committed is merged; undefined if that was never known. */
  get caughtUpMs(): number | undefined {
    return this.#reader.caughtUpMs;
  }

  get counts(): { readonly records: number; readonly changes: number } {
    return { records: this.#records, changes: this.#changes };
  }

  /** Both readers begin anew: what they had asked the old connection for is gone. */
  reconnected(): void {
    this.#reader.reconnected();
    this.history.reconnected();
  }

  /** Resolves when what was taken is written. */
  async close(): Promise<void> {
    if (this.#state.kind !== 'broken') this.#state = { kind: 'closed' };
    this.#reader.close();
    this.history.close();
    this.#wakeReached();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      const arrived = await this.#reader.take();
      if (arrived === undefined) return;
      for (const one of arrived) this.#merge(one);
      this.#wakeReached();
      await nextTurn(this.#options.clock);
    }
  }

  /** All changes of a record, or none. */
  #merge({ record, seq }: Arrived): void {
    const { availability, onChanged } = this.#options;
    const applied: Applied[] = [];
    const broken = this.#mergeAll(record, applied);
    if (broken !== undefined) {
      for (const one of applied.reverse()) availability.revert(one);
      const place = `record ${record.number} at ${seq} in the journal of shard ${this.shard}`;
      throw new ShardStopped(`${place} is damaged: ${broken.why}`);
    }
    for (const { id } of applied) onChanged(id);
    this.#changes += applied.length;
    this.#records++;
    this.#memory = positionOf({ seq, record });
  }

  #mergeAll({ body }: JournalRecord, applied: Applied[]): Broken | undefined {
    for (const { outcome } of body.kind === 'batch' ? body.entries : []) {
      for (const change of outcome.ok ? outcome.changes : []) {
        const merged = this.#mergeOne(change);
        if (merged.kind === 'broken') return merged;
        applied.push(merged);
      }
    }
    return undefined;
  }

  #mergeOne(change: Change): Applied | Broken {
    const { availability, shards } = this.#options;
    if (change.seq === 1) {
      const { warehouse } = parseActorKey(change.key);
      if (slotOf(warehouse, shards) !== this.shard) {
        return { kind: 'broken', why: `warehouse ${warehouse} belongs to another shard` };
      }
    }
    const merged = availability.merge(change, this.shard);
    if (merged.kind !== 'known') return merged;
    return { kind: 'broken', why: `it repeats event ${change.seq} of ${change.key}` };
  }

  /** True once memory has record `number`; false if it never will. */
  async #merged(number: number): Promise<boolean> {
    while (this.#memory.number < number) {
      if (this.#state.kind === 'broken' || this.#state.kind === 'closed') return false;
      await new Promise<void>((resolve) => this.#reached.push(resolve));
    }
    return true;
  }

  #wakeReached(): void {
    for (const wake of this.#reached.splice(0)) wake();
  }

  #wait(why: string | undefined): void {
    if (this.#state.kind === 'broken' || this.#state.kind === 'closed') return;
    this.#state = why === undefined ? { kind: 'following' } : { kind: 'waiting', why };
  }

  /** Loud, and only once: this shard's figures stay as they are, the others go on. */
  #break(why: string): void {
    if (this.#state.kind === 'broken' || this.#state.kind === 'closed') return;
    this.#state = { kind: 'broken', why };
    this.#reader.close();
    this.#wakeReached();
    const { number } = this.#memory;
    const advice =
      'the centre takes nothing more from this shard. Find out what damaged its journal, restore it, ' +
      'then restart the centre';
    this.#options.log.error({ shard: this.shard, merged: number, why }, advice);
  }
}
