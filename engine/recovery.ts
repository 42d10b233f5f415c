import type { CentreLink, Watermark } from './centre.ts';
import { damaged, openStored, verified } from './chain.ts';
import type { Clock } from './clock.ts';
import { nextTurn, sleep } from './clock.ts';
import { type CommitContext, commit } from './commit.ts';
import { Interrupted, messageOfError, ShardStopped } from './errors.ts';
import { insist, tryAgain } from './insist.ts';
import type { Journal, Stored } from './journal/journal.ts';
import { LIMITS } from './limits.ts';
import { GENESIS, type Head, type JournalRecord, type SnapshotName, seal } from './record.ts';
import { type Loaded, loadSnapshot, Unreadable } from './snapshots/snapshot.ts';
import type { SnapshotStore } from './snapshots/store.ts';
import { ShardState } from './state.ts';

export interface RecoveryContext extends CommitContext {
  readonly shard: number;
  readonly journal: Journal;
  readonly snapshots: SnapshotStore;
  readonly centre: CentreLink;
  readonly clock: Clock;
  /** Name of this node, for the owner record. */
  readonly node: string;
  readonly nonce: () => string;
  /** True if this shard is known to have had a journal before. */
  readonly hasHistory: boolean;
  /** How often the journal began anew after a loss, as far as this node was told; 1 if never. */
  readonly lineage?: number;
  /** Of the shard's goods; none where nobody sells them by rights. */
  readonly sellingPoints?: readonly string[];
}

/** A shard's state up to and with its own owner record. */
export interface Recovered {
  readonly state: ShardState;
  readonly head: Head;
  /** Sequence of the owner record in the journal. */
  readonly seq: number;
  /** The journal-named snapshot it started from. */
  readonly snapshot: SnapshotName | undefined;
  /** Records after the snapshot, and their size. */
  readonly records: number;
  readonly bytes: number;
}

/** A replay lets others have their turn this often, ms: leases must be renewed meanwhile. */
const BUSY_MS = 10;

const BEGIN: Head = { epoch: 0, number: 0, hash: GENESIS, timeMs: 0 };

/**
 * C2: takes a shard over. The owner record goes in first, expecting the last
 * record seen; only then is the journal read, exactly up to that record. To
 * read first and fence after loses what the old owner wrote in between.
 *
 * Throws {@link ShardStopped} where records are damaged or missing, and
 * {@link Interrupted} when told to stop.
 */
export async function takeOver(context: RecoveryContext): Promise<Recovered> {
  let shortSinceMs: number | undefined;
  let watermark: Watermark | undefined;
  for (let attempt = 0; ; attempt++) {
    // The centre first: what it has read by now is in the journal that we look at next.
    const heard = await insist(context, () => context.centre.watermark(context.shard));
    // What it has said once stays so when it cannot be reached any more.
    if (heard !== undefined && heard.number >= (watermark?.number ?? 0)) watermark = heard;
    const last = await insist(context, () => context.journal.last());
    const head = last === undefined ? BEGIN : openStored(context.shard, last);
    const missing = await missingTail(context, head, watermark);
    if (missing !== undefined) {
      // A waking old leader may say so for a moment; a journal that lost its tail goes on saying it.
      shortSinceMs ??= context.clock.monoMs();
      if (context.clock.monoMs() - shortSinceMs > LIMITS.wentBackMs) throw missing;
      await sleep(context.clock, 250);
      continue;
    }
    shortSinceMs = undefined; // that was but for a moment
    const owner = seal(context.shard, head, head.epoch + 1, timeAfter(context, head), {
      kind: 'owner',
      node: context.node,
      nonce: context.nonce(),
      lineage: context.lineage ?? 1,
      points: context.sellingPoints ?? [],
    });
    const fate = await commit(context, owner, last?.seq ?? 0);
    if (fate.kind === 'interrupted') throw new Interrupted('told to stop during takeover');
    if (fate.kind === 'committed') {
      const recovered = await replayUnlessSuperseded(context, owner.head, fate.seq, watermark);
      if (recovered !== undefined) return recovered;
    }
    await sleep(context.clock, Math.min(50 * (attempt + 1), 500));
  }
}

