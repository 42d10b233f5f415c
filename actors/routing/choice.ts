import type { Instance } from './instance.ts';

/** Candidates that are chosen so far, and what their lines come to: one is put on top, or taken off again. */
export class Choice {
  readonly chosen: number[] = [];
  /** The least that all lines may cost, whoever sends them. */
  readonly floor: number;
  readonly #instance: Instance;
  readonly #lines: number;
  /** Of a candidate and a line: what the whole line costs from there; ∞ where it has not so much. */
  readonly #whole: Float64Array;
  /** Of each line, candidates that can send it, or part of one that is divided; scarce lines first. */
  readonly #scarce: readonly { readonly line: number; readonly from: readonly number[] }[];
  readonly #hasDivided: boolean;
  /** For each number of chosen ones, by line: the least cost of a whole line; of a divided one, units that are missing. */
  readonly #costs: Float64Array[] = [];

  constructor(instance: Instance) {
    const { candidates, order, units, unitCost, isDivided } = instance;
    this.#instance = instance;
    this.#lines = order.lines.length;
    this.#whole = new Float64Array(candidates.length * this.#lines).fill(Number.POSITIVE_INFINITY);
    let floor = 0;
    this.#scarce = order.lines
      .map(({ qty }, line) => {
        const from: number[] = [];
        let least = Number.POSITIVE_INFINITY;
        for (let s = 0; s < candidates.length; s++) {
          const at = s * this.#lines + line;
          if ((units[at] as number) < (isDivided[line] ? 1 : qty)) continue;
          const cost = qty * (unitCost[at] as number);
          from.push(s);
          if (!isDivided[line]) this.#whole[at] = cost;
          least = Math.min(least, cost);
        }
        if (from.length > 0) floor += least;
        return { line, from };
      })
      .sort((a, b) => a.from.length - b.from.length || a.line - b.line);
    this.floor = floor;
    this.#hasDivided = isDivided.includes(true);
    const none = order.lines.map(({ qty }, line) =>
      isDivided[line] ? qty : Number.POSITIVE_INFINITY,
    );
    this.#costs.push(Float64Array.from(none));
  }

  get size(): number {
    return this.chosen.length;
  }

  has(s: number): boolean {
    return this.chosen.includes(s);
  }

  push(s: number): void {
    const { isDivided, units } = this.#instance;
    const before = this.#top();
    this.chosen.push(s);
    const after = this.#costs[this.size] ?? new Float64Array(this.#lines);
    this.#costs[this.size] = after;
    for (let line = 0; line < this.#lines; line++) {
      const at = s * this.#lines + line;
      const was = before[line] as number;
      after[line] = isDivided[line]
        ? was - (units[at] as number)
        : Math.min(was, this.#whole[at] as number);
    }
  }

  pop(): void {
    this.chosen.pop();
  }

  /** Candidates of the scarcest line that the chosen ones cannot send; undefined where they can send all. */
  missing(): readonly number[] | undefined {
    for (const { line, from } of this.#scarce) if (!this.#isCovered(line)) return from;
    return undefined;
  }

  /** With one more they can send all. */
  wouldSendAll(s: number): boolean {
    const { isDivided, units } = this.#instance;
    const now = this.#top();
    for (let line = 0; line < this.#lines; line++) {
      const at = s * this.#lines + line;
      const [has, was] = [units[at] as number, now[line] as number];
      const can = isDivided[line]
        ? was <= has
        : Math.min(was, this.#whole[at] as number) < Number.POSITIVE_INFINITY;
      if (!can) return false;
    }
    return true;
  }

  /** One of them sends nothing, whoever comes besides: others send each of its lines for less. */
  hasIdle(): boolean {
    if (this.#hasDivided) return false;
    const now = this.#top();
    for (const s of this.chosen) {
      let isIdle = true;
      for (let line = 0; line < this.#lines && isIdle; line++) {
        const cost = this.#whole[s * this.#lines + line] as number;
        isIdle = cost === Number.POSITIVE_INFINITY || cost > (now[line] as number);
      }
      if (isIdle) return true;
    }
    return false;
  }

  /** Lines that are missing, and that a candidate has, or something of. */
  newLines(s: number): number {
    let count = 0;
    for (const { line, from } of this.#scarce) {
      if (!this.#isCovered(line) && from.includes(s)) count++;
    }
    return count;
  }

  /** Candidates that would send some line no dearer than whoever sends it now. */
  better(): number[] {
    const { candidates, isDivided, units } = this.#instance;
    const now = this.#top();
    const found: number[] = [];
    for (let s = 0; s < candidates.length; s++) {
      for (let line = 0; line < this.#lines; line++) {
        const at = s * this.#lines + line;
        const would = isDivided[line]
          ? (units[at] as number) > 0
          : (this.#whole[at] as number) <= (now[line] as number);
        if (!would) continue;
        found.push(s);
        break;
      }
    }
    return found;
  }

  /** The least that the lines can cost from the chosen ones, and one more where that is told, who can send all. */
  lineCost(more = -1): number {
    const { isDivided } = this.#instance;
    const now = this.#top();
    let cost = 0;
    for (let line = 0; line < this.#lines; line++) {
      if (isDivided[line]) cost += this.#dividedCost(line, more);
      else if (more < 0) cost += now[line] as number;
      else cost += Math.min(now[line] as number, this.#whole[more * this.#lines + line] as number);
    }
    return cost;
  }

  /** From the cheapest first. */
  #dividedCost(line: number, more: number): number {
    const { order, units, unitCost } = this.#instance;
    const from = more < 0 ? [...this.chosen] : [...this.chosen, more];
    const at = (s: number): number => s * this.#lines + line;
    from.sort((a, b) => (unitCost[at(a)] as number) - (unitCost[at(b)] as number));
    let left = (order.lines[line] as (typeof order.lines)[number]).qty;
    let cost = 0;
    for (const s of from) {
      const some = Math.min(left, units[at(s)] as number);
      cost += some * (unitCost[at(s)] as number);
      left -= some;
    }
    return cost;
  }

  #top(): Float64Array {
    return this.#costs[this.size] as Float64Array;
  }

  #isCovered(line: number): boolean {
    const now = this.#top()[line] as number;
    return this.#instance.isDivided[line] ? now <= 0 : now < Number.POSITIVE_INFINITY;
  }
}
