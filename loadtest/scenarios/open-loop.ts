import { Latencies } from '../latencies.ts';
import { percentilesOf } from './figures.ts';
import { Metronome, nowMs } from './metronome.ts';
import type { Run, Storm } from './orders.ts';
import type { Scanner, Sent } from './scanner.ts';
import { partAt, Schedule } from './schedule.ts';
import type { Work } from './work.ts';

const PARTS = 10;
/** More than this without an answer, and arrivals wait; their wait counts. */
const MOST_IN_FLIGHT = 50_000;
/** Without a single answer. */
const STUCK_MS = 60_000;
/** The worker thread's own start. */
const HEAD_START_MS = 300;

export interface LoopOptions {
  readonly scanners: readonly Scanner[];
  readonly work: Work;
  readonly rate: number;
  readonly seconds: number;
  readonly stormAt?: number;
}

/** Sends what is due when it is due, whatever has been answered. */
export class OpenLoop {
  readonly #options: LoopOptions;
  readonly #schedule: Schedule;
  readonly #runMs: number;
  readonly #startMs = nowMs() + HEAD_START_MS;
  readonly #latency = new Latencies();
  readonly #tenths = Array.from({ length: PARTS }, () => new Latencies());
  readonly #late = new Latencies();
  readonly #refused = new Map<string, number>();
  #sent = 0;
  #sentInTime = 0;
  #answered = 0;
  /** When the last answer came. */
  #answeredMs = this.#startMs;
  #answeredInTime = 0;
  #accepted = 0;
  #sentAgain = 0;
  #broke = 0;
  /** Sent beyond the schedule. */
  #extra = 0;
  #stormed: Promise<Storm> | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#schedule = new Schedule(options.rate, options.seconds);
    this.#runMs = options.seconds * 1000;
  }

  /** Resolves when everything is answered. Rejects if that does not come. */
  async run(): Promise<Run> {
    const cpu = process.cpuUsage();
    await new Promise<void>((resolve, reject) => {
      const metronome = new Metronome(this.#startMs, this.#schedule.beatMs, () => {
        const elapsed = nowMs() - this.#startMs;
        this.#beat(elapsed);
        const isDone = this.#sent === this.#schedule.count && this.#inFlight === 0;
        const isStuck = this.#inFlight > 0 && nowMs() - this.#answeredMs > STUCK_MS;
        if (!isDone && !isStuck) return;
        void metronome.stop();
        if (isDone) resolve();
        else
          reject(
            new Error(`${this.#inFlight} steps have no answer, and none came in ${STUCK_MS} ms`),
          );
      });
    });
    const storm = await this.#stormed;
    const { user, system } = process.cpuUsage(cpu);
    return this.#figures((user + system) / 1e6, storm);
  }

  /** The final answer to a step. Read the clock first. */
  answered({ dueMs }: Sent, atMs: number, code: string | undefined): void {
    const tookMs = atMs - dueMs;
    const sinceStart = dueMs - this.#startMs;
    this.#answered++;
    this.#answeredMs = atMs;
    if (atMs - this.#startMs <= this.#runMs) this.#answeredInTime++;
    this.#latency.add(tookMs);
    this.#tenths[partAt(sinceStart, this.#runMs, PARTS)]?.add(tookMs);
    if (code === undefined) this.#accepted++;
    else this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  again(): void {
    this.#sentAgain++;
  }

  broke(): void {
    this.#broke++;
  }

  get #inFlight(): number {
    return this.#sent + this.#extra - this.#answered;
  }

  #beat(elapsed: number): void {
    const { scanners, work, stormAt } = this.#options;
    for (; this.#sent < this.#schedule.count; this.#sent++) {
      const due = this.#schedule.dueMs(this.#sent);
      if (due > elapsed || this.#inFlight >= MOST_IN_FLIGHT) break;
      const at = this.#sent % scanners.length;
      scanners[at]?.send(work.next(at), this.#startMs + due);
      this.#late.add(nowMs() - this.#startMs - due);
      if (elapsed <= this.#runMs) this.#sentInTime++;
    }
    if (stormAt !== undefined && elapsed >= stormAt * 1000) this.#stormed ??= this.#storm();
  }

  /** Every scanner sends a step, loses its connection before the answer, and comes back at once. */
  async #storm(): Promise<Storm> {
    const { scanners, work } = this.#options;
    const dueMs = nowMs();
    for (const [at, scanner] of scanners.entries()) scanner.send(work.next(at), dueMs);
    this.#extra += scanners.length;
    await new Promise((resolve) => setImmediate(resolve));
    const cutMs = nowMs();
    for (const scanner of scanners) scanner.cut();
    const inFlight = this.#inFlight;
    await Promise.all(scanners.map((scanner) => scanner.comeBack()));
    return { inFlight, backMs: nowMs() - cutMs };
  }

  #figures(driverCpuSeconds: number, storm: Storm | undefined): Run {
    return {
      due: this.#schedule.count,
      sentInTime: this.#sentInTime,
      answeredInTime: this.#answeredInTime,
      seconds: this.#options.seconds,
      accepted: this.#accepted,
      refused: Object.fromEntries(this.#refused),
      latency: percentilesOf(this.#latency),
      tenths: this.#tenths.map(percentilesOf),
      lateP99Ms: this.#late.us(99) / 1000,
      sentAgain: this.#sentAgain,
      broke: this.#broke,
      driverCpuSeconds,
      ...(storm === undefined ? {} : { storm }),
    };
  }
}
