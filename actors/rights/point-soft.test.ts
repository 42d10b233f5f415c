import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorKey, HoldId } from '../ids.ts';
import type { PointLane } from './point.ts';
import * as points from './point.ts';
import { addTo, type PoolId, unitsIn } from './pools.ts';

const MUG = 'demo/mug@W1' as ActorKey;
const POT = 'demo/pot@W1' as ActorKey;
const POOLS: readonly PoolId[] = ['stock/app', 'stock/shared'];

/** A point with so many of each pool of mugs and pots. */
function stocked(units: number): points.Point {
  const point = points.newPoint('a', 1);
  for (const sku of [MUG, POT]) {
    points.openLane(point, sku);
    for (const pool of POOLS) addTo((points.laneOf(point, sku) as PointLane).have, pool, units);
  }
  return point;
}

const line = (sku: ActorKey, qty: number) => ({ sku, qty, pools: POOLS });

describe('what is set aside', () => {
  it('is what the soft holds took that are there still, pool by pool', () => {
    const step = fc.record({
      act: fc.constantFrom('reserve', 'harden', 'release', 'expire', 'end'),
      order: fc.integer({ min: 0, max: 5 }).map((n) => `o${n}` as HoldId),
      lines: fc.constantFrom([MUG], [POT], [MUG, POT], [POT, MUG]),
      qty: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const point = stocked(20);
        for (const [nowMs, { act, order, lines, qty }] of steps.entries()) {
          if (act === 'harden') points.harden(point, order);
          else if (act === 'release') points.release(point, order);
          else if (act === 'expire') points.expire(point, nowMs);
          else if (act === 'reserve') {
            const said = lines.map((sku) => line(sku, qty));
            points.reserve(point, order, said, nowMs + qty);
          } else if (qty === 9) points.endLifeOf(point);
          for (const lane of point.lanes.values()) {
            for (const pool of POOLS) {
              const taken = [...(lane.soft?.values() ?? [])].map((one) => unitsIn(one.taken, pool));
              const sum = taken.reduce((all, units) => all + units, 0);
              expect(points.freeIn(lane, pool)).toBe(unitsIn(lane.have, pool) - sum);
              expect(points.freeIn(lane, pool)).toBeGreaterThanOrEqual(0);
            }
            for (const hold of lane.soft?.keys() ?? []) {
              expect(point.soft.get(hold)).toContain(lane);
            }
          }
          for (const [hold, lanes] of point.soft) {
            for (const lane of lanes) expect(lane.soft?.has(hold)).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is sold in the order in which lanes were opened: a replay from a snapshot knows no other', () => {
    const point = stocked(20);
    points.reserve(point, 'o1' as HoldId, [line(POT, 1), line(MUG, 2)], 5);
    points.harden(point, 'o1' as HoldId);
    expect(point.log.map(({ sku }) => sku)).toEqual([MUG, POT]);
  });
});
