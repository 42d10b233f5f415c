import { type Clock, sleep } from '../../../engine/clock.ts';
import type { Homes } from './homes.ts';
import type { Judged } from './judge.ts';
import type { Line, Order } from './plan.ts';

/** Whether the centre has all that the regions have; if not, where it differs. */
export type CentreDiffers = () => Promise<string | undefined>;

const LOOK_MS = 100;
/** Orders that are shipped at a time. */
const AT_A_TIME = 32;
/** Problems told by name. */
const NAMED = 5;

export interface Converged {
  /** Until every accepted order was held at home and every digest was equal; undefined: not in time. */
  readonly ms: number | undefined;
  readonly why: string;
}

/** Waits until homes hold every accepted order, and the centre has the stock that the regions have. */
export async function converged(
  clock: Clock,
  homes: Homes,
  accepted: readonly Order[],
  differs: CentreDiffers,
  sinceMs: number,
  withinMs: number,
): Promise<Converged> {
  let missing = linesOf(accepted);
  for (;;) {
    const holds = await homes.holds(missing);
    missing = missing.filter((_, i) => holds[i] === undefined);
    const why = missing.length > 0 ? `${missing.length} sales are not at home` : await differs();
    const ms = clock.monoMs() - sinceMs;
    if (why === undefined) return { ms, why: '' };
    if (ms > withinMs) return { ms: undefined, why };
    await sleep(clock, LOOK_MS);
  }
}

export interface Shipped {
  readonly units: number;
  /** What is wrong, in words; empty where every accepted order was held once, and shipped once. */
  readonly problems: readonly string[];
}

/** Holds every home against what was accepted, ships all of it, and looks at what is left. */
export async function shipAll(
  homes: Homes,
  accepted: readonly Order[],
  supply: readonly Line[],
  { sold }: Pick<Judged, 'sold'>,
): Promise<Shipped> {
  const problems = [
    ...(await wrongHolds(homes, accepted)),
    ...(await wrongUnits(homes, supply, 'before', ({ sku, qty }) => [qty, sold.get(sku) ?? 0])),
  ];
  let units = 0;
  const left = [...accepted];
  const ship = async (): Promise<void> => {
    for (let order = left.pop(); order !== undefined; order = left.pop()) {
      try {
        await homes.ship(order);
        units += order.lines.reduce((sum, { qty }) => sum + qty, 0);
      } catch (e) {
        problems.push(`not shipped: ${(e as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, ship));
  const after = ({ sku, qty }: Line): [number, number] => [qty - (sold.get(sku) ?? 0), 0];
  problems.push(...(await wrongUnits(homes, supply, 'after', after)));
  return { units, problems };
}

const linesOf = (orders: readonly Order[]): { id: string; line: Line }[] =>
  orders.flatMap(({ id, lines }) => lines.map((line) => ({ id, line })));

/** Each line of an order has one hold, of as many units as were sold. */
export async function wrongHolds(homes: Homes, accepted: readonly Order[]): Promise<string[]> {
  const lines = linesOf(accepted);
  const holds = await homes.holds(lines);
  return lines.flatMap(({ id, line }, i) => {
    const hold = holds[i];
    const isRight = hold?.qty === line.qty && hold.waiting === 0 && hold.shipped === 0;
    return isRight ? [] : [`${id}, ${line.sku}: sold ${line.qty}, held ${JSON.stringify(hold)}`];
  });
}

/** A doubled order, or a refused one that was held, shows as units that nobody was sold. */
export async function wrongUnits(
  homes: Homes,
  supply: readonly Line[],
  when: string,
  expected: (line: Line) => readonly [onHand: number, allocated: number],
): Promise<string[]> {
  const units = await homes.units(supply);
  return supply.flatMap((line, i) => {
    const { onHand, allocated, waiting } = units[i] as (typeof units)[number];
    const [wantOnHand, wantAllocated] = expected(line);
    if (onHand === wantOnHand && allocated === wantAllocated && waiting === 0) return [];
    const want = `${wantOnHand} on hand and ${wantAllocated} allocated`;
    return [`${line.sku} ${when} shipping: ${want} expected, ${JSON.stringify(units[i])} found`];
  });
}

/** The first few, and how many more. */
export function named(problems: readonly string[]): string[] {
  const more = problems.length - NAMED;
  return more > 0 ? [...problems.slice(0, NAMED), `and ${more} more`] : [...problems];
}
