import type { ShardCommand } from '../../actors/command.ts';
import {
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import {
  BLANK,
  type Command,
  type EachCommand,
  type ReadCommand,
  type StockCommand,
  type StockOp,
} from '../../actors/stock/commands.ts';
import type { CentreLink, Watermark } from '../../engine/centre.ts';
import type { Clock } from '../../engine/clock.ts';
import type { Appended, Journal, Stored } from '../../engine/journal/journal.ts';
import type { LeaseStore, LeaseValue } from '../../engine/lease.ts';
import { LIMITS } from '../../engine/limits.ts';
import type { Ask } from '../../engine/mailbox.ts';
import { type Caller, type JournalRecord, open } from '../../engine/record.ts';
import type { Answer } from '../../engine/settled.ts';
import { fingerprint } from '../../gateway/fingerprint.ts';

/** Where every engine test begins in time, epoch ms. */
export const START_MS = 1_700_000_000_000;

/** Lets everything that waits for nothing but promises go as far as it can. */
export const drain = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #wallMs = START_MS;
  #monoMs = 5_000;
  #timers: { readonly atMs: number; readonly fn: () => void }[] = [];
  /** Passes each time that somebody looks at the monotonic clock: so that slices end. */
  msPerLook = 0;

  wallMs(): number {
    return this.#wallMs;
  }

  monoMs(): number {
    this.#pass(this.msPerLook);
    return this.#monoMs;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { atMs: this.#monoMs + ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  turn(fn: () => void): void {
    setImmediate(fn);
  }

  /** The wall clock is set by somebody. */
  setWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** Lets so much time pass; what was to happen meanwhile happens in its order. */
  async advance(ms: number): Promise<void> {
    const until = this.#monoMs + ms;
    await drain();
    while (this.#fire(until)) await drain();
    this.#pass(until - this.#monoMs);
  }

  /** Lets time pass until the promise is settled. Throws if that takes more than an hour. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const giveUpMs = this.#monoMs + 3_600_000;
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    await drain();
    for (let idle = 0; !settled; await drain()) {
      idle = this.#fire(giveUpMs) ? 0 : idle + 1; // another may be firing, too
      if (idle > 5) throw new Error('nothing is left that could settle it');
    }
    return promise;
  }

  #fire(untilMs: number): boolean {
    let next = this.#timers[0];
    for (const timer of this.#timers) if (next && timer.atMs < next.atMs) next = timer;
    if (next === undefined || next.atMs > untilMs) return false;
    this.#timers.splice(this.#timers.indexOf(next), 1);
    this.#pass(Math.max(0, next.atMs - this.#monoMs));
    next.fn();
    return true;
  }

  #pass(ms: number): void {
    this.#monoMs += ms;
    this.#wallMs += ms;
  }
}

/** What becomes of one append on its way. */
export type Fault =
  | 'none'
  /** It is stored; nobody hears of it. */
  | 'unheard'
  /** It never arrives. */
  | 'dropped'
  /** It arrives when {@link FaultyJournal.deliver} is called. */
  | 'delayed'
  /** It is not stored, and this is said of it. */
  | Appended;

/** One node's way to a journal. Several of them may lead to the same one. */
export class FaultyJournal implements Journal {
  readonly #journal: Journal;
  readonly #delayed: (() => Promise<Appended>)[] = [];
  /** What becomes of the next appends, in order; after that nothing happens to them. */
  faults: Fault[] = [];
  /** Instead of the list: asked for every append. */
  chance: ((bytes: Uint8Array) => Fault) | undefined;
  /** So many of the next reads throw. */
  failingReads = 0;
  /** So many of the next looks at a record are old: they find none. */
  staleReads = 0;
  /** What a reader sees instead of a record; undefined leaves it out. */
  see: (stored: Stored) => Stored | undefined = (stored) => stored;
  /** Comes before everything that is asked of it. */
  before: () => Promise<void> | void = () => {};
  appends = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async append(bytes: Uint8Array, id: string, expected: number): Promise<Appended> {
    this.appends++;
    try {
      await this.before();
    } catch {
      return { kind: 'unknown', why: 'no answer' }; // an append never throws
    }
    const fault = this.chance?.(bytes) ?? this.faults.shift() ?? 'none';
    const arrive = (): Promise<Appended> => this.#journal.append(bytes, id, expected);
    if (typeof fault === 'object') return fault;
    if (fault === 'none') return arrive();
    if (fault === 'unheard') await arrive();
    if (fault === 'delayed') this.#delayed.push(arrive);
    return { kind: 'unknown', why: fault };
  }

  /** What was delayed arrives now. */
  async deliver(): Promise<Appended[]> {
    const answers: Appended[] = [];
    for (const arrive of this.#delayed.splice(0)) answers.push(await arrive());
    return answers;
  }

  async last(): Promise<Stored | undefined> {
    await this.#asked();
    return this.#seen(await this.#journal.last());
  }

  async firstFrom(seq: number): Promise<Stored | undefined> {
    await this.#asked();
    if (this.staleReads-- > 0) return undefined;
    return this.#seen(await this.#journal.firstFrom(seq));
  }

  async *read(from: number, to: number): AsyncIterable<Stored> {
    for await (const stored of this.#journal.read(from, to)) {
      await this.#asked();
      const seen = this.see(stored);
      if (seen !== undefined) yield seen;
    }
  }

  trim(seq: number): Promise<void> {
    return this.#journal.trim(seq);
  }

  #seen(stored: Stored | undefined): Stored | undefined {
    return stored && this.see(stored);
  }

  async #asked(): Promise<void> {
    await this.before();
    if (this.failingReads-- > 0) throw new Error('no answer');
  }
}

/** Everything in a journal that begins at 1. */
export async function recordsOf(journal: Journal): Promise<JournalRecord[]> {
  return (await storedOf(journal)).map((stored) => open(stored.bytes));
}

export async function storedOf(journal: Journal): Promise<Stored[]> {
  const last = await journal.last();
  const all: Stored[] = [];
  for await (const stored of journal.read(1, last?.seq ?? 0)) all.push(stored);
  return all;
}

interface Entry {
  readonly value: LeaseValue;
  readonly revision: number;
  readonly untilMs: number;
}

/** Leases as the KV bucket keeps them, by the fake clock. */
export class MemoryLeases implements LeaseStore {
  readonly #clock: Clock;
  readonly #entries = new Map<number, Entry>();
  #revision = 0;
  /** So many of the next calls throw; `unheard` ones do their work first. */
  failing = 0;
  unheard = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  acquire(shard: number, value: LeaseValue): Promise<number | undefined> {
    return this.#answer(() => {
      const held = this.#get(shard);
      return held && held.value.node !== value.node ? undefined : this.#put(shard, value);
    });
  }

  renew(shard: number, value: LeaseValue, revision: number): Promise<number | undefined> {
    return this.#answer(() =>
      this.#get(shard)?.revision === revision ? this.#put(shard, value) : undefined,
    );
  }

  release(shard: number, revision: number): Promise<void> {
    return this.#answer(() => {
      if (this.#get(shard)?.revision === revision) this.#entries.delete(shard);
    });
  }

  holder(shard: number): Promise<LeaseValue | undefined> {
    return this.#answer(() => this.#get(shard)?.value);
  }

  /** As when an operator deletes the bucket. */
  forget(): void {
    this.#entries.clear();
  }

  async #answer<T>(work: () => T): Promise<T> {
    if (this.failing-- > 0) throw new Error('no answer');
    const result = work();
    if (this.unheard-- > 0) throw new Error('no answer');
    return result;
  }

  #get(shard: number): Entry | undefined {
    const entry = this.#entries.get(shard);
    return entry && entry.untilMs > this.#clock.monoMs() ? entry : undefined;
  }

  #put(shard: number, value: LeaseValue): number {
    const untilMs = this.#clock.monoMs() + LIMITS.leaseMs;
    this.#entries.set(shard, { value, revision: ++this.#revision, untilMs });
    return this.#revision;
  }
}

