import { assignmentOf, sharesOf } from './assign.ts';
import type { Candidate, Instance } from './instance.ts';
import type { Assignment } from './types.ts';

/** Sets of warehouses that are looked at, at most: some milliseconds. */
export const MOST_LOOKS = 6_000;

export interface Found {
  /** At most two, the best first, each of another set of warehouses. */
  readonly assignments: readonly Assignment[];
  readonly isExact: boolean;
}

interface Ranked {
  readonly assignment: Assignment;
  readonly names: string;
}

/** Sums of the same figures in another order differ by less. */
const SLACK = 1e-9;

/**
 * The two best sets of at most `maxWarehouses` candidates: branch and bound. A line that nobody chosen has must come
 * from one of its candidates: each in turn is chosen, and left out of what comes after its turn, so that no set is
 * looked at twice. A set that has all lines may still do better with one more, where goods are older or cheaper.
 * A branch ends where even the best that may come of it is worse than the second best known.
 */
export function search(instance: Instance, mostLooks = MOST_LOOKS): Found {
  return new Search(instance, mostLooks).run();
}

class Search {
  readonly #instance: Instance;
  readonly #lines: number;
  readonly #most: number;
  readonly #mostLooks: number;
  readonly #chosen: number[] = [];
  readonly #isOut: Uint8Array;
  /** Of each line, candidates that have any of it, or all of one that is not divided; scarce lines first. */
  readonly #scarce: readonly { readonly line: number; readonly from: readonly number[] }[];
  /** The least that all lines may cost, whoever sends them. */
  readonly #floor: number;
  #best: Ranked | undefined;
  #second: Ranked | undefined;
  #looks = 0;

  constructor(instance: Instance, mostLooks: number) {
    const { candidates, order, units, unitCost, isDivided, policy } = instance;
    this.#instance = instance;
    this.#lines = order.lines.length;
    this.#most = policy.maxWarehouses;
    this.#mostLooks = mostLooks;
    this.#isOut = new Uint8Array(candidates.length);
    let floor = 0;
    this.#scarce = order.lines
      .map(({ qty }, line) => {
        const needed = isDivided[line] ? 1 : qty;
        const from: number[] = [];
        let least = Number.POSITIVE_INFINITY;
        for (let s = 0; s < candidates.length; s++) {
          const at = s * this.#lines + line;
          if ((units[at] as number) < needed) continue;
          from.push(s);
          least = Math.min(least, unitCost[at] as number);
        }
        floor += from.length === 0 ? 0 : qty * least;
        return { line, from };
      })
      .sort((a, b) => a.from.length - b.from.length || a.line - b.line);
    this.#floor = floor;
  }

  run(): Found {
    this.#greedy();
    this.#chosen.length = 0;
    this.#grow(0, 0);
    const ranked = [this.#best, this.#second].filter((one) => one !== undefined);
    return {
      assignments: ranked.map(({ assignment }) => assignment),
      isExact: this.#looks < this.#mostLooks,
    };
  }

  /** What has most of the lines that are missing, first: something to be measured against, at once. */
  #greedy(): void {
    const { candidates } = this.#instance;
    while (this.#chosen.length < this.#most) {
      let [best, most] = [-1, 0];
      for (let s = 0; s < candidates.length; s++) {
        const has = this.#chosen.includes(s) ? 0 : this.#newLines(s);
        if (has > most) [best, most] = [s, has];
      }
      if (best < 0) break;
      this.#chosen.push(best);
    }
    if (this.#missing() === undefined) this.#record();
  }

  /** Lines that are missing and that a candidate has at least something of. */
  #newLines(s: number): number {
    let count = 0;
    for (const { line, from } of this.#scarce) {
      if (!this.#isCovered(line) && from.includes(s)) count++;
    }
    return count;
  }

  /** `open`: what parcels of the chosen ones cost; `days`: until the last of them is there. */
  #grow(open: number, days: number): void {
    if (this.#looks >= this.#mostLooks) return;
    this.#looks++;
    const missing = this.#missing();
    if (missing === undefined) this.#record();
    if (this.#chosen.length >= this.#most) return;
    const left: number[] = [];
    const from = missing === undefined ? this.#better() : missing;
    for (const s of from) {
      if (this.#isOut[s] === 1 || this.#chosen.includes(s)) continue;
      this.#choose(s, open, days);
      this.#isOut[s] = 1;
      left.push(s);
    }
    for (const s of left) this.#isOut[s] = 0;
  }

  #choose(s: number, open: number, days: number): void {
    const candidate = this.#instance.candidates[s] as Candidate;
    const [opened, last] = [open + candidate.open, Math.max(days, candidate.days)];
    const { split, promise } = this.#instance.policy.weights;
    const least = this.#floor + opened + split * this.#chosen.length + promise * last;
    const bar = this.#second?.assignment.score ?? Number.POSITIVE_INFINITY;
    if (least > bar + SLACK) return;
    this.#chosen.push(s);
    this.#grow(opened, last);
    this.#chosen.pop();
  }

  /** Candidates of the scarcest line that the chosen ones cannot send; undefined where they can send all. */
  #missing(): readonly number[] | undefined {
    return this.#scarce.find(({ line }) => !this.#isCovered(line))?.from;
  }

  #isCovered(line: number): boolean {
    const { order, units, isDivided } = this.#instance;
    const { qty } = order.lines[line] as (typeof order.lines)[number];
    let sum = 0;
    for (const s of this.#chosen) {
      const has = units[s * this.#lines + line] as number;
      if (has >= qty) return true;
      sum += has;
    }
    return isDivided[line] === true && sum >= qty;
  }

  /** Candidates that would send some line no dearer than whoever sends it now. */
  #better(): number[] {
    const { candidates, order, units, unitCost, isDivided } = this.#instance;
    const found: number[] = [];
    for (let s = 0; s < candidates.length; s++) {
      for (let line = 0; line < this.#lines; line++) {
        const at = s * this.#lines + line;
        const { qty } = order.lines[line] as (typeof order.lines)[number];
        if ((units[at] as number) < (isDivided[line] ? 1 : qty)) continue;
        if (isDivided[line] || (unitCost[at] as number) <= this.#costNow(line, qty)) {
          found.push(s);
          break;
        }
      }
    }
    return found;
  }

  /** Of a unit of a line that is not divided. */
  #costNow(line: number, qty: number): number {
    const { units, unitCost } = this.#instance;
    let least = Number.POSITIVE_INFINITY;
    for (const s of this.#chosen) {
      const at = s * this.#lines + line;
      if ((units[at] as number) >= qty) least = Math.min(least, unitCost[at] as number);
    }
    return least;
  }

  /** A set of which one sends nothing is another set, looked at elsewhere. */
  #record(): void {
    const shares = sharesOf(this.#instance, this.#chosen);
    if (shares === undefined) return;
    if (new Set(shares.map(({ candidate }) => candidate)).size < this.#chosen.length) return;
    const assignment = assignmentOf(this.#instance, shares);
    const names = assignment.parcels.map(({ warehouse }) => warehouse).join('\n');
    const ranked = { assignment, names };
    if (names === this.#best?.names || names === this.#second?.names) return;
    if (this.#best === undefined || isBefore(ranked, this.#best)) {
      this.#second = this.#best;
      this.#best = ranked;
    } else if (this.#second === undefined || isBefore(ranked, this.#second)) {
      this.#second = ranked;
    }
  }
}

/** By score, ties by the names of the warehouses. */
const isBefore = (a: Ranked, b: Ranked): boolean =>
  a.assignment.score < b.assignment.score ||
  (a.assignment.score === b.assignment.score && a.names < b.names);
