import { SHARING } from '../../../actors/rights/sharing.ts';
import { LIMITS } from '../../../engine/limits.ts';
import { Failure } from '../failure.ts';
import type { Outcome } from '../run.ts';
import { World } from '../world.ts';
import { Globe } from './globe.ts';
import { PLACES } from './market.ts';
import type { Plan } from './plan.ts';
import { checkAtRest, unrest } from './rest.ts';

/** Everything must have come home so long after the last fault, true ms. */
const PATIENCE_MS = 30_000;
/** So long for what is on its way before a person writes off lives that are gone. */
const LATE_MS = 8_000;
const MOST_EVENTS = 100_000_000;
const USUAL = { shards: LIMITS.shards, lookEveryMs: SHARING.lookEveryMs };

/** Runs a plan to its end, or to the first rule that does not hold. */
export async function runRegions(plan: Plan, keepTrace = false): Promise<Outcome> {
  Object.assign(LIMITS, { shards: plan.shape.homes });
  Object.assign(SHARING, { lookEveryMs: plan.shape.lookEveryMs });
  try {
    return await new Run(plan, keepTrace).finish();
  } finally {
    Object.assign(LIMITS, { shards: USUAL.shards });
    Object.assign(SHARING, { lookEveryMs: USUAL.lookEveryMs });
  }
}

class Run {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #globe: Globe;

  constructor(plan: Plan, keepTrace: boolean) {
    this.#plan = plan;
    this.#world = new World(keepTrace, MOST_EVENTS);
    this.#globe = new Globe(plan, this.#world);
  }

  async finish(): Promise<Outcome> {
    this.#schedule();
    this.#globe.start();
    await this.#until(this.#plan.shape.busyMs);
    this.#globe.mend();
    await this.#until(this.#world.nowMs + LATE_MS);
    await this.#rest();
    // Once more from disk alone: what was promised outlives every process.
    if (this.#globe.oracle.failure === undefined) this.#globe.restart();
    await this.#rest();
    return this.#outcome();
  }

  #schedule(): void {
    const { orders, floor, turns, faults } = this.#plan;
    const at = (ms: number, run: () => void): void => void this.#world.after(ms, undefined, run);
    for (const order of orders) {
      at(order.atMs, () => this.#globe.market(order.point).order(order));
    }
    for (const act of floor) {
      const region = PLACES.regionOf(act.warehouse) as string;
      at(act.atMs, () => this.#globe.market(region).floor(act));
    }
    for (const turn of turns) at(turn.atMs, () => this.#globe.turn(turn));
    for (const fault of faults) at(fault.atMs, () => this.#globe.hurt(fault));
  }

  /** Until all is quiet; then everything must agree. */
  async #rest(): Promise<void> {
    const { oracle } = this.#globe;
    const untilMs = this.#world.nowMs + PATIENCE_MS;
    let why: string | undefined = 'not looked';
    while (why !== undefined && this.#world.nowMs < untilMs && oracle.failure === undefined) {
      await this.#until(this.#world.nowMs + 500);
      this.#globe.bury();
      why = unrest(this.#globe);
    }
    oracle.check(() => {
      if (why !== undefined) throw new Failure('liveness', why);
      checkAtRest(this.#globe);
    });
  }

  async #until(ms: number): Promise<void> {
    const { oracle } = this.#globe;
    try {
      await this.#world.run(ms, () => oracle.failure !== undefined);
    } catch (e) {
      oracle.check(() => {
        throw e;
      });
    }
  }

  #outcome(): Outcome {
    const { failure, counts } = this.#globe.oracle;
    const { trace, nowMs: atMs, events } = this.#world;
    return {
      seed: this.#plan.seed,
      failure: failure && { rule: failure.rule, what: failure.message, atMs },
      hash: trace.hash,
      trace: trace.lines,
      counts: { ...counts, events },
    };
  }
}
