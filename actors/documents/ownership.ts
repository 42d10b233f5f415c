import { type ActorKey, actorKey, type OwnerId, type SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { available } from '../stock/balances.ts';
import type { BatchDates, PickPolicy, Quality } from '../stock/commands.ts';
import type { Detail } from '../stock/detail.ts';
import type { Line } from '../stock/line.ts';
import { type LotFilter, lineName, NO_LOT } from '../stock/lot.ts';
import type { StockState } from '../stock/state.ts';
import type { DocumentCommand } from './commands.ts';
import { lotOf } from './lots.ts';
import {
  at,
  doubled,
  headOf,
  type Look,
  type Machine,
  type Step,
  stepOf,
  withoutUnits,
} from './plan.ts';
import type { Head } from './states.ts';

export interface OwnershipLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly quality: Quality;
  readonly qty: number;
}

/** Goods that have another owner from now on, and lie where they lay. */
export interface OwnershipState extends Head<'ownership', 'done'> {
  readonly toOwner: string;
  readonly lines: readonly OwnershipLine[];
}

export const ownership: Machine<OwnershipState> = {
  opens: ['ownership.transfer'],
  statusOf: () => 'done',
  isEnded: () => true,
  plan(_, c, look, nowMs) {
    const wrong = doubled(c) ?? withoutUnits(c) ?? noNewOwner(c);
    if (wrong !== undefined) return wrong;
    const goods = c.lines.map((line, place) => ({ ...line, place }));
    const steps = handOver(c, look, goods);
    if ('ok' in steps) return steps;
    const lines = c.lines.map(({ line, sku, quality, qty }) => ({ line, sku, quality, qty }));
    const { toOwner } = c.more;
    const next = { ...headOf('ownership', 'done', c, nowMs), toOwner, lines } as const;
    return { steps, next: () => next };
  },
};

export function noNewOwner({ owner, more: { toOwner } }: DocumentCommand): Refused | undefined {
  if (toOwner !== '' && toOwner !== owner) return undefined;
  return refuse('bad_field', 0, -1, 'toOwner: name another owner');
}

export interface Goods {
  readonly place: number;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  readonly qty: number;
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  readonly policy: PickPolicy;
}

/** Units leave one owner's books and enter another's, lot by lot. Promised goods stay. */
export function handOver(
  c: DocumentCommand,
  look: Look,
  goods: readonly Goods[],
): readonly Step[] | Refused {
  const given = new Given();
  const steps: Step[] = [];
  for (const one of goods) {
    const { place, sku, key, quality, qty } = one;
    const portions = given.take(look(key), one);
    if ('ok' in portions) return at(place, portions);
    if (qty === 0) continue;
    const owner = c.more.toOwner as OwnerId;
    const to = { sku, key: actorKey(owner, sku, c.warehouse) };
    for (const { lot, dates, serials, ...portion } of portions) {
      const more = { lot, serials };
      steps.push(
        stepOf(c, place, one, 'adjust', { delta: -portion.qty, quality, more }),
        stepOf(c, place, to, 'receive', {
          owner,
          qty: portion.qty,
          quality,
          more: { ...more, dates },
        }),
      );
    }
  }
  return steps;
}

interface Portion {
  readonly lot: LotFilter;
  readonly dates: BatchDates | undefined;
  readonly qty: number;
  readonly serials: readonly string[];
}

/** What has been given away while the goods of one act are gone through. */
class Given {
  readonly #units = new Map<string, number>();

  take(state: StockState | undefined, goods: Goods): readonly Portion[] | Refused {
    const { key, quality, qty } = goods;
    const can =
      state === undefined ? 0 : available(state.b, quality) - this.#of(`${quality} ${key}`, 0);
    if (state === undefined || can < qty) return refuse('insufficient', qty, can);
    this.#of(`${quality} ${key}`, qty);
    const { detail } = state;
    if (detail === undefined) return [{ lot: goods.lot, dates: undefined, qty, serials: [] }];
    return goods.serials.length > 0 ? [withSerials(detail, goods)] : this.#byLot(detail, goods);
  }

  /** Known lots in the order of the policy, the rest without a name. */
  #byLot(detail: Detail, goods: Goods): Portion[] {
    const portions: Portion[] = [];
    let left = goods.qty;
    for (const line of detail.inOrder(goods.quality, goods.lot, goods.policy)) {
      const name = `${goods.key} ${line.key}`;
      const qty = Math.min(left, line.qty - line.pinned - this.#of(name, 0));
      if (qty === 0) continue;
      this.#of(name, qty);
      left -= qty;
      portions.push(portionOf(detail, line, qty));
      if (left === 0) break;
    }
    return left === 0 ? portions : [...portions, nameless(goods, left)];
  }

  /** Adds to what was given under that name, and tells how much that is. */
  #of(name: string, more: number): number {
    const sum = (this.#units.get(name) ?? 0) + more;
    if (more > 0) this.#units.set(name, sum);
    return sum;
  }
}

const nameless = ({ lot }: Goods, qty: number): Portion => ({
  ...{ lot: { ...NO_LOT, ...lot }, dates: undefined, qty, serials: [] },
});

function portionOf(detail: Detail, line: Line, qty: number): Portion {
  const all = detail.serialsAt(line.key);
  const serials = qty === line.qty && qty === all.size ? [...all].sort() : [];
  return { lot: lotOf(line), dates: datesOf(detail, line.batch), qty, serials };
}

function withSerials(detail: Detail, { lot, qty, serials }: Goods): Portion {
  const key = detail.serials.get(serials[0] as string);
  const where = key === undefined ? { ...NO_LOT, ...lot } : lotOf(lineName(key));
  return { lot: where, dates: datesOf(detail, where.batch), qty, serials };
}

export function datesOf(detail: Detail | undefined, batch: string): BatchDates | undefined {
  const known = detail?.batches.get(batch);
  if (known === undefined || known.startMs + known.expiresAtMs + known.sellUntilMs === 0) {
    return undefined;
  }
  const { startMs, expiresAtMs, sellUntilMs } = known;
  return { startMs, expiresAtMs, sellUntilMs };
}
