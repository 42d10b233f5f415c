import { type ActorKey, type HoldId, PRESALE } from '../ids.ts';
import { BLANK, type StockCommand } from '../stock/commands.ts';
import { openHold, promised } from '../stock/state.ts';
import type { Stockroom } from '../stock/stockroom.ts';
import type { HomeAct } from './acts.ts';
import { listedIn } from './arrivals.ts';
import type { Home } from './home.ts';
import { commandOf } from './home-stock.ts';
import { type Entry, type HomeLane, type LaneUp, type LifeId, outOf, type Up } from './lane.ts';
import { lanesOfLife, lanesToWriteOff } from './lives.ts';
import { orderKey } from './point.ts';
import { byKind, KINDS, kindOf, none, type PoolId, raise, sumOf, total } from './pools.ts';
import type { Rights } from './rights.ts';

/** The steps on stock that an act at home may come to, at most; for the size of its record. */
export function stepsAtHome(rights: Rights, act: HomeAct, stockroom: Stockroom): StockCommand[] {
  const { home } = rights;
  switch (act.act) {
    case 'hear':
      return heardSteps(rights, act.up, stockroom);
    case 'share':
      return act.grants.flatMap(({ lane, pool, qty }) => {
        const row = home.lanes.get(lane);
        return row === undefined
          ? []
          : [commandOf(row.sku, 'grant', { qty, hold: holdOfKind(pool) })];
      });
    case 'bury':
      return regains(lanesToWriteOff(home, act.life).slice(0, act.most).map(outIn), stockroom);
    default:
      return [];
  }
}

/** As home does it: what comes back first, which finds nobody but those who wait. */
function heardSteps({ home, orders }: Rights, up: Up, stockroom: Stockroom): StockCommand[] {
  const isLast = up.attach !== undefined && up.attach.part >= up.attach.of - 1;
  const told = new Set([...(home.heard.get(up.life)?.lanes ?? []), ...listedIn(up)]);
  const isEnded = up.ended !== undefined;
  const isDropped = ({ id, final }: HomeLane): boolean =>
    isEnded || final !== undefined || !told.has(id);
  const dropped =
    isLast || isEnded ? lanesOfLife(home, up.life).filter(isDropped) : closingOf(home, up.life);
  const returned = [...dropped.map(outIn), ...up.lanes.map((lane) => returnedIn(home, lane))];
  const sales = new Map<string, Entry>();
  const steps: StockCommand[] = [];
  for (const entry of up.log) {
    const { op, order, sku, taken } = entry;
    const key = orderKey(order, sku);
    if (op === 'cancel') {
      const qty = unitsHeld(stockroom, entry, sales.get(key));
      steps.push(commandOf(sku, 'cancel', { hold: order, qty }));
      continue;
    }
    const isTwice = orders.sourceOf(sku, order) !== undefined || sales.has(key);
    if (isTwice || stockroom.get(sku)?.holds?.has(order)) {
      returned.push({ sku, units: total(taken) });
    }
    sales.set(key, entry);
    steps.push(commandOf(sku, 'sell', { hold: order, qty: total(taken), doc: LONGEST_SOURCE }));
  }
  const found = up.lanes.filter(({ got }) => got !== undefined);
  return [...regains(returned, stockroom), ...grants(found, stockroom), ...steps];
}

const closingOf = (home: Home, life: LifeId): HomeLane[] =>
  [...home.closing].flatMap((id) => home.lanes.get(id) ?? []).filter((lane) => lane.life === life);

/** What a cancel may free: of a hold that is there, or that a sale in the same message makes. */
function unitsHeld(stockroom: Stockroom, { order, sku }: Entry, sale: Entry | undefined): number {
  const state = stockroom.get(sku);
  const hold = state && openHold(state, order);
  if (hold !== undefined) return promised(hold) + hold.picked + hold.packed;
  return sale === undefined ? 1 : total(sale.taken);
}

/** Units of a SKU, of any kind. */
interface Units {
  readonly sku: ActorKey;
  readonly units: number;
}

/** All that home thinks is out of a lane. */
const outIn = (lane: HomeLane): Units => ({ sku: lane.sku, units: sumOf(outOf(lane)) });

/**
 * What a point tells of a lane brings back: what is out of it less than before. Of another lane under that name, and
 * of one that ends, all there was comes back.
 */
export function returnedIn(home: Home, told: LaneUp): Units {
  const found = home.lanes.get(told.id);
  const known = found?.nonce === told.nonce ? found : undefined;
  const [granted, back] = [{ ...known?.granted }, { ...known?.back }];
  raise(granted, told.got ?? {});
  raise(back, told.back);
  const before = known === undefined ? none() : outOf(known);
  const after = outOf({ granted, back, arrived: known?.arrived ?? {} });
  let units = found === undefined || found === known ? 0 : sumOf(outOf(found));
  for (const kind of KINDS) {
    units += Math.max(0, before[kind] - after[kind]);
    if (told.final !== undefined) units += Math.max(0, after[kind]);
  }
  return { sku: told.sku, units };
}

/** Who waits gets no more than what comes back: of goods on hand, and of those in transit where there are any. */
function regains(lanes: readonly Units[], stockroom: Stockroom): StockCommand[] {
  return lanes.flatMap(({ sku, units }) => {
    if (units <= 0) return [];
    const isAhead = stockroom.get(sku)?.holds?.has(PRESALE) === true;
    const ofStock = commandOf(sku, 'regain', { qty: units });
    return isAhead ? [ofStock, commandOf(sku, 'regain', { qty: units, hold: PRESALE })] : [ofStock];
  });
}

/** Rights are found to be out: of goods on hand, and of those in transit where there are any. */
function grants(lanes: readonly LaneUp[], stockroom: Stockroom): StockCommand[] {
  return lanes.flatMap(({ sku, got }) => {
    const isAhead =
      byKind(got ?? {}).presale > 0 || stockroom.get(sku)?.holds?.has(PRESALE) === true;
    const ofStock = commandOf(sku, 'grant', {});
    return isAhead ? [ofStock, commandOf(sku, 'grant', { hold: PRESALE })] : [ofStock];
  });
}

const holdOfKind = (pool: PoolId): HoldId => (kindOf(pool) === 'presale' ? PRESALE : BLANK.hold);

const LONGEST_SOURCE = 'x'.repeat(64);
