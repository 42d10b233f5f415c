import type { ItemState } from '../documents/item.ts';
import type { Look } from '../documents/plan.ts';
import { type ActorKey, actorKey, type SkuId } from '../ids.ts';
import type { Line } from '../stock/line.ts';
import type { Spot, Work } from './derive.ts';

/** A pick place that is to be filled up from elsewhere when it runs low. */
export interface Rule {
  readonly key: ActorKey;
  readonly item: ItemState;
  readonly work: Work;
}

/** What an item says of its pick place; undefined where it has none. */
export function ruleOf(item: ItemState): Rule | undefined {
  const { id, owner, warehouse, pickLocation: line } = item;
  if (line === '') return undefined;
  const sku = id as SkuId;
  const key = actorKey(owner, sku, warehouse);
  const spot = (look: Look): Spot | undefined => spotOf(item, key, look);
  const of = { priority: 0, wave: '' };
  return {
    key,
    item,
    work: { id: `replenish/item/${id}/${line}`, kind: 'replenish', line, sku, ...of, spot },
  };
}

/** Units that are missing up to the most, as far as the first other place has them; whole boxes only. */
function spotOf(
  { pickLocation: to, pickMin, pickMax }: ItemState,
  key: ActorKey,
  look: Look,
): Spot | undefined {
  const detail = look(key)?.detail;
  if (detail === undefined) return undefined;
  let there = 0;
  for (const line of detail.find(0, 0, { location: to })) if (line.why === '') there += line.qty;
  if (there >= pickMin) return undefined;
  for (const line of detail.inOrder(0, {}, 'fefo')) {
    const qty = line.location === to ? 0 : portion(line, pickMax - there);
    if (qty > 0) return { qty, location: line.location, batch: line.batch, to };
  }
  return undefined;
}

/** Of a line so many units as are wanted and free; of boxes one at least. */
function portion({ qty, pinned, box }: Line, wanted: number): number {
  const most = Math.min(qty - pinned, Math.max(wanted, box));
  return box === 0 ? most : most - (most % box);
}
