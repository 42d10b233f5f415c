import { type ActorKey, actorKey } from '../../actors/ids.ts';
import { ALLOCATED, type Balances, GRANTED, get, onHand } from '../../actors/stock/balances.ts';
import { QUALITIES, type Quality } from '../../actors/stock/commands.ts';
import type { LedgerEntry } from '../../oms/store/store.ts';
import type { SimCentre } from './centre.ts';
import type { Cluster } from './cluster.ts';
import { Failure } from './failure.ts';
import type { Truth } from './truth.ts';

/** R1, R2 at rest: memory and tables of the centre have what the region has, and the ledger tells how it came about. */
export function sameAtCentre({ oracle, centre }: Cluster, shard: number): void {
  const truth = oracle.truths[shard] as Truth;
  sameStock('memory', centre.remembered(shard), truth);
  sameStock('tables', stored(centre, shard), truth);
  soundLedger(
    centre.tables.lines.filter((line) => line.shard === shard),
    truth,
  );
}

interface Held {
  readonly seq: number;
  readonly balances: Balances;
}

function* stored({ tables }: SimCentre, shard: number): Iterable<readonly [ActorKey, Held]> {
  for (const part of tables.parts.values()) {
    if (part.shard === shard) yield [actorKey(part.owner, part.sku, part.warehouse), part];
  }
}

function sameStock(
  where: string,
  parts: Iterable<readonly [ActorKey, Held]>,
  { state: { stockroom } }: Truth,
): void {
  const is = new Map(parts);
  if (is.size !== stockroom.size) {
    throw new Failure('R2 centre', `${where}: ${is.size} actors of ${stockroom.size}`);
  }
  for (const [key, { seq, b }] of stockroom.entries()) {
    const part = is.get(key);
    if (part?.seq === seq && String(part.balances) === String(b)) continue;
    const there = `${part?.balances} at ${part?.seq}`;
    throw new Failure('R2 centre', `${key} is ${b} at ${seq}, in ${where} ${there}`);
  }
}

/**
 * Every line once, in the record that it names, and opening + in − out = closing
 * along each account, up to what the actor has now. A line that is missing, or
 * there twice, breaks the sum.
 */
function soundLedger(lines: readonly LedgerEntry[], truth: Truth): void {
  const say = (what: string): Failure => new Failure('R1 ledger', `shard ${truth.shard}: ${what}`);
  const last = new Map<string, number>();
  let before: LedgerEntry | undefined;
  for (const line of lines) {
    const { number, epoch, hash, owner, sku, warehouse, quality, account } = line;
    const record = truth.records[number - 1];
    const place = `line ${line.line} of record ${number}`;
    if (record?.hash !== hash || record.epoch !== epoch) throw say(`${place} is of another record`);
    const isNext = before?.number === number ? line.line === before.line + 1 : line.line === 0;
    if (!isNext || number < (before?.number ?? 0))
      throw say(`${place} comes after ${before?.line}`);
    const key = `${owner}/${sku}@${warehouse} ${quality} ${account}`;
    if (line.before !== (last.get(key) ?? 0)) throw say(`${place}: ${key} opens at ${line.before}`);
    if (line.after !== line.before + line.change) throw say(`${place}: ${key} does not add up`);
    last.set(key, line.after);
    before = line;
  }
  for (const [key, { b }] of truth.state.stockroom.entries()) {
    for (const [quality, name] of QUALITIES.entries()) {
      const accounts = {
        onHand: onHand(b, quality as Quality),
        allocated: get(b, quality as Quality, ALLOCATED),
        granted: get(b, quality as Quality, GRANTED),
      };
      for (const [account, units] of Object.entries(accounts)) {
        const closing = last.get(`${key} ${name} ${account}`) ?? 0;
        if (closing !== units)
          throw say(`${key} ${name} ${account} closes at ${closing} of ${units}`);
      }
    }
  }
}
