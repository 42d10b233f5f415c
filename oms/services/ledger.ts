import { z } from 'zod';
import { isText } from '../../actors/ids.ts';
import { QUALITIES } from '../../actors/stock/commands.ts';
import { type AsOf, asOf } from '../as-of.ts';
import { ACCOUNTS } from '../ledger.ts';
import type { LedgerEntry, LedgerPage, LedgerQuery, Mark } from '../store/store.ts';
import { placeOf, type ServiceContext } from './context.ts';
import {
  cursor,
  limit,
  owner,
  parse,
  readCursor,
  sku,
  time,
  warehouse,
  writeCursor,
} from './request.ts';
import type { Endpoint } from './service.ts';

const request = z.strictObject({
  owner: owner.optional(),
  sku: sku.optional(),
  warehouse: warehouse.optional(),
  doc: z
    .custom<string>((v) => typeof v === 'string' && isText(v), {
      error: 'doc is a text of 1–64 printable characters',
    })
    .optional(),
  account: z.enum(ACCOUNTS, `account is one of ${ACCOUNTS.join(', ')}`).optional(),
  quality: z.enum(QUALITIES, `quality is one of ${QUALITIES.join(', ')}`).optional(),
  from: time.optional(),
  to: time.optional(),
  after: cursor.optional(),
  limit,
});

const marks = z.array(
  z
    .tuple([z.int(), z.int(), z.int(), z.int()])
    .transform(([shard, epoch, number, line]): Mark => ({ shard, epoch, number, line })),
);

/** One account of one quality that one event changed. Base units; times ISO. */
export interface LedgerRow extends Omit<LedgerEntry, 'actorSeq' | 'occurredAtMs' | 'recordedAtMs'> {
  readonly region: string;
  /** Of the stock actor: the event's number. */
  readonly seq: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
}

export interface LedgerAnswer {
  readonly owner: string;
  /** By record time, and within a shard in commit order. */
  readonly lines: readonly LedgerRow[];
  /** Send it as `after` for the next page; null at the end. */
  readonly after: string | null;
  /** History may be behind availability; this is how far it goes, shard by shard. */
  readonly asOf: readonly (AsOf & { readonly state: string; readonly trouble?: string })[];
}

/** Looking on, where few lines match, stops here: the caller asks again with the cursor. */
const BUDGET_MS = 400;

/** `inv.oms.ledger`: what happened, from SQL. */
export const ledger = (context: ServiceContext): Endpoint => ({
  name: 'ledger',
  subject: 'inv.oms.ledger',
  async answer(bytes): Promise<LedgerAnswer> {
    const { from, to, after, ...asked } = parse(request, bytes);
    const owner = asked.owner ?? context.defaultOwner;
    const page = await fill(context, {
      ...asked,
      owner,
      fromMs: from,
      toMs: to,
      after: after === undefined ? [] : readCursor(after, marks),
    });
    return {
      owner,
      lines: page.lines.map((line) => ({ ...rowOf(line), ...placeOf(context, line.shard) })),
      after:
        page.next === undefined
          ? null
          : writeCursor(page.next.map((m) => [m.shard, m.epoch, m.number, m.line])),
      asOf: context.aggregators.map((a) => ({
        ...asOf(a, a.history.durable),
        state: a.state.kind,
        ...(a.history.trouble === undefined ? {} : { trouble: a.history.trouble }),
      })),
    };
  },
});

/** Goes on until the page is full, the ledger ends or the time is up. */
async function fill({ store, clock }: ServiceContext, query: LedgerQuery): Promise<LedgerPage> {
  const until = clock.monoMs() + BUDGET_MS;
  const lines: LedgerEntry[] = [];
  let after: readonly Mark[] | undefined = query.after;
  do {
    const page: LedgerPage = await store.ledger({
      ...query,
      after,
      limit: query.limit - lines.length,
    });
    lines.push(...page.lines);
    after = page.next;
  } while (after !== undefined && lines.length < query.limit && clock.monoMs() < until);
  return { lines, next: after };
}

function rowOf({
  actorSeq,
  occurredAtMs,
  recordedAtMs,
  ...entry
}: LedgerEntry): Omit<LedgerRow, 'region'> {
  return {
    ...entry,
    seq: actorSeq,
    occurredAt: new Date(occurredAtMs).toISOString(),
    recordedAt: new Date(recordedAtMs).toISOString(),
  };
}
