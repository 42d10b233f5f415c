import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ActorKey,
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../actors/ids.ts';
import type { HomeName, OrderLine, RightsCommand, RightsOutcome } from '../actors/rights/acts.ts';
import { lifeOfPoint, type Point } from '../actors/rights/point.ts';
import type { PoolId } from '../actors/rights/pools.ts';
import { START_MS } from '../test/support/engine.ts';
import { type Body, type Entry, GENESIS, open, seal } from './record.ts';
import { BatchWriter } from './record-batch.ts';
import { ShardState, SYSTEM } from './state.ts';

const POINT = '庫'.repeat(32);
const HOMES: readonly HomeName[] = ['hub.0', 'eu.12'];
const POOLS: readonly PoolId[] = ['stock/shared', 'stock/店', 'presale/shared', 'oversell/shared'];
const SKUS = ['MUG', '庫'.repeat(64), 'a b'];
const UNITS = 2 ** 40;

type AtPoint = Extract<RightsCommand, { at: 'point' }>['act'];
const atPoint = (act: AtPoint): RightsCommand => ({
  ...{ op: 'rights', shard: 4, at: 'point', point: POINT, act },
});
const keyOf = (sku: string): ActorKey =>
  actorKey('demo' as OwnerId, sku as SkuId, 'W1' as WarehouseId);

/** A point with units of every pool of every SKU at these homes. */
function stocked(homes = HOMES, skus = SKUS.map(keyOf)): ShardState {
  const state = new ShardState();
  for (const home of homes) {
    state.run(atPoint({ act: 'wish', home, skus }), START_MS);
    const point = state.rights.points.get(home) as Point;
    const granted = Object.fromEntries(POOLS.map((pool) => [pool, UNITS]));
    const lanes = [...point.lanes.values()].map(({ id, sku }, i) => ({
      ...{ id, sku, nonce: `1.${i}`, granted, gone: false, keep: undefined },
    }));
    const down = {
      ...{ to: lifeOfPoint(point), lineage: 1, lanes, ask: false, part: 0 },
      ...{ applied: 0, settled: 0, over: false },
    };
    state.run(atPoint({ act: 'hear', home, down }), START_MS);
  }
  return state;
}

const line: fc.Arbitrary<OrderLine> = fc.record({
  home: fc.constantFrom(...HOMES),
  sku: fc.constantFrom(...SKUS).map(keyOf),
  qty: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: UNITS, max: UNITS + 9 })),
  pools: fc.uniqueArray(fc.constantFrom(...POOLS), { minLength: 2 }),
});
const lines = fc.uniqueArray(line, {
  minLength: 1,
  selector: ({ home, sku }) => `${home} ${sku}`,
});

const recordOf = (entries: readonly Entry[]): Uint8Array => {
  const body: Body = { kind: 'batch', entries, acknowledged: [] };
  const head = { epoch: 1, number: 1, hash: GENESIS, timeMs: START_MS };
  return seal(0, head, 1, START_MS, body).bytes;
};

test('a sale is read as it was written, is no larger than was told, and leaves the same', () => {
  fc.assert(
    fc.property(
      lines,
      fc.constantFrom(0, 60_000),
      fc.constantFrom('SO-1', '庫'.repeat(64)),
      (asked, ttlMs, order) => {
        const state = stocked();
        const act: AtPoint = {
          ...{ act: 'sell', owner: 'demo' as OwnerId, order: order as HoldId },
          ...{ lines: asked, ttlMs },
        };
        const bound = state.boundOf(atPoint(act), START_MS);
        const outcome = state.run(atPoint(act), START_MS) as RightsOutcome;
        expect(outcome.ok).toBe(true);
        const entry = { caller: SYSTEM, n: 0, fingerprint: 0, all: false, outcome };
        const bytes = recordOf([entry]);
        const added = bytes.length - recordOf([]).length;
        expect(BatchWriter.of([entry]).bytes).toBeGreaterThanOrEqual(added);
        expect(bound).toBeGreaterThanOrEqual(added);

        const { body } = open(bytes);
        const read = (body as Extract<Body, { kind: 'batch' }>).entries[0]
          ?.outcome as RightsOutcome;
        expect(read.sold).toEqual(outcome.sold);
        expect(read.rights).toMatchObject(outcome.rights.map(asStored));
        const other = stocked();
        for (const change of read.rights) other.rights.replay(change);
        expect(other.rights).toEqual(state.rights);
      },
    ),
    { numRuns: 200 },
  );
});

test('what becomes of an order that is split over many homes is no larger than was told', () => {
  const homes = Array.from({ length: 40 }, (_, i): HomeName => `${'r'.repeat(30)}${i}.0`);
  const order = '庫'.repeat(64) as HoldId;
  const id = { owner: 'o'.repeat(32) as OwnerId, order };
  const sku = actorKey(id.owner, 'MUG' as SkuId, 'W1' as WarehouseId);
  const said = homes.map((home): OrderLine => ({ home, sku, qty: 1, pools: ['stock/shared'] }));
  const isAt = (act: AtPoint, atMs = START_MS): void => {
    const bound = state.boundOf(atPoint(act), atMs);
    const outcome = state.run(atPoint(act), atMs) as RightsOutcome;
    expect(outcome.rights.length).toBe(homes.length);
    const entry = { caller: SYSTEM, n: 0, fingerprint: 0, all: false, outcome };
    expect(bound).toBeGreaterThanOrEqual(recordOf([entry]).length - recordOf([]).length);
  };
  const reserve: AtPoint = { act: 'sell', ...id, lines: said, ttlMs: 1_000 };
  let state = stocked(homes, [sku]);
  state.run(atPoint(reserve), START_MS);
  isAt({ act: 'harden', ...id });
  isAt({ act: 'cancel', ...id });
  for (const act of ['release', 'expire'] as const) {
    state = stocked(homes, [sku]);
    state.run(atPoint(reserve), START_MS);
    isAt({ act, ...id }, START_MS + 1_000);
  }
});

/** An entry of the log without what the next owner makes of it again. */
function asStored({ key, seq, point, event }: RightsOutcome['rights'][number]): unknown {
  if (!('taken' in event)) return { key, seq, point, event };
  const taken = event.taken.map(({ lane, taken }) => ({ lane, taken }));
  return { key, seq, point, event: { ...event, taken } };
}
