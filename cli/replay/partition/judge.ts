import { type Outage, wasCutOff } from './cutter.ts';
import { type Line, regionOf } from './plan.ts';
import type { Sale } from './shop.ts';

/** What a selling point did. */
export interface PointFigures {
  orders: number;
  accepted: number;
  refused: number;
  stranded: number;
  /** Orders with goods of a home that the point could not reach, and their units of such goods. */
  soldWhileCut: number;
  unitsWhileCut: number;
  /** Of these units, by the region where they lie. */
  readonly unitsFrom: Record<string, number>;
}

export interface Judged {
  readonly points: Readonly<Record<string, PointFigures>>;
  /**
   * Refused though each of its lines was unsold somewhere when it was answered: by the figures, with every sale
   * that had been asked for by then counted as made.
   */
  readonly refusedUnsold: number;
  /** In words, what the first few of these were told. */
  readonly unsoldWhy: readonly string[];
  /** Answered with the code `stranded`. */
  readonly saidStranded: number;
  /** Accepted units by SKU. */
  readonly sold: ReadonlyMap<string, number>;
  /** Units that were sold and never there. */
  readonly oversold: number;
}

/** Reads the figures off what was answered, what was there, and when links were cut. */
export function judge(
  names: readonly string[],
  sales: readonly Sale[],
  supply: readonly Line[],
  outages: readonly Outage[],
): Judged {
  const there = new Map(supply.map(({ sku, qty }) => [sku, qty]));
  const times = salesBySku(sales);
  const isUnsold = ({ sku, qty }: Line, atMs: number): boolean =>
    (there.get(sku) ?? 0) - unitsAskedBy(times.get(sku) ?? [], atMs) >= qty;
  const points = Object.fromEntries(names.map((name) => [name, emptyFigures(names)]));
  const unsold: Sale[] = [];
  let saidStranded = 0;
  for (const sale of sales) {
    const its = points[sale.order.point] as PointFigures;
    its.orders++;
    if (sale.outcome === 'accepted') {
      its.accepted++;
      noteCutOff(its, sale, outages);
    } else if (sale.outcome === 'refused') {
      its.refused++;
      const wasThere = sale.order.lines.every((line) => isUnsold(line, sale.answeredMs));
      const isSaid = sale.code === 'stranded';
      if (wasThere) unsold.push(sale);
      if (isSaid) saidStranded++;
      if (wasThere || isSaid) its.stranded++;
    }
  }
  const sold = new Map([...times].map(([sku, all]) => [sku, unitsAskedBy(all, Infinity)]));
  let oversold = 0;
  for (const [sku, units] of sold) oversold += Math.max(0, units - (there.get(sku) ?? 0));
  const refusedUnsold = unsold.length;
  const unsoldWhy = unsold.slice(0, MOST_TOLD).map(inWords);
  return { points, refusedUnsold, unsoldWhy, saidStranded, sold, oversold };
}

/** Of refusals of what was unsold. */
const MOST_TOLD = 5;

const inWords = ({ order, why, sentMs, answeredMs }: Sale): string =>
  `${order.id} at ${order.point}, ${Math.round(answeredMs - sentMs)} ms: ${why}`;

const emptyFigures = (names: readonly string[]): PointFigures => ({
  ...{ orders: 0, accepted: 0, refused: 0, stranded: 0, soldWhileCut: 0, unitsWhileCut: 0 },
  unitsFrom: Object.fromEntries(names.map((name) => [name, 0])),
});

/** Accepted units of a SKU, and when they were asked for. */
type Asked = readonly [atMs: number, qty: number];

function salesBySku(sales: readonly Sale[]): Map<string, Asked[]> {
  const times = new Map<string, Asked[]>();
  for (const { order, outcome, sentMs } of sales) {
    if (outcome !== 'accepted') continue;
    for (const { sku, qty } of order.lines) {
      const its = times.get(sku);
      if (its === undefined) times.set(sku, [[sentMs, qty]]);
      else its.push([sentMs, qty]);
    }
  }
  return times;
}

const unitsAskedBy = (all: readonly Asked[], untilMs: number): number =>
  all.reduce((sum, [atMs, qty]) => (atMs <= untilMs ? sum + qty : sum), 0);

/** The cut has to have lasted from before the order was placed until after it was accepted. */
function noteCutOff(its: PointFigures, sale: Sale, outages: readonly Outage[]): void {
  const { order, sentMs, answeredMs } = sale;
  let units = 0;
  for (const { warehouse, qty } of order.lines) {
    const home = regionOf(warehouse);
    if (!wasCutOff(outages, order.point, home, sentMs, answeredMs)) continue;
    units += qty;
    its.unitsFrom[home] = (its.unitsFrom[home] ?? 0) + qty;
  }
  its.unitsWhileCut += units;
  if (units > 0) its.soldWhileCut++;
}
