import type { Cutoff } from './rules.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** When the day began that it is at a place, epoch ms; a day on which clocks change counts as any other. */
export function dayStartMs(atMs: number, timeZone: string): number {
  let clock = CLOCKS.get(timeZone);
  if (clock === undefined) {
    const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...parts });
    CLOCKS.set(timeZone, clock);
  }
  const [hours = 0, minutes = 0, seconds = 0] = clock.format(atMs).split(':').map(Number);
  const sinceMs = ((hours * 60 + minutes) * 60 + seconds) * 1_000;
  return Math.floor(atMs / 1_000) * 1_000 - sinceMs;
}

/** The cutoff of the day that it is there; 0 where there is none. */
export const cutoffAtMs = (atMs: number, cutoff: Cutoff | undefined): number =>
  cutoff === undefined ? 0 : dayStartMs(atMs, cutoff.timeZone) + cutoff.minutes * MINUTE_MS;

/** Orders that a point has routed to each warehouse on the day that it is there. */
export class Today {
  readonly #days = new Map<string, { startMs: number; orders: number }>();

  /** An order of that time; not of a day before the last that is known. Days whose beginnings are hours apart are one, on which clocks change. */
  add(warehouse: string, atMs: number, timeZone: string): void {
    const startMs = dayStartMs(atMs, timeZone);
    const day = this.#days.get(warehouse);
    const laterMs = startMs - (day?.startMs ?? Number.NEGATIVE_INFINITY);
    if (laterMs < -DAY_MS / 2) return;
    const before = laterMs > DAY_MS / 2 ? 0 : (day?.orders ?? 0);
    this.#days.set(warehouse, { startMs, orders: before + 1 });
  }

  orders(warehouse: string, atMs: number): number {
    const day = this.#days.get(warehouse);
    return day === undefined || atMs >= day.startMs + DAY_MS ? 0 : day.orders;
  }

  clear(): void {
    this.#days.clear();
  }
}
