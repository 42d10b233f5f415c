import type { ActorKey, OwnerId } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import type { ChannelId } from '../../actors/rights/plan.ts';

/** Of all sales of a SKU in one warehouse, by selling point; `''` is home itself. They sum to 1. */
export type Shares = Readonly<Record<string, number>>;

/** What the centre tells a home: usual shares from now on; null where it knows of no sales any more. */
export type UsualNews = readonly (readonly [ActorKey, Shares | null])[];

/** What a node says of its sales by channel: units since its start, so that a report may be lost or repeated. */
export interface SoldReport {
  readonly region: string;
  /** One start of one node. */
  readonly run: string;
  readonly sold: Readonly<Record<OwnerId, Readonly<Record<ChannelId, number>>>>;
}

/** A node and the scheduler at the hub, as a port. Policy rests on it, and nothing else: all of it may be lost. */
export interface SchedulingLink {
  /** A home knows no usual shares; false where no scheduler heard that. */
  ask(home: HomeName): Promise<boolean>;
  /** `on` returns whether this node took the news: else another one owns the shard. Returns how to stop. */
  hear(home: HomeName, on: (news: UsualNews) => boolean): () => void;
  /** Units by owner and channel. */
  report(sold: SoldReport['sold']): void;
}
