import { LIMITS } from '../../engine/limits.ts';
import { slotOf } from '../../engine/subjects.ts';
import type { Granted } from './client.ts';
import { Cluster } from './cluster.ts';
import { Failure } from './failure.ts';
import type { Plan, Sending } from './plan.ts';
import { atRest, checkHistory, checkLosses } from './rest.ts';
import { strictReads } from './work.ts';
import { World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly failure:
    | { readonly rule: string; readonly what: string; readonly atMs: number }
    | undefined;
  readonly hash: string;
  readonly trace: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Everything must have its answer so long after the last fault, true ms. */
const PATIENCE_MS = 60_000;
/** Wishes from here on are the auditor's. */
const FIRST_AUDIT = 1_000_000;
const USUAL = { ...LIMITS };

/** Runs a plan to its end, or to the first rule that does not hold. */
export async function runPlan(plan: Plan, keepTrace = false): Promise<Outcome> {
  Object.assign(LIMITS, plan.shape.limits);
  try {
    return await new Run(plan, keepTrace).finish();
  } finally {
    Object.assign(LIMITS, USUAL);
  }
}

class Run {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #granted = new Map<number, Granted>();
  /** Sendings that wait for a wish to be granted. */
  readonly #waiting = new Map<number, Sending[]>();

  constructor(plan: Plan, keepTrace: boolean) {
    this.#plan = plan;
    this.#world = new World(keepTrace);
    this.#cluster = new Cluster(plan, this.#world, (granted) => this.#onGranted(granted));
    this.#world.afterStep = () => this.#cluster.look();
  }

  async finish(): Promise<Outcome> {
    const { oracle } = this.#cluster;
    this.#schedule();
    this.#cluster.start();
    await this.#until(this.#plan.shape.busyMs);
    this.#cluster.mend();
    await this.#rest();
    await this.#provoke();
    // Once more from disk alone: what was promised outlives every process.
    this.#cluster.restartNodes();
    await this.#rest(true);
    oracle.check(() => checkHistory([...this.#granted.values()], oracle));
    return this.#outcome();
  }

  /** Until everyone has an answer and the centre has read everything; then all must agree. */
  async #rest(isFresh = false): Promise<void> {
    const { oracle } = this.#cluster;
    if (oracle.failure !== undefined) return;
    const untilMs = this.#world.nowMs + PATIENCE_MS;
    let why: Failure | undefined = new Failure('liveness', 'not looked');
    while (why !== undefined && this.#world.nowMs < untilMs && oracle.failure === undefined) {
      await this.#until(this.#world.nowMs + 200);
      why = atRest(this.#cluster, isFresh);
    }
    if (why === undefined) return;
    const { rule, message } = why;
    oracle.check(() => {
      throw new Failure(rule, `${PATIENCE_MS} ms after the last fault: ${message}`);
    });
  }

  /** Journals that lost their end grow beyond it, so that whoever had seen that must notice. */
  async #provoke(): Promise<void> {
    const { oracle, auditor } = this.#cluster;
    if (oracle.losses.size === 0 || oracle.failure !== undefined) return;
    const untilMs = this.#world.nowMs + PATIENCE_MS;
    for (let id = FIRST_AUDIT; this.#world.nowMs < untilMs; id++) {
      const silent = this.#silent();
      if (silent.size === 0) break;
      for (const command of strictReads(this.#plan.shape)) {
        const isSilent = silent.has(slotOf(command.warehouse, oracle.truths.length));
        if (isSilent) auditor.want([{ id, command, decided: false }]);
      }
      await this.#until(this.#world.nowMs + 50);
    }
    await this.#until(this.#world.nowMs + LIMITS.wentBackMs + 3_000);
    await this.#rest();
    oracle.check(() => checkLosses(this.#cluster));
  }

  /** Shards whose loss nobody has told, and whose journal is not yet beyond where it was. */
  #silent(): Set<number> {
    const { oracle, nats } = this.#cluster;
    const silent = new Set<number>();
    for (const [shard, { number }] of oracle.losses) {
      const isNamed = oracle.named.has(shard);
      if (!isNamed && (nats.streams[shard]?.last ?? 0) < number + 3) silent.add(shard);
    }
    return silent;
  }

  async #until(ms: number): Promise<void> {
    const { oracle } = this.#cluster;
    try {
      await this.#world.run(ms, () => oracle.failure !== undefined);
    } catch (e) {
      oracle.check(() => {
        throw e;
      });
    }
  }

  #schedule(): void {
    const { sendings, repeats, faults } = this.#plan;
    for (const sending of sendings) {
      this.#world.after(sending.atMs, undefined, () => this.#send(sending));
    }
    for (const { atMs, client, of, other } of repeats) {
      this.#world.after(atMs, undefined, () => this.#cluster.clients[client]?.repeat(of, other));
    }
    for (const fault of faults) {
      this.#world.after(fault.atMs, undefined, () => this.#cluster.hurt(fault));
    }
  }

  #send(sending: Sending): void {
    const { after, client, wishes } = sending;
    if (after === undefined || this.#granted.has(after)) {
      this.#cluster.clients[client]?.want(wishes);
      return;
    }
    const list = this.#waiting.get(after) ?? [];
    this.#waiting.set(after, [...list, sending]);
  }

  #onGranted(granted: Granted): void {
    const { wish, caller, n, answer } = granted;
    const said = answer.ok ? `ok ${answer.kind}` : answer.code;
    const { command } = wish;
    const what = command.op === 'document' ? `${command.act} ${command.key}` : command.op;
    this.#world.say(caller.client, `${n} ${what}: ${said}`);
    this.#granted.set(wish.id, granted);
    for (const sending of this.#waiting.get(wish.id) ?? []) this.#send(sending);
    this.#waiting.delete(wish.id);
  }

  #outcome(): Outcome {
    const { failure, counts } = this.#cluster.oracle;
    const { trace, nowMs: atMs } = this.#world;
    return {
      seed: this.#plan.seed,
      failure: failure && { rule: failure.rule, what: failure.message, atMs },
      hash: trace.hash,
      trace: trace.lines,
      counts: { ...counts, granted: this.#granted.size, events: this.#world.events },
    };
  }
}
