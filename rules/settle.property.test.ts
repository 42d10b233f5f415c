import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SkuId, WarehouseId } from '../actors/ids.ts';
import { isLive, poolLevels } from '../actors/rights/plan.ts';
import { KINDS, kindOf } from '../actors/rights/pools.ts';
import { anyDocument, NAMES } from '../test/rules/documents.ts';
import { compile } from './compile.ts';
import { settle } from './settle.ts';

const RUNS = 300;
const moment = fc.integer({ min: 0, max: 30 }).map((hour) => hour * 3_600_000);

describe('P2 whatever is in a document', () => {
  it('once settled there is nothing more to settle', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        expect(settle(settle(document).rules).settled).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('percents are 100 together at most', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        for (const { parts } of Object.values(settle(document).rules.allocations)) {
          const sum = Object.values(parts).reduce((all, { percent }) => all + (percent ?? 0), 0);
          expect(Math.round(sum * 10_000)).toBeLessThanOrEqual(1_000_000);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('there is a plan of it, whose pools have what there is, and are each one rule’s at a time', () => {
    fc.assert(
      fc.property(anyDocument, moment, fc.nat(500), (document, nowMs, free) => {
        const plan = compile(document, { sales: { [NAMES[0] as string]: 3 } });
        for (const warehouse of NAMES) {
          const sku = plan.planOf(NAMES[1] as SkuId, warehouse as WarehouseId);
          const live = sku.pools.filter((rule) => isLive(rule, nowMs));
          expect(new Set(live.map(({ pool }) => pool)).size).toBe(live.length);
          for (const kind of KINDS) {
            const levels = poolLevels(sku, kind, { free, out: {}, sold: {} }, nowMs);
            const units = levels.reduce((sum, level) => sum + level.units, 0);
            if (kind === 'stock') expect(units).toBe(free);
            else expect(units).toBeLessThanOrEqual(free);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('an order draws only from pools that are live, each once, in the order of kinds', () => {
    fc.assert(
      fc.property(anyDocument, moment, (document, nowMs) => {
        const plan = compile(document);
        for (const channel of [undefined, ...NAMES]) {
          const [sku, warehouse] = [NAMES[1] as SkuId, NAMES[2] as WarehouseId];
          const pools = plan.poolsOf(channel, sku, warehouse, nowMs);
          for (const ms of [0, nowMs, 12 * 3_600_000]) {
            const fresh = compile(document).poolsOf(channel, sku, warehouse, ms);
            expect(plan.poolsOf(channel, sku, warehouse, ms)).toEqual(fresh);
          }
          const { pools: rules } = plan.planOf(sku, warehouse);
          const live = rules.filter((rule) => isLive(rule, nowMs)).map(({ pool }) => pool);
          expect(new Set(pools).size).toBe(pools.length);
          expect(pools.every((pool) => pool === 'stock/shared' || live.includes(pool))).toBe(true);
          const kinds = pools.map((pool) => KINDS.indexOf(kindOf(pool)));
          expect(kinds).toEqual([...kinds].sort());
        }
      }),
      { numRuns: RUNS },
    );
  });
});
