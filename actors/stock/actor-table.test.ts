import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ActorKey } from '../ids.ts';
import { ActorTable } from './actor-table.ts';
import { emptyStock, type StockState } from './state.ts';

type Step = { readonly key: ActorKey } | 'removeNewest';

const key = fc.nat({ max: 4_000 }).map((n) => `demo/SKU-${n}@W1` as ActorKey);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: key.map((k) => ({ key: k })) },
  { weight: 1, arbitrary: fc.constant('removeNewest' as const) },
);

it('does what a Map does, and takes out what came last', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6_000, size: 'max' }), (steps) => {
      const table = new ActorTable();
      const model = new Map<ActorKey, StockState>();
      for (const one of steps) {
        if (one === 'removeNewest') {
          if (model.size === 0) continue;
          table.removeNewest();
          model.delete([...model.keys()].at(-1) as ActorKey);
        } else {
          const state = emptyStock();
          table.set(one.key, state);
          model.set(one.key, state);
        }
      }
      expect([...table.entries()]).toEqual([...model]);
      expect(table.size).toBe(model.size);
      for (let n = 0; n <= 4_000; n++) {
        const k = `demo/SKU-${n}@W1` as ActorKey;
        expect(table.get(k)).toBe(model.get(k));
      }
    }),
    { numRuns: 20 },
  );
});

it('finds each of a hundred thousand, and shows those that come while it is read', () => {
  const table = new ActorTable();
  const keys = Array.from({ length: 100_000 }, (_, i) => `demo/${i}@W1` as ActorKey);
  const seen: ActorKey[] = [];
  table.set(keys[0] as ActorKey, { ...emptyStock(), seq: 0 });
  for (const [k] of table.entries()) {
    const i = seen.push(k);
    if (i < keys.length) table.set(keys[i] as ActorKey, { ...emptyStock(), seq: i });
  }
  expect(seen).toEqual(keys);
  for (const [i, k] of keys.entries()) expect(table.get(k)?.seq).toBe(i);
});
