import type { InnerOp, StockOp } from '../actors/stock/commands.ts';

/** What an op asks for; the rest of a command may be left out. */
export interface Shape {
  readonly hold: boolean;
  readonly qty: boolean;
  readonly ttl: boolean;
  readonly delta: boolean;
  readonly why: boolean;
  readonly toQuality: boolean;
  readonly level: boolean;
  /** One at least of the fields that say what is different afterwards. */
  readonly to: boolean;
  /** All units of a lot where it names one; no `qty` then. */
  readonly lot: boolean;
}

function shape(...needs: readonly (keyof Shape)[]): Shape {
  const has = (need: keyof Shape): boolean => needs.includes(need);
  return {
    hold: has('hold'),
    qty: has('qty'),
    ttl: has('ttl'),
    delta: has('delta'),
    why: has('why'),
    toQuality: has('toQuality'),
    level: has('level'),
    to: has('to'),
    lot: has('lot'),
  };
}

/** The ops that may come over an edge. */
export const SHAPES = {
  receive: shape('qty'),
  reserve: shape('hold', 'qty'),
  extend: shape('hold', 'ttl'),
  harden: shape('hold'),
  release: shape('hold'),
  pick: shape('hold'),
  pack: shape('hold'),
  ship: shape('hold'),
  cancel: shape('hold'),
  putback: shape(),
  adjust: shape('delta'),
  announce: shape('qty'),
  withdraw: shape('qty'),
  block: shape('qty', 'why', 'lot'),
  unblock: shape('why'),
  requality: shape('qty', 'toQuality'),
  safety: shape('level'),
  move: shape('qty', 'to'),
  short: shape('hold', 'qty'),
  unreceive: shape('qty'),
  unpick: shape('hold'),
  unpack: shape('hold'),
} as const satisfies Record<Exclude<StockOp, InnerOp>, Shape>;

export type EdgeOp = keyof typeof SHAPES;

export const isEdgeOp = (op: unknown): op is EdgeOp =>
  typeof op === 'string' && Object.hasOwn(SHAPES, op);

/** An `each` has none of what these ask for. */
export const needsMore = ({ why, toQuality, level, to }: Shape): boolean =>
  why || toQuality || level || to;
