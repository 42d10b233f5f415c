import type { Msg, Subscription } from '@nats-io/transport-node';
import { z } from 'zod';
import {
  actorKey,
  isOwnerId,
  isSkuId,
  isWarehouseId,
  parseActorKey,
  type SkuId,
} from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import type { LifeId } from '../actors/rights/lane.ts';
import { listen } from '../engine/peers/careful.ts';
import type { Selling } from '../engine/rights/selling.ts';
import { rightsAdminSubject } from '../engine/subjects.ts';
import { covers, type Identity, mayEverywhere, mayReach } from './auth.ts';
import { badField } from './documents.ts';
import { identify, type NatsDoorOptions } from './nats.ts';
import { replyOf } from './replies.ts';

export interface RightsAdminOptions extends NatsDoorOptions {
  readonly selling: Selling;
}

const Owner = z.string().refine(isOwnerId);
const Sku = z.string().refine((v) => isSkuId(v));
const Explain = z.object({ owner: Owner, sku: Sku });
const Pools = z.object({ owner: Owner, sku: Sku, warehouse: z.string().refine(isWarehouseId) });
const Bury = z.object({
  life: z.string().regex(/^[A-Za-z0-9_-]{1,32}\.[1-9]\d{0,8}$/),
  more: z.number().int().nonnegative().default(0),
});
const Leave = z.object({
  point: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/),
  lives: z.number().int().min(1).max(1_000).default(1),
});
const Flash = z.object({
  owner: Owner,
  sku: Sku,
  warehouse: z.string().refine(isWarehouseId),
  forMs: z.number().int().positive(),
});

/**
 * ① What controllers and operators ask about rights: how a SKU is shared, a flash sale of it, the burial of a life
 * that cannot come back, and of a point that is gone for good. Every node is asked; those that have nothing to say stay silent.
 */
export function openRightsAdmin(options: RightsAdminOptions): readonly Subscription[] {
  const { selling } = options;
  return [
    serve(options, 'explain', Explain, ['admin', 'controller', 'viewer'], ofOwner, (asked, who) => {
      const found = selling
        .explain(`${asked.owner}/${asked.sku}`)
        .filter(({ sku }) => covers(who.warehouses, parseActorKey(sku).warehouse));
      return found.length === 0 ? undefined : { ok: true, homes: found };
    }),
    serve(
      options,
      'pools',
      Pools,
      ['admin', 'controller', 'viewer', 'shop'],
      inWarehouse,
      (asked) => {
        const { owner, sku, warehouse } = asked;
        const found = selling.pools(actorKey(owner, sku as SkuId, warehouse), warehouse);
        return found && { ok: true, ...found };
      },
    ),
    serve(options, 'bury', Bury, ['admin'], everywhere, async ({ life, more }) => {
      const homes = await selling.bury(life as LifeId, more);
      return homes.length === 0 ? undefined : { ok: true, homes };
    }),
    serve(options, 'leave', Leave, ['admin'], everywhere, async ({ point, lives }) => {
      if (selling.isPoint(point)) return { ok: true, homes: [], isRegion: true };
      const homes = await selling.leave(point, lives);
      return homes.length === 0 ? undefined : { ok: true, homes };
    }),
    serve(options, 'flash', Flash, ['admin', 'controller'], inWarehouse, (asked) => {
      const { owner, warehouse, forMs } = asked;
      const home = selling.homeOf(warehouse);
      const key = actorKey(owner, asked.sku as SkuId, warehouse);
      const isOurs = home !== undefined && selling.flash(home, key, forMs);
      return isOurs ? { ok: true, home } : undefined;
    }),
  ];
}

/** Why what is asked is out of the reach of who asks. */
type Reach<Asked> = (who: Identity, asked: Asked, what: string) => Refused | undefined;

const ofOwner: Reach<{ owner: string }> = (who, { owner }) =>
  covers(who.owners, owner) ? undefined : refuse('forbidden', 0, -1, owner);
const inWarehouse: Reach<{ owner: string; warehouse: string }> = (who, { owner, warehouse }) =>
  mayReach(who, owner, warehouse, 'read');
const everywhere: Reach<unknown> = (who, _, what) => mayEverywhere(who, what);

type Answer = object | Refused | undefined;

function serve<Schema extends z.ZodType>(
  options: RightsAdminOptions,
  what: string,
  schema: Schema,
  roles: readonly string[],
  reach: Reach<z.infer<Schema>>,
  answer: (asked: z.infer<Schema>, who: Identity) => Answer | Promise<Answer>,
): Subscription {
  const told = async (message: Msg): Promise<Answer> => {
    const who = await identify(options, message);
    if ('ok' in who) return who;
    if (!who.roles.some((role) => roles.includes(role))) return refuse('forbidden', 0, -1, what);
    let body: unknown;
    try {
      body = message.json();
    } catch {
      return refuse('malformed');
    }
    const parsed = schema.safeParse(body);
    if (!parsed.success) return badField(parsed.error);
    return reach(who, parsed.data, what) ?? answer(parsed.data, who);
  };
  return listen(options.nats, rightsAdminSubject(what), async (message) => {
    const found = await told(message);
    if (found === undefined) return;
    const isRefused = 'ok' in found && found.ok === false;
    message.respond(JSON.stringify(isRefused ? replyOf(0, found as Refused) : found));
  });
}
