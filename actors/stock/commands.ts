import type { ActorKey, HoldId, OwnerId, SkuId, WarehouseId } from '../ids.ts';
import { ANY_LOT, type LotFilter } from './lot.ts';

/** Qualities in the order of their numbers in state and journal. */
export const QUALITIES = ['qualified', 'defective', 'pending', 'supplierReturn'] as const;
export type QualityName = (typeof QUALITIES)[number];
/** Index into {@link QUALITIES}. */
export type Quality = 0 | 1 | 2 | 3;
export const QUALIFIED: Quality = 0;

export const STOCK_OPS = [
  'receive',
  'reserve',
  'extend',
  'harden',
  'release',
  'pick',
  'pack',
  'ship',
  'cancel',
  'putback',
  'adjust',
  'announce',
  'withdraw',
  'block',
  'unblock',
  'requality',
  'safety',
  'move',
  'short',
  'unreceive',
  'unpick',
  'unpack',
  'reassign',
  'expire',
  'outdate',
  'grant',
  'regain',
  'sell',
] as const;
/**
 * Callers cannot send the last six. `reassign` is a document's: units of one hold become
 * another's. The shard's own are `expire`, which ends the soft parts of a hold that are due,
 * and `outdate`, which takes a batch out of sale whose time has come. Home's are `grant`, by which
 * units go out as rights, `regain`, by which rights come back unsold, and `sell`, by which a sale made
 * on rights becomes the hold it names; each says its units, and their quality is qualified. `hold` says of which
 * rights a `grant` or `regain` is: of goods on hand where it is blank, of goods in transit where it is `PRESALE`.
 */
export type StockOp = (typeof STOCK_OPS)[number];

/**
 * One step on one stock actor. Every command has every field, so that all have
 * one hidden class; a field that an op does not use holds its blank (0, '', false).
 */
export interface StockCommand {
  readonly op: StockOp;
  readonly key: ActorKey;
  readonly owner: OwnerId;
  readonly sku: SkuId;
  readonly warehouse: WarehouseId;
  /** Whole base units; 0 where left out, which means all that the hold has at that stage. */
  readonly qty: number;
  /** `adjust` only: signed base units, not 0. */
  readonly delta: number;
  readonly hold: HoldId;
  readonly doc: string;
  readonly reason: string;
  /** `putback`: the quality that the goods are put back as. `requality`: what they were. */
  readonly quality: Quality;
  /** What few commands say; {@link NO_MORE} for all others. */
  readonly more: More;
  /** `reserve`: life of a soft hold, 0 for a hard one. `extend`: new life from now. */
  readonly ttlMs: number;
  /** `reserve`: take what there is when there is less. */
  readonly partial: boolean;
  /** When the device saw it, epoch ms; 0 for now. */
  readonly occurredAtMs: number;
}

/** What comes from a document, from the shard itself or from home, and from no caller. */
export type InnerOp = 'reassign' | 'expire' | 'outdate' | 'grant' | 'regain' | 'sell';

/** Why units are kept from sale, other than that they await a place. */
export const BLOCK_REASONS = ['missing', 'quarantine', 'recall', 'expired', 'approval'] as const;
export type BlockReason = (typeof BLOCK_REASONS)[number];

export interface More {
  /** `requality`: the quality that the goods have from now on. */
  readonly toQuality: Quality;
  /** `receive`: so many of the units had been announced, and are in transit no more. */
  readonly arrived: number;
  /** `receive`: for sale only when they have been put back on a shelf. */
  readonly untilPutaway: boolean;
  /** `reserve`: safety stock may be used. */
  readonly useSafety: boolean;
  /** `block`, `unblock`; `move`: those that are kept from sale for that reason. */
  readonly why: BlockReason | '';
  /** `reserve`, `grant`: what there is not waits for stock. */
  readonly backorder: boolean;
  /** Which units: of a receipt, or of a gain, what they are. Of a reservation, a pin. */
  readonly lot: LotFilter;
  /** `move`, `putback`: what is different afterwards. */
  readonly to: LotFilter;
  /** As many as units, or none. */
  readonly serials: readonly string[];
  /** Which units are taken first, where `lot` leaves a choice. */
  readonly policy: PickPolicy;
  /** `reassign`: the hold that gives the units up. */
  readonly fromHold: HoldId;
  /** `receive`: what is printed on the batch; undefined where it is known already, or nothing is. */
  readonly dates: BatchDates | undefined;
  /** `sell`: so many of the units were sold of goods in transit, and so many with nothing behind them. */
  readonly presale: number;
  readonly oversell: number;
}

