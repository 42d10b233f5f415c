import { Child } from '../child.ts';
import type { Opened } from '../opened.ts';
import type { Address } from '../scan/greet.ts';
import type { Accounts, Order, Run } from './orders.ts';
import type { WorkPlan } from './work.ts';

const DRIVER = new URL('./driver.js', import.meta.url);
const PATIENCE_MS = 120_000;
/** Beyond its time, for a load that was too much to be answered. */
const DRAIN_MS = 300_000;

export interface Load {
  readonly plan: WorkPlan;
  readonly rate: number;
  readonly seconds: number;
  readonly stormAt?: number;
}

/** The scanners, in a process of their own. */
export class Driver {
  readonly #child: Child<Order, unknown>;
  readonly #address: Address;

  private constructor(child: Child<Order, unknown>, address: Address) {
    this.#child = child;
    this.#address = address;
  }

  /** Ended with `opened`. */
  static async start(address: Address, opened: Opened): Promise<Driver> {
    const { child } = await Child.start<string, Order, unknown>(DRIVER, opened);
    return new Driver(child, address);
  }

  /** Until there are so many. Returns how long it took until all were greeted, ms. */
  connect(scanners: number): Promise<number> {
    const order: Order = { kind: 'connect', address: this.#address, scanners };
    return this.#child.ask(order, PATIENCE_MS) as Promise<number>;
  }

  async receive(plan: WorkPlan): Promise<void> {
    await this.#child.ask({ kind: 'receive', address: this.#address, plan }, PATIENCE_MS);
  }

  run(load: Load): Promise<Run> {
    const limitMs = load.seconds * 1000 + DRAIN_MS;
    return this.#child.ask({ kind: 'run', ...load }, limitMs) as Promise<Run>;
  }

  /** All that was acknowledged since it was started. */
  books(): Promise<Accounts> {
    return this.#child.ask({ kind: 'books' }, PATIENCE_MS) as Promise<Accounts>;
  }
}
