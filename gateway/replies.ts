import { parseActorKey } from '../actors/ids.ts';
import { isRetryable, messageOf, type Refused } from '../actors/outcomes.ts';
import { type StockView, stockView } from '../actors/stock/balances.ts';
import type { Change } from '../actors/stock/stockroom.ts';
import type { Answer, Done, EachDone, HoldView, Result, Seen } from '../engine/settled.ts';

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

export type Reply = RefusalReply | DoneReply | AllReply | EachReply | ReadReply;

/**
 * An answer as it goes over the edge. `n` is 0 where the caller gave none.
 * What is not committed, a refusal too, says so: its fate follows.
 */
export function replyOf(n: number, answer: Answer, committed = true): Reply {
  if (answer.ok && answer.kind === 'seen') return seenOf(n, answer);
  const reply = answer.ok ? acceptedOf(n, answer) : refusalOf(n, answer);
  if (!committed) reply.committed = false;
  return reply;
}

const acceptedOf = (n: number, answer: Done | EachDone) =>
  answer.kind === 'each' ? eachOf(n, answer) : doneOf(n, answer);

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
