import { describe, expect, it } from 'vitest';
import { restored } from '../../test/reference/stock/kept.ts';
import { Floor } from '../../test/support/floor.ts';
import { type ActorKey, type HoldId, RIGHTS } from '../ids.ts';
import { GRANTED, stockView } from './balances.ts';
import { BLANK, type StockCommand } from './commands.ts';
import { openHold } from './state.ts';
import { Stockroom } from './stockroom.ts';

const row = (title: string, steps: string): void => it(title, () => new Floor().walk(steps));

/** `~rights` is the hold of all rights that are out. */
describe('rights that are granted', () => {
  row(
    'S2 leave what is available',
    'receive 100 · grant 40 · changes available -40, granted +40 · expect ~rights.hard 40 · ' +
      'grant 10 · changes available -10, granted +10 · expect ~rights.hard 50',
  );
  row(
    'S2 are of what is available only: not of safety stock, nor of what is promised',
    'receive 100 · safety 20 · reserve A 50 · grant 31 · refused insufficient 30 of 31 · grant 30',
  );
  row(
    'S2 are not there for a new hold, nor for a receipt to be taken back',
    'receive 100 · grant 40 · reserve A 61 · refused insufficient 60 of 61 · ' +
      'unreceive 61 · refused insufficient 60 of 61',
  );
  row(
    'S9 are none while a hold waits',
    'receive 4 · reserve A 6 backorder · grant 1 · refused insufficient 0 of 1',
  );
});

describe('rights that a restored home finds to be out', () => {
  row(
    'S7 have what stock there is behind them, even safety stock, and the rest is at risk',
    'receive 10 · safety 3 · reserve A 4 · grant 8 backorder · ' +
      'changes available -3, safetyHeld -3, granted +6, waiting +2 · expect ~rights.waiting 2, A.waiting 0 · ' +
      'grant 5 backorder · changes waiting +5 · expect ~rights.waiting 7, ~rights.hard 13 · ' +
      'receive 9 · changes onHand +9, granted +7, waiting -7, safetyHeld +2',
  );
  row(
    'S2 are granted like others where there is stock',
    'receive 10 · grant 8 backorder · changes available -8, granted +8',
  );
  row(
    'S8 are no more than can be counted',
    'receive 9007199254740991 · grant 9007199254740991 backorder · grant 1 backorder · refused qty_overflow',
  );
});

describe('a loss', () => {
  row(
    'S7 takes what is free before it takes stock from behind rights',
    'receive 100 · reserve A 20 · grant 40 · adjust -40 · changes onHand -40, available -40',
  );
  row(
    'S7 of more puts rights at risk before any hold',
    'receive 100 · reserve A 20 · grant 40 · adjust -50 · ' +
      'changes onHand -50, available -40, granted -10, waiting +10 · expect ~rights.waiting 10, A.waiting 0',
  );
  row(
    'S7 of more than that takes the newest hold next',
    'receive 100 · reserve A 20 · grant 40 · reserve B 40 · adjust -45 · ' +
      'changes onHand -45, granted -40, allocated -5, waiting +45 · ' +
      'expect ~rights.waiting 40, B.waiting 5, A.waiting 0',
  );
  row(
    'S7 takes unpicked units, those of rights too, before picked ones',
    'receive 10 · reserve A 4 · pick A 4 · grant 6 · adjust -7 · ' +
      'changes onHand -7, picked -1, granted -6, allocated -1, waiting +7 · expect ~rights.waiting 6, A.waiting 1',
  );
  row(
    'S7 by a quarantine, or by another quality, is one too',
    'receive 10 · grant 8 · block 5 quarantine · ' +
      'changes blocked +5, available -2, granted -3, waiting +3 · ' +
      'requality 4 to:defective · ' +
      'changes onHand -4, defective.onHand +4, defective.available +4, granted -4, waiting +4 · ' +
      'expect ~rights.waiting 7',
  );
});

describe('rights at risk', () => {
  row(
    'S9 get what a receipt leaves when all holds are served',
    'receive 10 · reserve A 4 · grant 6 · adjust -10 · expect A.waiting 4, ~rights.waiting 6 · ' +
      'receive 3 · changes onHand +3, allocated +3, waiting -3 · ' +
      'receive 5 · changes onHand +5, allocated +1, granted +4, waiting -5 · ' +
      'receive 5 · changes onHand +5, granted +2, waiting -2, available +3',
  );
  row(
    'S9 are served after a hold that came to wait later',
    'receive 6 · grant 6 · adjust -6 · reserve A 2 backorder · receive 3 · ' +
      'changes onHand +3, allocated +2, granted +1, waiting -3 · expect A.waiting 0, ~rights.waiting 5',
  );
  row(
    'S9 get what a release frees, and what passes an inspection',
    'receive 6 · reserve A 4 · grant 2 · adjust -2 · release A 1 · ' +
      'changes allocated -1, granted +1, waiting -1 · receive 1 pending · requality 1 pending to:qualified · ' +
      'changes pending.onHand -1, pending.available -1, onHand +1, granted +1, waiting -1',
  );
});

