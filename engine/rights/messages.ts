import type { ActorKey } from '../../actors/ids.ts';
import type { HomeName } from '../../actors/rights/acts.ts';
import type { Down, Up } from '../../actors/rights/lane.ts';
import type { Goods } from './pooled.ts';

/**
 * What homes and selling points say to each other. Any message may be lost, repeated or overtaken: `up` and
 * `downs` bear that, and everything else is a wish or news. A message with neither says that its sender is there.
 */
export interface ToHome {
  readonly point: string;
  /** Names this message of this owner of the point; told back by home as `ack`. */
  readonly seq: string;
  /** The newest message of home that was heard and is committed here. */
  readonly ack: string;
  readonly up: Up | undefined;
  readonly wants: readonly Want[];
}

/** What a point would sell of a SKU, from these pools in turn. A level each: it may be lost or repeated. */
export interface Want extends Goods {
  /** Units asked for here, halved for every half-life since. */
  readonly asked: number;
  /** Orders wait until so much of these pools has ever been granted to its lane: absolute, so it may be repeated. 0 where none waits. */
  readonly upTo: number;
  /** So much is enough for one of them. */
  readonly least: number;
}

export interface ToPoint {
  readonly home: HomeName;
  readonly seq: string;
  /** The message of the point that this answers. */
  readonly ack: string;
  readonly downs: readonly Down[];
  readonly news: readonly News[];
  /** SKUs that home will have something of for this point: it may open lanes. */
  readonly invites: readonly ActorKey[];
  /** Home was restored, and waits for this point to say what it has. */
  readonly waits: boolean;
}

/** How it stands with what an order waits for. */
export interface News extends Goods {
  /** Nothing more can come to the point just now. */
  readonly isShort: boolean;
  /** It is in a flash sale. */
  readonly isFlash: boolean;
  /** Units that are free at home. */
  readonly free: number;
  /** Of the point's own lane, as home has it: units ever granted, and given back. More of either is on its way. */
  readonly granted: number;
  readonly back: number;
  /** Where the rest is, as far as home knows: by point, units, and how long home has not heard that point, ms. */
  readonly others: readonly (readonly [point: string, units: number, silentMs: number])[];
}

/** The ways between homes and points, as a port. What is said may be lost; nothing waits. */
export interface RightsLink {
  toHome(home: HomeName, message: ToHome): void;
  toPoint(point: string, message: ToPoint): void;
  /** Returns what ends it. A message that cannot be understood is passed over, also where that is found out later. */
  hearAtHome(home: HomeName, hear: (message: ToHome) => Promise<void>): () => void;
  hearAtPoint(point: string, hear: (message: ToPoint) => Promise<void>): () => void;
}
