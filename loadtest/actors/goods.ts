import {
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import { NO_MORE, type StockCommand, type StockOp } from '../../actors/stock/commands.ts';
import { Stockroom } from '../../actors/stock/stockroom.ts';

const OWNER = 'demo' as OwnerId;
const WAREHOUSE = 'W1' as WarehouseId;

/** A fixed moment: actors read no clock. */
export const NOW_MS = 1_700_000_000_000;

/** A command as the gateway makes one: its key a new text, not the one that the room holds. */
export function command(op: StockOp, actor: number, qty: number, hold: string): StockCommand {
  const sku = `SKU-${actor}` as SkuId;
  return {
    op,
    key: actorKey(OWNER, sku, WAREHOUSE),
    owner: OWNER,
    sku,
    warehouse: WAREHOUSE,
    qty,
    delta: 0,
    hold: hold as HoldId,
    doc: '',
    reason: '',
    quality: 0,
    ttlMs: 0,
    partial: false,
    occurredAtMs: 0,
    more: NO_MORE,
  };
}

/** Actors that have received `units` each and nothing else. */
export function stocked(actors: number, units = 1_000_000): Stockroom {
  const room = new Stockroom();
  for (let actor = 0; actor < actors; actor++) {
    const outcome = room.run(command('receive', actor, units, ''), NOW_MS);
    if (!outcome.ok) throw new Error(`cannot receive: ${outcome.code}`);
  }
  return room;
}

/** Throws where one is refused. */
export function runAll(room: Stockroom, commands: readonly StockCommand[]): void {
  for (const one of commands) {
    const outcome = room.run(one, NOW_MS);
    if (!outcome.ok) throw new Error(`${one.op} ${one.hold} refused: ${outcome.code}`);
  }
}

/** 0 to `count` − 1 in an order that is the same every time and follows no pattern. */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = seed >>> 0 || 1;
  for (let i = count - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = (state >>> 0) % (i + 1);
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}
