import { type HoldId, isOwnerId } from '../actors/ids.ts';
import type { ChannelSales } from '../engine/scheduling/channel-sales.ts';
import { type Fields, isFields } from './fields.ts';

/** ① An order that was accepted counts for its channel once it is sold; its fields have been checked. */
export function countSale(
  sales: Pick<ChannelSales, 'sold' | 'setAside' | 'hardened'>,
  order: unknown,
  defaultOwner: string | undefined,
): void {
  if (!isFields(order)) return;
  const { op, channel, owner = defaultOwner, order: id } = order;
  if (!isOwnerId(owner)) return;
  if (op === 'harden') sales.hardened(owner, id as HoldId);
  if (typeof channel !== 'string') return;
  if (op === 'sell') sales.sold(owner, id as HoldId, channel, unitsOf(order));
  if (op === 'reserve') sales.setAside(owner, id as HoldId, channel, unitsOf(order));
}

const unitsOf = ({ lines }: Fields): number =>
  (lines as readonly { readonly qty: number }[]).reduce((sum, { qty }) => sum + qty, 0);
