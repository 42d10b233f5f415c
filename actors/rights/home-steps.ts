import type { ActorKey } from '../ids.ts';
import type { StockCommand } from '../stock/commands.ts';
import type { HomeAct } from './acts.ts';
import { commandOf } from './home-stock.ts';
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
      const isLast = up.attach !== undefined && up.attach.part >= up.attach.of - 1;
      const told = new Set(home.heard.get(up.life)?.lanes);
      const rest = lanesOfLife(home, up.life).filter(({ id }) => !told.has(id));
      const all = isLast || up.ended !== undefined ? rest : [];
      const found = up.attach === undefined ? [] : up.lanes;
      return [...steps, ...of('regain', [...all, ...up.lanes]), ...of('grant', found)];
    }
    case 'share':
      return act.grants.flatMap(({ lane, qty }) => {
        const row = home.lanes.get(lane);
        return row === undefined ? [] : [commandOf(row.sku, 'grant', { qty })];
      });
    case 'bury':
      return of('regain', lanesOfLife(home, act.life));
    default:
      return [];
  }
}

/** Rights come back, or are found to be out. */
const of = (op: 'regain' | 'grant', lanes: readonly { readonly sku: ActorKey }[]): StockCommand[] =>
  lanes.map(({ sku }) => commandOf(sku, op, {}));

const LONGEST_SOURCE = 'x'.repeat(64);