const timeAfter = (context: RecoveryContext, head: Head): number =>
  Math.max(head.timeMs, Math.floor(context.clock.wallMs()));

/** An empty journal, or one shorter than what others have read, is a loss, not a new shard. */
async function missingTail(
  context: RecoveryContext,
  head: Head,
  watermark: Watermark | undefined,
): Promise<ShardStopped | undefined> {
  const { shard, snapshots, hasHistory } = context;
  const hadSnapshot = async () => (await insist(context, () => snapshots.list())).length > 0;
  if (head.number === 0 && (hasHistory || (await hadSnapshot()))) {
    return new ShardStopped(
      `the journal of shard ${shard} is gone, though it had one before. Restore its stream`,
    );
  }
  if (watermark === undefined || watermark.number <= head.number) return undefined;
  return new ShardStopped(
    `the journal of shard ${shard} ends at record ${head.number}, ` +
      `the centre has read up to ${watermark.number}: its tail was lost. Restore its stream`,
  );
}

/**
 * Undefined if another has taken the shard over since: what we found missing may
 * be what it has trimmed and cleared away, and is no damage.
 */
async function replayUnlessSuperseded(
  context: RecoveryContext,
  own: Head,
  ownSeq: number,
  watermark: Watermark | undefined,
): Promise<Recovered | undefined> {
  try {
    return await replay(context, own, ownSeq, watermark);
  } catch (e) {
    if (!(e instanceof ShardStopped)) throw e;
    const last = await insist(context, () => context.journal.last());
    if (last === undefined || last.seq <= ownSeq) throw e;
    context.onRetry?.(`taken over again at ${last.seq}: ${e.message}`);
    return undefined;
  }
}

/**
 * Snapshot + tail. Newest snapshot first; one that no record names is not used.
 * It is left to the owner to clear away ({@link SnapshotDuty}): only who has
 * just named another one knows that nobody will name this one.
 */
async function replay(
  context: RecoveryContext,
  own: Head,
  ownSeq: number,
  watermark: Watermark | undefined,
): Promise<Recovered> {
  const names = await insist(context, () => context.snapshots.list());
  for (const name of names.reverse()) {
    const loaded = await load(context, name);
    const recovered = await readTail(context, own, ownSeq, watermark, loaded);
    if (recovered !== undefined) return recovered;
  }
  const whole = await readTail(context, own, ownSeq, watermark, undefined);
  if (whole === undefined)
    throw new Error('unreachable: without a snapshot there is no name to miss');
  return whole;
}

/** A store that cannot be reached is asked again; one that goes on so stops the shard. */
async function load(context: RecoveryContext, name: string): Promise<Loaded> {
  const { clock, shard, snapshots } = context;
  const sinceMs = clock.monoMs();
  return insist(context, async () => {
    try {
      return await loadSnapshot(snapshots, name, shard);
    } catch (e) {
      if (!(e instanceof Unreadable) || clock.monoMs() - sinceMs < LIMITS.wentBackMs) throw e;
      throw new ShardStopped(`snapshot ${name} of shard ${shard} cannot be read: ${e.message}`);
    }
  });
}

