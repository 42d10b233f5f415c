import { QUALITIES, type Quality } from './commands.ts';

/**
 * The counters of one stock actor: `WIDTH` whole numbers a quality, the
 * qualified ones first; the other three qualities are absent until first used
 * (length `WIDTH` or `4 × WIDTH`).
 */
export type Balances = number[];

export const SHELF = 0;
export const RECEIVING = 1;
export const PICKED = 2;
export const PACKED = 3;
/** Backed units of open holds (S3), picked and packed ones included. */
export const ALLOCATED = 4;
/** Not sellable now: awaits being put back or away, or was taken out of sale for a reason. */
export const BLOCKED = 5;
/** Promised without stock behind it. */
export const WAITING = 6;
/** Announced or dispatched to here, not yet on hand: off both axes. */
export const TRANSIT = 7;
/** What is kept back from sale as far as there is any: a setting, not units. */
export const SAFETY = 8;
/** Backed units that are out as rights of selling points; of qualified units only. */
export const GRANTED = 9;
export const WIDTH = 10;

export const noBalances = (): Balances => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

export const base = (quality: Quality): number => quality * WIDTH;

/** Makes room for the three rarer qualities. */
export function widen(b: Balances): void {
  while (b.length < QUALITIES.length * WIDTH) b.push(0);
}

export function get(b: Balances, quality: Quality, field: number): number {
  return b[quality * WIDTH + field] ?? 0;
}

/** S1: on hand is the sum of its lines. */
export function onHand(b: Balances, quality: Quality): number {
  const at = quality * WIDTH;
  if (at >= b.length) return 0;
  return (
    (b[at + SHELF] as number) +
    (b[at + RECEIVING] as number) +
    (b[at + PICKED] as number) +
    (b[at + PACKED] as number)
  );
}

/** On hand, and neither promised, granted nor blocked. Never below 0. */
export function free(b: Balances, quality: Quality): number {
  const at = quality * WIDTH;
  if (at >= b.length) return 0;
  const used =
    (b[at + ALLOCATED] as number) + (b[at + GRANTED] as number) + (b[at + BLOCKED] as number);
  return onHand(b, quality) - used;
}

/** Of what is free, what safety stock keeps back. */
export const safetyHeld = (b: Balances, quality: Quality): number =>
  Math.min(free(b, quality), get(b, quality, SAFETY));

/** S2: what can be promised now. Never below 0. */
export const available = (b: Balances, quality: Quality): number =>
  free(b, quality) - safetyHeld(b, quality);

/** The figures of one quality, base units. Rights are of qualified units only, so they are not among them. */
export interface QualityView {
  onHand: number;
  allocated: number;
  available: number;
  picked: number;
  packed: number;
  blocked: number;
  waiting: number;
  inTransit: number;
  safetyHeld: number;
}

/**
 * The `stock` of a reply, base units. On hand is over all qualities, the four
 * qualities are on hand of each; the rest is of qualified units. Other
 * qualities that have more to say than on hand say it under `qualities`.
 */
export interface StockView {
  onHand: number;
  qualified: number;
  defective: number;
  pending: number;
  supplierReturn: number;
  allocated: number;
  picked: number;
  packed: number;
  inTransit: number;
  available: number;
  blocked: number;
  granted: number;
  safetyHeld: number;
  waiting: number;
  qualities?: Partial<Record<(typeof QUALITIES)[number], QualityView>>;
}

export function qualityView(b: Balances, quality: Quality): QualityView {
  return {
    onHand: onHand(b, quality),
    allocated: get(b, quality, ALLOCATED),
    available: available(b, quality),
    picked: get(b, quality, PICKED),
    packed: get(b, quality, PACKED),
    blocked: get(b, quality, BLOCKED),
    waiting: get(b, quality, WAITING),
    inTransit: get(b, quality, TRANSIT),
    safetyHeld: safetyHeld(b, quality),
  };
}

export function stockView(b: Balances): StockView {
  const qualified = onHand(b, 0);
  const view: StockView = {
    onHand: qualified,
    qualified,
    defective: 0,
    pending: 0,
    supplierReturn: 0,
    allocated: b[ALLOCATED] as number,
    picked: b[PICKED] as number,
    packed: b[PACKED] as number,
    inTransit: b[TRANSIT] as number,
    available: available(b, 0),
    blocked: b[BLOCKED] as number,
    granted: b[GRANTED] as number,
    safetyHeld: safetyHeld(b, 0),
    waiting: b[WAITING] as number,
  };
  if (b.length > WIDTH) addOtherQualities(view, b);
  return view;
}

function addOtherQualities(view: StockView, b: Balances): void {
  for (const quality of [1, 2, 3] as const) {
    const name = QUALITIES[quality];
    const v = qualityView(b, quality);
    view[name as 'defective' | 'pending' | 'supplierReturn'] = v.onHand;
    view.onHand += v.onHand;
    if (v.allocated + v.blocked + v.waiting + v.inTransit + v.safetyHeld > 0) {
      view.qualities ??= {};
      view.qualities[name] = v;
    }
  }
}
