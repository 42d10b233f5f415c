import type { OrderLine } from '../../actors/rights/acts.ts';
import type { Clock } from '../clock.ts';
import { lineKey } from './pooled.ts';

/** One order that waits, from its first look to its last. */
interface Waiter {
  readonly lines: readonly OrderLine[];
  readonly sinceMs: number;
  /** Undefined while it is looking. */
  wake: (() => void) | undefined;
}

/** What has become of a SKU that orders wait for. */
export interface Come {
  /** Units that nobody claims. */
  readonly units: number;
  /** When home said last that nothing more can come, monotonic ms; −∞ where it has not. */
  readonly shortMs: number;
}

/**
 * Orders that wait at a selling point, first come first served by SKU. Of thousands that wait for the same units
 * only those are woken that could be sold with what has come, or that have been told that nothing more will.
 */
export class Waiters {
  readonly #clock: Clock;
  readonly #bySku = new Map<string, Set<Waiter>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(lines: readonly OrderLine[]): Waiter {
    const waiter: Waiter = { lines, sinceMs: this.#clock.monoMs(), wake: undefined };
    for (const line of lines) {
      const key = lineKey(line);
      this.#bySku.set(key, (this.#bySku.get(key) ?? new Set()).add(waiter));
    }
    return waiter;
  }

  leave(waiter: Waiter): void {
    for (const line of waiter.lines) {
      const waiting = this.#bySku.get(lineKey(line));
      waiting?.delete(waiter);
      if (waiting?.size === 0) this.#bySku.delete(lineKey(line));
    }
    waiter.wake?.();
  }

  /** Resolves when it is worth another look, or after so long. */
  next(waiter: Waiter, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        waiter.wake = undefined;
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(withinMs, wake);
      waiter.wake = wake;
    });
  }

  /** Something has come: `of` says what, of the SKU of a line. */
  changed(of: (line: OrderLine) => Come): void {
    for (const [key, waiting] of this.#bySku) {
      const woken: Waiter[] = [];
      let come: Come | undefined;
      let left = 0;
      for (const waiter of waiting) {
        const line = waiter.lines.find((one) => lineKey(one) === key) as OrderLine;
        if (come === undefined) {
          come = of(line);
          left = come.units;
        }
        const isTold = waiter.sinceMs <= come.shortMs;
        if (left < line.qty && !isTold && come.shortMs === Number.NEGATIVE_INFINITY) break;
        if (waiter.wake === undefined) continue;
        if (left >= line.qty) left -= line.qty;
        else if (!isTold) continue;
        woken.push(waiter);
      }
      for (const waiter of woken) waiter.wake?.();
    }
  }

  wakeAll(): void {
    for (const waiting of [...this.#bySku.values()]) {
      for (const waiter of [...waiting]) waiter.wake?.();
    }
  }
}
