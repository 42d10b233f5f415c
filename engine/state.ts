import { meant } from '../actors/catalogue/scan.ts';
import type { Indirect, ShardChange } from '../actors/command.ts';
import type { DocumentCommand } from '../actors/documents/commands.ts';
import { type DocumentOutcome, Documents } from '../actors/documents/documents.ts';
import { type ActorKey, parseActorKey } from '../actors/ids.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { RightsChange, RightsCommand } from '../actors/rights/acts.ts';
import { Rights } from '../actors/rights/rights.ts';
import type { Batch } from '../actors/stock/detail.ts';
import { openHold, type StockState } from '../actors/stock/state.ts';
import { type Change, Stockroom } from '../actors/stock/stockroom.ts';
import { type Leading, leadAfter, led, notTheTask, type Stepping } from '../actors/tasks/lead.ts';
import { hasMissing } from '../actors/tasks/missing.ts';
import { actBound, commandBound, refusalBound, rightsActBound } from './bounds.ts';
import { Expiry, NO_ACTOR } from './expiry.ts';
import type { Caller, Entry, JournalRecord } from './record.ts';
import { Sessions } from './sessions.ts';
import { settle } from './settled.ts';
import { type RightsLine, restoreRights } from './snapshots/rights-line.ts';

/** The shard itself asks, e.g. when a soft hold has run out. */
export const SYSTEM: Caller = { client: 'holdfast', incarnation: '' };

/** All that one shard keeps in memory. Journal records alone change it. */
export class ShardState {
  readonly documents = new Documents();
  readonly stockroom = new Stockroom(this.documents.catalogue);
  readonly rights = new Rights();
  readonly sessions = new Sessions();
  /** Derived from the holds. */
  readonly expiry = new Expiry();

  /** Decides and applies. A document changes with all the stock that it moves, or not at all. */
  run(command: ShardChange | Refused, nowMs: number): Entry['outcome'] {
    if ('ok' in command) return command;
    if (command.op === 'document') return this.documents.run(command, this.stockroom, nowMs);
    if (command.op === 'rights') return this.#runRights(command, nowMs);
    return this.stockroom.run(command, nowMs);
  }