/** First expired, first in, last in, or the fullest places first. */
export const PICK_POLICIES = ['fefo', 'fifo', 'lifo', 'fewest'] as const;
export type PickPolicy = (typeof PICK_POLICIES)[number];

/** Epoch ms, 0 where there is none. */
export interface BatchDates {
  readonly startMs: number;
  readonly expiresAtMs: number;
  /** From then on it is kept from sale: its expiry, less a margin. */
  readonly sellUntilMs: number;
}

export const NO_MORE: More = {
  toQuality: QUALIFIED,
  arrived: 0,
  untilPutaway: false,
  useSafety: false,
  why: '',
  backorder: false,
  lot: ANY_LOT,
  to: ANY_LOT,
  serials: [],
  policy: 'fefo',
  fromHold: '' as HoldId,
  dates: undefined,
  presale: 0,
  oversell: 0,
};

/** Every field that an op may leave without use, at its blank. */
export const BLANK = {
  qty: 0,
  delta: 0,
  hold: '' as HoldId,
  doc: '',
  reason: '',
  quality: QUALIFIED,
  ttlMs: 0,
  partial: false,
  occurredAtMs: 0,
  more: NO_MORE,
} as const satisfies Partial<StockCommand>;

/** All of these commands on one warehouse, or none (an order of many lines). */
export interface AllCommand {
  readonly op: 'all';
  readonly warehouse: WarehouseId;
  readonly commands: readonly StockCommand[];
}

/**
 * The same op on many SKUs of one warehouse, each line by itself: one that is
 * refused does not hold up the others (a shop's orders, in bulk). In columns, so
 * that a line costs little. Lines are carried out in their order.
 */
export interface EachCommand {
  readonly op: 'each';
  /** What is done with every line. */
  readonly step: StockOp;
  readonly owner: OwnerId;
  readonly warehouse: WarehouseId;
  /** One a line. */
  readonly keys: readonly ActorKey[];
  readonly skus: readonly SkuId[];
  /** One a line, or none where the op has no hold. */
  readonly holds: readonly HoldId[];
  /** Base units, one a line: `delta` of an `adjust`, `qty` of the others. */
  readonly units: readonly number[];
  readonly doc: string;
  readonly reason: string;
  readonly quality: Quality;
  readonly ttlMs: number;
  readonly partial: boolean;
  readonly occurredAtMs: number;
}

/** One line of an `each` as a step of its own. */
export function lineOf(c: EachCommand, line: number): StockCommand {
  const units = c.units[line] as number;
  const isSigned = c.step === 'adjust';
  return {
    op: c.step,
    key: c.keys[line] as ActorKey,
    owner: c.owner,
    sku: c.skus[line] as SkuId,
    warehouse: c.warehouse,
    qty: isSigned ? 0 : units,
    delta: isSigned ? units : 0,
    hold: c.holds.length === 0 ? BLANK.hold : (c.holds[line] as HoldId),
    doc: c.doc,
    reason: c.reason,
    quality: c.quality,
    ttlMs: c.ttlMs,
    partial: c.partial,
    occurredAtMs: c.occurredAtMs,
    more: NO_MORE,
  };
}

/** Asks, changes nothing. `strict` waits for an empty record to commit (C6). */
export interface ReadCommand {
  readonly op: 'read';
  readonly key: ActorKey;
  readonly owner: OwnerId;
  readonly sku: SkuId;
  readonly warehouse: WarehouseId;
  readonly hold: HoldId;
  readonly strict: boolean;
}

export type ChangeCommand = StockCommand | AllCommand | EachCommand;
export type Command = ChangeCommand | ReadCommand;

/** The steps of a command, in their order. */
export function stepsOf(command: ChangeCommand): readonly StockCommand[] {
  if (command.op === 'all') return command.commands;
  if (command.op === 'each') return command.keys.map((_, line) => lineOf(command, line));
  return [command];
}
