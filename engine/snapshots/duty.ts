import type { CentreLink } from '../centre.ts';
import type { Clock } from '../clock.ts';
import { messageOfError } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { LIMITS } from '../limits.ts';
import type { Head, SnapshotName } from '../record.ts';
import type { ShardState } from '../state.ts';
import { SnapshotTaker } from './snapshot.ts';
import type { SnapshotStore } from './store.ts';

export interface DutyContext {
  readonly shard: number;
  readonly store: SnapshotStore;
  readonly journal: Journal;
  readonly centre: CentreLink;
  readonly nonce: () => string;
  readonly warn: (what: string) => void;
  readonly everyRecords?: number;
}

type Stage =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'slicing'; readonly taker: SnapshotTaker }
  | { readonly kind: 'storing' }
  | { readonly kind: 'stored'; readonly name: SnapshotName };

/** A snapshot, and where the journal names it. */
interface Named {
  readonly name: SnapshotName;
  readonly seq: number;
}

/** Taken in a blink, however often. */
const SMALL_BYTES = 1024 * 1024;

/**
 * When a snapshot is due, takes it slice by slice between turns, stores it,
 * hands its name to the shard to commit, then trims what is not needed any more.
 */
export class SnapshotDuty {
  readonly #context: DutyContext;
  #stage: Stage = { kind: 'waiting' };
  #records = 0;
  #bytes = 0;
  /** Of the newest snapshot that was taken here, bytes. */
  #size = 0;
  /** Those that are kept, oldest first: the two newest, and {@link #safe}. */
  #named: readonly Named[];
  /** Up to where the centre has read, as far as is known. */
  #readSeq = 0;
  /** Called when there is something to do in the next turn. */
  onReady: () => void = () => {};

  /** `tail`: what the journal holds after the newest snapshot, and where it ended when that had been read. */
  constructor(
    context: DutyContext,
    newest: SnapshotName | undefined,
    tail: { readonly records: number; readonly bytes: number; readonly seq: number },
  ) {
    this.#context = context;
    this.#named = newest === undefined ? [] : [{ name: newest, seq: tail.seq }];
    this.#records = tail.records;
    this.#bytes = tail.bytes;
  }

  /** True when the next turn has something to do here. */
  get busy(): boolean {
    return this.#stage.kind === 'slicing' || this.#stage.kind === 'stored';
  }

  /** True while the next turn must find committed state only. */
  get needsQuiet(): boolean {
    return this.busy || (this.#stage.kind === 'waiting' && this.#due());
  }

  committed(bytes: number): void {
    this.#records++;
    this.#bytes += bytes;
  }

  /**
   * Between turns: memory holds committed state only. Returns the name of a
   * snapshot that is safely stored, for the shard to commit.
   */
  step(state: ShardState, head: Head, seq: number, clock: Clock): SnapshotName | undefined {
    const stage = this.#stage;
    if (stage.kind === 'waiting' && this.#due()) this.#open(state, head, seq);
    else if (stage.kind === 'slicing' && stage.taker.step(clock)) this.#store(stage.taker, head);
    else if (stage.kind === 'stored') {
      this.#stage = { kind: 'waiting' };
      return stage.name;
    }
    return undefined;
  }

  /** The journal names it now, at this sequence. */
  named(name: SnapshotName, seq: number): void {
    this.#named = [...this.#named, { name, seq }];
    void this.#tidy();
  }

  abort(): void {
    if (this.#stage.kind === 'slicing') void this.#stage.taker.abort().catch(() => {});
    this.#stage = { kind: 'waiting' };
    this.onReady = () => {};
  }

  /** A large snapshot waits until there is half as much journal again, so that it costs no more than a share of it. */
  #due(): boolean {
    const every = this.#context.everyRecords ?? LIMITS.snapshotRecords;
    if (this.#size > SMALL_BYTES && this.#bytes < this.#size / 2) return false;
    return this.#records >= every || this.#bytes >= LIMITS.snapshotBytes;
  }

  #open(state: ShardState, head: Head, seq: number): void {
    const { store, shard, nonce } = this.#context;
    this.#records = 0;
    this.#bytes = 0;
    this.#become(
      { kind: 'opening' },
      SnapshotTaker.start(store, shard, { head, seq }, state, nonce()),
      (taker) => ({ kind: 'slicing', taker }),
      (taker) => void taker.abort().catch(() => {}),
    );
  }

  #store(taker: SnapshotTaker, to: Head): void {
    this.#size = taker.bytes;
    this.#become({ kind: 'storing' }, taker.finish(to), (name) => ({ kind: 'stored', name }));
  }

  /** Waits outside the turn. A failure costs this snapshot, never the shard. */
  #become<T>(
    meanwhile: Stage,
    work: Promise<T>,
    then: (value: T) => Stage,
    tooLate: (value: T) => void = () => {},
  ): void {
    this.#stage = meanwhile;
    work.then(
      (value) => {
        if (this.#stage !== meanwhile) return tooLate(value);
        this.#stage = then(value);
        this.onReady();
      },
      (e: unknown) => {
        if (this.#stage === meanwhile) this.#stage = { kind: 'waiting' };
        this.#context.warn(`a snapshot could not be stored: ${messageOfError(e)}`);
      },
    );
  }

  /** The newest that is named in the part of the journal that the centre has: whatever end is lost, the journal begins there. */
  get #safe(): Named | undefined {
    return this.#named.findLast(({ seq }) => seq <= this.#readSeq);
  }

  /**
   * Drops all but the two newest snapshots and the newest that stays named whatever end of the journal is lost; and
   * the journal below these. Before it knows such a one it keeps what it began with and the oldest, and trims nothing.
   */
  async #tidy(): Promise<void> {
    const { store, journal, centre, shard, warn } = this.#context;
    try {
      this.#readSeq = (await centre.watermark(shard))?.seq ?? this.#readSeq;
      const safe = this.#safe;
      const [oldest] = this.#named;
      const [previous, newest] = this.#named.slice(-2);
      if (oldest === undefined || previous === undefined || newest === undefined) return;
      const first = safe ?? oldest;
      this.#named = this.#named.filter((one) => [first, previous, newest].includes(one));
      const keep = new Set(this.#named.map(({ name }) => name.name));
      const names = await store.list();
      // Of an owner before: it began with that one, or knew it to stay named.
      if (safe === undefined) keep.add(names[0] ?? '');
      for (const name of names) {
        if (!keep.has(name) && name < newest.name.name) await store.remove(name);
      }
      if (safe === undefined) return; // trim next time
      const below = Math.min(previous.name.fromSeq, safe.name.fromSeq);
      if (below > 1) await journal.trim(below);
    } catch (e) {
      warn(`the journal could not be trimmed: ${messageOfError(e)}`);
    }
  }
}