  /** E5: between its restart after a loss and the last word of its points, home sells nothing by itself. */
  #runRights(command: RightsCommand, nowMs: number): Entry['outcome'] {
    const { rights, stockroom } = this;
    stockroom.sellsNothing = false;
    const outcome = rights.run(command, stockroom, nowMs);
    stockroom.sellsNothing = rights.isWaiting;
    return outcome;
  }

  /** What a command asks for that is told by codes, or for tasks. */
  meant(asked: Indirect, caller: Caller, nowMs: number): ShardChange | Refused {
    const leading = this.#leading(caller, nowMs);
    if (asked.op === 'task') return led(asked, leading);
    const command = meant(asked, this.documents.catalogue);
    if (asked.task === '' || 'ok' in command || command.op === 'all') return command;
    return notTheTask(asked.task, command, leading) ?? command;
  }

  /** The next task of a scanner that has just done this. */
  nextTask(done: Stepping, caller: Caller, nowMs: number): DocumentCommand | undefined {
    return leadAfter(done, this.#leading(caller, nowMs));
  }

  #leading({ client: scanner }: Caller, nowMs: number): Leading {
    const { documents, stockroom } = this;
    return { documents, look: (key) => stockroom.get(key), nowMs, scanner };
  }

  /** At most so many bytes of a record, told before the decision. */
  boundOf(command: ShardChange | Refused, nowMs: number): number {
    if ('ok' in command) return refusalBound(command);
    if (command.op === 'rights') return rightsActBound(command, this.rights, this.stockroom);
    if (command.op !== 'document') return commandBound(command, this.stockroom);
    const steps = this.documents.steps(command, this.stockroom, nowMs);
    return actBound(command, steps, this.documents.get(command.key), this.stockroom);
  }

  /**
   * Applies a verified record, in the order in which its owner did: what it
   * decided, then what callers have read, then who has been silent too long.
   * Changes that a snapshot slice holds already are skipped.
   */
  apply({ body, timeMs }: JournalRecord): void {
    if (body.kind === 'batch') {
      for (const entry of body.entries) this.#applyEntry(entry, timeMs);
      for (const a of body.acknowledged) this.sessions.acknowledge(a.caller, a.below);
    }
    if (body.kind === 'owner') this.#begin(body.lineage, body.points);
    this.sessions.expire(timeMs);
  }

  /** The journal goes on after a loss, unless that is known. */
  #begin(lineage: number, points: readonly string[]): void {
    this.rights.begin(lineage, points);
    this.stockroom.sellsNothing = this.rights.isWaiting;
  }

  #applyEntry(entry: Entry, timeMs: number): void {
    const { outcome } = entry;
    if (outcome.ok) {
      for (const change of outcome.changes) this.#applyChange(change);
      if ('document' in outcome) this.#applyDocument(outcome.document);
      if ('rights' in outcome) for (const change of outcome.rights) this.#applyRights(change);
    }
    if (entry.n === 0) return;
    const settled = settle(entry.all, outcome);
    this.sessions.remember(
      entry.caller,
      entry.n,
      { fingerprint: entry.fingerprint, settled },
      timeMs,
    );
  }

  /** Assertions in pairs: what the journal says was left must be what is left now. */
  #applyChange({ key, seq, event, after }: Change): void {
    const left = this.stockroom.replay(key, seq, event);
    if (left === undefined) return;
    if (left.length !== after.length || left.some((v, i) => v !== after[i])) {
      throw new Error(`${key} event ${seq}: the journal says ${after}, replay gives ${left}`);
    }
    this.watch({ key, seq, event, after });
  }

  #applyDocument({ key, seq, event, status }: DocumentOutcome['document']): void {
    if (event === undefined) return;
    const left = this.documents.replay({ key, seq, event });
    if (left !== undefined && left.status !== status) {
      throw new Error(
        `${key} event ${seq}: the journal says ${status}, replay gives ${left.status}`,
      );
    }
  }

  #applyRights(change: RightsChange): void {
    this.rights.replay(change);
    this.stockroom.sellsNothing = this.rights.isWaiting;
    this.watchRights(change);
  }

  /** Puts rights that were set aside on the clock. */
  watchRights({ event }: RightsChange): void {
    if (event.is !== 'reserved') return;
    const { expiresAtMs: atMs, order: hold, owner } = event;
    this.expiry.add({ atMs, key: NO_ACTOR, hold, batch: owner });
  }

  /** Puts a soft part on the clock, if this change made or moved one, or a batch; and tells the board. */
  watch({ key, event }: Change): void {
    const { expiresAtMs, hold, detail } = event;
    this.documents.board.touched(key);
    if (event.why === 'missing') this.documents.board.missing(key);
    if (expiresAtMs !== 0) this.expiry.add({ atMs: expiresAtMs, key, hold, batch: '' });
    if (detail?.batch !== undefined) this.#watchBatch(key, detail.batch.name, detail.batch);
  }

  #watchBatch(key: ActorKey, batch: string, { sellUntilMs, kept }: Batch): void {
    if (sellUntilMs > 0 && kept === '')
      this.expiry.add({ atMs: sellUntilMs, key, hold: '', batch });
  }

  /** Puts rights there as a snapshot had them, what was set aside on the clock. */
  restoreRights(line: RightsLine): void {
    restoreRights(this.rights, line);
    this.stockroom.sellsNothing = this.rights.isWaiting;
    if (!('of' in line)) return;
    for (const { sku, soft } of this.rights.points.get(line.of)?.lanes.values() ?? []) {
      for (const [hold, { expiresAtMs: atMs }] of soft ?? []) {
        this.expiry.add({ atMs, key: NO_ACTOR, hold, batch: parseActorKey(sku).owner });
      }
    }
  }

  /** Puts an actor there as a snapshot had it, its soft parts on the clock. */
  restore(key: ActorKey, state: StockState): void {
    this.stockroom.set(key, state);
    this.documents.board.touched(key);
    if (hasMissing(state)) this.documents.board.missing(key);
    for (const hold of state.holds?.keys() ?? []) {
      for (const part of openHold(state, hold)?.soft ?? []) {
        this.expiry.add({ atMs: part.expiresAtMs, key, hold, batch: '' });
      }
    }
    for (const [name, batch] of state.detail?.batches ?? []) this.#watchBatch(key, name, batch);
  }
}
