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

test('a restored home hears of lanes before their part, where much of one came back', () => {
  const home = { ...emptyHome(['eu']), waiting: new Set(['eu']) };
  const stocks = followed(new Set(), new Orders(), 0);
  const lane = (id: LaneId, got: number, back: number) => ({
    ...{ id, sku: 'demo/MUG@W1' as ActorKey, nonce: '1.1', got: { 'stock/shared': got } },
    ...{ back: { 'stock/shared': back }, spent: {}, final: undefined },
  });
  const [known, unknown] = [lane('eu.1#1', 9, 8), lane('eu.1#2', 9, 8)];
  receive(home, up([], { lanes: [lane('eu.1#1', 9, 0)] }), stocks);
  const attach = { end: 0, part: 0, of: 1 };
  const whole = up([], { lanes: [known, unknown], attach });

  const [ahead, rest] = halvesOf(whole, home) as [Up, Up];
  expect(ahead).toEqual({ ...whole, lanes: [known], attach: undefined });
  expect(rest).toBe(whole);
  const [half] = halvesOf(ahead, home) as [Up, Up];
  expect(half.lanes[0]?.back).toEqual({ 'stock/shared': 4 });
  for (const part of [half, ahead]) {
    expect(receive(home, part, stocks)).toMatchObject({ resumed: false, reply: { ask: true } });
  }
  expect(home.lanes.get('eu.1#1')?.back).toEqual({ 'stock/shared': 8 });
  expect(halvesOf(whole, home)).toBeUndefined();
  expect(receive(home, whole, stocks)).toMatchObject({ gap: false, resumed: true });
  expect([...home.lanes.keys()]).toEqual(['eu.1#1', 'eu.1#2']);
});
