import type { ActorKey } from '../../actors/ids.ts';
import type { OrderLine } from '../../actors/rights/acts.ts';
import type { Clock } from '../clock.ts';

/** What the centre says is older than the last seconds' sales; those before are in it. ms */
const KEPT_MS = 30_000;

/** Units that this point has sold of late, of which the centre does not know yet, and that orders under way are about to take. */
export class OwnSales {
  readonly #clock: Clock;
  readonly #sold = new Map<ActorKey, { readonly atMs: number; readonly qty: number }[]>();
  readonly #claims = new Map<ActorKey, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sold(lines: readonly OrderLine[]): void {
    const atMs = this.#clock.monoMs();
    for (const { sku, qty } of lines) {
      const recent = (this.#sold.get(sku) ?? []).filter((one) => one.atMs > atMs - KEPT_MS);
      this.#sold.delete(sku);
      this.#sold.set(sku, [...recent, { atMs, qty }]);
    }
    for (const [sku, all] of this.#sold) {
      if ((all.at(-1)?.atMs ?? 0) > atMs - KEPT_MS) return;
      this.#sold.delete(sku);
    }
  }

  /** Units of a SKU that were sold after a time, monotonic ms. */
  since(sku: ActorKey, fromMs: number): number {
    let units = 0;
    for (const { atMs, qty } of this.#sold.get(sku) ?? []) if (atMs > fromMs) units += qty;
    return units;
  }

  /** An order is being sold; returns what ends that. */
  claim(lines: readonly OrderLine[]): () => void {
    const add = (sign: 1 | -1): void => {
      for (const { sku, qty } of lines) {
        const units = this.claimed(sku) + sign * qty;
        if (units === 0) this.#claims.delete(sku);
        else this.#claims.set(sku, units);
      }
    };
    add(1);
    return () => add(-1);
  }

  get hasClaims(): boolean {
    return this.#claims.size > 0;
  }

  claimed(sku: ActorKey): number {
    return this.#claims.get(sku) ?? 0;
  }
}
