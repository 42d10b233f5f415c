import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Floor } from './floor.ts';

const Line = z.object({
  ...{ sku: z.string(), warehouse: z.string(), docType: z.string(), doc: z.string() },
  ...{ docLine: z.string(), reason: z.string(), quality: z.string(), account: z.string() },
  ...{ change: z.number(), before: z.number(), after: z.number(), recordedAt: z.string() },
});
const Page = z.object({ lines: z.array(Line), after: z.string().nullable() });
const BatchLine = z.object({
  ...{ sku: z.string(), warehouse: z.string(), batch: z.string(), quality: z.string() },
  ...{ docType: z.string(), doc: z.string(), reason: z.string(), qty: z.number() },
  ...{ placeFrom: z.string(), placeTo: z.string(), change: z.number() },
  after: z.number().nullable(),
});
const BatchPage = z.object({ lines: z.array(BatchLine), after: z.string().nullable() });

export type LedgerLine = z.infer<typeof Line>;
export type BatchLedgerLine = z.infer<typeof BatchLine>;

export const ledgerOf = (nats: NatsConnection, sku: string): Promise<LedgerLine[]> =>
  pages(nats, 'inv.oms.ledger', { sku }, Page);

export const batchLedgerOf = (nats: NatsConnection, sku: string): Promise<BatchLedgerLine[]> =>
  pages(nats, 'inv.oms.batchLedger', { sku }, BatchPage);

async function pages<L>(
  nats: NatsConnection,
  subject: string,
  asked: object,
  schema: z.ZodType<{ lines: L[]; after: string | null }>,
): Promise<L[]> {
  const found: L[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const body = JSON.stringify({ ...asked, limit: 1_000, ...(after === '' ? {} : { after }) });
    const page = schema.parse((await nats.request(subject, body, { timeout: 10_000 })).json());
    found.push(...page.lines);
    after = page.after;
  }
  return found;
}

/** One account of one quality in one warehouse, through the day. Base units. */
export interface Balance {
  readonly warehouse: string;
  readonly quality: string;
  readonly account: string;
  readonly opening: number;
  /** Net change by kind of document. */
  readonly by: ReadonlyMap<string, number>;
  readonly closing: number;
}

/** Opening + in − out, by kind of document, and what the ledger says was left. */
export function balancesOf(lines: readonly LedgerLine[]): Balance[] {
  const found = new Map<string, { first: LedgerLine; by: Map<string, number>; closing: number }>();
  for (const line of lines) {
    const name = `${line.warehouse} ${line.quality} ${line.account}`;
    const one = found.get(name) ?? { first: line, by: new Map<string, number>(), closing: 0 };
    one.by.set(line.docType, (one.by.get(line.docType) ?? 0) + line.change);
    one.closing = line.after;
    found.set(name, one);
  }
  return [...found.values()].map(({ first, by, closing }) => {
    const { warehouse, quality, account, before: opening } = first;
    return { warehouse, quality, account, opening, by, closing };
  });
}

/** Where the ledger contradicts itself, or the stock that a scanner reads, or the batch ledger. */
export async function contradictions(
  sku: string,
  lines: readonly LedgerLine[],
  batches: readonly BatchLedgerLine[],
  floors: ReadonlyMap<string, Floor>,
): Promise<string[]> {
  const found: string[] = [];
  for (const { warehouse, quality, account, opening, by, closing } of balancesOf(lines)) {
    let sum = opening;
    for (const change of by.values()) sum += change;
    const what = `${sku} ${account} ${quality} in ${warehouse}`;
    if (sum !== closing) found.push(`${what}: the lines come to ${sum}, the last says ${closing}`);
    const now = await figure(floors.get(warehouse), sku, quality, account);
    if (now !== closing) found.push(`${what}: the ledger says ${closing}, a scanner reads ${now}`);
  }
  for (const [name, { sum, after }] of batchSums(batches)) {
    if (sum !== after) found.push(`${sku} batch ${name}: the lines come to ${sum}, not ${after}`);
  }
  return found;
}

async function figure(
  floor: Floor | undefined,
  sku: string,
  quality: string,
  account: string,
): Promise<number | undefined> {
  const stock = (await floor?.read(sku))?.stock as Stock | undefined;
  if (stock === undefined) return undefined;
  if (quality === 'qualified') return stock[account === 'onHand' ? 'qualified' : account] as number;
  if (account === 'onHand') return stock[quality] as number;
  return stock.qualities?.[quality]?.[account] ?? 0;
}

type Stock = Readonly<Record<string, unknown>> & {
  readonly qualities?: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

function batchSums(lines: readonly BatchLedgerLine[]): Map<string, { sum: number; after: number }> {
  const sums = new Map<string, { sum: number; after: number }>();
  for (const { warehouse, batch, quality, change, after } of lines) {
    if (after === null) continue;
    const name = `${batch} ${quality} in ${warehouse}`;
    sums.set(name, { sum: (sums.get(name)?.sum ?? 0) + change, after });
  }
  return sums;
}