/** A centre that says what a test sets. */
export class FakeCentre implements CentreLink {
  says: Watermark | undefined;

  watermark(): Promise<Watermark | undefined> {
    return Promise.resolve(this.says);
  }
}

const OWNER = 'demo' as OwnerId;
const WAREHOUSE = 'W1' as WarehouseId;
export const keyOf = (sku: string) => actorKey(OWNER, sku as SkuId, WAREHOUSE);

type Fields = Partial<Omit<StockCommand, 'op' | 'key' | 'sku' | 'hold'>> & {
  readonly hold?: string;
};

/** A command on `demo/<sku>@W1`. */
export function command(op: StockOp, sku: string, fields: Fields = {}): StockCommand {
  return {
    ...{ op, key: keyOf(sku), owner: OWNER, sku: sku as SkuId, warehouse: WAREHOUSE },
    ...{ ...BLANK, ...fields, hold: (fields.hold ?? '') as HoldId },
  };
}

export const allOf = (...commands: StockCommand[]): Command => ({
  op: 'all',
  warehouse: WAREHOUSE,
  commands,
});

/** The same step on `demo/<sku>@W1` of every line. */
export const eachOf = (
  step: StockOp,
  skus: readonly string[],
  { warehouse = WAREHOUSE, ...fields }: Partial<EachCommand> & Pick<EachCommand, 'units'>,
): EachCommand => ({
  ...{ op: 'each', step, owner: OWNER, warehouse, skus: skus as readonly SkuId[] },
  keys: skus.map((sku) => actorKey(OWNER, sku as SkuId, warehouse)),
  ...{ holds: [], doc: '', reason: '', quality: 0, ttlMs: 0, partial: false, occurredAtMs: 0 },
  ...fields,
});

export const read = (sku: string, hold = '', strict = false): ReadCommand => ({
  op: 'read',
  ...{ key: keyOf(sku), owner: OWNER, sku: sku as SkuId, warehouse: WAREHOUSE },
  ...{ hold: hold as HoldId, strict },
});

export const SCANNER: Caller = { client: 'scanner-1', incarnation: 'i1' };

/** A command that was sent, and all that came back. */
export class Asked implements Ask {
  readonly command: ShardCommand;
  readonly caller: Caller;
  readonly n: number;
  readonly fingerprint: number;
  readonly acked: number;
  readonly decided: boolean;
  readonly answers: { readonly answer: Answer; readonly committed: boolean }[] = [];
  readonly fates: boolean[] = [];

  constructor(
    command: ShardCommand,
    fields: Partial<Pick<Ask, 'caller' | 'n' | 'acked' | 'decided'>> = {},
  ) {
    this.command = command;
    this.caller = fields.caller ?? SCANNER;
    this.n = fields.n ?? 0;
    this.fingerprint = fingerprint(command);
    this.acked = fields.acked ?? 0;
    this.decided = fields.decided ?? false;
  }

  answer(answer: Answer, committed: boolean): void {
    this.answers.push({ answer, committed });
  }

  fate(committed: boolean): void {
    this.fates.push(committed);
  }

  /** In short: nothing yet, `ok`, or the code of the refusal. */
  get said(): string | undefined {
    const answer = this.answers[0]?.answer;
    return answer && (answer.ok ? 'ok' : answer.code);
  }
}
