import { expect, test } from 'vitest';
import { FakeClock, START_MS } from '../../test/support/engine.ts';
import type { Sold, SoldQuery } from '../store/sold.ts';
import { SCHEDULING } from './policy.ts';
import { SoldReader } from './sold-reader.ts';
import { Tallies } from './tallies.ts';

const clock = new FakeClock();
const goOn = (): boolean => false;

/** One unit of actor 1 in each record, `eachMs` apart, the last one now. */
function ledger(eachMs: number) {
  const shard = { number: 3, history: { durable: { number: 12_000 } } };
  const asked: SoldQuery[] = [];
  const state = { isDown: false };
  const timeOf = (number: number): number => START_MS - (12_000 - number) * eachMs;
  async function sold(query: SoldQuery): Promise<Sold> {
    if (state.isDown) throw new Error('the database is down');
    asked.push(query);
    const rows = [];
    for (let number = query.after + 1; number <= query.upTo; number++) {
      rows.push({ actor: 1, source: 'eu', units: 1, atMs: timeOf(number) });
    }
    return { rows, firstMs: timeOf(query.after + 1) };
  }
  const tallies = new Tallies();
  const reader = new SoldReader(shard, { sold }, tallies, new Set(['', 'eu']), clock);
  const units = (): number => [...tallies.soldBy(START_MS)][0]?.units.get('eu') ?? 0;
  return { shard, asked, reader, units, state };
}

test('each record of the window counts once, those before and those that come', async () => {
  const { shard, reader, units } = ledger(0);
  await reader.read(goOn);
  expect(units()).toBe(12_000);
  await reader.read(goOn);
  expect(units()).toBe(12_000);
  shard.history.durable.number = 12_007;
  await reader.read(goOn);
  expect(units()).toBe(12_007);
});

test('what is older than the window is not read', async () => {
  const { reader, asked } = ledger(SCHEDULING.windowMs / 100);
  await reader.read(goOn);
  expect(asked).toEqual([{ shard: 3, after: 11_000, upTo: 12_000 }]);
});

test('goes on where the store failed', async () => {
  const { reader, units, state } = ledger(0);
  let looks = 0;
  await reader.read(() => looks++ > 0);
  expect(units()).toBe(1_000);
  state.isDown = true;
  await expect(reader.read(goOn)).rejects.toThrow('down');
  state.isDown = false;
  await reader.read(goOn);
  expect(units()).toBe(12_000);
});

test('a shard that has lost its end is counted on from there', async () => {
  const { shard, reader, units } = ledger(0);
  await reader.read(goOn);
  shard.history.durable.number = 11_990;
  await reader.read(goOn);
  shard.history.durable.number = 12_000;
  await reader.read(goOn);
  expect(units()).toBe(12_010);
});

test('an order that is named like a sale of a point that is not there is home’s own', async () => {
  const tallies = new Tallies();
  const rows = [{ actor: 1, source: 'SO', units: 2, atMs: START_MS }];
  const books = { sold: async () => ({ rows, firstMs: START_MS }) };
  const shard = { number: 3, history: { durable: { number: 1 } } };
  await new SoldReader(shard, books, tallies, new Set(['', 'eu']), clock).read(goOn);
  expect([...tallies.soldBy(START_MS)][0]?.units).toEqual(new Map([['', 2]]));
});

test('a region whose clock is ahead outweighs no other', async () => {
  const tallies = new Tallies();
  const aheadMs = START_MS + 10 * SCHEDULING.windowMs;
  const rows = [
    { actor: 1, source: 'eu', units: 1, atMs: aheadMs },
    { actor: 1, source: '', units: 3, atMs: START_MS },
  ];
  const books = { sold: async () => ({ rows, firstMs: START_MS }) };
  const shard = { number: 3, history: { durable: { number: 1 } } };
  await new SoldReader(shard, books, tallies, new Set(['', 'eu']), clock).read(goOn);
  const [sold] = [...tallies.soldBy(START_MS + SCHEDULING.halfLifeMs)];
  expect(sold?.units).toEqual(
    new Map([
      ['eu', 0.5],
      ['', 1.5],
    ]),
  );
});
