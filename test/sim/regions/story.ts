import type { Outcome } from '../run.ts';
import { told } from '../story.ts';
import type { Plan } from './plan.ts';

/** A failure as a person reads it: what was planned, what happened, what rule broke. */
export function story({ seed, shape, orders, floor, faults }: Plan, outcome: Outcome): string {
  const planned = [
    ...faults.map(({ atMs, ...fault }) => ({ atMs, text: `fault ${JSON.stringify(fault)}` })),
    ...floor.map(({ atMs, act, sku, warehouse, qty, order }) => ({
      atMs,
      text: `${act} ${sku}@${warehouse} qty ${qty} ${order}`,
    })),
    ...orders.map(({ atMs, point, order, lines, ttlMs, next }) => ({
      atMs,
      text:
        `${point} ${order} ${lines.map((l) => `${l.sku}@${l.warehouse}*${l.qty}`).join(', ')} ` +
        `${ttlMs > 0 ? `ttl ${ttlMs} ` : ''}then ${next}`,
    })),
  ];
  return told(seed, JSON.stringify(shape), planned, outcome);
}
