import { parseDocumentKey } from '../actors/documents/commands.ts';
import type { DocumentState } from '../actors/documents/states.ts';
import { parseActorKey } from '../actors/ids.ts';
import { isRetryable, messageOf, type Refused } from '../actors/outcomes.ts';
import { type StockView, stockView } from '../actors/stock/balances.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { Lease, Task } from '../actors/tasks/task.ts';
import type {
  Answer,
  DocumentDone,
  Done,
  EachDone,
  HoldView,
  Result,
  RightsDone,
  SaleDone,
  Seen,
  SeenDocument,
} from '../engine/settled.ts';

export interface RefusalReply {
  n?: number;
  ok: false;
  code: string;
  message: string;
  /** Units there were, where the refusal is about units. */
  available?: number;
  /** Line of an `all`, from 0. */
  line?: number;
  retry: boolean;
  committed?: false;
}

interface LineReply {
  seq: number;
  qty: number;
  stock: StockView;
  expiresAt?: number;
}

export interface DoneReply extends LineReply {
  n?: number;
  ok: true;
  next?: TaskView;
  committed?: false;
}

export interface AllReply {
  n?: number;
  ok: true;
  results: LineReply[];
  committed?: false;
}

/** A line of an `each` that was not done; the code's sentence is in the catalogue. */
export interface RefusedLine {
  line: number;
  code: string;
  available?: number;
}

export interface EachReply {
  n?: number;
  ok: true;
  /** How many lines were done. */
  done: number;
  refused: RefusedLine[];
  committed?: false;
}

export interface ReadReply {
  n?: number;
  ok: true;
  seq: number;
  stock: StockView;
  hold?: HoldView;
}

/** What an act on a document did: the document as it is now, and the stock that was moved. */
export interface DocumentReply {
  n?: number;
  ok: true;
  doc: string;
  /** The document's number of events. */
  seq: number;
  status: string;
  /** What was moved, in the order in which it was. */
  results: (LineReply & { sku: string })[];
  /** What a scanner was sent to do; and what next, when that is done. */
  task?: TaskView;
  next?: TaskView;
  committed?: false;
}

export interface TaskView extends Omit<Task, 'qty' | 'location' | 'batch' | 'to'> {
  qty?: number;
  location?: string;
  batch?: string;
  to?: string;
  leasedUntil: number;
}

export interface DocumentView {
  n?: number;
  ok: true;
  document: Omit<DocumentState, 'content' | 'steps'>;
}

export interface SaleLineReply {
  sku: string;
  warehouse: string;
  qty: number;
  left: number;
  /** Of the units: promised of goods in transit, and with nothing behind them. */
  presale?: number;
  oversell?: number;
}

/** What a selling point did with an order. */
export interface SaleReply {
  n?: number;
  ok: true;
  order: string;
  did: string;
  /** What this point can sell of each SKU afterwards; empty where nothing was sold by it. */
  lines: SaleLineReply[];
  expiresAt?: number;
}

export type Reply =
  | SaleReply
  | DocumentReply
  | DocumentView
  | RefusalReply
  | DoneReply
  | AllReply
  | EachReply
  | ReadReply;

/**
 * An answer as it goes over the edge. `n` is 0 where the caller gave none.
 * What is not committed, a refusal too, says so: its fate follows.
 */
export function replyOf(n: number, answer: Answer, committed = true): Reply {
  if (answer.ok && answer.kind === 'seen') return seenOf(n, answer);
  if (answer.ok && answer.kind === 'seenDocument') return documentViewOf(n, answer);
  const reply = answer.ok ? acceptedOf(n, answer) : refusalOf(n, answer);
  if (!committed && !('order' in reply)) reply.committed = false;
  return reply;
}

function acceptedOf(
  n: number,
  answer: Done | EachDone | DocumentDone | SaleDone | RightsDone,
): EachReply | DocumentReply | DoneReply | AllReply | SaleReply {
  if (answer.kind === 'sale') return saleOf(n, answer);
  if (answer.kind === 'rights') throw new Error('unreachable: callers do not ask that');
  if (answer.kind === 'each') return eachOf(n, answer);
  return answer.kind === 'document' ? documentOf(n, answer) : doneOf(n, answer);
}

