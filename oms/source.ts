/** A stored message as a consumer delivers it. */
export interface Delivered {
  /** In the stream. */
  readonly seq: number;
  /** Messages that this consumer has still to deliver after this one. */
  readonly pending: number;
  readonly bytes: Uint8Array;
  /** The id it was stored under. */
  readonly id: string;
  /** Done, with all before it where the consumer's policy says so. */
  acknowledge(): void;
}

/** The consumer cannot be relied on any more: gone, moved, silent, or the connection was cut. */
export class PullLost extends Error {
  override readonly name = 'PullLost';
}

/** Messages of one consumer, in order, until it is lost. */
export interface Inflow {
  /** Monotonic ms up to which everything committed has been taken; undefined if never. */
  readonly caughtUpMs: number | undefined;
  /** Whether {@link take} has something to give at once. */
  readonly hasArrived: boolean;
  /** What has arrived, at least one message, up to `bytes` if more. Throws {@link PullLost}. */
  take(bytes: number): Promise<Delivered[]>;
  /** Ends what waits in {@link take}, once what has arrived was taken. */
  lose(why: string): void;
  close(): void;
}

/** Takes out the first of what has arrived: at least one message, up to `bytes` if more. */
export function takeUpTo(arrived: Delivered[], bytes: number): Delivered[] {
  let size = 0;
  let count = 0;
  while (count < arrived.length && size < bytes) size += arrived[count++]?.bytes.length ?? 0;
  return arrived.splice(0, Math.max(count, 1));
}

/** Sequences of a stream's first and last message. */
export interface Bounds {
  readonly first: number;
  readonly last: number;
}

/**
 * One shard's journal as one reader at the centre gets it, as a port: from JetStream
 * (oms/jetstream-source.ts), or from the simulation. It promises nothing about what it brings:
 * messages may be missing, repeated or damaged, and {@link JournalReader} checks every one.
 */
export interface Source {
  /**
   * Undefined where there is no such stream. `from` is the last message that was
   * read, 0 before the first: what {@link open} brings next has to follow it.
   */
  bounds(from: number): Promise<Bounds | undefined>;
  /** Makes a consumer that begins with the first message at or after `seq`; the one before it is not used any more. */
  open(seq: number): Promise<Inflow>;
  /** What was read last does not fit. True where there is another place to read, which is next. */
  doubt?(why: string): boolean;
}

/** The two ways in which one shard's journal is read. */
export interface Sources {
  /** For memory: quick, and forgotten when the centre stops. */
  readonly memory: Source;
  /** For SQL: in large pieces, and acknowledged. */
  readonly history: Source;
}
