import type { HoldId, OwnerId } from '../../actors/ids.ts';
import type { ChannelId } from '../../actors/rights/plan.ts';
import type { Clock } from '../clock.ts';
import type { SchedulingLink, SoldReport } from './messages.ts';

/** Between two reports, ms. */
const REPORT_MS = 30_000;
/** Orders that are remembered: one that is asked again counts once, and one that was set aside when it is sold. */
const ORDERS = 20_000;

/** What became of an order here. */
interface Noted {
  readonly channel: ChannelId;
  readonly units: number;
  readonly isSold: boolean;
}

/**
 * Units that shops sold through each channel at this node since it started. In memory: what a node that dies had not
 * reported is lost, half a minute of it at most, since only policy rests on it.
 */
export class ChannelSales {
  readonly #sold = new Map<OwnerId, Map<ChannelId, number>>();
  readonly #orders = new Map<string, Noted>();

  /** An order that came through a channel was sold. */
  sold(owner: OwnerId, order: HoldId, channel: ChannelId, units: number): void {
    if (this.#noted(owner, order)?.isSold === true) return;
    this.#note(owner, order, { channel, units, isSold: true });
    const channels = this.#sold.get(owner) ?? new Map<ChannelId, number>();
    channels.set(channel, (channels.get(channel) ?? 0) + units);
    this.#sold.set(owner, channels);
  }

  /** It was set aside, and may be sold later. */
  setAside(owner: OwnerId, order: HoldId, channel: ChannelId, units: number): void {
    if (this.#noted(owner, order)?.isSold === true) return;
    this.#note(owner, order, { channel, units, isSold: false });
  }

  /** What was set aside is sold. */
  hardened(owner: OwnerId, order: HoldId): void {
    const noted = this.#noted(owner, order);
    if (noted !== undefined) this.sold(owner, order, noted.channel, noted.units);
  }

  get isEmpty(): boolean {
    return this.#sold.size === 0;
  }

  report(): SoldReport['sold'] {
    const all = [...this.#sold].map(([owner, its]) => [owner, Object.fromEntries(its)] as const);
    return Object.fromEntries(all) as SoldReport['sold'];
  }

  #noted(owner: OwnerId, order: HoldId): Noted | undefined {
    return this.#orders.get(`${owner}/${order}`);
  }

  #note(owner: OwnerId, order: HoldId, noted: Noted): void {
    this.#orders.set(`${owner}/${order}`, noted);
    if (this.#orders.size <= ORDERS) return;
    const [oldest] = this.#orders.keys();
    this.#orders.delete(oldest as string);
  }
}

/** Reports them now and then, where there are any. Returns what ends it. */
export function reportSales(
  sales: ChannelSales,
  link: Pick<SchedulingLink, 'report'>,
  clock: Clock,
  everyMs = REPORT_MS,
): () => void {
  let cancel = (): void => {};
  const wait = (): void => {
    cancel = clock.after(everyMs, () => {
      if (!sales.isEmpty) link.report(sales.report());
      wait();
    });
  };
  wait();
  return () => cancel();
}