/** Undefined if no record up to our own names the snapshot. */
async function readTail(
  context: RecoveryContext,
  own: Head,
  ownSeq: number,
  watermark: Watermark | undefined,
  loaded: Loaded | undefined,
): Promise<Recovered | undefined> {
  const { shard } = context;
  const state = loaded?.state ?? new ShardState();
  let previous: Head = startOf(loaded);
  let named: SnapshotName | undefined;
  /** Hash of each record from the snapshot's first to the one that names it. */
  const chain = new Map([[previous.number, previous.hash]]);
  let records = 0;
  let bytes = 0;
  let busySinceMs = context.clock.monoMs();
  const fromSeq = loaded === undefined ? 1 : loaded.header.fromSeq + 1;
  if (loaded === undefined) await requireFirst(context);
  for await (const stored of readOn(context, fromSeq, ownSeq)) {
    const record = verified(shard, stored, previous);
    requireSame(shard, record, watermark);
    if (loaded !== undefined && named === undefined) chain.set(record.number, record.hash);
    if (record.body.kind === 'snapshot' && record.body.name === loaded?.name) {
      named = record.body;
      if (chain.get(named.toNumber) !== named.toHash) throw foreign(named);
    }
    try {
      state.apply(record);
    } catch (e) {
      throw damaged(shard, stored.seq, messageOfError(e), record.number);
    }
    previous = record;
    records++;
    bytes += stored.bytes.length;
    if (context.clock.monoMs() - busySinceMs < BUSY_MS) continue;
    await nextTurn(context.clock);
    busySinceMs = context.clock.monoMs();
  }
  if (previous.hash !== own.hash) {
    throw new ShardStopped(`the journal of shard ${shard} does not end with our own record`);
  }
  if (loaded !== undefined && named === undefined) return undefined;
  if (loaded !== undefined && named?.digest !== loaded.digest) {
    throw new ShardStopped(
      `snapshot ${loaded.name} of shard ${shard} is not what the journal says of it: its digest differs. ` +
        'Move it away to start from the snapshot before it',
    );
  }
  return { state, head: own, seq: ownSeq, snapshot: named, records, bytes };
}

const startOf = (loaded: Loaded | undefined): Head =>
  loaded === undefined
    ? BEGIN
    : { epoch: 0, number: loaded.header.fromNumber, hash: loaded.header.fromHash, timeMs: 0 };

const foreign = (s: SnapshotName): ShardStopped =>
  new ShardStopped(`snapshot ${s.name} belongs to another chain at record ${s.toNumber}`);

async function requireFirst(context: RecoveryContext): Promise<void> {
  const sinceMs = context.clock.monoMs();
  for (;;) {
    const first = await insist(context, () => context.journal.firstFrom(1));
    if (first?.seq === 1) return;
    // Our own record is in it: if it reads as empty, that is a stale read, or it is not ours any more.
    if (first !== undefined || context.clock.monoMs() - sinceMs > LIMITS.wentBackMs) {
      throw new ShardStopped(
        `the journal of shard ${context.shard} begins at ${first?.seq}, and no snapshot reaches there. ` +
          'Restore a snapshot',
      );
    }
    await sleep(context.clock, 250);
  }
}

/** The centre and the journal must tell the same story as far as both go. */
function requireSame(shard: number, record: JournalRecord, watermark: Watermark | undefined): void {
  if (watermark === undefined || record.number !== watermark.number) return;
  if (record.hash === watermark.hash) return;
  throw new ShardStopped(
    `record ${record.number} of shard ${shard} is not the one that the centre has read`,
  );
}

/** A long read goes on where it broke off. */
async function* readOn(context: RecoveryContext, from: number, to: number): AsyncIterable<Stored> {
  let next = from;
  let stuck: Stuck | undefined;
  while (next <= to) {
    try {
      for await (const stored of context.journal.read(next, to)) {
        if (!context.mayPublish()) throw new Interrupted('told to stop during recovery');
        yield stored;
        next = stored.seq + 1;
        stuck = undefined;
      }
    } catch (e) {
      await tryAgain(context, e);
      stuck ??= new Stuck(context);
      if (await stuck.forGood()) {
        throw damaged(context.shard, next, `it cannot be read: ${messageOfError(e)}`);
      }
    }
  }
}

/** Tells a journal that has lost a record from one that is away: it answers, and goes on not giving it. */
class Stuck {
  readonly #context: RecoveryContext;
  readonly #sinceMs: number;
  #answeringSinceMs = Number.POSITIVE_INFINITY;

  constructor(context: RecoveryContext) {
    this.#context = context;
    this.#sinceMs = context.clock.monoMs();
  }

  /** Asked after every read that gave nothing. */
  async forGood(): Promise<boolean> {
    const { clock, journal } = this.#context;
    if (clock.monoMs() - this.#sinceMs < LIMITS.wentBackMs) return false;
    try {
      await journal.last();
      this.#answeringSinceMs = Math.min(this.#answeringSinceMs, clock.monoMs());
    } catch {
      this.#answeringSinceMs = Number.POSITIVE_INFINITY;
    }
    return clock.monoMs() - this.#answeringSinceMs > LIMITS.wentBackMs;
  }
}
