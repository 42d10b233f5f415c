import type { NatsConnection } from '@nats-io/transport-node';
import { StockDigest } from '../../actors/digest.ts';
import type { ShardInfo } from '../../engine/info.ts';
import { JetStreamJournal } from '../../engine/journal/jetstream.ts';
import type { Sealed } from '../../engine/record.ts';
import { JournalMaker, type Step } from './journal-maker.ts';

/** One shard's journal on the server, written without a node. */
export class JournalShard {
  readonly maker: JournalMaker;
  /** Of every step. */
  readonly warehouse: string;
  readonly #journal: JetStreamJournal;
  #seq = 0;

  private constructor(shard: number, warehouse: string, journal: JetStreamJournal) {
    this.maker = new JournalMaker(shard);
    this.warehouse = warehouse;
    this.#journal = journal;
  }

  static async open(
    nats: NatsConnection,
    region: string,
    shard: number,
    warehouse: string,
  ): Promise<JournalShard> {
    return new JournalShard(shard, warehouse, await JetStreamJournal.open(nats, region, shard));
  }

  /** Decides the steps and commits them as one record. */
  commit(...steps: readonly Step[]): Promise<void> {
    for (const step of steps) this.maker.run({ warehouse: this.warehouse, ...step });
    return this.append(this.maker.record());
  }

  async append(
    { bytes, hash }: Pick<Sealed, 'bytes' | 'hash'>,
    expected = this.#seq,
  ): Promise<void> {
    for (;;) {
      const stored = await this.#journal.append(bytes, hash, expected);
      if (stored.kind === 'stored' || stored.kind === 'duplicate') {
        this.#seq = stored.seq;
        return;
      }
      if (stored.kind === 'conflict') {
        const last = await this.#journal.last();
        if (last?.id !== hash) throw new Error(`conflict at ${stored.last}`);
        this.#seq = last.seq;
        return;
      }
    }
  }

  trim(seq: number): Promise<void> {
    return this.#journal.trim(seq);
  }

  /** Answers as the region's node does. */
  info(): ShardInfo {
    const digest = new StockDigest();
    for (const [key, { seq, b }] of this.maker.stockroom.entries()) digest.add(key, seq, b);
    const { epoch, number, hash } = this.maker.head;
    const { shard } = this.maker;
    return { shard, state: 'serving', epoch, number, hash, seq: this.#seq, digest: String(digest) };
  }
}
