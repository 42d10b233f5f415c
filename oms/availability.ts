import { StockDigest } from '../actors/digest.ts';
import type { ActorKey, OwnerId, SkuId } from '../actors/ids.ts';
import type { Balances } from '../actors/stock/balances.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import { type ActorName, Actors } from './actors.ts';
import { continues } from './continuity.ts';
import { Figures } from './figures.ts';

/** The last that is known of one actor. */
export interface Part extends ActorName {
  readonly id: number;
  readonly shard: number;
  readonly seq: number;
  readonly balances: Balances;
}

export interface Applied {
  readonly kind: 'applied';
  readonly id: number;
  /** What there was before. */
  readonly seq: number;
  readonly balances: Balances;
}

/** It does not follow what is known; nothing was done. */
export interface Broken {
  readonly kind: 'broken';
  readonly why: string;
}

/** `known`: the centre is past this change already; nothing was done. */
export type Merged = Applied | Broken | { readonly kind: 'known' };

/**
 * Every actor's last balances, in memory. R1: a change applies only if its
 * sequence is higher, so what comes twice does nothing; and since an actor has
 * one writer, a change that applies must be the very next one.
 */
export class Availability {
  readonly actors = new Actors();
  readonly #figures = new Figures();

  merge({ key, seq, event, after }: Change, shard: number): Merged {
    const id = this.actors.numberOf(key, shard);
    const known = this.#figures.seq(id);
    if (seq <= known) return { kind: 'known' };
    if (seq !== known + 1) {
      return { kind: 'broken', why: `${key} goes from event ${known} to event ${seq}` };
    }
    const before = this.#figures.balances(id);
    if (!continues(before, event, after)) {
      return { kind: 'broken', why: `event ${seq} of ${key} does not give the balance it says` };
    }
    this.#figures.set(id, seq, after);
    return { kind: 'applied', id, seq: known, balances: before };
  }

  /** Takes back the newest change of an actor. */
  revert({ id, seq, balances }: Applied): void {
    this.#figures.set(id, seq, balances);
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
