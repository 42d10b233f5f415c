import {
  actorKey,
  type HoldId,
  isHoldId,
  isOwnerId,
  isQty,
  isSkuId,
  isText,
  isWarehouseId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import {
  BLOCK_REASONS,
  type BlockReason,
  type Command,
  type EachCommand,
  type More,
  NO_MORE,
  QUALITIES,
  type Quality,
  type QualityName,
  type StockCommand,
  type StockOp,
} from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import { covers, type Defaults, type Identity, mayDo } from './auth.ts';

/** What each op asks for; the rest of a command may be left out. */
interface Shape {
  readonly hold: boolean;
  readonly qty: boolean;
  readonly ttl: boolean;
  readonly delta: boolean;
  readonly why: boolean;
  readonly toQuality: boolean;
  readonly level: boolean;
}

const shape = (needs: string): Shape => ({
  hold: needs.includes('hold'),
  qty: needs.includes('qty'),
  ttl: needs.includes('ttl'),
  delta: needs.includes('delta'),
  why: needs.includes('why'),
  toQuality: needs.includes('toQuality'),
  level: needs.includes('level'),
});

const SHAPES = {
  receive: shape('qty'),
  reserve: shape('hold qty'),
  extend: shape('hold ttl'),
  harden: shape('hold'),
  release: shape('hold'),
  pick: shape('hold'),
  pack: shape('hold'),
  ship: shape('hold'),
  cancel: shape('hold'),
  putback: shape(''),
  adjust: shape('delta'),
  announce: shape('qty'),
  withdraw: shape('qty'),
  block: shape('qty why'),
  unblock: shape('why'),
  requality: shape('qty toQuality'),
  safety: shape('level'),
} as const satisfies Record<Exclude<StockOp, 'expire'>, Shape>;

export type Fields = Readonly<Record<string, unknown>>;

/** ① Checks a command that came over an edge. S8: in the catalogue's order. */
export function parseCommand(v: Fields, who: Identity, defaults: Defaults): Command | Refused {
  switch (v.op) {
    case 'all':
      return parseAll(v, who, defaults);
    case 'each':
      return parseEach(v, who, defaults);
    case 'read':
      return parseRead(v, who, defaults);
    default:
      return parseStock(v, who, defaults);
  }
}

function parseStock(v: Fields, who: Identity, defaults: Defaults): StockCommand | Refused {
  const op = v.op as keyof typeof SHAPES;
  if (typeof op !== 'string' || !Object.hasOwn(SHAPES, op)) {
    return refuse('unknown_op', 0, -1, isLine(op) ? op : 'op is no name');
  }
  const place = placeOf(v, defaults);
  if ('ok' in place) return place;
  const bad = badField(v, op) ?? badQty(v, op) ?? forbidden(place, who, op);
  if (bad !== undefined) return bad;
  const uses: Shape = SHAPES[op];
  return {
    op,
    key: actorKey(place.owner, place.sku, place.warehouse),
    owner: place.owner,
    sku: place.sku,
    warehouse: place.warehouse,
    qty: uses.delta ? 0 : wholeOf(uses.level ? v.level : v.qty),
    delta: uses.delta ? (v.delta as number) : 0,
    hold: (uses.hold ? v.hold : '') as HoldId,
    doc: textOf(v.doc),
    reason: textOf(v.reason),
    quality: qualityOf(v.quality) as Quality,
    ttlMs: wholeOf(v.ttlMs),
    partial: v.partial === true,
    occurredAtMs: wholeOf(v.occurredAt),
    more: moreOf(v),
  };
}

function parseAll(v: Fields, who: Identity, defaults: Defaults): Command | Refused {
  const lines = v.commands;
  if (!Array.isArray(lines) || lines.length === 0) {
    return field('commands', 'a list of at least one');
  }
  if (lines.length > LIMITS.allLines) {
    return refuse('too_large', 0, -1, `all takes ${LIMITS.allLines} commands at most`);
  }
  const { owner = defaults.owner, warehouse = defaults.warehouse } = v;
  if (owner !== undefined && !isOwnerId(owner)) return field('owner', PLAIN);
  if (warehouse !== undefined && !isWarehouseId(warehouse)) return field('warehouse', PLAIN);
  const commands: StockCommand[] = [];
  for (const [line, fields] of lines.entries()) {
    const command = parseLine(fields, who, { owner, warehouse }, commands[0]);
    if ('ok' in command) return { ...command, line };
    commands.push(command);
  }
  return { op: 'all', warehouse: (commands[0] as StockCommand).warehouse, commands };
}

/** One line of an `all`; `first` is its first one. */
function parseLine(
  fields: unknown,
  who: Identity,
  common: Defaults,
  first: StockCommand | undefined,
): StockCommand | Refused {
  if (!isFields(fields)) return field('commands', 'each is an object');
  const command = parseStock(fields, who, common);
  if ('ok' in command || first === undefined) return command;
  if (command.warehouse === first.warehouse) return command;
  return field('warehouse', 'one and the same for all commands');
}

const needsMore = ({ why, toQuality, level }: Shape): boolean => why || toQuality || level;

/** Columns: `sku`, `hold`, and `qty` or `delta`, or one number for all lines. */
function parseEach(v: Fields, who: Identity, defaults: Defaults): EachCommand | Refused {
  const step = v.do as keyof typeof SHAPES;
  if (typeof step !== 'string' || !Object.hasOwn(SHAPES, step) || needsMore(SHAPES[step])) {
    return refuse('unknown_op', 0, -1, isLine(step) ? step : 'do names no op');
  }
  const { sku: skus, owner = defaults.owner, warehouse = defaults.warehouse } = v;
  if (!Array.isArray(skus) || skus.length === 0) return field('sku', 'a list of at least one');
  if (skus.length > LIMITS.allLines) {
    return refuse('too_large', 0, -1, `each takes ${LIMITS.allLines} lines at most`);
  }
  if (!isOwnerId(owner)) return field('owner', PLAIN);
  if (!isWarehouseId(warehouse)) return field('warehouse', PLAIN);
  const needs: Shape = SHAPES[step];
  const [first] = needs.hold && Array.isArray(v.hold) ? v.hold : [v.hold];
  const common = { ...v, hold: first, qty: undefined, delta: undefined };
  const bad =
    badField(common, step) ??
    badColumns(v, skus, needs) ??
    forbidden({ owner, sku: skus[0], warehouse }, who, step);
  if (bad !== undefined) return bad;
  const units = needs.delta ? v.delta : (v.qty ?? 0);
  return {
    op: 'each',
    step,
    owner,
    warehouse,
    keys: skus.map((sku) => actorKey(owner, sku, warehouse)),
    skus,
    holds: needs.hold ? (v.hold as HoldId[]) : [],
    units: Array.isArray(units) ? units : new Array(skus.length).fill(units),
    doc: textOf(v.doc),
    reason: textOf(v.reason),
    quality: qualityOf(v.quality) as Quality,
    ttlMs: wholeOf(v.ttlMs),
    partial: v.partial === true,
    occurredAtMs: wholeOf(v.occurredAt),
  };
}

/** What lines have each for themselves; the first that is wrong is named. */
function badColumns(v: Fields, skus: readonly unknown[], needs: Shape): Refused | undefined {
  const { hold: holds } = v;
  if (needs.hold && (!Array.isArray(holds) || holds.length !== skus.length)) {
    return field('hold', 'a list with one for each sku');
  }
  for (let line = 0; line < skus.length; line++) {
    if (!isSkuId(skus[line])) return { ...field('sku', TEXT), line };
    if (needs.hold && !isHoldId((holds as unknown[])[line])) {
      return { ...field('hold', TEXT), line };
    }
  }
  const { units, isUnit, name } = needs.delta
    ? { units: v.delta, isUnit: isDelta, name: 'delta' }
    : { units: v.qty, isUnit: isQty, name: 'qty' };
  if (units === undefined && !needs.qty && !needs.delta) return undefined;
  if (!Array.isArray(units)) return isUnit(units) ? undefined : badUnits(name);
  if (units.length !== skus.length) return badUnits(name);
  const line = units.findIndex((one) => !isUnit(one));
  return line === -1 ? undefined : { ...badUnits(name), line };
}

const badUnits = (name: string): Refused =>
  refuse('bad_qty', 0, -1, `${name}: one for all lines, or a list with one for each sku`);

function parseRead(v: Fields, who: Identity, defaults: Defaults): Command | Refused {
  const place = placeOf(v, defaults);
  if ('ok' in place) return place;
  const { hold, read } = v;
  if (hold !== undefined && !isHoldId(hold)) return field('hold', TEXT);
  if (read !== undefined && read !== 'strict' && read !== 'lease') {
    return field('read', '"strict" or "lease"');
  }
  const bad = forbidden(place, who, 'read');
  if (bad !== undefined) return bad;
  return {
    op: 'read',
    key: actorKey(place.owner, place.sku, place.warehouse),
    ...place,
    hold: hold ?? ('' as HoldId),
    strict: read === 'strict',
  };
}

export interface Place {
  readonly owner: OwnerId;
  readonly sku: SkuId;
  readonly warehouse: WarehouseId;
}

const TEXT = '1 to 64 printable characters';
const PLAIN = '1 to 32 of A-Z a-z 0-9 _ -';

export const field = (name: string, what: string): Refused =>
  refuse('bad_field', 0, -1, `${name}: ${what}`);

export function placeOf(v: Fields, defaults: Defaults): Place | Refused {
  const { owner = defaults.owner, warehouse = defaults.warehouse } = v;
  if (!isOwnerId(owner)) return field('owner', PLAIN);
  if (!isWarehouseId(warehouse)) return field('warehouse', PLAIN);
  if (!isSkuId(v.sku)) return field('sku', TEXT);
  return { owner, sku: v.sku, warehouse };
}

/** Missing, or of the wrong type even if this op does not use it, in the order of this list. */
function badField(v: Fields, op: keyof typeof SHAPES): Refused | undefined {
  const needs: Shape = SHAPES[op];
  if ((needs.hold || v.hold !== undefined) && !isHoldId(v.hold)) return field('hold', TEXT);
  if (v.doc !== undefined && !isLine(v.doc)) return field('doc', TEXT);
  if (needs.delta && v.reason === undefined) return field('reason', 'why the stock is adjusted');
  if (v.reason !== undefined && !isLine(v.reason)) return field('reason', TEXT);
  if (qualityOf(v.quality) === -1) return field('quality', `one of ${QUALITIES.join(', ')}`);
  if ((needs.ttl || v.ttlMs !== undefined) && !isTtl(v.ttlMs)) {
    return field('ttlMs', `whole milliseconds from 1 to ${LIMITS.softTtlMs}`);
  }
  if (v.partial !== undefined && typeof v.partial !== 'boolean')
    return field('partial', 'true or false');
  if (v.occurredAt !== undefined && !isQty(v.occurredAt)) {
    return field('occurredAt', 'milliseconds since 1970');
  }
  return badMore(v, needs);
}

/** What few commands say. */
function badMore(v: Fields, needs: Shape): Refused | undefined {
  const { toQuality, why, arrived, level } = v;
  if (
    (needs.toQuality || toQuality !== undefined) &&
    !QUALITIES.includes(toQuality as QualityName)
  ) {
    return field('toQuality', `one of ${QUALITIES.join(', ')}`);
  }
  if (needs.toQuality && qualityOf(toQuality) === qualityOf(v.quality)) {
    return field('toQuality', 'another than quality');
  }
  if ((needs.why || why !== undefined) && !BLOCK_REASONS.includes(why as BlockReason)) {
    return field('why', `one of ${BLOCK_REASONS.join(', ')}`);
  }
  if (arrived !== undefined && !isQty(arrived))
    return field('arrived', 'units that were announced');
  if (arrived !== undefined && isQty(v.qty) && arrived > v.qty) {
    return field('arrived', 'no more than qty');
  }
  if ((needs.level || level !== undefined) && level !== 0 && !isQty(level)) {
    return field('level', 'base units, 0 for none');
  }
  for (const name of ['untilPutaway', 'useSafety']) {
    if (v[name] !== undefined && typeof v[name] !== 'boolean') return field(name, 'true or false');
  }
  return undefined;
}

function moreOf(v: Fields): More {
  const { toQuality, why, arrived, untilPutaway, useSafety } = v;
  const isUsed =
    toQuality !== undefined ||
    why !== undefined ||
    arrived !== undefined ||
    untilPutaway ||
    useSafety;
  if (!isUsed) return NO_MORE;
  return {
    toQuality: qualityOf(toQuality) as Quality,
    arrived: wholeOf(arrived),
    untilPutaway: untilPutaway === true,
    useSafety: useSafety === true,
    why: (why as BlockReason | undefined) ?? NO_MORE.why,
  };
}

/** What was checked and may be left out, or its blank. */
const textOf = (v: unknown): string => (v as string | undefined) ?? '';
const wholeOf = (v: unknown): number => (v as number | undefined) ?? 0;

const isLine = (v: unknown): v is string => typeof v === 'string' && isText(v);
const isTtl = (v: unknown): boolean => isQty(v) && v <= LIMITS.softTtlMs;

function badQty(v: Fields, op: keyof typeof SHAPES): Refused | undefined {
  const needs: Shape = SHAPES[op];
  if ((needs.delta || v.delta !== undefined) && !isDelta(v.delta)) {
    return refuse('bad_qty', 0, -1, 'delta: whole, not 0, may be negative');
  }
  if ((needs.qty || v.qty !== undefined) && !isQty(v.qty)) return refuse('bad_qty');
  return undefined;
}

const isDelta = (v: unknown): boolean => Number.isSafeInteger(v) && v !== 0;

function forbidden(place: Place, who: Identity, op: string): Refused | undefined {
  if (!covers(who.owners, place.owner)) return refuse('forbidden', 0, -1, `owner ${place.owner}`);
  if (!covers(who.warehouses, place.warehouse)) {
    return refuse('forbidden', 0, -1, `warehouse ${place.warehouse}`);
  }
  return mayDo(who, op) ? undefined : refuse('forbidden', 0, -1, `op ${op}`);
}

/** −1 for what is no quality. Left out means qualified. */
function qualityOf(v: unknown): number {
  return v === undefined ? 0 : QUALITIES.indexOf(v as (typeof QUALITIES)[number]);
}

export const isFields = (v: unknown): v is Fields =>
  typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof Uint8Array);
