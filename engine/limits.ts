/** Every limit of the engine and its doors, in one place; their relations are asserted below. */
export const LIMITS = {
  /** Shards of a region's warehouses. A warehouse belongs to one by its name, for ever. */
  shards: 4,

  /** Largest encoded journal record, bytes. A turn stops here. */
  recordBytes: 512 * 1024,
  /** Largest message that the embedded nats-server takes, bytes. */
  natsPayloadBytes: 1024 * 1024,
  /** Lines of an `all`. */
  allLines: 1_000,
  /** Lines of a document. */
  documentLines: 500,
  /** Boxes, labels, or barcodes of one item. */
  itemCodes: 100,
  /** Characters of a code that was scanned. */
  codeLength: 512,
  /** A task is a scanner's for so long unless it says otherwise, and at most, ms. */
  taskLeaseMs: 60_000,
  longestTaskLeaseMs: 3_600_000,
  /** Characters of a task's name: kinds, a document's number or a SKU, a line or a place. */
  taskId: 192,
  /** Serials that one command names. */
  serials: 1_000,
  /** Pieces in one closed box. */
  boxPieces: 100_000,
  /** Soft parts ended in one turn, so that a wave of expiries cannot hold up sales. */
  expiriesPerTurn: 500,

  /** Commands waiting in one shard. */
  mailbox: 65_536,
  /** Commands of one session that have no answer yet. */
  inFlight: 16_384,
  /** Commands in one frame. */
  batch: 10_000,
  /** One WebSocket frame or NATS request, bytes. */
  frameBytes: 1024 * 1024,
  /** Bytes that may wait for a slow reader before it is closed. */
  socketBacklogBytes: 8 * 1024 * 1024,
  /** Commands a second of one session, and how many may come at once. */
  commandsPerSecond: 500_000,
  commandsBurst: 1_000_000,
  /** Time to say hello, ms. */
  helloMs: 5_000,
  /** Stock actors that one connection may watch by name. */
  watches: 1_000,

  /** Outcomes kept for one session in one shard (C5). */
  sessionWindow: 32_768,
  /** Outcomes kept in one shard, all sessions together. */
  shardWindow: 1_048_576,
  /** A session that has been silent this long is forgotten, ms of record time. */
  sessionIdleMs: 7 * 24 * 3_600_000,

  /** Longest life of a soft hold, ms. */
  softTtlMs: 30 * 24 * 3_600_000,
  /** Wall and monotonic clock may drift apart this far before expiry stops, ms. */
  clockJumpMs: 5_000,

  /** A command that comes while its shard changes hands waits so long for the next owner, ms. */
  parkMs: 4_000,
  /** A command sent on to the owner's node waits so long for its answer, ms. */
  forwardMs: 1_500,

  /** One try of a publish, ms (C4). */
  publishMs: 400,
  /** A journal that says it is shorter than we know, for this long, stops the shard, ms. */
  wentBackMs: 10_000,

  /** Lease of a shard, ms; renewed every `leaseRenewMs`; not relied on in its last `leaseMarginMs`. */
  leaseMs: 1_500,
  leaseRenewMs: 400,
  leaseMarginMs: 300,

  /** A snapshot is due after this many records, or this many journal bytes. */
  snapshotRecords: 20_000,
  snapshotBytes: 64 * 1024 * 1024,
  /** The loop is held no longer than this by one slice, ms. */
  sliceMs: 1,
} as const;

/** Shards of a region among several: those of its warehouses, and its selling point's. */
export const SLOTS = LIMITS.shards + 1;

/** Shards of each region. */
export const slotsOf = (isAmongSeveral: boolean): number =>
  isAmongSeveral ? SLOTS : LIMITS.shards;

const relations: readonly [boolean, string][] = [
  [LIMITS.recordBytes * 2 <= LIMITS.natsPayloadBytes, 'a record and its headers fit one message'],
  [LIMITS.frameBytes <= LIMITS.natsPayloadBytes, 'a frame fits one NATS request'],
  [LIMITS.inFlight >= LIMITS.batch, 'one whole batch may be in flight'],
  [LIMITS.sessionWindow >= 2 * LIMITS.inFlight, 'what may be retried is remembered'],
  [LIMITS.shardWindow >= LIMITS.sessionWindow, 'one session fits the window of its shard'],
  [LIMITS.leaseRenewMs * 3 < LIMITS.leaseMs, 'two renewals may fail before the lease ends'],
  [LIMITS.leaseMarginMs < LIMITS.leaseRenewMs, 'the margin is smaller than a renewal'],
  [LIMITS.mailbox >= LIMITS.batch, 'one whole batch fits the mailbox'],
];

for (const [holds, what] of relations) {
  if (!holds) throw new Error(`limits.ts contradicts itself: ${what}`);
}
