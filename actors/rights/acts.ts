import type { ActorKey, HoldId, OwnerId } from '../ids.ts';
import type { Change } from '../stock/stockroom.ts';
import type { Down, LaneId, LifeId, Up } from './lane.ts';
import type { SkuPlan } from './plan.ts';
import type { Cells, PoolId } from './pools.ts';
import type { RoutedOrder } from './routed.ts';

/** A shard with physical stock, as points name it: `region.number`. */
export type HomeName = `${string}.${number}`;

/** The pool of whoever has none of their own. */
export const SHARED: PoolId = 'stock/shared';

export interface Grant {
  readonly lane: LaneId;
  readonly pool: PoolId;
  readonly qty: number;
}

/** A wish that a point keep no more than this of a lane. */
export interface Keep {
  readonly lane: LaneId;
  readonly keep: Readonly<Cells>;
}

/** What is done about rights in the shard that has the goods. */
export type HomeAct =
  | { readonly act: 'hear'; readonly up: Up }
  /** Grants as far as there is, asks for some back, and says how it stands with these lanes and those of `tell`. */
  | {
      readonly act: 'share';
      readonly grants: readonly Grant[];
      readonly keeps: readonly Keep[];
      readonly tell: readonly LaneId[];
    }
  /** On a person's word: so many lanes are written off at most. `more` is the risk that they know of and home does not. */
  | { readonly act: 'bury'; readonly life: LifeId; readonly more: number; readonly most: number }
  /** How SKUs are shared out among pools from now on. */
  | { readonly act: 'pool'; readonly plans: readonly (readonly [ActorKey, SkuPlan])[] }
  /** Something was lost of these SKUs: parts in percent are of what is left. */
  | { readonly act: 'window'; readonly skus: readonly ActorKey[] }
  /** The selling points that there are. */
  | { readonly act: 'plan'; readonly points: readonly string[] }
  /** A point is taken out for good; `last` is the newest life it ever had. */
  | { readonly act: 'leave'; readonly point: string; readonly last: number }
  /** Logs up to here are kept elsewhere too, and can no longer be lost. */
  | { readonly act: 'settle'; readonly cursors: readonly (readonly [LifeId, number])[] };

/** A line of an order: whose goods, where they lie, and the pools they may come from, in turn. */
export interface OrderLine {
  readonly home: HomeName;
  readonly sku: ActorKey;
  readonly qty: number;
  readonly pools: readonly PoolId[];
}

/** What a shop asks of a selling point. An order is of one owner: two may use the same id. */
export type SaleAct =
  /** `ttlMs` 0 sells; else the rights are set aside for so long. */
  | {
      readonly act: 'sell';
      readonly owner: OwnerId;
      readonly order: HoldId;
      readonly lines: readonly OrderLine[];
      readonly ttlMs: number;
      /** Its warehouses were chosen here, and it was promised by then, epoch ms: where it went is remembered. */
      readonly routed?: { readonly promiseAtMs: number };
    }
  | {
      readonly act: 'harden' | 'release' | 'cancel';
      readonly owner: OwnerId;
      readonly order: HoldId;
      /** Only if all of its goods lie in these warehouses; absent: wherever they lie. */
      readonly within?: readonly string[];
    };

/** What is done about rights in the shard of a selling point. */
export type PointAct =
  | SaleAct
  | { readonly act: 'expire'; readonly owner: OwnerId; readonly order: HoldId }
  | { readonly act: 'hear'; readonly home: HomeName; readonly down: Down }
  | { readonly act: 'wish' | 'close'; readonly home: HomeName; readonly skus: readonly ActorKey[] }
  | { readonly act: 'give'; readonly home: HomeName; readonly back: readonly Grant[] }
  /** What home does not know yet: these lanes, and the log from where home has it, or from `after`. Changes nothing. */
  | {
      readonly act: 'say';
      readonly home: HomeName;
      readonly lanes: readonly LaneId[];
      readonly after?: number;
    }
  /** An order goes to another point (`''` back from it), and is asked about nowhere else from now on. */
  | {
      readonly act: 'sendOn';
      readonly owner: OwnerId;
      readonly order: HoldId;
      readonly to: string;
    }
  /** The point's life is over: all it has goes back. */
  | { readonly act: 'end' };

/** Asked of a shard by its number: home and point are whole shards. */
export type RightsCommand = {
  readonly op: 'rights';
  readonly shard: number;
} & (
  | { readonly at: 'home'; readonly act: HomeAct }
  | { readonly at: 'point'; readonly point: string; readonly act: PointAct }
);

