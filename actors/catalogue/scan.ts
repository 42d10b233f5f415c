import type { DocumentCommand } from '../documents/commands.ts';
import { type ActorKey, actorKey, type OwnerId, type SkuId, type WarehouseId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { AllCommand, StockCommand } from '../stock/commands.ts';
import type { LotFilter } from '../stock/lot.ts';
import { type Candidate, type Catalogue, theOne } from './catalogue.ts';

/** A code that stands where a SKU would. */
export interface Scanned {
  /** Of the line that has it; −1 for the command itself. */
  readonly place: number;
  /** As it was read. */
  readonly text: string;
  /** By which the catalogue knows it: a GTIN of 14 digits, or the text. */
  readonly code: string;
  /** Trade items that the code says there are; 0 where it says nothing. */
  readonly count: number;
  /** How many units is said beside the code. */
  readonly hasQty: boolean;
  /** Nothing is done without a quantity. */
  readonly needsQty: boolean;
}

/**
 * A command of which some SKUs are told by codes. What they stand for is decided in the turn in
 * which the command is, by what the catalogue says then; the caller's number is of what was scanned.
 */
export interface ScanCommand {
  readonly op: 'scan';
  readonly warehouse: WarehouseId;
  readonly command: StockCommand | AllCommand | DocumentCommand;
  readonly scans: readonly Scanned[];
  /** The task that it is a step of; '' where none is named. */
  readonly task: string;
}

/** What a {@link ScanCommand} asks for, or why its codes do not say that. */
export function meant(
  { command, scans }: ScanCommand,
  catalogue: Catalogue,
): ScanCommand['command'] | Refused {
  const byPlace = new Map(scans.map((scan) => [scan.place, scan]));
  switch (command.op) {
    case 'document': {
      const lines = each(command.lines, byPlace, (line, scan) => {
        const told = read(catalogue, scan, command, line);
        return 'ok' in told ? told : { ...line, ...told };
      });
      return 'ok' in lines ? lines : { ...command, lines };
    }
    case 'all': {
      const commands = each(command.commands, byPlace, (line, scan) =>
        meantBy(catalogue, scan, line),
      );
      return 'ok' in commands ? commands : { ...command, commands };
    }
    default:
      return scans[0] === undefined ? command : meantBy(catalogue, scans[0], command);
  }
}

/** All lines, those that were scanned as they are meant. A refusal names its line. */
function each<T extends object>(
  lines: readonly T[],
  scans: ReadonlyMap<number, Scanned>,
  as: (line: T, scan: Scanned) => T | Refused,
): readonly T[] | Refused {
  const all: T[] = [];
  for (const [place, line] of lines.entries()) {
    const scan = scans.get(place);
    const one = scan === undefined ? line : as(line, scan);
    if ('ok' in one) return { ...one, line: place } as Refused;
    all.push(one);
  }
  return all;
}

function meantBy(catalogue: Catalogue, scan: Scanned, c: StockCommand): StockCommand | Refused {
  const told = read(catalogue, scan, c, { sku: c.sku, qty: c.qty, lot: c.more.lot });
  if ('ok' in told) return told;
  const { lot, ...of } = told;
  return { ...c, ...of, more: lot === c.more.lot ? c.more : { ...c.more, lot } };
}

interface Units {
  /** '' where only the code says it. */
  readonly sku: SkuId | '';
  readonly qty: number;
  readonly lot: LotFilter;
}

interface Told extends Units {
  readonly sku: SkuId;
  readonly key: ActorKey;
}

/** What a code says, beside what was said of the units otherwise. */
function read(
  catalogue: Catalogue,
  scan: Scanned,
  { owner, warehouse }: { readonly owner: OwnerId; readonly warehouse: WarehouseId },
  said: Units,
): Told | Refused {
  const one = theOne(catalogue.find(owner, warehouse, scan.code), scan.text, said.sku);
  if ('ok' in one) return one;
  const lot = lotOf(one, said.lot);
  if ('ok' in lot) return lot as Refused;
  const qty = scan.hasQty ? said.qty : unitsOf(one, scan.count);
  if (qty === 0 && scan.needsQty) return refuse('bad_qty');
  return { sku: one.sku, key: actorKey(owner, one.sku, warehouse), lot, qty };
}

/** Base units that a code stands for; 0 where it does not say. */
const unitsOf = ({ box }: Candidate, count: number): number =>
  (count || Math.min(1, box)) * (box || 1);

function lotOf({ box, fnsku }: Candidate, said: LotFilter): LotFilter | Refused {
  const isOther = (name: 'box' | 'fnsku', is: string | number): boolean =>
    said[name] !== undefined && said[name] !== is;
  if (box > 0 && isOther('box', box))
    return refuse('bad_field', 0, -1, `box: the code is of ${box}`);
  if (fnsku !== '' && isOther('fnsku', fnsku))
    return refuse('bad_field', 0, -1, `fnsku: it is ${fnsku}`);
  if (box === 0 && fnsku === '') return said;
  return { ...said, ...(box > 0 && { box }), ...(fnsku !== '' && { fnsku }) };
}
