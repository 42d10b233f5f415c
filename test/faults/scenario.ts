import type { Opened } from '../../loadtest/opened.ts';
import type { Books } from './books.ts';

/** What a scenario works with. */
export interface Bench {
  /** Whatever it starts or makes is taken down with this, also when it fails. */
  readonly opened: Opened;
  readonly rounds: number;
  /** A folder of its own, taken away at the end. */
  readonly dir: string;
  /** nats-server's sync_interval; the promise is for `always`. */
  readonly sync: string;
  readonly books: Books;
  readonly progress: Progress;
  /** A line for a person who waits. */
  readonly say: (line: string) => void;
}

/** What a round found out, as it goes. */
export interface Progress {
  rounds: number;
  longestOutageMs: number;
  /** Of each round, where a scenario is about the outage. */
  readonly outagesMs: number[];
  /** Damage that was found and named, where a scenario does damage. */
  found: number;
}

export interface Scenario {
  readonly name: string;
  /** One line for a person. */
  readonly what: string;
  readonly rounds: { readonly short: number; readonly long: number };
  /** Why this machine does not allow it; undefined where it does. */
  readonly cannot?: () => Promise<string | undefined>;
  readonly run: (bench: Bench) => Promise<void>;
}

/** One row of the result; the names are the output's. */
export interface Row {
  readonly rounds: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly longest_outage_ms: number;
  /** Of the outages of each round, where the scenario is about them. */
  readonly outage_p99_ms?: number;
  /** Damage that was found and named; in the other rounds it did no harm. */
  readonly found?: number;
  readonly skipped?: string;
  /** Anything else that must not be, in words. */
  readonly wrong?: readonly string[];
}

export const isSound = (row: Row): boolean =>
  row.lost === 0 && row.doubled === 0 && row.wrong === undefined;
