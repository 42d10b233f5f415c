import { type ActorKey, type HoldId, PRESALE } from '../ids.ts';
import { BLANK, type StockCommand } from '../stock/commands.ts';
import { openHold, promised } from '../stock/state.ts';
import type { Stockroom } from '../stock/stockroom.ts';
import type { HomeAct } from './acts.ts';
import { commandOf } from './home-stock.ts';
import type { HomeLane, LaneUp } from './lane.ts';
import { lanesOfLife, lanesToWriteOff } from './lives.ts';
import { byKind, kindOf, type PoolId, total } from './pools.ts';
import type { Rights } from './rights.ts';

/** The steps on stock that an act at home may come to, at most; for the size of its record. */
export function stepsAtHome({ home }: Rights, act: HomeAct, stockroom: Stockroom): StockCommand[] {
  switch (act.act) {
    case 'hear': {
      const { up } = act;
      /** What a cancel may free: of a hold that is there, or that a sale in the same message makes. */
      const unitsOf = (order: HoldId, sku: ActorKey): number => {
        const state = stockroom.get(sku);
        const hold = state && openHold(state, order);
        if (hold !== undefined) return promised(hold) + hold.picked + hold.packed;
        const sale = up.log.find((one) => one.order === order && one.sku === sku);
        return sale === undefined ? 1 : total(sale.taken);
      };
      const steps = up.log.map(({ op, order, sku, taken }) =>
        op === 'sale'
          ? commandOf(sku, 'sell', { hold: order, qty: total(taken), doc: LONGEST_SOURCE })
          : commandOf(sku, 'cancel', { hold: order, qty: unitsOf(order, sku) }),
      );
      const isLast = up.attach !== undefined && up.attach.part >= up.attach.of - 1;
      const told = new Set(home.heard.get(up.life)?.lanes);
      const rest = lanesOfLife(home, up.life).filter(({ id }) => !told.has(id));
      const all = isLast || up.ended !== undefined ? rest : [];
      const found = up.attach === undefined ? [] : up.lanes;
      // As home does it: what comes back first, which finds nobody but those who wait.
      const back = rightsSteps('regain', [...all, ...up.lanes], stockroom);
      return [...back, ...rightsSteps('grant', found, stockroom), ...steps];
    }
    case 'share':
      return act.grants.flatMap(({ lane, pool, qty }) => {
        const row = home.lanes.get(lane);
        return row === undefined
          ? []
          : [commandOf(row.sku, 'grant', { qty, hold: holdOfKind(pool) })];
      });
    case 'bury':
      return rightsSteps('regain', lanesToWriteOff(home, act.life).slice(0, act.most), stockroom);
    default:
      return [];
  }
}

/** Rights come back, or are found to be out: of goods on hand, and of those in transit where there are any. */
function rightsSteps(
  op: 'regain' | 'grant',
  lanes: readonly (LaneUp | HomeLane)[],
  stockroom: Stockroom,
): StockCommand[] {
  return lanes.flatMap((lane) => {
    const { sku } = lane;
    const granted = 'granted' in lane ? lane.granted : (lane.got ?? {});
    const isAhead = byKind(granted).presale > 0 || stockroom.get(sku)?.holds?.has(PRESALE) === true;
    const ofStock = commandOf(sku, op, {});
    return isAhead ? [ofStock, commandOf(sku, op, { hold: PRESALE })] : [ofStock];
  });
}

const holdOfKind = (pool: PoolId): HoldId => (kindOf(pool) === 'presale' ? PRESALE : BLANK.hold);

const LONGEST_SOURCE = 'x'.repeat(64);
