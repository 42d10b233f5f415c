import { pino } from 'pino';
import { expect, test } from 'vitest';
import { FakeClock } from '../test/support/engine.ts';
import { Actors } from './actors.ts';
import type { Arrived } from './chunk.ts';
import { History } from './history.ts';
import { NOWHERE } from './position.ts';
import type { JournalReader } from './reader.ts';
import type { Chunk, Store } from './store/store.ts';
import { Tide } from './tide.ts';

/** All that arrives at once, when it has `begun`, and then nothing until it is closed. */
function readerOf(all: readonly Arrived[], begun: Promise<void>): JournalReader {
  const left = [...all];
  let close: () => void = () => {};
  const closed = new Promise<undefined>((resolve) => {
    close = () => resolve(undefined);
  });
  return {
    take: () => (left.length > 0 ? begun.then(() => left.splice(0, 1)) : closed),
    get hasArrived() {
      return left.length > 0;
    },
    isBehind: false,
    acknowledge: () => {},
    close,
  } as unknown as JournalReader;
}

const arrived = (number: number): Arrived =>
  ({ seq: number, record: { number, epoch: 1, hash: `h${number}`, timeMs: number } }) as Arrived;

/** History over a journal of three records, and the clock that it waits by. */
function opened(isQuiet = false) {
  const clock = new FakeClock();
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  if (!isQuiet) begin();
  const tide = new Tide();
  const written: Chunk[] = [];
  const history = new History({
    ...{ shard: 0, from: NOWHERE, clock },
    reader: readerOf([1, 2, 3].map(arrived), begun),
    store: {
      write: async (chunk: Chunk) => {
        written.push(chunk);
        return { lines: chunk.records.length };
      },
    } as unknown as Store,
    log: pino({ level: 'silent' }),
    actors: new Actors(),
    tide,
    merged: async () => true,
  });
  const run = history.run();
  /** Lets so much time pass while so many changes arrive every 50 ms. */
  const pass = async (ms: number, changes: number): Promise<void> => {
    for (let at = 0; at < ms; at += 50) {
      tide.rise(changes, clock.monoMs());
      await clock.advance(50);
    }
  };
  const close = async (): Promise<void> => {
    history.close();
    await clock.advance(50);
    await run;
  };
  return { history, written, begin, pass, close };
}

test('history is written at once where nothing is in a hurry', async () => {
  const { history, pass, close } = opened();
  await pass(500, 0);
  expect(history.durable.number).toBe(3);
  await close();
});

test('a flood goes before history, which is written when it is over', async () => {
  const { history, written, pass, close } = opened();
  await pass(5_000, 1_000);
  expect(written).toEqual([]);
  await pass(500, 1);
  expect(history.durable.number).toBe(3);
  await close();
});

test('history that is ten seconds old waits for no flood', async () => {
  const { history, written, pass, close } = opened();
  await pass(9_900, 1_000);
  expect(written).toEqual([]);
  await pass(500, 1_000);
  expect(history.durable.number).toBe(3);
  await close();
});

test('a flood after a minute of quiet goes before history, too', async () => {
  const { history, written, begin, pass, close } = opened(true);
  await pass(60_000, 0);
  await pass(100, 1_000);
  begin();
  await pass(5_000, 1_000);
  expect(written).toEqual([]);
  await pass(500, 1);
  expect(history.durable.number).toBe(3);
  await close();
});
