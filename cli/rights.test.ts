import { expect, test } from 'vitest';
import type { ActorKey } from '../actors/ids.ts';
import { SHARED } from '../actors/rights/acts.ts';
import type { Explained } from '../engine/rights/sharer.ts';
import { table } from './rights.ts';

type Point = Explained['pools'][number]['points'][number];

const point = (name: string, by: Point['usual']['by'], share: number): Point => ({
  ...{ name, have: 11, want: 22, why: 'cover', share: 0.5, ratePerHour: 0.04 },
  ...{ silentMs: 480, usual: { share, by } },
});

const explained = (points: readonly Point[]): Explained => ({
  ...{ home: 'eu.0', sku: 'demo/MUG@eu-1' as ActorKey, atRisk: 0, waiting: [], awaits: [] },
  pools: ['stock/app', SHARED].map((pool) => ({
    ...{ pool, units: 380, quota: 300, out: 22, free: 358, points },
  })) as unknown as Explained['pools'],
});

test('says once where a SKU usually sells, home among them, and for each pool who should have what', () => {
  const [hub, eu] = [point('hub', 'sales', 0.846), point('eu', 'sales', 0.144)];
  expect(table(explained([hub, eu])).split('\n')).toEqual([
    'demo/MUG@eu-1, home eu.0',
    '  usual, by the last 28 days: hub 85 %, eu 14 %, home itself 1 %',
    ...['stock/app', SHARED].flatMap((pool) => [
      `  ${pool}: 380, of which 358 at home; its part is 300`,
      '    hub  has     11  should have     22  two hours’ sales and a margin  asked for 0.0 an hour  heard 0.5 s ago',
      '    eu   has     11  should have     22  two hours’ sales and a margin  asked for 0.0 an hour  heard 0.5 s ago',
    ]),
    '',
  ]);
});

test('says that nothing is known of sales, and nothing where no point has a lane', () => {
  const third = point('eu', 'equal', 0.5);
  expect(table(explained([third]))).toContain(
    '  usual, equal parts since no sales are known: eu 50 %, home itself 50 %\n',
  );
  expect(table(explained([]))).not.toContain('usual');
});
