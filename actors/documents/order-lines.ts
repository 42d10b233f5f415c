import type { ActorKey, HoldId, SkuId } from '../ids.ts';
import type { PickPolicy, Quality } from '../stock/commands.ts';
import { pickable } from '../stock/holds.ts';
import type { LotFilter } from '../stock/lot.ts';
import { promised } from '../stock/state.ts';
import type { CartonPart } from './cartons.ts';
import { holdId, type Look, type NamedHold, openHolds, sum } from './plan.ts';

/**
 * What an order asks of one SKU. `ordered` = lacking + promised + picked + packed + shipped;
 * what is cancelled leaves it. Promised, waiting, picked and packed are those of its holds.
 */
export interface OrderLine {
  readonly line: string;
  readonly sku: SkuId;
  readonly key: ActorKey;
  readonly quality: Quality;
  /** What its holds are pinned to. */
  readonly lot: LotFilter;
  readonly serials: readonly string[];
  readonly policy: PickPolicy;
  readonly ordered: number;
  /** Holds made for it: the first, and one for each time that more was ordered. */
  readonly holds: number;
  /** Not yet picked; `waiting` of them have no stock behind them. */
  readonly promised: number;
  readonly waiting: number;
  readonly picked: number;
  readonly packed: number;
  readonly shipped: number;
  readonly cancelled: number;
  /** Cancelled after they were picked, and not yet put back. */
  readonly toPutBack: number;
  /** Not found where they should have been, so far. */
  readonly short: number;
  /** Totes that picked units went into. */
  readonly totes: readonly Tote[];
  readonly cartons: readonly CartonPart[];
}

export interface Tote {
  readonly tote: string;
  readonly qty: number;
}

export const holdIdsOf = (doc: string, { line, holds }: OrderLine): HoldId[] =>
  Array.from({ length: holds }, (_, i) => holdId(doc, line, i + 1));

export const holdsOf = (doc: string, line: OrderLine, look: Look): NamedHold[] =>
  openHolds(look(line.key), holdIdsOf(doc, line));

/** The line with the figures that its holds have now: a loss may have changed them. */
export function live(doc: string, line: OrderLine, look: Look): OrderLine {
  const holds = holdsOf(doc, line, look).map(({ hold }) => hold);
  const now = {
    promised: sum(holds, promised),
    waiting: sum(holds, (h) => h.waiting),
    picked: sum(holds, (h) => h.picked),
    packed: sum(holds, (h) => h.packed),
  };
  const names = Object.keys(now) as (keyof typeof now)[];
  return names.every((name) => line[name] === now[name]) ? line : { ...line, ...now };
}

/** Not yet shipped, and promised at some stage. */
export const openUnits = (l: OrderLine): number => l.promised + l.picked + l.packed;

/** Ordered, and not promised: a partial order got less than it asked for. */
export const lacking = (l: OrderLine): number => l.ordered - openUnits(l) - l.shipped;

/** A hold of a line, and how much of what is to be done can be done on it. */
export interface Part {
  readonly id: HoldId;
  can: number;
}

export interface Share {
  readonly id: HoldId;
  readonly qty: number;
}

/**
 * Divides `qty` over the holds of a line, first made first, and takes it off what they can do.
 * What none of them can do goes to the last, so that stock says why not.
 */
export function divide(parts: readonly Part[], qty: number): Share[] {
  const shares: Share[] = [];
  let left = qty;
  for (const part of parts) {
    const isLast = part === parts.at(-1);
    const took = isLast ? left : Math.min(left, part.can);
    if (took === 0) continue;
    part.can -= Math.min(took, part.can);
    left -= took;
    shares.push({ id: part.id, qty: took });
  }
  return shares;
}

/** What the holds of lines can do at a stage, for as long as an act is planned. */
export class Parts {
  readonly #parts = new Map<string, Part[]>();
  readonly #doc: string;
  readonly #look: Look;
  readonly #can: (named: NamedHold) => number;

  constructor(doc: string, look: Look, can: (named: NamedHold) => number) {
    this.#doc = doc;
    this.#look = look;
    this.#can = can;
  }

  of(line: OrderLine): Part[] {
    let parts = this.#parts.get(line.line);
    if (parts === undefined) {
      parts = holdsOf(this.#doc, line, this.#look).map((h) => ({ id: h.id, can: this.#can(h) }));
      this.#parts.set(line.line, parts);
    }
    return parts;
  }
}

export const canPick = ({ hold }: NamedHold): number => pickable(hold);
