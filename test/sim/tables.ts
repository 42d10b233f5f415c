import type { ActorName } from '../../actors/ids.ts';
import { QUALITIES } from '../../actors/stock/commands.ts';
import { ChangeReader, type UnreadRecord } from '../../engine/record-reader.ts';
import type { Part } from '../../oms/availability.ts';
import { ACCOUNTS, callerDoc, type Movement, Movements } from '../../oms/ledger.ts';
import type { Position } from '../../oms/position.ts';
import type { Chunk, LedgerEntry, LedgerQuery, Mark } from '../../oms/store/store.ts';

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

/** What a chunk's records come to: ledger lines as the view `ledger` names things, and each actor's last balances. */
export function rowsOf({ shard, records, actors }: Chunk): { lines: LedgerEntry[]; parts: Part[] } {
  const lines: LedgerEntry[] = [];
  const parts = new Map<number, Part>();
  const change = new ChangeReader();
  const movements = new Movements();
  for (const record of records) {
    let line = 0;
    change.begin(record);
    while (change.next()) {
      const id = actors.find(change.bytes, change.keyFrom(), change.keyTo()) as number;
      const name = actors.name(id) as ActorName;
      const balances = Array.from(change.after.subarray(0, change.width));
      parts.set(id, { id, shard, ...name, seq: change.seq, balances });
      for (const moved of movements.of(change)) {
        lines.push(lineOf(record, change, moved, line++, name));
      }
    }
  }
  return { lines, parts: [...parts.values()] };
}

function lineOf(
  { shard, epoch, number, hash, timeMs }: UnreadRecord,
  change: ChangeReader,
  { quality, account, change: by, after }: Movement,
  line: number,
  name: ActorName,
): LedgerEntry {
  const { kind, hold, doc, reason, occurredAtMs } = change.event();
  return {
    ...{ shard, epoch, number, line, hash, ...name },
    actorSeq: change.seq,
    occurredAtMs: occurredAtMs || timeMs,
    recordedAtMs: timeMs,
    docType: DOC_TYPES[kind] ?? 'order',
    doc: doc || hold || callerDoc(change),
    docLine: hold,
    reason: reason || kind,
    actor: change.text(change.clientFrom, change.clientTo),
    quality: QUALITIES[quality] as string,
    account: ACCOUNTS[account] as string,
    ...{ change: by, before: after - by, after },
  };
}

const DOC_TYPES: Readonly<Record<string, string>> = {
  received: 'receipt',
  putBack: 'putback',
  adjusted: 'adjustment',
  announced: 'announcement',
  withdrawn: 'announcement',
  blocked: 'inspection',
  unblocked: 'inspection',
  requalified: 'inspection',
  granted: 'rights',
  regained: 'rights',
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