describe('rights that come back unsold', () => {
  row(
    'S2 are available again',
    'receive 100 · grant 40 · regain 15 · changes granted -15, available +15 · ' +
      'expect ~rights.hard 25 · regain 25 · changes granted -25, available +25',
  );
  row(
    'S7 are those at risk first',
    'receive 100 · grant 40 · adjust -70 · expect ~rights.waiting 10 · ' +
      'regain 4 · changes waiting -4 · regain 8 · changes waiting -6, granted -2, available +2',
  );
  row(
    'S9 serve those who wait, and only the rest is available',
    'receive 10 · grant 6 · reserve A 7 backorder · expect A.waiting 3 · ' +
      'regain 2 · changes granted -2, allocated +2, waiting -2 · ' +
      'regain 4 · changes granted -4, allocated +1, waiting -1, available +3',
  );
  row(
    'S9 serve a hold that is pinned with such units as it wants',
    'receive 4 @A1 #L1 · receive 2 · grant 6 · reserve A 2 #L1 backorder · regain 3 · ' +
      'changes granted -3, allocated +2, waiting -2, available +1 · lines A1 #L1 4 pinned:2',
  );
  row(
    'S8 are no more than are out',
    'receive 10 · regain 1 · refused exceeds_hold 0 of 1 · grant 6 · regain 7 · refused exceeds_hold 6 of 7',
  );
});

describe('a sale that comes home', () => {
  row(
    'S3 is a hard hold from then on',
    'receive 100 · grant 40 · sell A 15 · changes granted -15, allocated +15 · ' +
      'expect A.hard 15, ~rights.hard 25 · pick A · pack A · ship A · ' +
      'sell B 25 · changes granted -25, allocated +25 · expect B.hard 25',
  );
  row(
    'S7 has the stock that is there, and waits for the rest',
    'receive 100 · grant 40 · adjust -70 · sell A 35 · ' +
      'changes granted -30, allocated +30 · expect A.waiting 5, ~rights.waiting 5 · ' +
      'receive 7 · changes onHand +7, allocated +5, granted +2, waiting -7 · expect A.waiting 0',
  );
  row(
    'S9 waits in the order in which it came home',
    'receive 4 · grant 4 · adjust -4 · sell A 2 · reserve B 1 backorder · sell C 2 · ' +
      'receive 3 · expect A.waiting 0, B.waiting 0, C.waiting 2',
  );
  row(
    'S8 has a name of its own, and no more than is out',
    'receive 20 · reserve A 1 · reserve B 1 · release B · grant 6 · sell A 1 · refused hold_exists · ' +
      'sell B 1 · refused hold_exists · sell C 7 · refused exceeds_hold 6 of 7 · regain 6 · ' +
      'sell C 1 · refused exceeds_hold 0 of 1',
  );
});

const KEY = 'demo/MUG@W1' as ActorKey;
const about = { key: KEY, owner: 'demo', sku: 'MUG', warehouse: 'W1' } as Pick<
  StockCommand,
  'key' | 'owner' | 'sku' | 'warehouse'
>;
const step = (op: StockCommand['op'], more: Partial<StockCommand>): StockCommand => ({
  ...{ ...BLANK, ...about, op },
  ...more,
});

function roomAfter(...steps: readonly StockCommand[]): Stockroom {
  const room = new Stockroom();
  for (const c of steps) expect(room.run(c, 1).ok).toBe(true);
  return room;
}

describe('the hold of rights', () => {
  it('is gone with the last of them, and never remembered as ended', () => {
    const room = roomAfter(step('receive', { qty: 5 }), step('grant', { qty: 5 }));
    expect(stockView(room.get(KEY)?.b ?? []).granted).toBe(5);
    room.run(step('regain', { qty: 5 }), 1);
    expect(room.get(KEY)).toMatchObject({ holds: undefined, ended: undefined, queue: undefined });
  });

  it('S8 nothing of it is left, or lost, by an `all` that is refused', () => {
    const sale = (id: string, qty: number) =>
      step('sell', { qty, hold: id as HoldId, doc: 'SO-1' });
    const room = roomAfter(
      ...[step('receive', { qty: 5 }), step('grant', { qty: 5 }), step('adjust', { delta: -3 })],
    );
    const was = structuredClone(room.get(KEY));
    for (const steps of [
      [step('regain', { qty: 5 }), step('grant', { qty: 3 })],
      [sale('A', 5), sale('B', 1)],
      [step('regain', { qty: 4 }), sale('A', 1), step('adjust', { delta: -9 })],
    ]) {
      expect(room.runSteps(steps, 1).ok).toBe(false);
      expect(room.get(KEY)).toEqual(was);
    }
    const fresh = roomAfter(step('receive', { qty: 5 }));
    const before = structuredClone(fresh.get(KEY));
    expect(fresh.runSteps([step('grant', { qty: 5 }), sale('A', 6)], 1).ok).toBe(false);
    expect(fresh.get(KEY)).toEqual(before);
  });

  it('C3 is the newest promise in a snapshot too', () => {
    const room = roomAfter(step('receive', { qty: 5 }), step('grant', { qty: 5 }));
    const was = room.get(KEY) ?? expect.fail('no actor');
    const state = restored(was);
    expect(openHold(state, RIGHTS)).toEqual(openHold(was, RIGHTS));
    expect(openHold(state, RIGHTS)?.order).toBe(Number.MAX_SAFE_INTEGER);
    expect(state.b[GRANTED]).toBe(5);
  });
});
