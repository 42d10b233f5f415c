import type { ScanCommand, Scanned } from '../actors/catalogue/scan.ts';
import type { Refused } from '../actors/outcomes.ts';
import type { AllCommand, Command, StockCommand } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import type { Defaults, Identity } from './auth.ts';
import { type Barcode, readCode } from './barcodes.ts';
import { parseCommand } from './commands.ts';
import { parseAct } from './documents.ts';
import { type Fields, field, isFields, textOf } from './fields.ts';
import { namesUnits } from './lots.ts';
import { isEdgeOp, SHAPES } from './shapes.ts';

/*
 * A message may say `code`, what a scanner read, where it would say `sku`. What the code itself
 * says (batch, dates, serial) is filled in here, as if it had been said; which SKU it is of is
 * for the shard to decide. `sku` beside `code` chooses among several.
 */

/** Stands for a SKU, or a quantity, that only the shard will know. */
const ANY_SKU = '\ufffd';
const ANY_QTY = Number.MAX_SAFE_INTEGER;

/** Whether a step on stock, or a line of an `all`, has a code; or a move is a step of a task. */
export const isScanned = (v: Fields): boolean =>
  v.code !== undefined ||
  (v.op === 'all' && hasCode(v.commands)) ||
  (v.op === 'move' && v.task !== undefined);

/** Whether a line of an act has a code. */
export const hasCode = (lines: unknown): boolean =>
  Array.isArray(lines) && lines.some((line) => isFields(line) && line.code !== undefined);

/** A step on stock, or an `all`, of which something was scanned. */
export function parseScan(
  v: Fields,
  who: Identity,
  defaults: Defaults,
  nowMs: number,
): ScanCommand | Refused {
  if (v.op === 'read' || v.op === 'each') return field('code', `not in ${v.op}; say sku`);
  const scans: Scanned[] = [];
  const task = v.op === 'move' ? (v.task ?? '') : '';
  if (typeof task !== 'string' || task.length > LIMITS.taskId) return field('task', 'which one');
  const filled = filledBy(v, nowMs, scans);
  if (!('fields' in filled)) return filled;
  const command = parseCommand(filled.fields, who, defaults);
  if ('ok' in command) return command;
  return wrap(blanked(command as StockCommand | AllCommand, scans), scans, task);
}

function filledBy(v: Fields, nowMs: number, scans: Scanned[]): Filled | Refused {
  if (v.op === 'all') return fillLines(v, 'commands', nowMs, scans);
  return v.code === undefined ? { fields: v } : fill(v, -1, nowMs, scans);
}

/** An act on a document, of which lines were scanned, or that is a step of a task. */
export function parseScannedAct(
  v: Fields,
  who: Identity,
  defaults: Defaults,
  nowMs: number,
): ScanCommand | Refused {
  const scans: Scanned[] = [];
  const filled = fillLines(v, 'lines', nowMs, scans);
  if (!('fields' in filled)) return filled;
  const command = parseAct(filled.fields, who, defaults);
  return 'ok' in command ? command : wrap(command, scans, textOf(v.task));
}

const wrap = (
  command: ScanCommand['command'],
  scans: readonly Scanned[],
  task = '',
): ScanCommand => ({
  ...{ op: 'scan', warehouse: command.warehouse, command, scans, task },
});

/** A message with all that its codes say. */
interface Filled {
  readonly fields: Fields;
}

/** Lines with a code, filled in. A refusal names its line. */
function fillLines(
  v: Fields,
  name: 'commands' | 'lines',
  nowMs: number,
  scans: Scanned[],
): Filled | Refused {
  const all = v[name];
  if (!Array.isArray(all)) return { fields: v };
  if (all.length > LIMITS.allLines) return { fields: v }; // refused as too many
  const lines: unknown[] = [];
  for (const [place, line] of all.entries()) {
    if (isFields(line) && line.code !== undefined) {
      const filled = fill(withOp(v, line), place, nowMs, scans);
      if (!('fields' in filled)) return { ...filled, line: place };
      lines.push(filled.fields);
    } else lines.push(line);
  }
  return { fields: { ...v, [name]: lines } };
}

/** A line of an act has no op of its own: it is told what is done, for as long as it is looked at. */
const withOp = (v: Fields, line: Fields): Fields => (v.op === 'all' ? line : { ...line, op: v.op });

/** What a code says, as the fields that say the same; what is said otherwise beside it is refused. */
function fill(v: Fields, place: number, nowMs: number, scans: Scanned[]): Filled | Refused {
  const { code, ...said } = v;
  if (typeof code !== 'string' || code.length > LIMITS.codeLength) return field('code', CODE);
  const barcode = readCode(code, nowMs);
  if (barcode.text === '' || barcode.text.includes('\n')) return field('code', CODE);
  const told = { ...fieldsOf(barcode, said) };
  for (const [name, value] of Object.entries(told)) {
    const was = said[name];
    if (was !== undefined && !isSame(was, value)) {
      return field(name, `the code says ${value}`);
    }
  }
  const isOne = barcode.serial !== undefined && said.qty === undefined && said.delta === undefined;
  const filled: Fields = { ...said, ...told, ...(isOne && { qty: 1 }) };
  const isAct = typeof v.op !== 'string' || v.op.includes('.');
  const needsQty = !isAct && lacksQty(filled);
  scans.push({
    ...{ place, text: barcode.text, code: barcode.gtin14 ?? barcode.text, needsQty },
    ...{ count: barcode.count ?? 0, hasQty: !lacksUnits(filled) },
  });
  if (isAct) return { fields: filled };
  const stands = { sku: said.sku ?? ANY_SKU, ...(needsQty && { qty: ANY_QTY }) };
  return { fields: { ...filled, ...stands } };
}

/** One text or number, or a list of one. */
function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a[0] === b[0];
}

const CODE = `what was scanned, ${LIMITS.codeLength} characters at most`;
const RECEIPTS: readonly unknown[] = ['receive', 'asn.receive', 'return.receive'];

/** Dates are of a batch, and of a receipt. */
function fieldsOf({ batch, serial, ...dates }: Barcode, said: Fields): Fields {
  const isDated = RECEIPTS.includes(said.op) && (batch ?? said.batch ?? '') !== '';
  const { startMs, expiresAtMs, sellUntilMs } = dates;
  const all = {
    ...{ batch, serials: serial === undefined ? undefined : [serial] },
    ...(isDated && { startAt: startMs, expiresAt: expiresAtMs, sellUntil: sellUntilMs }),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const lacksUnits = ({ qty, serials, delta }: Fields): boolean =>
  qty === undefined && serials === undefined && delta === undefined;

/** An op that does nothing without a quantity, and has none. */
function lacksQty(v: Fields): boolean {
  if (!isEdgeOp(v.op) || !lacksUnits(v)) return false;
  const { qty, lot } = SHAPES[v.op];
  return qty && !(lot && namesUnits(v));
}

/** Without what stood for what only the shard knows. */
function blanked<C extends Command>(command: C, scans: readonly Scanned[]): C {
  if (scans[0] === undefined) return command;
  if (command.op !== 'all') return blank(command as StockCommand, scans[0]) as C;
  const commands = [...command.commands];
  for (const scan of scans)
    commands[scan.place] = blank(commands[scan.place] as StockCommand, scan);
  return { ...command, commands };
}

const blank = (c: StockCommand, { needsQty }: Scanned): StockCommand => ({
  ...c,
  ...(c.sku === ANY_SKU && { sku: '' as StockCommand['sku'] }),
  ...(needsQty && { qty: 0 }),
});
