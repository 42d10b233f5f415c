import type { RightsChange } from '../actors/rights/acts.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import { callerBound, RECORD_HEAD } from './bounds.ts';
import type { Errand } from './courier.ts';
import type { Ask } from './mailbox.ts';
import type { Acknowledged, Caller, Entry } from './record.ts';
import type { BatchWriter } from './record-batch.ts';
import type { Sessions } from './sessions.ts';
import type { Answer } from './settled.ts';

/** What one turn decided and has not answered yet. It becomes one record, if there is anything to record. */
export class Turn {
  /** Time of its record, epoch ms; or that of the record before, if that is later. */
  readonly nowMs: number;
  readonly batch: BatchWriter;
  /** Of those that somebody wants to hear of. */
  readonly changes: Change[] = [];
  /** What its documents have to tell elsewhere. */
  readonly errands: Errand[] = [];
  /** What became of rights: there is something to say elsewhere. */
  readonly rights: RightsChange[] = [];
  readonly replies: { readonly ask: Ask; readonly answer: Answer }[] = [];
  /** What callers say they have read, highest number. */
  readonly #acked = new Map<Caller, number>();
  #ackedBytes = 0;
  needsFence = false;
  readonly #isHeard: () => boolean;

  /** `batch` is written by this turn alone until its record is sealed. */
  constructor(nowMs: number, batch: BatchWriter, isHeard: () => boolean) {
    this.nowMs = nowMs;
    this.batch = batch;
    this.#isHeard = isHeard;
  }

  /** Of the record, at most. */
  get bytes(): number {
    return RECORD_HEAD + this.batch.bytes + this.#ackedBytes;
  }

  /** It waits for the commit, unless the caller would rather not. */
  reply(ask: Ask, answer: Answer): void {
    this.replies.push({ ask, answer });
    if (ask.decided) ask.answer(answer, false);
  }

  record(entry: Entry): void {
    this.batch.write(entry);
    const { outcome } = entry;
    if (!outcome.ok) return;
    if (this.#isHeard()) for (const change of outcome.changes) this.changes.push(change);
    if ('rights' in outcome) this.rights.push(...outcome.rights);
  }

  /** What was read counts when the turn is decided, as in {@link ShardState.apply}. */
  hearAcked({ caller, n, acked }: Ask): void {
    const before = this.#acked.get(caller) ?? 0;
    const below = Math.min(acked, n); // its own answer nobody has read yet
    if (below <= before) return;
    if (before === 0) this.#ackedBytes += callerBound(caller);
    this.#acked.set(caller, below);
  }

  /** Lets sessions forget what was read; what was news to them belongs into the record. */
  acknowledge(sessions: Sessions): Acknowledged[] {
    const news: Acknowledged[] = [];
    for (const [caller, below] of this.#acked) {
      if (sessions.acknowledge(caller, below)) news.push({ caller, below });
    }
    return news;
  }
}
