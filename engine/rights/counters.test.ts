import { describe, expect, test } from 'vitest';
import { actorKey, type OwnerId, type SkuId, type WarehouseId } from '../../actors/ids.ts';
import type { RightsChange } from '../../actors/rights/acts.ts';
import type { LaneId, Up } from '../../actors/rights/lane.ts';
import { Moves } from './counters.ts';

const LANE: LaneId = 'us.1#1';
const SKU = actorKey('demo' as OwnerId, 'MUG' as SkuId, 'eu-1' as WarehouseId);

const heard = (units: number): RightsChange => {
  const back = { 'stock/shared': units };
  const lane = {
    id: LANE,
    sku: SKU,
    nonce: '1.1',
    got: undefined,
    back,
    spent: {},
    final: undefined,
  };
  const about = { to: 'home', point: 'us', life: 'us.1', lineage: 1 } as const;
  const up: Up = { ...about, lanes: [lane], log: [], attach: undefined, ended: undefined };
  return { key: 'home', seq: 1, point: '', event: { is: 'heard', up, doubled: [], atMs: 1 } };
};
const granted = (...qtys: number[]): RightsChange => {
  const grants = qtys.map((qty) => ({ lane: LANE, pool: 'stock/shared' as const, qty }));
  return { key: 'home', seq: 1, point: '', event: { is: 'granted', grants } };
};

describe('moves of rights', () => {
  test('each grant counts, and each time that more has come back than before', () => {
    const moves = new Moves();
    moves.note([heard(0), granted(5, 2)]);
    moves.note([heard(3), heard(3)]);
    moves.note([heard(1), heard(4)]);
    expect(moves).toMatchObject({ grants: 2, returns: 2 });
  });

  test('what had come back before we looked does not count', () => {
    const moves = new Moves();
    moves.note([heard(7)]);
    moves.note([heard(7)]);
    expect(moves.returns).toBe(0);
    moves.note([heard(8)]);
    expect(moves.returns).toBe(1);
  });
});