/** Rights drawn from lanes: how many of which pools. A sale's are its entries of the log. */
export type Taken = readonly { readonly lane: LaneId; readonly taken: Readonly<Cells> }[];

/** What happened at home. Applying it needs nothing but home. */
export type HomeEvent =
  /** `doubled`: sales of orders that were held already, by SKU and order. When it was decided, epoch ms. */
  | {
      readonly is: 'heard';
      readonly up: Up;
      readonly doubled: readonly string[];
      readonly atMs: number;
    }
  | { readonly is: 'granted'; readonly grants: readonly Grant[] }
  | {
      readonly is: 'buried';
      readonly life: LifeId;
      readonly more: number;
      readonly lanes: readonly LaneId[];
    }
  /** `atMs`: when it was decided, epoch ms; left out in records of before, which began every count anew. */
  | {
      readonly is: 'pooled';
      readonly plans: readonly (readonly [ActorKey, SkuPlan])[];
      readonly atMs?: number;
    }
  | { readonly is: 'windowed'; readonly skus: readonly ActorKey[]; readonly atMs?: number }
  | { readonly is: 'planned'; readonly points: readonly string[] }
  | { readonly is: 'left'; readonly point: string; readonly last: number }
  | { readonly is: 'settled'; readonly cursors: readonly (readonly [LifeId, number])[] };

/** What happened at a point, with one home or, of orders that were sent on, with none. */
export type PointEvent =
  | { readonly is: 'sold'; readonly order: HoldId; readonly taken: Taken }
  | {
      readonly is: 'reserved';
      readonly owner: OwnerId;
      readonly order: HoldId;
      readonly taken: Taken;
      readonly expiresAtMs: number;
    }
  | {
      readonly is: 'hardened' | 'released' | 'cancelled';
      readonly owner: OwnerId;
      readonly order: HoldId;
    }
  | { readonly is: 'heard'; readonly down: Down }
  | { readonly is: 'wished' | 'closed'; readonly skus: readonly ActorKey[] }
  | { readonly is: 'gave'; readonly back: readonly Grant[] }
  | {
      readonly is: 'sentOn';
      readonly owner: OwnerId;
      readonly order: HoldId;
      readonly to: string;
    }
  /** In the record of its sale, or of its soft hold. */
  | {
      readonly is: 'routed';
      readonly owner: OwnerId;
      readonly order: HoldId;
      readonly routed: RoutedOrder;
    }
  /** Of one that was routed. */
  | {
      readonly is: 'became';
      readonly owner: OwnerId;
      readonly order: HoldId;
      readonly state: 'sold' | 'cancelled';
    }
  | { readonly is: 'ended' };

/** Home itself, what the point has of one home, or the orders that a point has sent on or routed. */
export type RightsKey = 'home' | `of ${HomeName}` | 'orders';

/** One event of home or of a point, and its number there. `point` is the point's name. */
export interface RightsChange {
  readonly key: RightsKey;
  readonly seq: number;
  readonly point: string;
  readonly event: HomeEvent | PointEvent;
}

/** A line of an order that was sold or set aside: what the point can sell of the SKU after it. */
export interface SoldLine {
  readonly sku: ActorKey;
  readonly qty: number;
  readonly left: number;
  /** Of the units: sold of goods in transit, and with nothing behind them. */
  readonly presale: number;
  readonly oversell: number;
}

/** What a shop is told. */
export interface Sold {
  readonly order: HoldId;
  readonly did: SaleAct['act'] | 'reserve' | 'sendOn';
  readonly lines: readonly SoldLine[];
  /** Of rights set aside, epoch ms; else 0. */
  readonly expiresAtMs: number;
}

/** What is to be said to the other side, now that it is committed. */
export interface Told {
  readonly downs: readonly Down[];
  /** Of a point's present life first, then of those whose log it still delivers. */
  readonly ups: readonly Up[];
  /** Units that a buried life turned out to have sold, orders that were sold twice, and a log that has a gap. */
  readonly late: number;
  readonly doubled: readonly string[];
  readonly gap: boolean;
  /** Units that a burial wrote off, and lanes that it has still to. */
  readonly booked: number;
  readonly lanesLeft: number;
}

export const SILENT: Told = {
  ...{ downs: [], ups: [], late: 0, doubled: [], gap: false },
  ...{ booked: 0, lanesLeft: 0 },
};

/** The act was done: the stock that it moved, what became of rights, and what is to be said. */
export interface RightsOutcome {
  readonly ok: true;
  readonly changes: readonly Change[];
  readonly rights: readonly RightsChange[];
  readonly sold: Sold | undefined;
  /** Never stored: whoever has to know asks again. */
  readonly told: Told | undefined;
}
