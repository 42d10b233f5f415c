import type { Method } from './map.ts';
import type { Sale } from './shop.ts';

/** What one policy made of the orders. */
export interface Run {
  readonly method: Method;
  readonly sales: readonly Sale[];
  readonly seconds: number;
  /** What is wrong, in words. */
  readonly problems: readonly string[];
}

export type Figures = ReturnType<typeof figuresOf>;

export function figuresOf({ method, sales, seconds, problems }: Run) {
  const sold = sales.filter(({ outcome }) => outcome === 'accepted');
  const told = sold.filter(({ parcels }) => parcels > 0);
  const mean = (read: (sale: Sale) => number): number =>
    rounded(told.reduce((sum, one) => sum + read(one), 0) / Math.max(1, told.length));
  const parcels = told.reduce((sum, one) => sum + one.parcels, 0);
  const km = told.reduce((sum, one) => sum + one.km, 0);
  const times = sales.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (part: number): number =>
    rounded(times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0);
  return {
    ...{ policy: method, orders: sales.length, accepted: sold.length },
    refused: sales.filter(({ outcome }) => outcome === 'refused').length,
    failed: sales.filter(({ outcome }) => outcome === 'failed').length,
    /** Parcels an order. */
    splitRate: mean((one) => one.parcels),
    kmAnOrder: mean((one) => one.km),
    kmAParcel: rounded(km / Math.max(1, parcels)),
    costAnOrder: mean((one) => one.cost),
    routedAgain: told.filter(({ tries }) => tries > 1).length,
    ...{ p50Ms: at(0.5), p99Ms: at(0.99), seconds: rounded(seconds) },
    problems,
  };
}

const rounded = (n: number): number => Number(n.toFixed(2));

const COLUMNS: readonly (readonly [keyof Figures, string])[] = [
  ['policy', 'policy'],
  ['accepted', 'accepted'],
  ['refused', 'refused'],
  ['splitRate', 'parcels an order'],
  ['kmAnOrder', 'km an order'],
  ['kmAParcel', 'km a parcel'],
  ['costAnOrder', 'cost an order'],
  ['routedAgain', 'routed again'],
  ['p50Ms', 'p50, ms'],
  ['p99Ms', 'p99, ms'],
];

/** For a person. */
export function tableOf(all: readonly Figures[]): string {
  const rows = all.map((figures) => COLUMNS.map(([key]) => String(figures[key])));
  const head = COLUMNS.map(([, title]) => title);
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row.map((text, i) => text.padStart(widths[i] ?? 0)).join('  ');
  return `${[head, ...rows].map(line).join('\n')}\n`;
}
