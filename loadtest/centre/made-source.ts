import type { Delivered, Inflow, Source, Sources } from '../../oms/source.ts';
import { takeUpTo } from '../../oms/source.ts';
import type { MadeJournal, StoredRecord } from './journal.ts';

/** A journal that was made before, as both of the centre's readers get it: all of it is there at once. */
export const madeSources = ({ stored }: MadeJournal): Sources => ({
  memory: new MadeSource(stored),
  history: new MadeSource(stored),
});

/** The same for memory alone: history hears of no record. */
export const memoryOnly = ({ stored }: MadeJournal): Sources => ({
  memory: new MadeSource(stored),
  history: new MadeSource([]),
});

class MadeSource implements Source {
  readonly #stored: readonly StoredRecord[];

  constructor(stored: readonly StoredRecord[]) {
    this.#stored = stored;
  }

  async bounds(): Promise<{ first: number; last: number }> {
    return { first: 1, last: this.#stored.length };
  }

  async open(seq: number): Promise<Inflow> {
    const arrived = this.#stored.slice(seq - 1).map((record, i): Delivered => {
      const pending = this.#stored.length - seq - i;
      return { ...record, pending, acknowledge: () => {} };
    });
    return inflowOf(arrived);
  }
}

function inflowOf(arrived: Delivered[]): Inflow {
  let end: (error: Error) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = reject;
  });
  ended.catch(() => {}); // thrown by whoever takes
  return {
    caughtUpMs: undefined,
    get hasArrived() {
      return arrived.length > 0;
    },
    take: (bytes) => (arrived.length > 0 ? Promise.resolve(takeUpTo(arrived, bytes)) : ended),
    lose: (why) => end(new Error(why)),
    close: () => end(new Error('closed')),
  };
}
