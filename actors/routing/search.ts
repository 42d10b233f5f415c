import { assignmentOf, sharesOf } from './assign.ts';
import { Choice } from './choice.ts';
import type { Candidate, Instance } from './instance.ts';
import type { Assignment } from './types.ts';

/** Sets of warehouses that are looked at: so many at most, and so few where orders are large. */
const [MOST_LOOKS, LEAST_LOOKS] = [1_000, 20];
/** Candidates × lines that all looks go through at most: some milliseconds, for which others at the point wait. */
const MOST_STEPS = 1_000_000;

/** How many sets are looked at of an order with so many lines and candidates. */
export const looksFor = ({ candidates, order }: Instance): number =>
  Math.min(
    MOST_LOOKS,
    Math.max(LEAST_LOOKS, Math.floor(MOST_STEPS / (candidates.length * order.lines.length))),
  );

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
export const search = (instance: Instance, mostLooks = looksFor(instance)): Found =>
  new Search(instance, mostLooks).run();

class Search {
  readonly #instance: Instance;
  readonly #choice: Choice;
  readonly #most: number;
  readonly #mostLooks: number;
  readonly #isOut: Uint8Array;
  /** Of any candidate. */
  readonly #leastOpen: number;
  #best: Ranked | undefined;
  #second: Ranked | undefined;
  #bar = Number.POSITIVE_INFINITY;
  #looks = 0;

  constructor(instance: Instance, mostLooks: number) {
    const { candidates, policy } = instance;
    this.#instance = instance;
    this.#choice = new Choice(instance);
    this.#most = Math.min(policy.maxWarehouses, candidates.length);
    this.#mostLooks = mostLooks;
    this.#isOut = new Uint8Array(candidates.length);
    this.#leastOpen = candidates[0]?.open ?? 0;
  }

  run(): Found {
    this.#greedy();
    this.#grow(0, 0);
    const ranked = [this.#best, this.#second].filter((one) => one !== undefined);
    return {
      assignments: ranked.map(({ assignment }) => assignment),
      isExact: this.#looks < this.#mostLooks,
    };
  }

  /** What has most of the lines that are missing, first: something to be measured against, at once. */
  #greedy(): void {
    const choice = this.#choice;
    const { candidates } = this.#instance;
    while (choice.size < this.#most && choice.missing() !== undefined) {
      let [best, most] = [-1, 0];
      for (let s = 0; s < candidates.length; s++) {
        const has = choice.newLines(s);
        if (has > most) [best, most] = [s, has];
      }
      if (best < 0) break;
      choice.push(best);
    }
    if (choice.missing() === undefined) this.#record();
    while (choice.size > 0) choice.pop();
  }

  /** `open`: what parcels of the chosen ones cost; `days`: until the last of them is there. */
  #grow(open: number, days: number): void {
    if (this.#looks >= this.#mostLooks) return;
    this.#looks++;
    const choice = this.#choice;
    const missing = choice.missing();
    if (missing === undefined) this.#weigh(open, days);
    if (choice.size >= this.#most) return;
    if (this.#leastWithMore(open, days, choice.size) > this.#bar) return;
    const left: number[] = [];
    for (const s of missing ?? choice.better()) {
      if (this.#isOut[s] === 1 || choice.has(s)) continue;
      this.#choose(s, open, days);
      this.#isOut[s] = 1;
      left.push(s);
    }
    for (const s of left) this.#isOut[s] = 0;
  }

  #choose(s: number, open: number, days: number): void {
    const choice = this.#choice;
    const candidate = this.#instance.candidates[s] as Candidate;
    const [opened, last] = [open + candidate.open, Math.max(days, candidate.days)];
    const size = choice.size + 1;
    const least = this.#least(opened, last, size);
    if (least > this.#bar) return;
    if (size === this.#most) {
      if (++this.#looks >= this.#mostLooks) return;
      if (!choice.wouldSendAll(s)) return;
      if (least - choice.floor + choice.lineCost(s) > this.#bar) return;
    }
    choice.push(s);
    if (!choice.hasIdle()) this.#grow(opened, last);
    choice.pop();
  }

  /** The least that a set of so many parcels may score, these `open` ones among them. */
  #least(open: number, days: number, parcels: number): number {
    const { split, promise } = this.#instance.policy.weights;
    return this.#choice.floor + open + split * (parcels - 1) + promise * days;
  }

  /** The same of a set with one more. */
  #leastWithMore(open: number, days: number, parcels: number): number {
    return this.#least(open + this.#leastOpen, days, parcels + 1);
  }

  /** Only what may be among the two best is written out. */
  #weigh(open: number, days: number): void {
    const { size, floor } = this.#choice;
    const score = this.#least(open, days, size) - floor + this.#choice.lineCost();
    if (score <= this.#bar) this.#record();
  }

  /** A set of which one sends nothing is another set, looked at elsewhere. */
  #record(): void {
    const { chosen } = this.#choice;
    const shares = sharesOf(this.#instance, chosen);
    if (shares === undefined) return;
    if (new Set(shares.map(({ candidate }) => candidate)).size < chosen.length) return;
    const assignment = assignmentOf(this.#instance, shares);
    const names = assignment.parcels.map(({ warehouse }) => warehouse).join('\n');
    if (names === this.#best?.names || names === this.#second?.names) return;
    const ranked = { assignment, names };
    if (this.#best === undefined || isBefore(ranked, this.#best)) {
      this.#second = this.#best;
      this.#best = ranked;
    } else if (this.#second === undefined || isBefore(ranked, this.#second)) {
      this.#second = ranked;
    }
    this.#bar = (this.#second?.assignment.score ?? Number.POSITIVE_INFINITY) + SLACK;
  }
}

/** By score, ties by the names of the warehouses. */
const isBefore = (a: Ranked, b: Ranked): boolean =>
  a.assignment.score < b.assignment.score ||
  (a.assignment.score === b.assignment.score && a.names < b.names);
