import { Catalogue } from '../catalogue/catalogue.ts';
import type { SkuId } from '../ids.ts';
import type { Refused } from '../outcomes.ts';
import type { StockCommand } from '../stock/commands.ts';
import type { Change, Stockroom } from '../stock/stockroom.ts';
import { Board } from '../tasks/board.ts';
import type { DocumentCommand, DocumentKey } from './commands.ts';
import { Ended } from './ended.ts';
import { applied, type DocumentEvent } from './events.ts';
import type { ItemState } from './item.ts';
import { AGAIN, plan } from './machines.ts';
import type { DocumentState } from './states.ts';

/** One event of a document, and its number in the document's life. */
export interface DocumentChange {
  readonly key: DocumentKey;
  readonly seq: number;
  readonly event: DocumentEvent;
  readonly status: string;
}

/** The act was done: the stock that it moved, and what became of its document. */
export interface DocumentOutcome {
  readonly ok: true;
  readonly changes: readonly Change[];
  /** Without an event where the act was done `again`. */
  readonly document: Omit<DocumentChange, 'event'> & { readonly event?: DocumentEvent };
  readonly again: boolean;
}

/** The documents of one shard. Plain memory: no I/O, no clock. */
export class Documents {
  readonly #documents = new Map<DocumentKey, DocumentState>();
  readonly #ended = new Ended();
  /** What items say, by what is printed on them. */
  readonly catalogue = new Catalogue();
  /** What there is to do, and who does it. */
  readonly board = new Board();

  get size(): number {
    return this.#documents.size;
  }

  get(key: DocumentKey): DocumentState | undefined {
    return this.#documents.get(key);
  }

  entries(): IterableIterator<[DocumentKey, DocumentState]> {
    return this.#documents.entries();
  }

  /** Puts a document there as a snapshot had it. */
  set(key: DocumentKey, state: DocumentState): void {
    const old = this.#documents.get(key);
    if (old !== undefined && old.endedAtMs > 0) this.#ended.remove(key, old.endedAtMs);
    this.#documents.set(key, state);
    this.board.set(key, old, state);
    if (state.kind === 'item') this.#catalogue(state);
    if (state.endedAtMs === 0) return;
    const oldest = this.#ended.add(key, state.endedAtMs);
    if (oldest !== undefined) this.#documents.delete(oldest);
  }

  /** What an act would do with stock; nothing where it is refused, or done already. */
  steps(command: DocumentCommand, stockroom: Stockroom, nowMs: number): readonly StockCommand[] {
    const state = this.#documents.get(command.key);
    const planned = plan(state, command, (actor) => stockroom.get(actor), nowMs);
    return planned === AGAIN || 'ok' in planned ? [] : planned.steps;
  }

  /** Plans, moves the stock, all of it or none, and then changes the document. */
  run(command: DocumentCommand, stockroom: Stockroom, nowMs: number): DocumentOutcome | Refused {
    const { key } = command;
    const state = this.#documents.get(key);
    const planned = plan(state, command, (actor) => stockroom.get(actor), nowMs);
    if (planned === AGAIN)
      return { ok: true, changes: [], document: asItIs(key, state), again: true };
    if ('ok' in planned) return planned;
    const done = stockroom.runSteps(planned.steps, nowMs);
    if (!done.ok) return { ...done, line: planned.places[done.line] ?? -1 };
    const event = planned.event(done.changes);
    const { seq, status } = this.#apply(key, state, event);
    return { ok: true, changes: done.changes, document: { key, seq, event, status }, again: false };
  }

  /**
   * Applies an event of the journal. Returns the document, or undefined where it is past that
   * event already, or has been forgotten since.
   */
  replay({ key, seq, event }: Omit<DocumentChange, 'status'>): DocumentState | undefined {
    const state = this.#documents.get(key);
    if (seq === 1) {
      const isPast = state !== undefined && state.openedAtMs >= event.atMs;
      return isPast ? undefined : this.#apply(key, undefined, event);
    }
    if (state === undefined) {
      if (this.#ended.isFull) return undefined;
      throw new Error(`${key} is not there, the journal goes on with ${seq}`);
    }
    if (event.atMs < state.openedAtMs || state.seq >= seq) return undefined;
    if (state.seq !== seq - 1) {
      throw new Error(`${key} is at event ${state.seq}, the journal goes on with ${seq}`);
    }
    return this.#apply(key, state, event);
  }

  #catalogue(item: ItemState): void {
    const { owner, warehouse, id } = item;
    this.catalogue.set({ owner, warehouse, sku: id as SkuId }, item);
  }

  #apply(key: DocumentKey, state: DocumentState | undefined, event: DocumentEvent): DocumentState {
    const next = applied(state, event);
    this.set(key, next);
    return next;
  }
}

const asItIs = (key: DocumentKey, state: DocumentState | undefined) => {
  const { seq, status } = state as DocumentState;
  return { key, seq, status };
};
