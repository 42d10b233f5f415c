import { Packr, Unpackr } from 'msgpackr';
import type { HoldId } from '../actors/ids.ts';
import type {
  HomeAct,
  PointAct,
  PointEvent,
  RightsChange,
  RightsKey,
  RightsOutcome,
  Sold,
  SoldLine,
  Taken,
} from '../actors/rights/acts.ts';
import type { LaneId, Up } from '../actors/rights/lane.ts';
import type { Cells, PoolId } from '../actors/rights/pools.ts';
import type { Rights } from '../actors/rights/rights.ts';
import { type MsgpackWriter, NUMBER_BYTES, textBytes } from './msgpack.ts';

/**
 * What an act made of rights, as it stands in a record. A sale, which is what is asked for most, is a list:
 * its order, its lines, then by home the rights that it took. All else is bytes that few look at.
 */
export type ToldRights = Pick<RightsOutcome, 'rights' | 'sold'>;

/** Every event of it is of this kind. */
interface SaleTold {
  readonly rights: readonly (RightsChange & { readonly event: SoldEvent })[];
  readonly sold: Sold;
}
type SoldEvent = Extract<PointEvent, { readonly is: 'sold' }>;

/** One that was routed says so in its last event. */
const isSale = (told: ToldRights): told is SaleTold =>
  told.sold?.did === 'sell' && told.rights.at(-1)?.event.is === 'sold';

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

export function writeRights(into: MsgpackWriter, told: ToldRights): void {
  into.reserve(rightsBytes(told));
  if (isSale(told)) writeSale(into, told);
  else into.binary(packed(told));
}

const packed = ({ rights, sold }: ToldRights): Uint8Array =>
  packr.pack([
    rights.map(({ key, seq, point, event }) => [key, seq, point, event]),
    ...(sold === undefined ? [] : [sold]),
  ]);

function writeSale(into: MsgpackWriter, { rights, sold }: SaleTold): void {
  into.array(2 + rights.length);
  into.text(sold.order);
  into.array(sold.lines.length);
  for (const { sku, qty, left, presale, oversell } of sold.lines) {
    const isAhead = presale + oversell > 0;
    into.array(isAhead ? 5 : 3);
    into.text(sku);
    into.number(qty);
    into.number(left);
    if (!isAhead) continue;
    into.number(presale);
    into.number(oversell);
  }
  for (const { key, seq, point, event } of rights) {
    into.array(3 + 2 * event.taken.length);
    into.text(key);
    into.number(seq);
    into.text(point);
    for (const { lane, taken } of event.taken) {
      into.text(lane);
      writeCells(into, taken);
    }
  }
}

/** Pool and units by turns. */
function writeCells(into: MsgpackWriter, cells: Readonly<Cells>): void {
  let pools = 0;
  for (const _ in cells) pools++;
  into.array(2 * pools);
  for (const pool in cells) {
    into.text(pool);
    into.number(cells[pool as PoolId] as number);
  }
}

/** Of what {@link writeRights} writes, bytes at most. */
const rightsBytes = (told: ToldRights): number =>
  isSale(told) ? saleBytes(told) : HEAD + packed(told).length;

/** A list, or bytes. */
const HEAD = 5;

function saleBytes({ rights, sold }: SaleTold): number {
  let sum = 2 * HEAD + textBytes(sold.order);
  for (const { sku } of sold.lines) sum += HEAD + textBytes(sku) + 4 * NUMBER_BYTES;
  for (const { key, point, event } of rights) {
    sum += HEAD + textBytes(key) + NUMBER_BYTES + textBytes(point);
    for (const { lane, taken } of event.taken) {
      sum += textBytes(lane) + HEAD;
      for (const pool in taken) sum += textBytes(pool) + NUMBER_BYTES;
    }
  }
  return sum;
}

type SaleWire = readonly [HoldId, readonly LineWire[], ...PartWire[]];
type LineWire = readonly [SoldLine['sku'], number, number, number?, number?];
type PartWire = readonly [RightsKey, number, string, ...(LaneId | readonly (PoolId | number)[])[]];

export function readRights(wire: unknown): ToldRights {
  if (!(wire instanceof Uint8Array)) return readSale(wire as SaleWire);
  const [changes, sold] = unpackr.unpack(wire) as [
    [RightsChange['key'], number, string, RightsChange['event']][],
    Sold | undefined,
  ];
  return { rights: changes.map(([key, seq, point, event]) => ({ key, seq, point, event })), sold };
}

function readSale([order, told, ...parts]: SaleWire): ToldRights {
  const rights = parts.map(([key, seq, point, ...drawn]): RightsChange => {
    const event: SoldEvent = { is: 'sold', order, taken: readTaken(drawn) };
    return { key, seq, point, event };
  });
  const lines = told.map(
    ([sku, qty, left, presale = 0, oversell = 0]): SoldLine => ({
      sku,
      qty,
      left,
      presale,
      oversell,
    }),
  );
  return { rights, sold: { order, did: 'sell', lines, expiresAtMs: 0 } };
}

function readTaken(drawn: PartWire[3][]): Taken {
  const all: Taken[number][] = [];
  for (let i = 0; i < drawn.length; i += 2) {
    const flat = drawn[i + 1] as readonly (PoolId | number)[];
    const taken: Cells = {};
    for (let j = 0; j < flat.length; j += 2) taken[flat[j] as PoolId] = flat[j + 1] as number;
    all.push({ lane: drawn[i] as LaneId, taken });
  }
  return all;
}

/** Of a character of JSON, bytes at most; and of what an event says beyond its act. */
const CHARACTER = 4;
const EVENT = 512;
const LINE = 512;

/** Of what {@link writeRights} writes of an act, bytes at most: told before it is decided. */
export function rightsBound(act: HomeAct | PointAct, { points }: Pick<Rights, 'points'>): number {
  if (act.act === 'sell') return saleBound(act);
  const lines = Math.max(linesOf(act), accountsOf(act, points));
  return EVENT + lines * LINE + CHARACTER * JSON.stringify(act).length;
}

/** With how many homes an act on an order is done, at most: each has an event of its own. */
function accountsOf(act: HomeAct | PointAct, points: Rights['points']): number {
  const isCancel = act.act === 'cancel' || act.act === 'end';
  if (!isCancel && act.act !== 'harden' && act.act !== 'release' && act.act !== 'expire') return 1;
  let accounts = 0;
  for (const { soft } of points.values()) if (isCancel || soft.has(act.order)) accounts++;
  return accounts;
}

/** Told without writing it down. Its order stands in the event and in the answer of rights that are set aside; one that was routed says its lines once more. */
function saleBound({ owner, order, lines, routed }: Extract<PointAct, { act: 'sell' }>): number {
  let characters = owner.length + (1 + lines.length) * order.length;
  for (const { home, sku, pools } of lines) {
    characters += home.length + sku.length;
    for (const pool of pools) characters += 2 * pool.length;
  }
  const bound = EVENT + lines.length * LINE + CHARACTER * characters;
  return routed === undefined ? bound : 2 * bound;
}

function linesOf(act: HomeAct | PointAct): number {
  if (act.act === 'bury') return 1 + act.most;
  return act.act === 'hear' && 'up' in act ? upLines(act.up) : 1;
}

const upLines = ({ lanes, log }: Up): number => lanes.length + log.length;
