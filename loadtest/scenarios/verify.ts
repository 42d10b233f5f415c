import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from '../../client/client.ts';
import type { Address } from '../scan/greet.ts';
import { type Amounts, untold } from './books.ts';
import { caughtUp, type Entered, ledgerAtCentre, type Seen, stockAtCentre } from './centre.ts';
import type { Accounts } from './orders.ts';

/** Strict reads that are under way at a time. */
const READS = 500;
const TOLD_MOST = 10;

/** The stack as it says it is: three ways of asking that share no memory. */
export interface Found {
  /** Strict reads at the node. */
  readonly node: ReadonlyMap<string, Seen>;
  readonly centre: ReadonlyMap<string, Seen>;
  readonly ledger: ReadonlyMap<string, Entered>;
}

/** Asks for all of it, when the centre has caught up. */
export async function lookAtAll(nats: NatsConnection, address: Address): Promise<Found> {
  await caughtUp(nats);
  const [centre, ledger] = [await stockAtCentre(nats), await ledgerAtCentre(nats)];
  return { centre, ledger, node: await readAll(address, [...centre.keys()]) };
}

async function readAll(address: Address, keys: readonly string[]): Promise<Map<string, Seen>> {
  const client = await Client.connect({ ...address, client: 'auditor', inFlight: READS });
  const found = new Map<string, Seen>();
  await Promise.all(
    keys.map(async (key) => {
      const [warehouse, sku] = key.split('/') as [string, string];
      const answer = await client.send({ op: 'read', warehouse, sku, read: 'strict' });
      if (!answer.ok) throw new Error(`${key} cannot be read: ${answer.message}`);
      const { onHand, allocated } = answer.stock ?? { onHand: Number.NaN, allocated: Number.NaN };
      found.set(key, { seq: answer.seq ?? 0, onHand, allocated });
    }),
  );
  client.close();
  return found;
}

/** Sums over all goods, where a driver keeps no more. */
export interface Totals extends Amounts {
  /** Accepted steps. */
  readonly seq: number;
  /** Ledger lines that they must have left. */
  readonly lines: number;
}

export function totalsOf(told: Accounts): Totals {
  const sums = { seq: 0, onHand: 0, allocated: 0, lines: 0 };
  for (const { lastSeq, onHand, allocated, lines } of told.values()) {
    sums.seq += lastSeq;
    sums.onHand += onHand;
    sums.allocated += allocated;
    sums.lines += lines;
  }
  return sums;
}

/** What is wrong, in words: the three places against each other, and their sums against what was told. */
export function problemsOfTotals(told: readonly Totals[], found: Found): string[] {
  const problems: string[] = [];
  const sums = { seq: 0, onHand: 0, allocated: 0, lines: 0 };
  for (const [key, there] of found.centre) {
    const { onHand, allocated, lines = 0, twice } = found.ledger.get(key) ?? {};
    const entered = JSON.stringify({ seq: there.seq, onHand, allocated });
    const asked = JSON.stringify(found.node.get(key));
    const centre = JSON.stringify(there);
    if (asked !== centre || entered !== centre || twice !== 0) {
      problems.push(`${key}: node ${asked}, centre ${centre}, ledger ${entered}, ${twice} twice`);
    }
    if (there.allocated > there.onHand) problems.push(`${key} is oversold: ${centre}`);
    sums.seq += there.seq;
    sums.onHand += there.onHand;
    sums.allocated += there.allocated;
    sums.lines += lines;
  }
  for (const name of ['seq', 'onHand', 'allocated', 'lines'] as const) {
    const expected = told.reduce((sum, t) => sum + t[name], 0);
    if (sums[name] !== expected) problems.push(`${name}: told ${expected}, there ${sums[name]}`);
  }
  return firstOf(problems);
}

/** What is wrong, in words; nothing where every acknowledged step counts exactly once. */
export function problemsOf(told: Accounts, found: Found): string[] {
  const problems: string[] = [];
  for (const [key, account] of told) {
    if (account.twice > 0) problems.push(`${key}: ${account.twice} events were told twice`);
    const gaps = untold(account);
    if (gaps > 0) problems.push(`${key}: ${gaps} events were told to nobody`);
    if (account.oversold > 0) problems.push(`${key}: ${account.oversold} answers show it oversold`);
    const { lastSeq: seq, onHand, allocated, lines } = account;
    const asTold = JSON.stringify({ seq, onHand, allocated });
    for (const place of ['node', 'centre'] as const) {
      const there = JSON.stringify(found[place].get(key) ?? 'nothing');
      if (there !== asTold) problems.push(`${key}: told ${asTold}, at the ${place} ${there}`);
    }
    const entered = JSON.stringify(found.ledger.get(key) ?? 'nothing');
    const expected = JSON.stringify({ onHand, allocated, lines, twice: 0 });
    if (entered !== expected) problems.push(`${key}: told ${expected}, in the ledger ${entered}`);
  }
  for (const key of found.centre.keys()) {
    if (!told.has(key)) problems.push(`${key}: at the centre, and nobody was told`);
  }
  return firstOf(problems);
}

const firstOf = (problems: readonly string[]): string[] => {
  const more = problems.length - TOLD_MOST;
  return more > 0 ? [...problems.slice(0, TOLD_MOST), `and ${more} more`] : [...problems];
};
