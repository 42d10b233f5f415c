import { expect, test } from 'vitest';
import type { ActorKey, HoldId } from '../../actors/ids.ts';
import type { Entry, Up } from '../../actors/rights/lane.ts';
import { halvesOf } from './halves.ts';

const entry = (n: number): Entry => ({
  ...{ n, op: 'sale', order: `SO-${n}` as HoldId, sku: 'demo/MUG@W1' as ActorKey },
  ...{ lane: 'eu.1#1', taken: { 'stock/shared': 1 } },
});
const up = (log: readonly Entry[], more: Partial<Up> = {}): Up => ({
  ...{ to: 'home', point: 'eu', life: 'eu.1', lineage: 1, lanes: [], log },
  ...{ attach: undefined, ended: undefined, ...more },
});

test('both halves are in order, and a life ends with the last of them', () => {
  const [first, second] = halvesOf(up([1, 2, 3].map(entry), { ended: 3 })) ?? [];
  expect([first?.log.map(({ n }) => n), first?.ended]).toEqual([[1], undefined]);
  expect([second?.log.map(({ n }) => n), second?.ended]).toEqual([[2, 3], 3]);
});

test('lanes go before the log, by themselves', () => {
  const lane = {
    id: 'eu.1#1' as const,
    sku: 'demo/MUG@W1' as ActorKey,
    nonce: '1.1',
    got: undefined,
  };
  const lanes = [{ ...lane, back: {}, spent: {}, final: undefined }] as const;
  const [first, second] = halvesOf(up([entry(1)], { lanes })) ?? [];
  expect([first?.lanes, first?.log]).toEqual([lanes, []]);
  expect([second?.lanes, second?.log]).toEqual([[], [entry(1)]]);
});

test('one entry, and the answer to a restored home, stay whole', () => {
  expect(halvesOf(up([entry(1)]))).toBeUndefined();
  expect(halvesOf(up([1, 2].map(entry), { attach: { end: 2, part: 1, of: 1 } }))).toBeUndefined();
});
