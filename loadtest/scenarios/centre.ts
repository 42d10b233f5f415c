import type { NatsConnection } from '@nats-io/transport-node';
import { sleep, systemClock } from '../../engine/clock.ts';
import type { DigestAnswer } from '../../oms/services/digest.ts';
import type { LedgerAnswer } from '../../oms/services/ledger.ts';
import type { StockAnswer } from '../../oms/services/stock.ts';
import { type Amounts, keyOf } from './books.ts';

/** A page of a long ledger takes its time where the centre gives way to other work. */
const ASK_MS = 30_000;
const AGAIN_MS = 100;
const PAGE = 1_000;
/** Without any progress. */
const STUCK_MS = 120_000;

export interface Seen extends Amounts {
  readonly seq: number;
}

export interface Entered extends Amounts {
  /** Lines of the ledger. */
  lines: number;
  /** Lines that repeat the event and account of another. */
  twice: number;
}

/** Asks again for a while: after a load, or its own start, the centre may not answer at once. */
export async function ask<T>(nats: NatsConnection, subject: string, body: object): Promise<T> {
  const untilMs = systemClock.monoMs() + STUCK_MS;
  for (;;) {
    try {
      return await askOnce<T>(nats, subject, body);
    } catch (e) {
      if (e instanceof Refused || systemClock.monoMs() > untilMs) throw e;
      await sleep(systemClock, AGAIN_MS);
    }
  }
}

class Refused extends Error {
  override readonly name = 'Refused';
}

async function askOnce<T>(nats: NatsConnection, subject: string, body: object): Promise<T> {
  const answer = await nats.request(subject, JSON.stringify(body), { timeout: ASK_MS });
  const told = answer.json<T & { readonly error?: { readonly message: string } }>();
  if (told.error !== undefined) throw new Refused(`${subject}: ${told.error.message}`);
  return told;
}

/** Waits until the centre has all of the region's journal, in SQL too. Throws where they differ. */
export async function caughtUp(nats: NatsConnection): Promise<void> {
  let progress = '';
  let sinceMs = systemClock.monoMs();
  for (;;) {
    const { shards } = await ask<DigestAnswer>(nats, 'inv.oms.digest', {});
    const behind = shards.find((s) => s.equal !== true || s.durable.number !== s.region?.number);
    if (behind === undefined) return;
    if (behind.state === 'broken' || behind.equal === false) {
      throw new Error(`the centre differs in shard ${behind.shard}: ${JSON.stringify(behind)}`);
    }
    const now = shards.map((s) => s.durable.number).join();
    if (now !== progress) sinceMs = systemClock.monoMs();
    progress = now;
    if (systemClock.monoMs() > sinceMs + STUCK_MS) {
      throw new Error(`the centre does not go on: ${JSON.stringify(behind)}`);
    }
    await sleep(systemClock, 100);
  }
}

/** What the centre says is where. */
export async function stockAtCentre(nats: NatsConnection): Promise<Map<string, Seen>> {
  const found = new Map<string, Seen>();
  let after: string | null = null;
  do {
    const asked: object = { limit: PAGE, ...(after === null ? {} : { after }) };
    const page: StockAnswer = await ask<StockAnswer>(nats, 'inv.oms.stock', asked);
    for (const { warehouse, sku, seq, onHand, allocated } of page.parts) {
      found.set(keyOf(warehouse, sku), { seq, onHand, allocated });
    }
    after = page.after;
  } while (after !== null);
  return found;
}

/** What the lines of the ledger add up to. */
export async function ledgerAtCentre(nats: NatsConnection): Promise<Map<string, Entered>> {
  const found = new Map<string, Entered>();
  const seen = new Set<string>();
  let after: string | null = null;
  do {
    const asked: object = { limit: PAGE, ...(after === null ? {} : { after }) };
    const page: LedgerAnswer = await ask<LedgerAnswer>(nats, 'inv.oms.ledger', asked);
    for (const { warehouse, sku, seq, account, change } of page.lines) {
      const key = keyOf(warehouse, sku);
      const sum = found.get(key) ?? { onHand: 0, allocated: 0, lines: 0, twice: 0 };
      found.set(key, sum);
      const name = `${key} ${seq} ${account}`;
      if (seen.has(name)) sum.twice++;
      seen.add(name);
      sum.lines++;
      if (account === 'onHand' || account === 'allocated') sum[account] += change;
    }
    after = page.after;
  } while (after !== null);
  return found;
}
