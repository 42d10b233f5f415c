import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { type NatsConnection, nuid } from '@nats-io/transport-node';
import type { Clock } from '../engine/clock.ts';
import { journalStream } from '../engine/subjects.ts';
import { Pull } from './pull.ts';
import type { Bounds, Inflow, Source, Sources } from './source.ts';

export interface JetStreamSourceOptions {
  readonly nats: NatsConnection;
  /** Of the JetStream that has the journals. */
  readonly jsm: JetStreamManager;
  /** Its domain, where it is not the server's own. */
  readonly domain?: string;
  readonly region: string;
  readonly shard: number;
  readonly clock: Clock;
  /** Name of a consumer that stays on the server and is told what is done; else it is a passing one. */
  readonly durable?: string;
  /** While records follow one another they are handed out together, this often. */
  readonly paceMs: number;
}

/** A passing consumer that is left behind goes away by itself. */
const INACTIVE_MS = 10_000;
/** Nothing is sent again while it is being written: a new consumer is made instead. */
const ACK_WAIT_MS = 3_600_000;
const MAX_UNACKNOWLEDGED = 50_000;

const nanos = (ms: number): number => ms * 1_000_000;

/** A change is sellable, or not, at the centre within 50 ms; a fifth of that is spent on waiting for company. */
const MEMORY_PACE_MS = 10;
/** A transaction costs milliseconds however little it writes, and what many changes leave of an actor is written once. */
const HISTORY_PACE_MS = 500;

export const jetStreamSources = (
  options: Omit<JetStreamSourceOptions, 'durable' | 'paceMs'>,
): Sources => ({
  memory: new JetStreamSource({ ...options, paceMs: MEMORY_PACE_MS }),
  history: new JetStreamSource({ ...options, durable: 'oms', paceMs: HISTORY_PACE_MS }),
});

/** The same without anything that stays on the server: for one that is another region's. */
export const passingSources = (
  options: Omit<JetStreamSourceOptions, 'durable' | 'paceMs'>,
): Sources => ({
  memory: new JetStreamSource({ ...options, paceMs: MEMORY_PACE_MS }),
  history: new JetStreamSource({ ...options, paceMs: HISTORY_PACE_MS }),
});

/** One shard's journal from its JetStream stream. */
class JetStreamSource implements Source {
  readonly #options: JetStreamSourceOptions;
  readonly #stream: string;

  constructor(options: JetStreamSourceOptions) {
    this.#options = options;
    this.#stream = journalStream(options.region, options.shard);
  }

  async bounds(): Promise<Bounds | undefined> {
    try {
      const { state } = await this.#options.jsm.streams.info(this.#stream);
      return { first: state.first_seq, last: state.last_seq };
    } catch (e) {
      if (isCode(e, JetStreamApiCodes.StreamNotFound)) return undefined;
      throw e;
    }
  }

  async open(seq: number): Promise<Inflow> {
    const { nats, jsm, domain, clock, durable, paceMs } = this.#options;
    const stream = this.#stream;
    if (durable !== undefined) await this.#forget(durable);
    const { name, num_pending } = await jsm.consumers.add(stream, this.#consumer(seq));
    const api = domain === undefined ? '$JS.API' : `$JS.${domain}.API`;
    return new Pull({ nats, api, stream, consumer: name, clock, pending: num_pending, paceMs });
  }

  #consumer(seq: number): Partial<ConsumerConfig> {
    const { durable } = this.#options;
    const start = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: seq };
    if (durable === undefined) {
      const name = `oms-${nuid.next()}`;
      const inactive_threshold = nanos(INACTIVE_MS);
      return { ...start, name, ack_policy: AckPolicy.None, inactive_threshold, mem_storage: true };
    }
    return {
      ...start,
      durable_name: durable,
      ack_policy: AckPolicy.All,
      ack_wait: nanos(ACK_WAIT_MS),
      max_ack_pending: MAX_UNACKNOWLEDGED,
    };
  }

  async #forget(durable: string): Promise<void> {
    try {
      await this.#options.jsm.consumers.delete(this.#stream, durable);
    } catch (e) {
      if (!isCode(e, JetStreamApiCodes.ConsumerNotFound)) throw e;
    }
  }
}

const isCode = (e: unknown, code: number): boolean =>
  e instanceof JetStreamApiError && e.code === code;
