import { type HoldId, PRESALE, RIGHTS } from '../ids.ts';
import type { BlockReason, Quality } from './commands.ts';
import type { EventDetail } from './detail.ts';

/** Event kinds in the order of their numbers in the journal. */
export const EVENT_KINDS = [
  'received',
  'reserved',
  'extended',
  'hardened',
  'released',
  'expired',
  'picked',
  'packed',
  'shipped',
  'cancelled',
  'putBack',
  'adjusted',
  'announced',
  'withdrawn',
  'blocked',
  'unblocked',
  'requalified',
  'safetySet',
  'moved',
  'shorted',
  'reassigned',
  'unreceived',
  'unpicked',
  'unpacked',
  'granted',
  'regained',
  'sold',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Another hold whose backing this event changes. */
export interface Shift {
  readonly hold: HoldId;
  /** Units that get stock behind them (> 0) or lose it (< 0). */
  readonly qty: number;
  /** Of the units that lose it: how many had been picked, and packed. */
  readonly picked: number;
  readonly packed: number;
}

/**
 * What happened to one stock actor. Applying it needs nothing else. Every event
 * has every field; a field that a kind does not use holds its blank.
 *
 * | kind | qty | the others |
 * |---|---|---|
 * | received | units in | quality; `blocked` of them await a place; `arrived` of them were in transit; `shifts` waiting holds served |
 * | reserved | units promised, `waiting` of them unbacked | hold, quality, `expiresAtMs` 0 if hard |
 * | extended, hardened | units re-dated, or made hard | hold, `expiresAtMs` |
 * | released, expired | promised units given back | hold; `waiting` of them were unbacked; `shifts` |
 * | picked, packed, shipped | units that move on | hold |
 * | cancelled | units given back at all stages | hold; `waiting`, `picked`, `packed` of them; `shifts` |
 * | putBack | units back on the shelf | quality from, `toQuality`; `shifts` |
 * | adjusted | units found (> 0) or lost (< 0) | quality; `shifts`; `blocked` of the lost awaited being put back |
 * | announced, withdrawn | units in transit from now on, or no more | quality; `shifts` of a withdrawal: whoever was promised them and gets others |
 * | blocked, unblocked | units on the shelf, kept from sale or for sale again | quality, `why`; `waiting` of the blocked were promised; `shifts` |
 * | requalified | units on the shelf | quality from, `toQuality`; `waiting` of them were promised; `shifts` of those, or of holds served |
 * | safetySet | what safety stock is from now on | quality |
 * | moved | units on the shelf that lie elsewhere or otherwise now | quality; `shifts` pinned holds served by that |
 * | shorted | units of a hold that are not where they should be | hold, quality, `why`; `waiting`, all of them; `shifts` what it got instead |
 * | reassigned | unpicked units with stock behind them that are another hold's now | hold, the new one; `shifts` the one that gave them up |
 * | unreceived | units that had not come after all | quality; `blocked` of them awaited a place; `arrived` of them are in transit again |
 * | unpicked, unpacked | units that go back a stage | hold; `shifts` pinned holds served by that |
 * | granted | units that are out as rights from now on, `waiting` of them unbacked | hold, {@link RIGHTS} or {@link PRESALE} |
 * | regained | rights that came back unsold | hold, likewise; `waiting` of them were unbacked; `shifts` |
 * | sold | rights that were sold, and are a hold's now | hold, the new one; `waiting` of them were unbacked, and wait on; `arrived` of them were of goods in transit, `blocked` of nothing |
 *
 * `detail` says which units, where more is known of them than how many there are.
 */
export interface StockEvent {
  readonly kind: EventKind;
  readonly hold: HoldId;
  readonly doc: string;
  readonly reason: string;
  readonly quality: Quality;
  readonly toQuality: Quality;
  readonly qty: number;
  readonly waiting: number;
  readonly picked: number;
  readonly packed: number;
  readonly blocked: number;
  readonly arrived: number;
  readonly why: BlockReason | '';
  readonly expiresAtMs: number;
  readonly occurredAtMs: number;
  readonly shifts: readonly Shift[];
  readonly detail: EventDetail | undefined;
}

export const NO_SHIFTS: readonly Shift[] = [];

/** The holds that an event changes. */
export function holdsOf(e: StockEvent): Set<HoldId> {
  const ids = new Set(e.shifts.map((s) => s.hold));
  if (e.hold !== '') ids.add(e.hold);
  if (e.kind === 'sold') ids.add(RIGHTS).add(PRESALE);
  return ids;
}

/** The quality of the holds that `shifts` names: a requalification takes promised goods from those promises. */
export const shiftedQuality = (e: StockEvent): Quality =>
  e.kind === 'requalified' && e.waiting > 0 ? e.quality : e.toQuality;
