import type { Address } from '../scan/greet.ts';
import type { Account } from './books.ts';
import type { Percentiles } from './figures.ts';
import type { WorkPlan } from './work.ts';

/** What the driver's process is asked to do. */
export type Order =
  | { readonly kind: 'connect'; readonly address: Address; readonly scanners: number }
  | { readonly kind: 'receive'; readonly address: Address; readonly plan: WorkPlan }
  | {
      readonly kind: 'run';
      readonly plan: WorkPlan;
      readonly rate: number;
      readonly seconds: number;
      /** When every connection is cut and made anew, seconds from the start. */
      readonly stormAt?: number;
    }
  | { readonly kind: 'books' };

/** What came of a run, in figures. */
export interface Run {
  /** Arrivals that the schedule had. */
  readonly due: number;
  readonly sentInTime: number;
  /** Final answers that came within the run's time. */
  readonly answeredInTime: number;
  readonly seconds: number;
  readonly accepted: number;
  /** Refusals by their code. */
  readonly refused: Readonly<Record<string, number>>;
  /** From the due time to the final answer. */
  readonly latency: Percentiles;
  /** The same, in tenths of the run. */
  readonly tenths: readonly Percentiles[];
  /** p99 from the due time to the send, ms. */
  readonly lateP99Ms: number;
  readonly sentAgain: number;
  /** Connections that ended unasked. */
  readonly broke: number;
  readonly driverCpuSeconds: number;
  readonly storm?: Storm;
}

export interface Storm {
  /** Steps without an answer when the connections were cut. */
  readonly inFlight: number;
  /** Until every session was greeted again, ms. */
  readonly backMs: number;
}

export type Accounts = ReadonlyMap<string, Account>;
