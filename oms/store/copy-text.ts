import { WIDTH } from '../../actors/stock/balances.ts';
import type { Part } from '../availability.ts';
import type { Chunk } from './store.ts';

/**
 * Rows in the text format of COPY, which both databases read more than twice as
 * fast as parameters (docs/decisions/0004-centre-store.md).
 */

export const LINE_TARGET =
  'ledger_line (number, actor_seq, occurred_at_ms, recorded_at_ms, change, after, hash, epoch, line, ' +
  'actor, shard, kind, quality, account, doc, doc_line, reason, client)';
export const ACTOR_TARGET = 'actor_in (id, shard, owner, sku, warehouse)';
export const BALANCE_TARGET =
  'balance_in (actor, seq, shelf, receiving, picked, packed, allocated, blocked, waiting, others)';

/** Temporary tables, emptied at every commit; the rows are moved on from there. */
export const STAGING = `
  create temporary table if not exists actor_in (like actor) on commit delete rows;
  create temporary table if not exists balance_in (like balance) on commit delete rows;
`;

export const lineRow = (l: Chunk['lines'][number]): string =>
  `${l.number}\t${l.actorSeq}\t${l.occurredAtMs}\t${l.recordedAtMs}\t${l.change}\t${l.after}\t${l.hash}` +
  `\t${l.epoch}\t${l.line}\t${l.actorId}\t${l.shard}\t${l.kind}\t${l.quality}\t${l.account}` +
  `\t${text(l.doc)}\t${text(l.docLine)}\t${text(l.reason)}\t${text(l.client)}\n`;

export const actorRow = (p: Part): string =>
  `${p.id}\t${p.shard}\t${text(p.owner)}\t${text(p.sku)}\t${text(p.warehouse)}\n`;

export function balanceRow({ id, seq, balances }: Part): string {
  const others = balances.length > WIDTH ? `{${balances.slice(WIDTH).join(',')}}` : '\\N';
  return `${id}\t${seq}\t${balances.slice(0, WIDTH).join('\t')}\t${others}\n`;
}

// What COPY reads as its own, and NUL, which SQL text cannot hold.
const SPECIAL = /[\\\t\n\r\0]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\uFFFD',
};

function text(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return [...value].map((c) => ESCAPES[c] ?? c).join('');
}
