import { StockDigest } from '../actors/digest.ts';
import type { ActorKey, ActorName, OwnerId, SkuId } from '../actors/ids.ts';
import type { Balances } from '../actors/stock/balances.ts';
import type { ChangeReader } from '../engine/record-reader.ts';
import { Actors } from './actors.ts';
import { continues, UNIT_EFFECTS } from './continuity.ts';
import { Figures } from './figures.ts';
import type { Undo } from './undo.ts';

/** The last that is known of one actor. */
export interface Part extends ActorName {
  readonly id: number;
  readonly shard: number;
  readonly seq: number;
  readonly balances: Balances;
}

/** `known`: the centre is past this change already. Else why it does not follow. Then nothing was done. */
export type Merged = 'applied' | 'known' | { readonly why: string };

/**
 * Every actor's last balances, in memory. R1: a change applies only if its
 * sequence is higher, so what comes twice does nothing; and since an actor has
 * one writer, a change that applies must be the very next one.
 */
export class Availability {
  readonly actors = new Actors();
  readonly #figures = new Figures();

  /** Merges the change at hand of actor `id`. What it was before goes into `undo`. */
  merge(change: ChangeReader, id: number, undo: Undo): Merged {
    const { seq } = change;
    const figures = this.#figures;
    const known = figures.seq(id);
    if (seq <= known) return 'known';
    if (seq !== known + 1) {
      return { why: `${this.actors.key(id)} goes from event ${known} to event ${seq}` };
    }
    undo.save(figures, id);
    if (change.isPlain && figures.step(id, change, UNIT_EFFECTS[change.kind] as Balances)) {
      return 'applied';
    }
    const after = Array.from(change.after.subarray(0, change.width));
    if (!continues(figures.balances(id), change.event(), after)) {
      undo.forgetLast();
      return { why: `event ${seq} of ${this.actors.key(id)} does not give the balance it says` };
    }
    figures.set(id, seq, after);
    return 'applied';
  }

  /** Takes back all changes that were saved, the newest first. */
  revert(undo: Undo): void {
    undo.restore(this.#figures);
  }

  /** Puts an actor there as SQL has it. */
  load({ id, shard, seq, balances, ...name }: Part): void {
    this.actors.put(id, name, shard);
    this.#figures.set(id, seq, balances);
  }

  part(id: number): Part | undefined {
    const name = this.actors.name(id);
    if (name === undefined) return undefined;
    return {
      id,
      ...name,
      shard: this.actors.shard(id),
      seq: this.#figures.seq(id),
      balances: this.#figures.balances(id),
    };
  }

  /** Of one SKU, one a warehouse. */
  parts(owner: OwnerId, sku: SkuId): Part[] {
    return this.actors
      .parts(owner, sku)
      .filter((id) => this.#figures.seq(id) > 0)
      .map((id) => this.part(id) as Part);
  }

  /** R2: of one shard's actors. Yields now and then, so that others get their turn. */
  *digest(shard: number): Generator<void, string> {
    const digest = new StockDigest();
    for (let id = 0; id < this.actors.size; id++) {
      const seq = this.#figures.seq(id);
      if (seq > 0 && this.actors.shard(id) === shard) {
        digest.add(this.actors.key(id) as ActorKey, seq, this.#figures.balances(id));
      }
      if (id % DIGEST_SLICE === DIGEST_SLICE - 1) yield;
    }
    return digest.toString();
  }
}

/** Actors looked at in one go: a few milliseconds. */
const DIGEST_SLICE = 4_096;
