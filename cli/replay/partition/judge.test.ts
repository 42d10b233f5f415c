import { describe, expect, test } from 'vitest';
import type { Outage } from './cutter.ts';
import { judge } from './judge.ts';
import type { Line } from './plan.ts';
import type { Sale } from './shop.ts';

const POINTS = ['hub', 'eu', 'us'];
const MUGS: Line = { warehouse: 'eu-1', sku: 'MUG', qty: 5 };

let orders = 0;
/** An order of mugs that lie in eu. */
function sale(
  point: string,
  qty: number,
  outcome: Sale['outcome'],
  sentMs: number,
  code = '',
): Sale {
  const order = { id: `o${++orders}`, point, lines: [{ ...MUGS, qty }] };
  return { order, outcome, code, why: 'too few', sentMs, answeredMs: sentMs + 10, asked: 1 };
}
const cut = (region: string, fromMs: number, toMs: number): Outage => ({
  ...{ region, how: 'silent', fromMs, toMs },
});

describe('what came of the orders', () => {
  test('a refusal is stranded where enough was unsold when it was answered', () => {
    const sales = [
      sale('eu', 3, 'accepted', 100),
      sale('us', 2, 'refused', 200, 'insufficient'),
      sale('hub', 3, 'refused', 300, 'insufficient'), // 2 are left
      sale('hub', 2, 'accepted', 400),
      sale('us', 1, 'refused', 500, 'insufficient'),
    ];
    const { points, refusedUnsold, unsoldWhy } = judge(POINTS, sales, [MUGS], []);
    expect(refusedUnsold).toBe(1);
    expect(unsoldWhy).toEqual(['o2 at us, 10 ms: too few']);
    expect(points.us).toMatchObject({ orders: 2, refused: 2, stranded: 1 });
    expect(points.hub).toMatchObject({ accepted: 1, refused: 1, stranded: 0 });
  });

  test('one that says so is stranded too, and an order with a line that is sold out is not by the figures', () => {
    const said = sale('us', 1, 'refused', 200, 'stranded');
    const plain = sale('us', 1, 'refused', 200, 'insufficient');
    const cups = { warehouse: 'us-1', sku: 'CUP', qty: 1 };
    const both = { ...plain, order: { ...plain.order, lines: [...plain.order.lines, cups] } };
    const { points, refusedUnsold, saidStranded } = judge(
      POINTS,
      [sale('eu', 5, 'accepted', 100), said, both],
      [MUGS],
      [],
    );
    expect({ refusedUnsold, saidStranded }).toEqual({ refusedUnsold: 0, saidStranded: 1 });
    expect(points.us?.stranded).toBe(1);
  });

  test('sold while cut is what was placed and accepted within a cut of either end', () => {
    const outages = [cut('eu', 100, 200), cut('us', 300, 400)];
    const sales = [
      sale('us', 1, 'accepted', 110), // eu is cut
      sale('us', 1, 'accepted', 195), // until after the cut
      sale('us', 1, 'accepted', 310), // us is cut
      sale('hub', 1, 'accepted', 310), // the hub reaches eu
      sale('eu', 1, 'accepted', 110), // at home
    ];
    const { points, oversold } = judge(POINTS, sales, [MUGS], outages);
    expect(points.us).toMatchObject({ soldWhileCut: 2, unitsWhileCut: 2 });
    expect(points.us?.unitsFrom).toEqual({ hub: 0, eu: 2, us: 0 });
    expect(points.hub?.soldWhileCut).toBe(0);
    expect(points.eu?.soldWhileCut).toBe(0);
    expect(oversold).toBe(0);
  });

  test('what was sold and never there is oversold', () => {
    const sales = [sale('eu', 4, 'accepted', 100), sale('us', 3, 'accepted', 100)];
    const { oversold, sold } = judge(POINTS, sales, [MUGS], []);
    expect(oversold).toBe(2);
    expect(sold.get('MUG')).toBe(7);
  });
});
