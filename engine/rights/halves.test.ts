import { expect, test } from 'vitest';
import type { ActorKey, HoldId } from '../../actors/ids.ts';
import { receive } from '../../actors/rights/arrivals.ts';
import { emptyHome } from '../../actors/rights/home.ts';
import { followed } from '../../actors/rights/home-stock.ts';
import type { Entry, LaneId, Up } from '../../actors/rights/lane.ts';
import { Orders } from '../../actors/rights/orders.ts';
import { halvesOf } from './halves.ts';

const HOME = emptyHome(['eu']);
const entry = (n: number): Entry => ({
  ...{ n, op: 'sale', order: `SO-${n}` as HoldId, sku: 'demo/MUG@W1' as ActorKey },
  ...{ lane: 'eu.1#1', taken: { 'stock/shared': 1 } },
});
const up = (log: readonly Entry[], more: Partial<Up> = {}): Up => ({
  ...{ to: 'home', point: 'eu', life: 'eu.1', lineage: 1, lanes: [], log },
  ...{ attach: undefined, ended: undefined, ...more },
});

test('both halves are in order, and a life ends with the last of them', () => {
  const [first, second] = halvesOf(up([1, 2, 3].map(entry), { ended: 3 }), HOME) ?? [];
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
  const [first, second] = halvesOf(up([entry(1)], { lanes }), HOME) ?? [];
  expect([first?.lanes, first?.log]).toEqual([lanes, []]);
  expect([second?.lanes, second?.log]).toEqual([[], [entry(1)]]);
});

test('lanes alone are divided, down to half of what came back by one', () => {
  const lane = (id: LaneId, units: number) => ({
    ...{ id, sku: 'demo/MUG@W1' as ActorKey, nonce: '1.1', got: undefined },
    ...{ back: { 'stock/shared': units }, spent: {}, final: 7 },
  });
  const [a, b] = [lane('eu.1#1', 9), lane('eu.1#2', 1)];
  const [first, second] = halvesOf(up([], { lanes: [a, b] }), HOME) as [Up, Up];
  expect([first.lanes, second.lanes]).toEqual([[a], [b]]);
  const [half, whole] = halvesOf(first, HOME) as [Up, Up];
  expect(half.lanes).toEqual([{ ...a, back: { 'stock/shared': 4 }, final: undefined }]);
  expect(whole).toEqual(first);
  expect(halvesOf(second, HOME)).toBeUndefined();
  expect(halvesOf(up([]), HOME)).toBeUndefined();
});

test('one entry stays whole', () => {
  expect(halvesOf(up([entry(1)]), HOME)).toBeUndefined();
  expect(halvesOf(up([entry(1)], { attach: { end: 1, part: 0, of: 1 } }), HOME)).toBeUndefined();
});

test('a restored home that hears the answer in halves has heard all of it', () => {
  const home = { ...emptyHome(['eu']), waiting: new Set(['eu']) };
  const stocks = followed(new Set(), new Orders(), 0);
  const [lane, cells] = [
    { id: 'eu.1#1', sku: 'demo/MUG@W1' as ActorKey, nonce: '1.1' },
    {},
  ] as const;
  const lanes = [
    { ...lane, got: { 'stock/shared': 3 }, back: cells, spent: cells, final: undefined },
  ] as const;
  const attach = { end: 3, part: 0, of: 1 };
  const [first, second] = halvesOf(up([1, 2, 3].map(entry), { lanes, attach }), home) as [Up, Up];
  const heard = receive(home, first, stocks);
  expect([heard.gap, heard.resumed, heard.reply?.ask, heard.reply?.applied]).toEqual([
    false,
    false,
    true,
    1,
  ]);
  expect(receive(home, second, stocks)).toMatchObject({ gap: false, resumed: true });
  expect([home.waiting.size, home.lives.get('eu.1')?.cursor, home.lanes.size]).toEqual([0, 3, 1]);
});
