import type { ActorKey } from '../ids.ts';
import type { StockCommand } from '../stock/commands.ts';
import type { HomeAct } from './acts.ts';
import { commandOf } from './home-stock.ts';
import type { LifeId } from './lane.ts';
import { lanesOfLife } from './lives.ts';
import { total } from './pools.ts';
import type { Rights } from './rights.ts';

/** The steps on stock that an act at home may come to, at most; for the size of its record. */
export function stepsAtHome({ home }: Rights, act: HomeAct): StockCommand[] {
  switch (act.act) {
    case 'hear': {
      const { up } = act;
      const steps = up.log.map(({ op, order, sku, taken }) =>
        op === 'sale'
          ? commandOf(sku, 'sell', { hold: order, qty: total(taken), doc: LONGEST_SOURCE })
          : commandOf(sku, 'cancel', { hold: order }),
      );
      const isWhole = up.attach !== undefined || up.ended !== undefined;
      return [...steps, ...regains(isWhole ? lanesOf(home, up.life) : []), ...regains(up.lanes)];
    }
    case 'share':
      return act.grants.flatMap(({ lane, qty }) => {
        const row = home.lanes.get(lane);
        return row === undefined ? [] : [commandOf(row.sku, 'grant', { qty })];
      });
    case 'bury':
      return regains(lanesOf(home, act.life));
    default:
      return [];
  }
}

const lanesOf = (home: Rights['home'], life: LifeId) => lanesOfLife(home, life);

/** Rights that come back, or are found to be out: a restored home opens the actor too. */
const regains = (lanes: readonly { readonly sku: ActorKey }[]): StockCommand[] =>
  lanes.flatMap(({ sku }) => [commandOf(sku, 'regain', {}), commandOf(sku, 'grant', {})]);

const LONGEST_SOURCE = 'x'.repeat(64);
