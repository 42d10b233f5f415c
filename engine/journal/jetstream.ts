import {
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ShardStopped } from '../errors.ts';
import { journalStream, journalSubject } from '../subjects.ts';
import type { Appended, Journal, Stored } from './journal.ts';
import { Publisher } from './publisher.ts';

const MSG_ID = 'Nats-Msg-Id';
/** Asked for before what came is dealt with: a read must not keep the loop busy for long. */
const READ_AHEAD_BYTES = 8 * 1024 * 1024;
/** A reader that hears nothing for so long has lost its question or its consumer, ms. */
const SILENT_MS = 2_000;

/**
 * One JetStream stream a shard, one subject, file storage. `stored` means what
 * the server's PubAck means: with `sync_interval: always` the record is on disk.
 *
 * Reads go through the stream's leader, never by direct get, which may be stale.
 */
export class JetStreamJournal implements Journal {
  readonly #js: JetStreamClient;
  readonly #jsm: JetStreamManager;
  readonly #stream: string;
  readonly #subject: string;
  readonly #publisher: Publisher;

  private constructor(
    nats: NatsConnection,
    js: JetStreamClient,
    jsm: JetStreamManager,
    region: string,
    shard: number,
  ) {
    this.#js = js;
    this.#jsm = jsm;
    this.#stream = journalStream(region, shard);
    this.#subject = journalSubject(region, shard);
    this.#publisher = new Publisher(nats, this.#subject, this.#stream);
  }

  /** Opens the shard's stream; makes it if it does not exist. */
  static async open(
    nats: NatsConnection,
    region: string,
    shard: number,
    replicas = 1,
  ): Promise<JetStreamJournal> {
    const impatient = { timeout: SILENT_MS, checkAPI: false };
    const jsm = await jetstreamManager(nats, impatient);
    const journal = new JetStreamJournal(nats, jetstream(nats, impatient), jsm, region, shard);
    await journal.#ensure(await jetstreamManager(nats), replicas);
    return journal;
  }

  async #ensure(jsm: JetStreamManager, replicas: number): Promise<void> {
    try {
      await jsm.streams.info(this.#stream);
    } catch (e) {
      if (!isCode(e, JetStreamApiCodes.StreamNotFound)) throw e;
      await jsm.streams.add({
        name: this.#stream,
        subjects: [this.#subject],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.New,
        num_replicas: replicas,
        deny_delete: true,
        allow_direct: false,
      });
    }
  }

  append(bytes: Uint8Array, id: string, expected: number): Promise<Appended> {
    return this.#publisher.publish(bytes, id, expected);
  }

  last(): Promise<Stored | undefined> {
    return this.#get({ last_by_subj: this.#subject });
  }

  firstFrom(seq: number): Promise<Stored | undefined> {
    return this.#get({ next_by_subj: this.#subject, seq: Math.max(1, seq) });
  }

  async #get(
    query: { last_by_subj: string } | { next_by_subj: string; seq: number },
  ): Promise<Stored | undefined> {
    try {
      const message = await this.#jsm.streams.getMessage(this.#stream, query);
      return message === null ? undefined : storedOf(message);
    } catch (e) {
      if (isCode(e, JetStreamApiCodes.NoMessageFound)) return undefined;
      throw e;
    }
  }

  async *read(from: number, to: number): AsyncIterable<Stored> {
    if (from > to) return;
    const consumer = await this.#js.consumers.get(this.#stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
    });
    const messages = await consumer.consume({ max_bytes: READ_AHEAD_BYTES });
    let next = from;
    const silent = setTimeout(() => messages.stop(), SILENT_MS);
    try {
      for await (const message of messages) {
        silent.refresh();
        if (message.seq !== next) {
          throw new ShardStopped(`the journal goes from ${next - 1} to ${message.seq}`);
        }
        yield storedOf(message);
        if (next++ === to) return;
      }
    } finally {
      clearTimeout(silent);
      messages.stop();
      consumer.delete().catch(() => {}); // it ends by itself after a while
    }
    throw new Error(`the journal was silent after ${next - 1} of ${to}`);
  }

  async trim(seq: number): Promise<void> {
    const last = await this.last();
    const below = Math.min(seq, last?.seq ?? 0);
    if (below <= 1) return; // to the server, below 0 means everything
    await this.#jsm.streams.purge(this.#stream, { seq: below });
  }
}

const storedOf = (m: StoredMsg | JsMsg): Stored => ({
  seq: m.seq,
  bytes: m.data,
  id: ('header' in m ? m.header : m.headers)?.get(MSG_ID) ?? '',
});

const isCode = (e: unknown, code: number): e is JetStreamApiError =>
  e instanceof JetStreamApiError && e.code === code;
