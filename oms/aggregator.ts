import type { Logger } from 'pino';
import { type ActorKey, parseActorKey } from '../actors/ids.ts';
import { damaged } from '../engine/chain.ts';
import { type Clock, nextTurn } from '../engine/clock.ts';
import { messageOfError } from '../engine/errors.ts';
import { ChangeReader, type UnreadRecord } from '../engine/record-reader.ts';
import { slotOf } from '../engine/subjects.ts';
import type { Availability } from './availability.ts';
import { type Arrived, positionOf } from './chunk.ts';
import { History } from './history.ts';
import type { Place } from './places.ts';
import type { Position } from './position.ts';
import { JournalReader } from './reader.ts';
import type { Sources } from './source.ts';
import type { Store } from './store/store.ts';
import type { Tide } from './tide.ts';
import { Undo } from './undo.ts';

export interface AggregatorOptions {
  readonly sources: Sources;
  readonly region: string;
  readonly shard: number;
  /** The centre's number of it. */
  readonly number: number;
  /** Of the region: a warehouse belongs to one by its name. */
  readonly shards: number;
  /** Where the store stands. */
  readonly from: Position;
  readonly availability: Availability;
  readonly store: Store;
  /** Of all that are read on this machine. */
  readonly tide: Tide;
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
export class Aggregator implements Place {
  readonly region: string;
  readonly shard: number;
  /** The centre's number of it. */
  readonly number: number;
  readonly history: History;
  readonly #options: AggregatorOptions;
  readonly #reader: JournalReader;
  readonly #changeReader = new ChangeReader();
  readonly #undo = new Undo();
  #state: AggregatorState = { kind: 'waiting', why: 'starting' };
  #memory: Position;
  #records = 0;
  #changes = 0;
  #reached: (() => void)[] = [];
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: AggregatorOptions) {
    const { sources, region, shard, number, from, clock, log } = options;
    this.#options = options;
    this.region = region;
    this.shard = shard;
    this.number = number;
    this.#memory = from;
    const common = { shard, from, clock };
    this.#reader = new JournalReader({
      ...common,
      source: sources.memory,
      onWait: (why) => this.#wait(why),
    });
    this.history = new History({
      shard: number,
      reader: new JournalReader({ ...common, source: sources.history, onWait: () => {} }),
      store: options.store,
      from,
      clock,
      log: log.child({ region, shard }),
      actors: options.availability.actors,
      tide: options.tide,
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
      const before = this.#changes;
      for (const one of arrived) this.#merge(one);
      this.#options.tide.rise(this.#changes - before, this.#options.clock.monoMs());
      this.#wakeReached();
      await nextTurn(this.#options.clock);
    }
  }

  /** All changes of a record, or none. */
  #merge({ record, seq }: Arrived): void {
    const { availability, onChanged } = this.#options;
    const undo = this.#undo;
    undo.clear();
    try {
      this.#mergeAll(record);
    } catch (e) {
      availability.revert(undo);
      throw damaged(this.shard, seq, messageOfError(e), record.number);
    }
    for (let i = 0; i < undo.size; i++) onChanged(undo.id(i));
    this.#changes += undo.size;
    this.#records++;
    this.#memory = positionOf({ seq, record });
  }

  /** Throws where the record is not what it should be. */
  #mergeAll(record: UnreadRecord): void {
    const { availability } = this.#options;
    const reader = this.#changeReader;
    reader.begin(record);
    while (reader.next()) {
      const id = this.#actorOf(reader);
      const merged = availability.merge(reader, id, this.#undo);
      if (merged === 'applied') continue;
      if (merged !== 'known') throw new Error(merged.why);
      throw new Error(`it repeats event ${reader.seq} of ${availability.actors.key(id)}`);
    }
  }

  /** The actor of the change at hand; a new number if it was never seen. */
  #actorOf(reader: ChangeReader): number {
    const { actors } = this.#options.availability;
    const [from, to] = [reader.keyFrom(), reader.keyTo()];
    const known = actors.find(reader.bytes, from, to);
    const name = known === undefined ? parseActorKey(reader.text(from, to) as ActorKey) : undefined;
    const isOurs =
      name === undefined
        ? actors.shard(known as number) === this.number
        : slotOf(name.warehouse, this.#options.shards) === this.shard;
    if (!isOurs) throw new Error(`${reader.text(from, to)} belongs to another shard`);
    return name === undefined ? (known as number) : actors.add(name, this.number);
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
    this.#options.log.error(
      { region: this.region, shard: this.shard, merged: number, why },
      advice,
    );
  }
}
