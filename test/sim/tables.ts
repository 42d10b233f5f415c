import { QUALITIES } from '../../actors/stock/commands.ts';
import { EVENT_KINDS } from '../../actors/stock/events.ts';
import type { Part } from '../../oms/availability.ts';
import { ACCOUNTS, type LedgerEvent, type Movement } from '../../oms/ledger.ts';
import type { Position } from '../../oms/position.ts';
import type { LedgerEntry, LedgerQuery, Mark, RecordRows } from '../../oms/store/store.ts';

/** What the centre's database holds. Outlives every process. */
export class Tables {
  readonly watermarks = new Map<number, Position>();
  /** By number. */
  readonly parts = new Map<number, Part>();
  /** In the order in which they were written. */
  readonly lines: LedgerEntry[] = [];
  readonly #keys = new Set<string>();

  has(line: Mark): boolean {
    return this.#keys.has(keyOf(line));
  }

  insert(line: LedgerEntry): void {
    this.#keys.add(keyOf(line));
    this.lines.push(line);
  }
}

export const keyOf = ({ shard, epoch, number, line }: Mark): string =>
  `${shard} ${number} ${epoch} ${line}`;

/** One record's ledger lines, as the view `ledger` names things. */
export function linesOf(record: RecordRows, actors: ReadonlyMap<number, Part>): LedgerEntry[] {
  let line = 0;
  return record.events.flatMap((event) =>
    event.lines.map((movement) => lineOf(record, event, movement, line++, actors)),
  );
}

function lineOf(
  { shard, epoch, number, hash, timeMs }: RecordRows,
  event: LedgerEvent,
  { quality, account, change, after }: Movement,
  line: number,
  actors: ReadonlyMap<number, Part>,
): LedgerEntry {
  const { owner, sku, warehouse } = actors.get(event.actor) as Part;
  const kind = EVENT_KINDS[event.kind] as string;
  return {
    ...{ shard, epoch, number, line, hash, owner, sku, warehouse },
    actorSeq: event.actorSeq,
    occurredAtMs: event.occurredAtMs || timeMs,
    recordedAtMs: timeMs,
    docType: DOC_TYPES[kind] ?? 'order',
    doc: event.doc,
    docLine: event.docLine,
    reason: event.reason || kind,
    actor: event.client,
    quality: QUALITIES[quality] as string,
    account: ACCOUNTS[account] as string,
    ...{ change, before: after - change, after },
  };
}

const DOC_TYPES: Readonly<Record<string, string>> = {
  received: 'receipt',
  putBack: 'putback',
  adjusted: 'adjustment',
};

/** Lines that a query asks for and has not seen, in the order in which people read them. */
export function select(lines: readonly LedgerEntry[], query: LedgerQuery): LedgerEntry[] {
  const { after, fromMs = 0, toMs = Number.POSITIVE_INFINITY } = query;
  const isUnseen = (l: LedgerEntry): boolean => {
    const mark = after.find((m) => m.shard === l.shard);
    return mark === undefined || compare(mark, l) < 0;
  };
  const isWanted = (l: LedgerEntry): boolean =>
    FILTERS.every((field) => query[field] === undefined || query[field] === l[field]) &&
    l.recordedAtMs >= fromMs &&
    l.recordedAtMs < toMs;
  return lines
    .filter((l) => isUnseen(l) && isWanted(l))
    .sort((a, b) => a.recordedAtMs - b.recordedAtMs || a.shard - b.shard || compare(a, b));
}

const FILTERS = ['owner', 'sku', 'warehouse', 'doc', 'account', 'quality'] as const;

const compare = (a: Mark, b: Mark): number =>
  a.number - b.number || a.epoch - b.epoch || a.line - b.line;
