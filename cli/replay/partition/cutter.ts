import { type Clock, sleep } from '../../../engine/clock.ts';
import type { Cut } from '../../relay.ts';
import type { Ways } from '../../ways.ts';
import type { Chance } from './chance.ts';

/** A link was cut from then to then, by the monotonic clock. */
export interface Outage {
  readonly region: string;
  readonly how: Cut;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Links hold for so long, and are cut for so long, ms. */
const UP_MS = [3_000, 11_000] as const;
const CUT_MS = [1_000, 6_000] as const;

export interface CutterOptions {
  readonly ways: Pick<Ways, 'cut' | 'heal' | 'cuts'>;
  readonly regions: readonly string[];
  readonly clock: Clock;
  readonly chance: Chance;
  /** No more than so many in all. */
  readonly most: number;
}

/** Cuts and heals every region's link at random, each by itself, and keeps book of it. */
export class Cutter {
  readonly outages: Outage[] = [];
  readonly #options: CutterOptions;
  #begun = 0;

  constructor(options: CutterOptions) {
    this.#options = options;
  }

  /** For so long; then every link is healed. */
  async run(ms: number): Promise<void> {
    const untilMs = this.#options.clock.monoMs() + ms;
    await Promise.all(this.#options.regions.map((region) => this.#one(region, untilMs)));
  }

  async #one(region: string, untilMs: number): Promise<void> {
    const { ways, clock, chance, most } = this.#options;
    const within = (ms: number): number => Math.min(ms, untilMs - clock.monoMs());
    while (clock.monoMs() < untilMs) {
      await sleep(clock, within(chance.between(...UP_MS)));
      if (clock.monoMs() >= untilMs || this.#begun >= most) return;
      this.#begun++;
      const how = chance.of(ways.cuts);
      await ways.cut(region, how);
      const fromMs = clock.monoMs();
      await sleep(clock, within(chance.between(...CUT_MS)));
      const toMs = clock.monoMs();
      await ways.heal(region);
      this.outages.push({ region, how, fromMs, toMs });
    }
  }
}

/** Whether there was no way between a point and a home in all of that time. Everything goes by the hub. */
export const wasCutOff = (
  outages: readonly Outage[],
  point: string,
  home: string,
  fromMs: number,
  toMs: number,
): boolean =>
  point !== home &&
  outages.some(
    (o) => (o.region === point || o.region === home) && o.fromMs <= fromMs && toMs <= o.toMs,
  );
