import type { OrderLine } from '../../actors/rights/acts.ts';
import { lineKey } from './pooled.ts';

/**
 * Units that orders which had to wait are being sold just now. Who else waits leaves them alone: else all would try
 * for the same unit whenever one comes.
 */
export class Claims {
  readonly #units = new Map<string, number>();

  of(line: OrderLine): number {
    return this.#units.get(lineKey(line)) ?? 0;
  }

  /** Returns what ends it. */
  claim(lines: readonly OrderLine[]): () => void {
    for (const line of lines) this.#add(line, line.qty);
    return () => {
      for (const line of lines) this.#add(line, -line.qty);
    };
  }

  #add(line: OrderLine, qty: number): void {
    const key = lineKey(line);
    const units = (this.#units.get(key) ?? 0) + qty;
    if (units === 0) this.#units.delete(key);
    else this.#units.set(key, units);
  }
}
