import { hashText } from '../digest.ts';
import type { ActorKey, HoldId, SkuId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import {
  BLANK,
  type More,
  NO_MORE,
  QUALIFIED,
  type StockCommand,
  type StockOp,
} from '../stock/commands.ts';
import type { LotFilter } from '../stock/lot.ts';
import { type Hold, openHold, type StockState } from '../stock/state.ts';
import type { Change } from '../stock/stockroom.ts';
import {
  type Act,
  type DocumentCommand,
  type DocumentKind,
  type DocumentLine,
  type DocumentMore,
  NO_DOCUMENT_MORE,
} from './commands.ts';
import type { Head } from './states.ts';

/** The stock actor of that key, if there is one. */
export type Look = (key: ActorKey) => StockState | undefined;

/** A stock command, and the place in the command of the line that it is done for; −1 for none. */
export interface Step {
  readonly place: number;
  readonly command: StockCommand;
}

/** What an act does: all of these steps, and then the document is as `next` makes it. */
export interface Draft<S> {
  readonly steps: readonly Step[];
  /** Called when all steps are done, with one change a step, in their order. */
  next(changes: readonly Change[]): S;
}

/** The state machine of one kind of document. */
export interface Machine<S> {
  /** Acts that open a document of this kind. */
  readonly opens: readonly Act[];
  /** Opened again with other content, a document is what that says from now on. */
  readonly isReplaced?: true;
  /** What is wrong with a command whatever becomes of it otherwise. */
  before?(state: S | undefined, c: DocumentCommand): Refused | undefined;
  /** Reads only. `state` is undefined for acts of `opens`, and for no other. */
  plan(state: S | undefined, c: DocumentCommand, look: Look, nowMs: number): Draft<S> | Refused;
  /** Said of what the document has become. */
  statusOf(state: S): string;
  /** True when nothing is left to do. */
  isEnded(state: S): boolean;
}

/** Changes the document only. */
export const moved = <S>(next: S): Draft<S> => ({ steps: [], next: () => next });

/** The head of a new document. */
export function headOf<K extends DocumentKind, S extends string>(
  kind: K,
  status: S,
  c: DocumentCommand,
  nowMs: number,
): Head<K, S> {
  return {
    ...{ kind, id: c.doc, owner: c.owner, warehouse: c.warehouse, status },
    ...{ seq: 0, steps: [], content: contentOf(c), openedAtMs: nowMs, endedAtMs: 0 },
  };
}

/** Equal for two commands that ask for the same, whenever and under whatever name. */
export function contentOf({ act, lines, more }: DocumentCommand): string {
  const hex = (n: number): string => n.toString(16).padStart(8, '0');
  const said = [act, ...MORE_FIELDS.map((field) => more[field]), lines.map(lineContent)];
  const [low, high] = hashText(JSON.stringify(said));
  return `${hex(high)}${hex(low)}`;
}

const MORE_FIELDS = Object.keys(NO_DOCUMENT_MORE) as (keyof DocumentMore)[];

/** The same for a line however its fields, and those of its lots, are ordered. */
const lineContent = (l: DocumentLine): unknown[] => [
  ...[l.line, l.sku, l.qty, l.delta, l.quality, l.toQuality, l.failed, lotContent(l.lot)],
  ...[lotContent(l.to), l.serials, l.policy, l.seq, l.size, l.weight],
  ...(l.dates === undefined ? [] : [l.dates.startMs, l.dates.expiresAtMs, l.dates.sellUntilMs]),
];

const lotContent = ({ location, container, batch, box, fnsku }: LotFilter): unknown[] => [
  ...[location, container, batch, box, fnsku],
];

/** What a step says that is not blank, nor as in the document. */
type Fields = Partial<
  Pick<StockCommand, 'owner' | 'qty' | 'delta' | 'hold' | 'quality' | 'partial'>
> & { readonly more?: Partial<More> };

/** A stock command for a line, under the document's number and for its reason. */
export function stepOf(
  c: DocumentCommand,
  place: number,
  line: Pick<DocumentLine, 'sku' | 'key'>,
  op: StockOp,
  { more, ...fields }: Fields,
): Step {
  const command: StockCommand = {
    op,
    key: line.key,
    owner: fields.owner ?? c.owner,
    sku: line.sku,
    warehouse: c.warehouse,
    qty: fields.qty ?? 0,
    delta: fields.delta ?? 0,
    hold: fields.hold ?? BLANK.hold,
    doc: c.doc,
    reason: c.reason,
    quality: fields.quality ?? QUALIFIED,
    ttlMs: 0,
    partial: fields.partial ?? false,
    occurredAtMs: c.occurredAtMs,
    more: moreOf(more),
  };
  return { place, command };
}

/** {@link NO_MORE} itself where nothing is said: stock then need not look which units it is about. */
function moreOf(more: Partial<More> | undefined): More {
  if (more === undefined) return NO_MORE;
  const names = Object.keys(more) as (keyof More)[];
  return names.every((name) => isBlank(more[name], NO_MORE[name]))
    ? NO_MORE
    : { ...NO_MORE, ...more };
}

function isBlank(value: unknown, blank: unknown): boolean {
  if (value === blank) return true;
  if (typeof value !== 'object' || value === null || blank === undefined) return false;
  return Object.keys(value).length === 0;
}

/** A line of the command with the line of the document that it names. */
export interface Asked<L> {
  readonly place: number;
  readonly line: L;
  readonly ask: DocumentLine;
}

/** The lines of the document that a command names, or the refusal of the first that is not there, or of another SKU. */
export function asked<L extends { readonly line: string; readonly sku: SkuId }>(
  lines: readonly L[],
  c: DocumentCommand,
): readonly Asked<L>[] | Refused {
  const byLabel = new Map(lines.map((line) => [line.line, line]));
  const found: Asked<L>[] = [];
  for (const [place, ask] of c.lines.entries()) {
    const line = byLabel.get(ask.line);
    if (line === undefined) return at(place, refuse('unknown_line', 0, -1, `line ${ask.line}`));
    if (ask.sku !== '' && ask.sku !== line.sku) {
      return at(place, refuse('unknown_line', 0, -1, `line ${ask.line} is of ${line.sku}`));
    }
    found.push({ place, line, ask });
  }
  return found;
}

/** The same, where a command without lines means all of those that have anything. */
export function askedOrAll<L extends { readonly line: string; readonly sku: SkuId }>(
  lines: readonly L[],
  c: DocumentCommand,
  has: (line: L) => number,
  whole: (line: L) => DocumentLine,
): readonly Asked<L>[] | Refused {
  if (c.lines.length > 0) return asked(lines, c);
  return lines.filter(has).map((line) => ({ place: -1, line, ask: whole(line) }));
}

/** A refusal of the line in that place of the command. */
export const at = (place: number, refused: Refused): Refused => ({ ...refused, line: place });

/** The first label that two lines of a command have. */
export function doubled(c: DocumentCommand): Refused | undefined {
  const seen = new Set<string>();
  for (const [place, { line }] of c.lines.entries()) {
    if (seen.has(line)) return at(place, refuse('bad_field', 0, -1, `line ${line} comes twice`));
    seen.add(line);
  }
  return undefined;
}

/** Why an act is not done that needs lines and has none. */
export const withoutLines = (c: DocumentCommand): Refused | undefined =>
  c.lines.length === 0
    ? refuse('bad_field', 0, -1, 'lines: there must be at least one')
    : undefined;

/** Why a document cannot be opened that has no line, or a line of nothing. */
export function withoutUnits(c: DocumentCommand): Refused | undefined {
  for (const [place, { sku, qty }] of c.lines.entries()) {
    if (sku === '') return at(place, refuse('bad_field', 0, -1, 'sku: it is missing'));
    if (qty < 1) return at(place, refuse('bad_qty'));
  }
  return withoutLines(c);
}

/** Why an act cannot be done now, and what to do. */
export const wrongState = (status: string, todo = ''): Refused =>
  refuse('wrong_state', 0, -1, `it is ${status}${todo === '' ? '' : `; ${todo}`}`);

/** Without the fields that say nothing, so that it is a plain value. */
export function plainLot(lot: LotFilter): LotFilter {
  const said = Object.entries(lot).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as LotFilter;
}

export function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}

/** A line's hold: the first one, or one that a later change added. */
export const holdId = (doc: string, line: string, number = 1): HoldId =>
  (number === 1 ? `${doc}/${line}` : `${doc}/${line}+${number}`) as HoldId;

export interface NamedHold {
  readonly id: HoldId;
  readonly hold: Hold;
}

/** Those of these holds that are open. */
export function openHolds(state: StockState | undefined, ids: readonly HoldId[]): NamedHold[] {
  const open: NamedHold[] = [];
  for (const id of ids) {
    const hold = state === undefined ? undefined : openHold(state, id);
    if (hold !== undefined) open.push({ id, hold });
  }
  return open;
}