function saleOf(n: number, { sold }: SaleDone): SaleReply {
  const lines = sold.lines.map(({ sku: key, qty, left, presale, oversell }) => {
    const { sku, warehouse } = parseActorKey(key);
    const line: SaleLineReply = { sku, warehouse, qty, left };
    if (presale > 0) line.presale = presale;
    if (oversell > 0) line.oversell = oversell;
    return line;
  });
  const reply: SaleReply = { ...numbered(n), ok: true, order: sold.order, did: sold.did, lines };
  if (sold.expiresAtMs > 0) reply.expiresAt = sold.expiresAtMs;
  return reply;
}

function documentOf(n: number, answer: DocumentDone): DocumentReply {
  const { doc, seq, status, results, lease, next } = answer;
  const lines = results.map((result) => ({
    sku: parseActorKey(result.key).sku,
    ...lineOf(result),
  }));
  const reply: DocumentReply = {
    ...numbered(n),
    ...{ ok: true, doc: parseDocumentKey(doc).doc, seq, status, results: lines },
  };
  if (lease !== undefined) reply.task = taskView(lease);
  if (next !== undefined) reply.next = taskView(next);
  return reply;
}

/** Without what is not known. */
function taskView({ task, untilMs }: Lease): TaskView {
  const { qty, location, batch, to, ...known } = task;
  return {
    ...known,
    ...(qty > 0 && { qty }),
    ...(location !== '' && { location }),
    ...(batch !== '' && { batch }),
    ...(to !== '' && { to }),
    leasedUntil: untilMs,
  };
}

function documentViewOf(n: number, { document, available }: SeenDocument): DocumentView {
  const { content: _content, steps: _steps, ...told } = document;
  return { ...numbered(n), ok: true, document: withAvailable(told, available) };
}

/** What could be sold stands where it belongs: in a bundle, or in each line of a pool. */
function withAvailable(
  told: DocumentView['document'],
  available: readonly number[] | undefined,
): DocumentView['document'] {
  if (available === undefined) return told;
  if (told.kind === 'bundle') return { ...told, available: available[0] } as typeof told;
  const lines = told.lines.map((line, i) => ({ ...line, available: available[i] }));
  return { ...told, lines } as typeof told;
}

function seenOf(n: number, { seq, after, hold }: Seen): ReadReply {
  const reply: ReadReply = { ...numbered(n), ok: true, seq, stock: stockView(after) };
  if (hold !== undefined) reply.hold = hold;
  return reply;
}

/** Every line's number in the frame, from 0; what is not named was done. */
function eachOf(n: number, { done, refused }: EachDone): EachReply {
  const lines = refused.map(({ line, code, available }): RefusedLine => {
    return available >= 0 ? { line, code, available } : { line, code };
  });
  return { ...numbered(n), ok: true, done, refused: lines };
}

function doneOf(n: number, answer: Done): DoneReply | AllReply {
  if (answer.all) return { ...numbered(n), ok: true, results: answer.results.map(lineOf) };
  const { seq, qty, after, expiresAtMs } = answer.results[0] as Result;
  // Written out: a literal is many times faster here than spreads.
  const reply: DoneReply =
    n > 0
      ? { n, ok: true, seq, qty, stock: stockView(after) }
      : { ok: true, seq, qty, stock: stockView(after) };
  if (expiresAtMs > 0) reply.expiresAt = expiresAtMs;
  if (answer.next !== undefined) reply.next = taskView(answer.next);
  return reply;
}

function lineOf({ seq, qty, after, expiresAtMs }: Result): LineReply {
  const line: LineReply = { seq, qty, stock: stockView(after) };
  if (expiresAtMs > 0) line.expiresAt = expiresAtMs;
  return line;
}

export function refusalOf(n: number, refused: Refused): RefusalReply {
  const { code, available, line } = refused;
  const reply: RefusalReply = {
    ...numbered(n),
    ok: false,
    code,
    message: messageOf(refused),
    retry: isRetryable(code),
  };
  if (available >= 0) reply.available = available;
  if (line >= 0) reply.line = line;
  return reply;
}

const numbered = (n: number): { n?: number } => (n > 0 ? { n } : {});

/** A push to a watcher. */
export interface StockPush {
  event: 'stock';
  owner: string;
  sku: string;
  warehouse: string;
  seq: number;
  stock: StockView;
}

export const stockPush = ({ key, seq, after }: Change): StockPush => ({
  event: 'stock',
  ...parseActorKey(key),
  seq,
  stock: stockView(after),
});
