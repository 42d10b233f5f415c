import type { Clock } from '../../engine/clock.ts';
import { Failure } from './failure.ts';
import { Trace } from './trace.ts';

/** Simulated wall clocks begin here, epoch ms. */
export const EPOCH_MS = Date.UTC(2030, 0, 1);
/** A run has some tens of thousands. */
const MOST_EVENTS = 1_000_000;
/** What one look at the monotonic clock costs, ms: code takes time too, so slices and deadlines end. */
const LOOK_MS = 0.2;

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly life: Life | undefined;
  run: (() => void) | undefined;
}

/** How a machine's clocks differ from true time. */
export interface Skew {
  /** Of the monotonic clock; 1 is true. */
  readonly rate: number;
  wallOffsetMs: number;
}

/**
 * One run of one process, from its start to its crash. Everything that it waits
 * for dies with it; while it is frozen, everything that it waits for waits too.
 */
export class Life {
  readonly name: string;
  /** Tells this run from the others of its process. */
  readonly id: string;
  readonly skew: Skew;
  frozenUntilMs = 0;
  #dead = false;
  #effectsLeft = Number.POSITIVE_INFINITY;
  #onCrash: () => void = () => {};

  constructor(name: string, run = 1, skew: Skew = { rate: 1, wallOffsetMs: 0 }) {
    this.name = name;
    this.id = `${name}#${run}`;
    this.skew = skew;
  }

  get dead(): boolean {
    return this.#dead;
  }

  end(): void {
    this.#dead = true;
  }

  /** Crashes it in the middle of what it does: after so many more things that others can see. */
  crashAfter(effects: number, onCrash: () => void): void {
    this.#effectsLeft = effects;
    this.#onCrash = onCrash;
  }

  /** Asked before everything that others can see. False: it is dead, nothing happens. */
  mayAct(): boolean {
    if (this.#dead) return false;
    if (this.#effectsLeft-- > 0) return true;
    this.end();
    this.#onCrash();
    return false;
  }
}

/** Time, and everything that happens, in one order. */
export class World {
  readonly trace: Trace;
  /** Called when all that one event set off has come to rest. */
  afterStep: () => void = () => {};
  #nowMs = 0;
  /** Nights that passed while nothing ran; only clocks see them. */
  #sleptMs = 0;
  #order = 0;
  #events = 0;
  readonly #mostEvents: number;
  readonly #heap: Due[] = [];

  /** `mostEvents`: more than that is a run that goes in circles. */
  constructor(keepTrace: boolean, mostEvents = MOST_EVENTS) {
    this.#mostEvents = mostEvents;
    this.trace = new Trace(keepTrace);
  }

  /** True time since the start, ms, without the nights. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** True time as clocks count it, ms. */
  get timeMs(): number {
    return this.#nowMs + this.#sleptMs;
  }

  /** Everything is down and a long time passes. */
  night(ms: number): void {
    this.#sleptMs += ms;
  }

  say(who: string, what: string): void {
    this.trace.add(this.#nowMs, who, what);
  }

  /** Runs `run` in `life` in `ms`, unless that is dead by then. Returns what cancels it. */
  after(ms: number, life: Life | undefined, run: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, life, run };
    this.#push(due);
    return () => {
      due.run = undefined;
    };
  }

  clock(life: Life): Clock {
    const { skew } = life;
    let lastMs = 0;
    return {
      wallMs: () => EPOCH_MS + this.timeMs + skew.wallOffsetMs,
      monoMs: () => {
        lastMs = Math.max(lastMs + LOOK_MS, this.timeMs * skew.rate);
        return lastMs;
      },
      after: (ms, fn) => this.after(ms / skew.rate, life, fn),
      turn: (fn) => void this.after(0, life, fn),
    };
  }

  get events(): number {
    return this.#events;
  }

  /** Lets things happen until `untilMs`, or until `done`. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<void> {
    for (let due = this.#heap[0]; due !== undefined && due.atMs <= untilMs; due = this.#heap[0]) {
      this.#pop();
      if (due.run === undefined || due.life?.dead === true) continue;
      const { life, run } = due;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      if (life !== undefined && life.frozenUntilMs > this.#nowMs) {
        this.#thawLater(due, life);
        continue;
      }
      if (++this.#events > this.#mostEvents) throw new Failure('liveness', 'it goes in circles');
      run();
      await settled();
      this.afterStep();
      if (done()) return;
    }
    if (untilMs < Number.POSITIVE_INFINITY) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Asked again at the thaw, in the order in which it was due. */
  #thawLater(due: Due, life: Life): void {
    const later: Due = {
      atMs: life.frozenUntilMs,
      order: this.#order++,
      life,
      run: () => due.run?.(),
    };
    this.#push(later);
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(due, heap[parent] as Due)) break;
      heap[at] = heap[parent] as Due;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!isBefore(heap[child] as Due, last)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Due, b: Due): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Resolves when every promise that can go on has gone on. 2 µs: the loop's immediates run after its microtasks. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
