/** The demand of a flash sale: who orders one unit where and when. Deterministic. */

export interface Order {
  readonly id: string;
  readonly point: string;
  /** Since the sale began, ms. */
  readonly atMs: number;
}

export interface Demand {
  readonly orders: number;
  /** At all points together. */
  readonly perSecond: number;
  /** Each point's part of the orders, as weights; in reverse after so many. */
  readonly weights: ReadonlyMap<string, number>;
  readonly swingAfter: number;
}

/**
 * A steady stream over unevenly busy points, which change places at once: whoever was given little
 * has to sell most of what is left. Every run of orders is spread as the weights say.
 */
export function demandOf({ orders, perSecond, weights, swingAfter }: Demand): Order[] {
  const names = [...weights.keys()];
  const before = [...weights.values()];
  const after = [...before].reverse();
  const total = before.reduce((sum, weight) => sum + weight, 0);
  const owed = names.map(() => 0);
  return Array.from({ length: orders }, (_, i) => {
    const now = i < swingAfter ? before : after;
    for (const [at, weight] of now.entries()) owed[at] = (owed[at] as number) + weight / total;
    const most = owed.indexOf(Math.max(...owed));
    owed[most] = (owed[most] as number) - 1;
    return { id: `FS-${i + 1}`, point: names[most] as string, atMs: (i * 1_000) / perSecond };
  });
}
