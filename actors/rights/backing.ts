import type { ByKind } from './pools.ts';
import { KINDS, none } from './pools.ts';

/** The numbers of one SKU at home, base units. */
export interface Figures {
  /** Q: qualified and on hand, less what is blocked. */
  readonly qualified: number;
  /** T: in transit to here, as far as it may be promised. */
  readonly inTransit: number;
  /** C: how much may be promised with nothing behind it. */
  readonly oversellCap: number;
  /** S: safety stock that is wanted. */
  readonly safety: number;
  /** What open holds have of each kind. */
  readonly held: Readonly<ByKind>;
}

/** A, P and O: holds plus rights that are out. */
export function promisedOf(held: Readonly<ByKind>, out: Readonly<ByKind>): ByKind {
  const promised = none();
  for (const kind of KINDS) promised[kind] = held[kind] + out[kind];
  return promised;
}

/**
 * What home may still promise of each kind: its own rights, always derived, never
 * a cell. Pre-sale promises beyond what is in transit lean on goods on hand, so the
 * first two are nested.
 */
export function freeOf(f: Figures, promised: Readonly<ByKind>): ByKind {
  const { stock: a, presale: p, oversell: o } = promised;
  const both = f.qualified + f.inTransit - f.safety - a - p;
  return {
    stock: Math.max(0, Math.min(f.qualified - f.safety - a, both)),
    presale: Math.max(0, Math.min(f.inTransit - p, both)),
    oversell: Math.max(0, f.oversellCap - o),
  };
}

/** What reality, or a smaller ASN or cap, took from under promises. */
export function debtOf(f: Figures, promised: Readonly<ByKind>): ByKind {
  const { stock: a, presale: p, oversell: o } = promised;
  return {
    stock: Math.max(0, a - f.qualified),
    presale: Math.max(0, a + p - f.qualified - f.inTransit),
    oversell: Math.max(0, o - f.oversellCap),
  };
}

/** Units on hand that nobody was promised and that are not free: for pre-sale promises that
 * transit does not cover, and for safety. */
export function keptOf(f: Figures, promised: Readonly<ByKind>): number {
  const rest = Math.max(0, f.qualified - promised.stock);
  const cover = Math.min(rest, Math.max(0, promised.presale - f.inTransit));
  return cover + Math.min(f.safety, rest - cover);
}
