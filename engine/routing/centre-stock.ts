import type { NatsConnection } from '@nats-io/transport-node';
import type { OwnerId, SkuId } from '../../actors/ids.ts';
import type { Clock } from '../clock.ts';
import { availabilitySubject } from '../subjects.ts';

/** What the centre has of a SKU: by warehouse, units that can be sold by any selling point. */
export interface CentreStock {
  readonly units: ReadonlyMap<string, number>;
  /** Monotonic ms. */
  readonly atMs: number;
}

/** Asks the centre; undefined where it cannot be reached. */
export type AskCentre = (
  owner: OwnerId,
  skus: readonly SkuId[],
) => Promise<ReadonlyMap<string, ReadonlyMap<string, number>> | undefined>;

const ANSWER_MS = 400;

/** The part of the service's answer that matters here. */
interface Told {
  readonly items?: readonly {
    readonly sku: string;
    readonly warehouses: Readonly<Record<string, { available: number; granted: number }>>;
  }[];
}

export function natsCentreStock(nats: NatsConnection): AskCentre {
  return async (owner, skus) => {
    try {
      const asked = JSON.stringify({ owner, skus });
      const answer = await nats.request(availabilitySubject, asked, { timeout: ANSWER_MS });
      const { items } = answer.json<Told>();
      return items && new Map(items.map(({ sku, warehouses }) => [sku, unitsOf(warehouses)]));
    } catch {
      return undefined;
    }
  };
}

/** What is out as rights can be recalled, or is with us: it can be sold as well as what is free. */
const unitsOf = (
  warehouses: Readonly<Record<string, { available: number; granted: number }>>,
): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(warehouses).map(([name, { available, granted }]) => [name, available + granted]),
  );

/** Older than this it is asked for again, behind the answer; older than that, before it. ms */
const FRESH_MS = 1_000;
export const USABLE_MS = 30_000;
/** A centre that did not answer is not waited for again so soon, ms. */
const SILENT_MS = 1_000;
/** SKUs that are kept; those asked about longest ago go first. */
const KEPT = 50_000;

/** What the centre said, kept for as long as it is of use. It may be wrong at any time: a sale finds out. */
export class CentreStocks {
  readonly #ask: AskCentre;
  readonly #clock: Clock;
  readonly #known = new Map<string, CentreStock>();
  readonly #asking = new Set<string>();
  #silentUntilMs = Number.NEGATIVE_INFINITY;

  constructor(ask: AskCentre, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  of(owner: OwnerId, sku: SkuId): CentreStock | undefined {
    return this.#known.get(`${owner}/${sku}`);
  }

  /** Waits only for SKUs of which nothing is known that could be used. */
  async refresh(owner: OwnerId, skus: readonly SkuId[]): Promise<void> {
    const now = this.#clock.monoMs();
    const isOlder = (sku: SkuId, ms: number): boolean =>
      now - (this.of(owner, sku)?.atMs ?? Number.NEGATIVE_INFINITY) > ms;
    const needed = skus.filter((sku) => isOlder(sku, USABLE_MS));
    const stale = skus.filter(
      (sku) => isOlder(sku, FRESH_MS) && !this.#asking.has(`${owner}/${sku}`),
    );
    if (now < this.#silentUntilMs) return;
    if (needed.length > 0) await this.#learn(owner, skus);
    else if (stale.length > 0) void this.#learn(owner, stale);
  }

  async #learn(owner: OwnerId, skus: readonly SkuId[]): Promise<void> {
    const keys = skus.map((sku) => `${owner}/${sku}`);
    const atMs = this.#clock.monoMs();
    for (const key of keys) this.#asking.add(key);
    const told = await this.#ask(owner, skus).finally(() => {
      for (const key of keys) this.#asking.delete(key);
    });
    if (told === undefined) {
      this.#silentUntilMs = this.#clock.monoMs() + SILENT_MS;
      return;
    }
    for (const [sku, units] of told) this.#keep(`${owner}/${sku}`, { units, atMs });
  }

  #keep(key: string, stock: CentreStock): void {
    this.#known.delete(key);
    this.#known.set(key, stock);
    if (this.#known.size <= KEPT) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest as string);
  }
}
