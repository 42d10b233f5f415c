import {
  actorKey,
  type HoldId,
  isHoldId,
  isOwnerId,
  isQty,
  isSkuId,
  isWarehouseId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import {
  type Command,
  type EachCommand,
  NO_MORE,
  QUALITIES,
  type Quality,
  type StockCommand,
} from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import { type Defaults, type Identity, mayReach } from './auth.ts';
import {
  type Fields,
  field,
  HOLD,
  isDelta,
  isFields,
  isLine,
  isTtl,
  PLAIN,
  qualityOf,
  TEXT,
  TIME,
  textOf,
  wholeOf,
} from './fields.ts';
import { namesUnits, unitsNamed } from './lots.ts';
import { badMore, moreField, moreOf } from './more.ts';
import { isEdgeOp, needsMore, SHAPES, type Shape } from './shapes.ts';

/** Checks a step on stock, or a read of it. S8: in the catalogue's order. */
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
  const { op } = v;
  if (!isEdgeOp(op)) {
    return refuse('unknown_op', 0, -1, isLine(op) ? op : 'op is no name');
  }
  const place = placeOf(v, defaults);
  if ('ok' in place) return place;
  const uses: Shape = SHAPES[op];
  const hasMore = needsMore(uses) || moreField(v) !== undefined;
  const bad =
    badField(v, uses) ??
    (hasMore ? badMore(v, uses) : undefined) ??
    badQty(v, uses) ??
    mayReach(who, place.owner, place.warehouse, op);
  if (bad !== undefined) return bad;
  return {
    op,
    key: actorKey(place.owner, place.sku, place.warehouse),
    owner: place.owner,
    sku: place.sku,
    warehouse: place.warehouse,
    qty: uses.delta ? 0 : wholeOf(uses.level ? v.level : (v.qty ?? unitsNamed(v))),
    delta: uses.delta ? (v.delta as number) : 0,
    hold: (uses.hold ? v.hold : '') as HoldId,
    doc: textOf(v.doc),
    reason: textOf(v.reason),
    quality: qualityOf(v.quality) as Quality,
    ttlMs: wholeOf(v.ttlMs),
    partial: v.partial === true,
    occurredAtMs: wholeOf(v.occurredAt),
    more: hasMore ? moreOf(v) : NO_MORE,
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

/** Columns: `sku`, `hold`, and `qty` or `delta`, or one number for all lines. */
function parseEach(v: Fields, who: Identity, defaults: Defaults): EachCommand | Refused {
  const step = v.do;
  if (!isEdgeOp(step) || needsMore(SHAPES[step])) {
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
    badField(common, needs) ??
    notInEach(v) ??
    badColumns(v, skus, needs) ??
    mayReach(who, owner, warehouse, step);
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

/** Columns have no room for these, and to leave them out unsaid would do something else. */
function notInEach(v: Fields): Refused | undefined {
  const name = moreField(v);
  return name === undefined ? undefined : field(name, 'not in an each; send one command a line');
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
      return { ...field('hold', HOLD), line };
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
  if (hold !== undefined && !isHoldId(hold)) return field('hold', HOLD);
  if (read !== undefined && read !== 'strict' && read !== 'lease') {
    return field('read', '"strict" or "lease"');
  }
  const bad = mayReach(who, place.owner, place.warehouse, 'read');
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

export function placeOf(v: Fields, defaults: Defaults): Place | Refused {
  const { owner = defaults.owner, warehouse = defaults.warehouse } = v;
  if (!isOwnerId(owner)) return field('owner', PLAIN);
  if (!isWarehouseId(warehouse)) return field('warehouse', PLAIN);
  if (!isSkuId(v.sku)) return field('sku', TEXT);
  return { owner, sku: v.sku, warehouse };
}

/** Missing, or of the wrong type even if this op does not use it, in the order of this list. */
function badField(v: Fields, needs: Shape): Refused | undefined {
  if ((needs.hold || v.hold !== undefined) && !isHoldId(v.hold)) return field('hold', HOLD);
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
    return field('occurredAt', TIME);
  }
  return undefined;
}

function badQty(v: Fields, needs: Shape): Refused | undefined {
  if ((needs.delta || v.delta !== undefined) && !isDelta(v.delta)) {
    return refuse('bad_qty', 0, -1, 'delta: whole, not 0, may be negative');
  }
  const mayLack = needs.lot && namesUnits(v);
  if (((needs.qty && !mayLack) || v.qty !== undefined) && !isQty(v.qty)) return refuse('bad_qty');
  return undefined;
}
