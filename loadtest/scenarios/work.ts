import type { Step } from './steps.ts';

/** What the scanners of a scenario do, one step an arrival. */
export interface Work {
  /** Never waits: where a scanner's next step hangs on an answer, it begins something else. */
  next(scanner: number): Step;
  /** The step was done. */
  done(scanner: number, step: Step, units: number): void;
}

/** Which work, in a form that another process can be told. */
export interface WorkPlan {
  readonly kind: 'reserve' | 'shift';
  readonly warehouse: string;
  readonly skus: number;
  /** Units of each SKU at the beginning. */
  readonly units: number;
}

/** `name` tells its holds and documents from those of other work on the same goods. */
export const workOf = (plan: WorkPlan, name: string): Work =>
  plan.kind === 'shift' ? new ShiftWork(plan, name) : new ReserveWork(plan, name);

/** `SKU-00042` */
export const skuOf = (i: number): string => `SKU-${String(i).padStart(5, '0')}`;

/** 0 to 2^32 − 1 without a pattern, the same in every run. */
const scattered = (i: number): number => {
  let h = Math.imul(i ^ (i >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

const numberOf = (name: string): number => {
  let h = 0;
  for (let i = 0; i < name.length; i++) h = (Math.imul(h, 31) + name.charCodeAt(i)) >>> 0;
  return scattered(h);
};

/** Reservations of one unit, each under a hold of its own. */
class ReserveWork implements Work {
  readonly #plan: WorkPlan;
  readonly #name: string;
  readonly #salt: number;
  #count = 0;

  constructor(plan: WorkPlan, name: string) {
    this.#plan = plan;
    this.#name = name;
    this.#salt = numberOf(name);
  }

  next(): Step {
    const { warehouse, skus } = this.#plan;
    const i = this.#count++;
    const sku = skuOf(scattered(i ^ this.#salt) % skus);
    return { op: 'reserve', warehouse, sku, qty: 1, hold: `${this.#name}-${i}` };
  }

  done(): void {}
}

/** Parts of a hundred of what a scanner begins when it has nothing under way. */
const RECEIPTS = 12;
const COUNTS = 3;
/** Of a hundred orders: cancelled before, or after, they were picked. The rest is shipped. */
const CANCELLED = 10;
const CANCELLED_LATE = 5;
const RECEIPT_UNITS = 20;

/** A warehouse's mixed day: receipts, counts, and orders to their end. */
class ShiftWork implements Work {
  readonly #plan: WorkPlan;
  /** What follows on an order's last step, by scanner. */
  readonly #follows = new Map<number, Step[]>();
  readonly #name: string;
  readonly #salt: number;
  #count = 0;

  constructor(plan: WorkPlan, name: string) {
    this.#plan = plan;
    this.#name = name;
    this.#salt = numberOf(name);
  }

  next(scanner: number): Step {
    const ready = this.#follows.get(scanner);
    const step = ready?.shift();
    if (ready?.length === 0) this.#follows.delete(scanner);
    return step ?? this.#begin();
  }

  done(scanner: number, step: Step, units: number): void {
    const next = following(step, units);
    if (next === undefined) return;
    const ready = this.#follows.get(scanner);
    if (ready === undefined) this.#follows.set(scanner, [next]);
    else ready.push(next);
  }

  #begin(): Step {
    const { warehouse, skus } = this.#plan;
    const i = this.#count++;
    const id = `${this.#name}-${i}`;
    const drawn = scattered(i ^ this.#salt) % 100;
    const sku = skuOf(scattered(~i ^ this.#salt) % skus);
    if (drawn < RECEIPTS) {
      return { op: 'receive', warehouse, sku, qty: RECEIPT_UNITS, doc: `ASN-${id}` };
    }
    if (drawn < RECEIPTS + COUNTS) {
      const delta = i % 2 === 0 ? 1 : -1;
      return { op: 'adjust', warehouse, sku, delta, reason: 'count', doc: `COUNT-${id}` };
    }
    return { op: 'reserve', warehouse, sku, qty: 1 + (i % 3), hold: `SO-${id}` };
  }
}

/** The fate of an order, 0 to 99, told by its hold alone. */
const fateOf = (hold: string): number => numberOf(hold) % 100;

function following({ op, warehouse, sku, hold = '' }: Step, units: number): Step | undefined {
  const of = (next: Step['op']): Step => ({ op: next, warehouse, sku, hold });
  const fate = fateOf(hold);
  switch (op) {
    case 'reserve':
      return of(fate < CANCELLED ? 'cancel' : 'pick');
    case 'pick':
      return of(fate < CANCELLED + CANCELLED_LATE ? 'cancel' : 'pack');
    case 'pack':
      return of('ship');
    case 'cancel': // what was picked lies beside the shelf
      return fate < CANCELLED ? undefined : { op: 'putback', warehouse, sku, qty: units };
    default:
      return undefined;
  }
}
