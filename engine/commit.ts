import { sleep } from './clock.ts';
import { Interrupted, ShardStopped } from './errors.ts';
import { insist, type Patience } from './insist.ts';
import type { Appended, Journal, Stored } from './journal/journal.ts';
import { LIMITS } from './limits.ts';
import { hashOf, open, type Sealed } from './record.ts';

/**
 * What became of a record. `lost`: it is not in the journal and never will be.
 * `deposed`: another owner wrote on and trimmed; nobody can tell. `interrupted`:
 * we were told to stop asking. After any but `committed`, memory is void.
 */
export type Fate =
  | { readonly kind: 'committed'; readonly seq: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'deposed' }
  | { readonly kind: 'interrupted' };

export interface CommitContext extends Patience {
  readonly journal: Journal;
}

/**
 * ⑤ Appends one record at its expected place and finds out its fate, however
 * often that takes: unknown is not failed (C4). The same bytes, id and
 * expectation are sent until the journal gives a definite answer.
 *
 * `expected` is the sequence of the record before it.
 */
export async function commit(
  context: CommitContext,
  record: Sealed,
  expected: number,
): Promise<Fate> {
  const { journal, clock, mayPublish } = context;
  /** Since when the journal has been shorter than we know, monotonic ms. */
  let shortSinceMs: number | undefined;
  for (let attempt = 0; mayPublish(); attempt++) {
    const before = shortSinceMs === undefined ? 'ours' : await beforeUs(context, record, expected);
    if (before === 'another') throw wentBack(expected - 1, expected);
    const reply: Appended =
      before === 'ours'
        ? await journal.append(record.bytes, record.hash, expected)
        : { kind: 'conflict', last: await endOf(context, expected) };
    switch (reply.kind) {
      case 'stored':
        return { kind: 'committed', seq: reply.seq };
      case 'duplicate': {
        const fate = await believe(context, record, reply.seq);
        if (fate !== undefined) return fate;
        break;
      }
      case 'conflict': {
        if (reply.last < expected) {
          // A waking old leader may say so for a moment; a journal that lost its tail goes on saying it.
          shortSinceMs ??= clock.monoMs();
          if (clock.monoMs() - shortSinceMs > LIMITS.wentBackMs)
            throw wentBack(reply.last, expected);
          break;
        }
        if (before === 'ours') shortSinceMs = undefined; // that was but for a moment
        const fate = await resolve(context, record, expected);
        if (fate !== undefined) return fate;
        break;
      }
      case 'unknown':
        break;
    }
    context.onRetry?.(reply.kind === 'unknown' ? reply.why : reply.kind);
    await sleep(clock, Math.min(20 * (attempt + 1), 250));
  }
  return { kind: 'interrupted' };
}

/** The journal's last record, however often that must be asked; undefined where there is none, or we were told to stop. */
export async function lastOf({
  journal,
  clock,
  mayPublish,
}: CommitContext): Promise<Stored | undefined> {
  try {
    return await insist({ clock, mayPublish }, () => journal.last());
  } catch (e) {
    if (e instanceof Interrupted) return undefined;
    throw e;
  }
}

/**
 * Whose record stands where ours would follow. A journal that lost its end gives
 * sequences again, so the sequence alone does not tell.
 */
async function beforeUs(
  { journal, mayPublish }: CommitContext,
  record: Sealed,
  expected: number,
): Promise<'ours' | 'another' | 'none'> {
  const there = await tryRead(() => journal.firstFrom(expected), mayPublish);
  if (there?.seq !== expected) return 'none';
  return hashOf(there.bytes) === record.prev ? 'ours' : 'another';
}

/** Where the journal ends; as far as we last knew where it cannot be asked. */
async function endOf({ journal, mayPublish }: CommitContext, expected: number): Promise<number> {
  const last = await tryRead(() => journal.last(), mayPublish);
  return last?.seq ?? expected - 1;
}

/** A `duplicate` answer counts only if the record at that place is ours. */
async function believe(
  { journal, mayPublish }: CommitContext,
  record: Sealed,
  seq: number,
): Promise<Fate | undefined> {
  const there = await tryRead(() => journal.firstFrom(seq), mayPublish);
  if (there === undefined) return undefined;
  if (there.seq === seq && hashOf(there.bytes) === record.hash) return { kind: 'committed', seq };
  throw new ShardStopped(
    `the journal says that record ${record.head.number} is at ${seq}, but another record is there`,
  );
}

/** The journal moved on. Whose record stands where ours would? */
async function resolve(
  { journal, mayPublish }: CommitContext,
  record: Sealed,
  expected: number,
): Promise<Fate | undefined> {
  const first = await tryRead(() => journal.firstFrom(expected + 1), mayPublish);
  if (first === undefined) return undefined;
  if (hashOf(first.bytes) === record.hash) return { kind: 'committed', seq: first.seq };
  const { number } = readOrStop(first);
  if (number < record.head.number) return undefined; // a stale read
  return number === record.head.number ? { kind: 'lost' } : { kind: 'deposed' };
}

function readOrStop(stored: Stored): { number: number } {
  try {
    return open(stored.bytes);
  } catch (e) {
    throw new ShardStopped(`journal record at ${stored.seq} cannot be read: ${String(e)}`);
  }
}

/** A read that failed is asked again by the next round of {@link commit}. */
async function tryRead(
  read: () => Promise<Stored | undefined>,
  mayPublish: () => boolean,
): Promise<Stored | undefined> {
  if (!mayPublish()) return undefined;
  try {
    return await read();
  } catch {
    return undefined;
  }
}

const wentBack = (last: number, expected: number): ShardStopped =>
  new ShardStopped(
    `the journal went back: it ends at ${last}, we committed ${expected}. ` +
      'Its tail was lost; restore the stream before starting this shard again',
  );
