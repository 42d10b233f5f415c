import { type Refused, refuse } from '../outcomes.ts';
import type { OrderLine } from './order-lines.ts';
import { sum, wrongState } from './plan.ts';

/** Units of a line in a carton; '' is no carton in particular. */
export interface CartonPart {
  readonly carton: string;
  readonly qty: number;
  /** Of all these units, or none. */
  readonly serials: readonly string[];
  readonly isShipped: boolean;
  readonly carrier: string;
  readonly tracking: string;
}

type Parts = readonly CartonPart[];

export function packedInto(
  parts: Parts,
  carton: string,
  qty: number,
  serials: readonly string[],
): Parts {
  const isIt = (part: CartonPart): boolean => part.carton === carton && !part.isShipped;
  const had = parts.find(isIt);
  const one = {
    ...{ carton, qty: qty + (had?.qty ?? 0), serials: [...(had?.serials ?? []), ...serials] },
    ...{ isShipped: false, carrier: '', tracking: '' },
  };
  return [...parts.filter((part) => !isIt(part)), one];
}

/** Takes units out of cartons that have not left, the last ones first. */
export function unpacked(parts: Parts, qty: number): Parts {
  let left = qty;
  const kept = parts.toReversed().map((part) => {
    if (part.isShipped || left === 0) return part;
    const took = Math.min(left, part.qty);
    left -= took;
    return { ...part, qty: part.qty - took, serials: [] };
  });
  return kept.toReversed().filter((part) => part.qty > 0);
}

/** Which parts a shipment of these cartons takes along; no carton means all. */
export const isLeaving =
  (cartons: readonly string[]) =>
  ({ carton, isShipped }: CartonPart): boolean =>
    !isShipped && (cartons.length === 0 || cartons.includes(carton));

/** Why one of these cartons cannot leave: there is none of that name, or it has left. */
export function cartonFault(
  lines: readonly OrderLine[],
  cartons: readonly string[],
): Refused | undefined {
  for (const carton of cartons) {
    const parts = lines.flatMap((l) => l.cartons.filter((part) => part.carton === carton));
    if (parts.length === 0) return refuse('unknown_line', 0, -1, `no carton ${carton}`);
    if (parts.every((part) => part.isShipped))
      return wrongState('gone', `carton ${carton} has left`);
  }
  return undefined;
}

export const hasLeft = (lines: readonly OrderLine[], carton: string): boolean =>
  carton !== '' && lines.some((l) => l.cartons.some((p) => p.carton === carton && p.isShipped));

export const unitsIn = (parts: Parts): number => sum(parts, (part) => part.qty);
