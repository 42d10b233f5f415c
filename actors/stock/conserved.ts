import { ALLOCATED, BLOCKED, free, get, RECEIVING, SHELF, WAITING, WIDTH } from './balances.ts';
import { BLOCK_REASONS, type Quality } from './commands.ts';
import { allocatedBy, backed, blockKey, isOpen, type StockState } from './state.ts';

/**
 * Every way in which a stock actor breaks S1–S3, S7 or S9, in words; empty when it
 * is sound. Tests and the simulation run it after every step.
 */
export function faults(state: StockState): string[] {
  const found: string[] = [];
  for (const quality of [0, 1, 2, 3] as const) {
    if (quality * WIDTH < state.b.length) found.push(...faultsOf(state, quality));
  }
  return found;
}

function faultsOf(state: StockState, quality: Quality): string[] {
  const found: string[] = [];
  const say = (rule: string, what: string): void => {
    found.push(`${rule} quality ${quality}: ${what}`);
  };
  for (let field = 0; field < WIDTH; field++) {
    const v = get(state.b, quality, field);
    if (!Number.isSafeInteger(v) || v < 0) say('S7', `field ${field} is ${v}`);
  }
  const units = free(state.b, quality);
  if (units < 0) say('S2', `free is ${units}`);
  let allocated = 0;
  let waiting = 0;
  for (const [id, hold] of state.holds ?? []) {
    if (!isOpen(hold) || hold.quality !== quality) continue;
    allocated += allocatedBy(hold);
    waiting += hold.waiting;
    const parts = [hold.hard, hold.waiting, hold.picked, hold.packed, hold.shipped, backed(hold)];
    if (parts.some((n) => !Number.isSafeInteger(n) || n < 0)) say('S7', `hold ${id} ${parts}`);
    if (hold.waiting > 0 !== (state.queue ?? []).includes(id)) say('S3', `queue and hold ${id}`);
  }
  if (allocated !== get(state.b, quality, ALLOCATED)) say('S3', `holds sum to ${allocated}`);
  if (waiting !== get(state.b, quality, WAITING)) say('S3', `waiting holds sum to ${waiting}`);
  if (waiting > 0 && units > 0) say('S9', `${units} free while ${waiting} wait`);
  let kept = 0;
  for (const why of BLOCK_REASONS) kept += state.blocks?.get(blockKey(quality, why)) ?? 0;
  if (get(state.b, quality, BLOCKED) !== get(state.b, quality, RECEIVING) + kept) {
    say('S1', 'what is blocked is not what awaits a place and what is kept from sale');
  }
  if (get(state.b, quality, SHELF) < kept) say('S1', `${kept} are kept from sale`);
  return found;
}
