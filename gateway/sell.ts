import type { Msg, Subscription } from '@nats-io/transport-node';
import type { z } from 'zod';
import { type HoldId, isOwnerId, isWarehouseId, type OwnerId, type SkuId } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import type { OrderLine, SaleAct } from '../actors/rights/acts.ts';
import { LIMITS } from '../engine/limits.ts';
import type { Selling } from '../engine/rights/selling.ts';
import { sellSubject } from '../engine/subjects.ts';
import { type Identity, mayReach } from './auth.ts';
import { wrongChannel } from './channel.ts';
import type { Codec } from './codec.ts';
import { countSale } from './counted.ts';
import { badField } from './documents.ts';
import { field, isFields, PLAIN } from './fields.ts';
import { codecFor, identify, type NatsDoorOptions, ownerOf, respond } from './nats.ts';
import { replyOf } from './replies.ts';
import { isRouted, routed } from './route.ts';
import type * as schemas from './sell-schemas.ts';
import { SellCommand } from './sell-schemas.ts';

export interface SellDoorOptions extends NatsDoorOptions {
  readonly selling: Selling;
}

/**
 * ① Orders by NATS request on `inv.sell.<region>`: one order, or several, each by itself. The node
 * that owns the region's selling point answers; an order's id makes it safe to ask again.
 */
export function openSellDoor(options: SellDoorOptions): Subscription {
  return options.nats.subscribe(sellSubject(options.region), {
    callback: (error, message) => {
      if (error === null) void handle(options, message);
      else options.log.error({ err: error }, 'no orders can be received over NATS');
    },
  });
}

async function handle(options: SellDoorOptions, message: Msg): Promise<void> {
  const codec = codecFor(message);
  try {
    const reply = await answerTo(options, message, codec);
    // Else another node owns the point.
    if (reply !== undefined) respond(options, message, codec, reply, UNTOLD);
  } catch (e) {
    options.log.error({ err: e, subject: message.subject }, 'an order over NATS failed');
  }
}

const UNTOLD = 'done, but the answers fit no message; send the orders again in parts';

async function answerTo(options: SellDoorOptions, message: Msg, codec: Codec): Promise<unknown> {
  if (!options.selling.isServing) return undefined;
  if (message.data.length > LIMITS.frameBytes) return replyOf(0, refuse('too_large'));
  let body: unknown;
  try {
    body = codec.decode(message.data);
  } catch {
    return replyOf(0, refuse('malformed'));
  }
  const who = await identify(options, message);
  if ('ok' in who) return replyOf(0, who);
  if (!Array.isArray(body)) return one(options, who, body);
  if (body.length > LIMITS.allLines) return replyOf(0, refuse('too_large'));
  return Promise.all(body.map((order) => one(options, who, order)));
}

async function one(options: SellDoorOptions, who: Identity, body: unknown): Promise<unknown> {
  const { selling } = options;
  if (isRouted(body)) {
    const reply = await routed(selling, who, body, ownerOf(who, options));
    if (!reply.ok) options.counters.refused++;
    else countSale(selling.sales, body, ownerOf(who, options));
    return reply;
  }
  const act = parseSale(body, who, ownerOf(who, options), selling);
  if ('ok' in act) {
    options.counters.refused++;
    return replyOf(0, act);
  }
  const answer = (await selling.seller.sell(act)) ?? refuse('moved');
  if (!answer.ok) options.counters.refused++;
  else countSale(selling.sales, body, ownerOf(who, options));
  return replyOf(0, answer);
}

/** Checks an order that came over an edge. S8: in the catalogue's order. */
export function parseSale(
  v: unknown,
  who: Identity,
  defaultOwner: string | undefined,
  selling: Pick<Selling, 'lineOf' | 'channelsOf'>,
): SaleAct | Refused {
  if (!isFields(v)) return refuse('malformed');
  if (!(OPS as readonly unknown[]).includes(v.op)) {
    return refuse('unknown_op', 0, -1, `one of ${OPS.join(', ')}, route`);
  }
  const parsed = SellCommand.safeParse(v);
  if (!parsed.success) return badField(parsed.error);
  const { op, order, owner = defaultOwner, channel, ttlMs = 0, lines: said = [] } = parsed.data;
  if (!isOwnerId(owner)) return field('owner', PLAIN);
  if (op !== 'sell' && op !== 'reserve') {
    const forbidden = mayReach(who, owner, who.warehouses[0] ?? '', op);
    if (forbidden !== undefined) return forbidden;
    const within = who.warehouses.includes('*') ? {} : { within: who.warehouses };
    return { act: op, owner, order: idOf(order), ...within };
  }
  if (op === 'reserve' && ttlMs === 0) return field('ttlMs', 'how long the units are set aside');
  if (said.length === 0) return field('lines', 'a list of at least one');
  const unknown = wrongChannel(channel, () => selling.channelsOf(owner));
  if (unknown !== undefined) return unknown;
  const lines: OrderLine[] = [];
  for (const [line, one] of said.entries()) {
    const known = lineOf(one, parsed.data, who, owner, selling);
    if ('ok' in known) return { ...known, line };
    if (lines.some(({ sku }) => sku === known.sku)) {
      return { ...field('sku', 'once in an order for each warehouse'), line };
    }
    lines.push(known);
  }
  return { act: 'sell', owner, order: idOf(order), lines, ttlMs: op === 'sell' ? 0 : ttlMs };
}

const OPS = SellCommand.shape.op.options;
const idOf = (order: string): HoldId => order as HoldId;

function lineOf(
  { sku, qty, warehouse: own }: z.infer<typeof schemas.OrderLine>,
  order: z.infer<typeof SellCommand>,
  who: Identity,
  owner: OwnerId,
  selling: Pick<Selling, 'lineOf'>,
): OrderLine | Refused {
  const warehouse = own ?? order.warehouse;
  if (!isWarehouseId(warehouse)) return field('warehouse', PLAIN);
  const forbidden = mayReach(who, owner, warehouse, 'reserve');
  if (forbidden !== undefined) return forbidden;
  const known = selling.lineOf(owner, order.channel, { sku: sku as SkuId, warehouse, qty });
  if (known === undefined) return refuse('other_region', 0, -1, `no region has ${warehouse}`);
  if (known.pools.length > 0) return known;
  return refuse('insufficient', qty, 0, `the rules leave ${order.channel} none of it there`);
}
