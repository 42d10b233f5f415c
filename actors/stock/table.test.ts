import { describe, expect, it } from 'vitest';
import { Floor } from '../../test/support/floor.ts';
import { CATALOGUE, type OutcomeCode } from '../outcomes.ts';

const row = (title: string, steps: string): void => it(title, () => new Floor().walk(steps));

describe('a receipt', () => {
  row(
    'S1 raises on hand and available by what came',
    'receive 10 · changes onHand +10, available +10 · receive 5 · changes onHand +5, available +5',
  );
  row(
    'S1 over or blind is stock like any other, beside what is held already',
    'receive 2 · reserve A 2 · receive 3 · changes onHand +3, available +3',
  );
  row(
    'S9 serves the waiting first; the rest is available',
    'receive 10 · reserve A 8 · adjust -5 · expect A.waiting 3 · receive 5 · ' +
      'changes onHand +5, allocated +3, waiting -3, available +2 · expect A.waiting 0',
  );
  row(
    'S9 smaller than what waits leaves nothing available',
    'receive 10 · reserve A 8 · adjust -5 · receive 2 · ' +
      'changes onHand +2, allocated +2, waiting -2 · expect A.waiting 1',
  );
  row(
    'S9 serves the waiting holds in the order of their acceptance',
    'receive 9 · reserve A 3 · reserve B 3 · reserve C 3 · adjust -9 · receive 4 · ' +
      'expect A.waiting 0, B.waiting 2, C.waiting 3 · receive 3 · expect B.waiting 0, C.waiting 2',
  );
  row(
    'S2 of defective, pending or returnable goods raises that quality only',
    'receive 10 · receive 4 defective · changes defective.onHand +4, defective.available +4 · ' +
      'receive 3 pending · changes pending.onHand +3, pending.available +3 · ' +
      'receive 2 supplierReturn · changes supplierReturn.onHand +2, supplierReturn.available +2',
  );
  row(
    'S9 of one quality serves no hold of another',
    'receive 4 · reserve A 4 · adjust -4 · receive 4 defective · ' +
      'changes defective.onHand +4, defective.available +4 · expect waiting 4',
  );
});

describe('a promise', () => {
  row(
    'S3 an order moves units from available to allocated',
    'receive 10 · reserve A 4 · changes allocated +4, available -4',
  );
  row(
    'S3 a soft hold does the same',
    'receive 10 · reserve A 4 soft 15min · changes allocated +4, available -4',
  );
  row(
    'S2 may take the last unit and not one more',
    'receive 10 · reserve A 10 · changes allocated +10, available -10 · ' +
      'reserve B 1 · refused insufficient 0 of 1',
  );
  row(
    'S2 a partial one takes what there is, if there is any',
    'receive 3 · reserve A 5 partial · changes allocated +3, available -3 · expect A.hard 3 · ' +
      'reserve B 5 partial · refused insufficient 0 of 5',
  );
  row(
    'S2 may be of defective goods and touches no others',
    'receive 5 · receive 10 defective · reserve A 4 defective · ' +
      'changes defective.allocated +4, defective.available -4',
  );
  row(
    'S9 never overtakes one that waits',
    'receive 4 · reserve A 4 · adjust -2 · reserve B 1 · refused insufficient 0 of 1 · ' +
      'receive 2 · reserve B 1 · refused insufficient · receive 1 · reserve B 1',
  );
});

describe('the end of an unpicked promise', () => {
  row(
    'S3 a soft hold lasts to the moment of its expiry',
    'receive 10 · reserve A 4 soft 15min · tick 14min · changes nothing · ' +
      'tick 1min · changes allocated -4, available +4 · expect available 10',
  );
  row('S3 a hard hold never expires', 'receive 10 · reserve A 4 · tick 8760h · changes nothing');
  row(
    'S3 an extended hold lives on from now, a part of it by itself',
    'receive 10 · reserve A 4 soft 15min · tick 10min · extend A 3 15min · changes nothing · ' +
      'tick 5min · changes allocated -1, available +1 · tick 9min · changes nothing · ' +
      'tick 1min · changes allocated -3, available +3',
  );
  row(
    'S3 a hardened part stays when the rest expires',
    'receive 10 · reserve A 4 soft 15min · harden A 3 · changes nothing · ' +
      'tick 15min · changes allocated -1, available +1 · expect A.hard 3',
  );
  row(
    'S3 release gives units back, a part or all of them',
    'receive 10 · reserve A 4 · release A 1 · changes allocated -1, available +1 · ' +
      'release A · changes allocated -3, available +3 · release A · refused hold_ended',
  );
  row(
    'S3 cancel before pick does the same',
    'receive 10 · reserve A 4 · cancel A 1 · changes allocated -1, available +1 · ' +
      'cancel A · changes allocated -3, available +3',
  );
  row(
    'S9 what is given back goes to the waiting first',
    'receive 6 · reserve A 3 · reserve B 3 · adjust -2 · expect B.waiting 2 · ' +
      'release A · changes allocated -1, waiting -2, available +1 · expect B.waiting 0',
  );
  row(
    'S9 what is cancelled goes to the waiting first',
    'receive 6 · reserve A 3 · reserve B 3 · adjust -2 · ' +
      'cancel A · changes allocated -1, waiting -2, available +1 · expect B.waiting 0',
  );
  row(
    'S9 what expires goes to the waiting first',
    'receive 6 · reserve A 3 soft 1min · reserve B 3 · adjust -3 · expect B.waiting 3 · ' +
      'tick 1min · changes waiting -3 · expect B.waiting 0, allocated 3',
  );
  row(
    'S3 a hold gives back what it waits for before what it has',
    'receive 6 · reserve A 6 · adjust -2 · release A 1 · changes waiting -1 · ' +
      'release A 2 · changes waiting -1, allocated -1, available +1',
  );
  row(
    'S3 so it does when it is cancelled',
    'receive 6 · reserve A 6 · adjust -2 · cancel A 3 · ' +
      'changes waiting -2, allocated -1, available +1',
  );
  row(
    'S3 units that wait are soft ones first, and one that is hard can be picked',
    'receive 6 · reserve A 6 soft 1h · harden A 3 · adjust -3 · pick A 3 · changes picked +3',
  );
});

describe('pick, pack and ship', () => {
  row(
    'S1 pick moves units within on hand and within allocated',
    'receive 10 · reserve A 4 · pick A 3 · changes picked +3 · pick A · changes picked +1',
  );
  row(
    'S1 pack moves them on',
    'receive 10 · reserve A 4 · pick A · pack A 3 · changes picked -3, packed +3 · ' +
      'pack A · changes picked -1, packed +1',
  );
  row(
    'S1 ship takes them off on hand, allocated and packed, and off nothing else',
    'receive 10 · reserve A 4 · pick A · pack A · ' +
      'ship A 3 · changes onHand -3, allocated -3, packed -3 · ' +
      'ship A · changes onHand -1, allocated -1, packed -1 · expect available 6',
  );
  row(
    'S3 a soft hold is hardened before it is picked',
    'receive 10 · reserve A 4 soft 15min · pick A · refused hold_soft · harden A · pick A',
  );
  row(
    'S3 only what has stock behind it can be picked',
    'receive 10 · reserve A 8 · adjust -5 · pick A · refused awaits_stock 5 of 8 · ' +
      'pick A 5 · changes picked +5 · receive 3 · pick A · changes picked +3',
  );
  row(
    'S2 of defective goods it is the same, for a disposal',
    'receive 9 defective · reserve A 4 defective · pick A · changes defective.picked +4 · ' +
      'pack A · changes defective.picked -4, defective.packed +4 · ' +
      'ship A · changes defective.onHand -4, defective.allocated -4, defective.packed -4',
  );
});

describe('cancel and put back', () => {
  row(
    'S2 cancel after pick blocks the goods',
    'receive 10 · reserve A 4 · pick A · cancel A · changes allocated -4, picked -4, blocked +4',
  );
  row(
    'S2 cancel after pack blocks the goods',
    'receive 10 · reserve A 4 · pick A · pack A · ' +
      'cancel A · changes allocated -4, packed -4, blocked +4',
  );
  row(
    'S2 cancel of a part takes the least advanced units first',
    'receive 9 · reserve A 9 · pick A 6 · pack A 3 · ' +
      'cancel A 4 · changes allocated -4, available +3, picked -1, blocked +1 · ' +
      'cancel A 3 · changes allocated -3, picked -2, packed -1, blocked +3',
  );
  row(
    'S2 put back makes blocked goods available, a part or all of them',
    'receive 10 · reserve A 4 · pick A · cancel A · putback 1 · changes blocked -1, available +1 · ' +
      'putback · changes blocked -3, available +3',
  );
  row(
    'S4 put back as another quality moves them to it',
    'receive 10 · reserve A 4 · pick A · cancel A · putback 1 as defective · ' +
      'changes blocked -1, onHand -1, defective.onHand +1, defective.available +1',
  );
  row(
    'S9 what is put back goes to the waiting first',
    'receive 6 · reserve A 3 · reserve B 3 · pick A · adjust -2 · cancel A · ' +
      'changes allocated -3, picked -3, blocked +3 · ' +
      'putback · changes blocked -3, allocated +2, waiting -2, available +1',
  );
  row(
    'S9 what is put back as defective serves the hold that waits for defective goods',
    'receive 2 · receive 2 defective · reserve D 2 defective · adjust -2 defective · ' +
      'reserve A 2 · pick A · cancel A · putback as defective · changes blocked -2, onHand -2, ' +
      'defective.onHand +2, defective.allocated +2, defective.waiting -2',
  );
  row(
    'S2 goods of a cancelled disposal go back as what they were',
    'receive 5 · receive 4 defective · reserve D 4 defective · pick D · cancel D · ' +
      'changes defective.allocated -4, defective.picked -4, defective.blocked +4 · ' +
      'putback as defective · changes defective.blocked -4, defective.available +4',
  );
  row(
    'S8 cancel after ship is refused',
    'receive 10 · reserve A 4 · pick A · pack A · ship A · cancel A · refused already_shipped',
  );
  row(
    'S8 and so it is for the part that has shipped',
    'receive 10 · reserve A 4 · pick A 3 · pack A · ship A · cancel A 2 · refused exceeds_hold 1 of 2 · ' +
      'cancel A · changes allocated -1, available +1 · cancel A · refused already_shipped',
  );
});

describe('a count or an adjustment', () => {
  row(
    'S1 a gain raises on hand and available',
    'receive 10 · reserve A 4 · adjust +3 · changes onHand +3, available +3',
  );
  row(
    'S9 a gain serves the waiting first',
    'receive 4 · reserve A 4 · adjust -3 · adjust +4 · ' +
      'changes onHand +4, allocated +3, waiting -3, available +1',
  );
  row(
    'S7 a loss within what is available takes only that',
    'receive 10 · reserve A 4 · adjust -6 · changes onHand -6, available -6',
  );
  row(
    'S7 a loss beyond what is available is a shortage',
    'receive 10 · reserve A 4 · adjust -8 · ' +
      'changes onHand -8, allocated -2, available -6, waiting +2 · expect A.waiting 2',
  );
  row(
    'S7 a shortage hits the newest promise first',
    'receive 9 · reserve A 3 · reserve B 3 · reserve C 3 · adjust -4 · ' +
      'changes onHand -4, allocated -4, waiting +4 · expect A.waiting 0, B.waiting 1, C.waiting 3',
  );
  row(
    'S7 and unpicked units of any hold before picked ones, picked before packed',
    'receive 9 · reserve A 3 · reserve B 3 · reserve C 3 · pick C · pack C · pick B · ' +
      'adjust -2 · changes onHand -2, allocated -2, waiting +2 · expect A.waiting 2 · ' +
      'adjust -3 · changes onHand -3, allocated -3, waiting +3, picked -2 · expect B.hard 2 · ' +
      'adjust -4 · changes onHand -4, allocated -4, waiting +4, picked -1, packed -3',
  );
  row(
    'S7 takes blocked goods last, and those leave no one waiting',
    'receive 6 · reserve A 3 · pick A · cancel A · reserve B 3 · ' +
      'adjust -5 · changes onHand -5, allocated -3, waiting +3, blocked -2',
  );
  row(
    'S7 a loss of defective goods leaves the others alone',
    'receive 10 · reserve A 10 · receive 5 defective · reserve D 4 defective · adjust -3 defective · ' +
      'changes defective.onHand -3, defective.available -1, defective.allocated -2, defective.waiting +2',
  );
  row(
    'S7 can be of everything on hand, and of no more',
    'receive 5 · reserve A 5 · adjust -6 · refused exceeds_on_hand 5 of 6 · ' +
      'adjust -5 · changes onHand -5, allocated -5, waiting +5',
  );
});

describe('goods in transit', () => {
  row(
    'are announced, and are not on hand',
    'announce 10 · changes inTransit +10 · reserve A 1 · refused insufficient 0 of 1',
  );
  row(
    'arrive: on hand and available by what came, in transit no more',
    'announce 10 · receive 4 arrived4 · changes onHand +4, available +4, inTransit -4',
  );
  row(
    'over or blind: what nobody announced comes on top',
    'announce 3 · receive 5 arrived3 · changes onHand +5, available +5, inTransit -3',
  );
  row(
    'of a document that closes short, or is cancelled, are withdrawn',
    'announce 10 · receive 6 arrived6 · withdraw 4 · changes inTransit -4 · ' +
      'withdraw 1 · refused exceeds_transit 0 of 1',
  );
  row(
    'arrive damaged, or to be inspected',
    'announce 5 · receive 2 defective · changes defective.onHand +2, defective.available +2 · ' +
      'withdraw 2 · changes inTransit -2',
  );
  row(
    'S9 arrive for those who wait, first',
    'receive 5 · reserve A 5 · adjust -3 · announce 4 · receive 4 arrived4 · ' +
      'changes onHand +4, allocated +3, waiting -3, available +1, inTransit -4',
  );
});

describe('a receipt that is for sale only after putaway', () => {
  row(
    'is on hand and blocked until then',
    'receive 5 unput · changes onHand +5, blocked +5 · reserve A 1 · refused insufficient 0 of 1 · ' +
      'putback 3 · changes blocked -3, available +3 · putback · changes blocked -2, available +2',
  );
  row(
    'S9 serves those who wait when it is put away',
    'receive 2 · reserve A 2 · adjust -2 · receive 5 unput · changes onHand +5, blocked +5 · ' +
      'putback · changes blocked -5, allocated +2, waiting -2, available +3',
  );
});

describe('goods kept from sale', () => {
  row(
    'are on hand and blocked until they are let go, for that reason',
    'receive 10 · block 4 quarantine · changes available -4, blocked +4 · ' +
      'unblock 3 quarantine · changes available +3, blocked -3 · ' +
      'unblock quarantine · changes available +1, blocked -1 · ' +
      'unblock quarantine · refused not_blocked 0 of 1',
  );
  row(
    'S7 that were promised leave the newest promise without stock',
    'receive 10 · reserve A 5 · reserve B 4 · block 3 recall · ' +
      'changes available -1, allocated -2, waiting +2, blocked +3 · expect B.waiting 2, A.waiting 0',
  );
  row(
    'S9 and let go serve those who wait first',
    'receive 5 · reserve A 5 · block 2 expired · unblock 2 expired · ' +
      'changes blocked -2, allocated +2, waiting -2 · expect A.waiting 0',
  );
  row(
    'are never picked ones, nor those that await a place',
    'receive 5 · reserve A 2 · pick A · block 4 missing · refused exceeds_on_hand 3 of 4 · ' +
      'cancel A · block 4 missing · refused exceeds_on_hand 3 of 4',
  );
  row(
    'are not lost before they are let go',
    'receive 5 · block 3 missing · adjust -3 · refused exceeds_on_hand 2 of 3 · ' +
      'unblock missing · adjust -3 · changes onHand -3, available -3',
  );
});

describe('goods of another quality than thought', () => {
  row(
    'qualified goods turn out defective',
    'receive 10 · requality 3 to:defective · ' +
      'changes onHand -3, available -3, defective.onHand +3, defective.available +3',
  );
  row(
    'an inspection passes, and fails',
    'receive 10 pending · requality 6 pending to:qualified · ' +
      'changes pending.onHand -6, pending.available -6, onHand +6, available +6 · ' +
      'requality 4 pending to:defective · ' +
      'changes pending.onHand -4, pending.available -4, defective.onHand +4, defective.available +4',
  );
  row(
    'S7 promised ones leave the newest promise without stock',
    'receive 5 · reserve A 3 · reserve B 2 · requality 1 to:defective · ' +
      'changes onHand -1, allocated -1, waiting +1, defective.onHand +1, defective.available +1 · ' +
      'expect B.waiting 1',
  );
  row(
    'S9 what passes serves those who wait first',
    'receive 2 · reserve A 2 · adjust -2 · receive 3 pending · requality 3 pending to:qualified · ' +
      'changes pending.onHand -3, pending.available -3, onHand +3, allocated +2, waiting -2, available +1',
  );
});

describe('safety stock', () => {
  row(
    'is kept back from what is free, and comes back when it is lowered',
    'receive 10 · safety 4 · changes available -4, safetyHeld +4 · ' +
      'safety 1 · changes available +3, safetyHeld -3 · safety 0 · changes available +1, safetyHeld -1',
  );
  row(
    'is not promised, unless the order may use it',
    'receive 10 · safety 4 · reserve A 7 · refused insufficient 6 of 7 · ' +
      'reserve A 7 useSafety · changes allocated +7, available -6, safetyHeld -1',
  );
  row(
    'gives way to a loss before any promise does',
    'receive 10 · safety 4 · reserve A 5 · adjust -4 · ' +
      'changes onHand -4, available -1, safetyHeld -3 · expect A.waiting 0',
  );
  row(
    'above what is free keeps back all of that, and grows with the next receipt',
    'receive 3 · safety 8 · changes available -3, safetyHeld +3 · ' +
      'receive 6 · changes onHand +6, safetyHeld +5, available +1',
  );
});

/** One way to each refusal of an actor; where a later one could be said as well, it would be true. */
const REFUSALS: Partial<Record<OutcomeCode, string>> = {
  clock_ahead: 'receive 5 · reserve A 4 · late reserve A 9 · refused clock_ahead',
  hold_exists: 'receive 5 · reserve A 4 · reserve A 9 · refused hold_exists',
  unknown_hold: 'receive 5 · pick A 9 · refused unknown_hold',
  already_shipped:
    'receive 5 · reserve A 4 · pick A · pack A · ship A · ship A 9 · refused already_shipped',
  hold_ended: 'receive 5 · reserve A 4 · release A · pick A 9 · refused hold_ended',
  hold_soft: 'receive 5 · reserve A 4 soft 1h · adjust -5 · pick A 4 · refused hold_soft',
  hold_hard: 'receive 5 · reserve A 4 · harden A 9 · refused hold_hard',
  already_picked:
    'receive 5 · reserve A 4 · pick A 3 · release A 2 · refused already_picked 1 of 2',
  exceeds_hold: 'receive 5 · reserve A 4 · adjust -5 · pick A 5 · refused exceeds_hold 4 of 5',
  not_picked: 'receive 5 · reserve A 4 · pick A 3 · pack A 4 · refused not_picked 3 of 4',
  not_packed: 'receive 5 · reserve A 4 · pick A · pack A 3 · ship A 4 · refused not_packed 3 of 4',
  awaits_stock: 'receive 5 · reserve A 4 · adjust -2 · pick A 4 · refused awaits_stock 3 of 4',
  insufficient: 'receive 5 · reserve A 6 · refused insufficient 5 of 6',
  nothing_to_put_back: 'receive 5 · putback 2 · refused nothing_to_put_back 0 of 2',
  not_blocked: 'receive 5 · block 2 recall · unblock 2 missing · refused not_blocked 0 of 2',
  exceeds_transit: 'announce 5 · receive 6 arrived6 · refused exceeds_transit 5 of 6',
  exceeds_on_hand: 'receive 5 · adjust -6 · refused exceeds_on_hand 5 of 6',
  wrong_place: 'receive 5 @A1 · reserve A 2 · pick A 2 @A2 · refused wrong_place 0 of 2',
  line_pinned:
    'receive 5 @A1 #L1 · receive 5 · reserve A 4 @A1 · reserve B 6 · pick B 2 #L1 · refused line_pinned 1 of 2',
  box_closed: 'receive 24 box:12 · reserve A 5 · pick A 5 · refused box_closed 0 of 5',
  serial_needed: 'receive 2 @A1 sn:S1,S2 · reserve A 1 · pick A 1 · refused serial_needed 0 of 1',
  serial_unknown: 'receive 2 @A1 sn:S1,S2 · reserve A 1 · pick A 1 sn:S3 · refused serial_unknown',
  serial_seen: 'receive 2 @A1 sn:S1,S2 · receive 1 @A2 sn:S2 · refused serial_seen',
  serial_held:
    'receive 2 @A1 sn:S1,S2 · reserve A 1 sn:S1 · reserve B 1 · pick B 1 sn:S1 · refused serial_held',
  batch_differs: 'receive 2 #L1 exp:30d · receive 2 #L1 exp:31d · refused batch_differs',
  batch_kept: 'receive 2 #L1 exp:30d · block #L1 recall · receive 2 #L1 · refused batch_kept',
  qty_overflow: 'receive 9007199254740991 · receive 1 · refused qty_overflow',
};

describe('a refusal', () => {
  for (const [code, steps] of Object.entries(REFUSALS)) {
    row(`S8 ${code}, before what the catalogue puts later, and nothing changes`, steps);
  }
  it('S8 has a row here for every code that an actor can answer', () => {
    const codes = Object.keys(CATALOGUE) as OutcomeCode[];
    const others = ['unknown_sku', 'awaits_points', 'stranded']; // answered for the actor
    const actors = codes.filter((c) => CATALOGUE[c].where === 'actor' && !others.includes(c));
    expect(Object.keys(REFUSALS)).toEqual(actors);
  });
  row(
    'S8 qty_overflow counts what waits and every quality, and a gain too',
    'receive 9007199254740990 · reserve A 5 · receive 1 defective · receive 1 · refused qty_overflow · ' +
      'adjust +1 · refused qty_overflow · adjust -9007199254740990 · ' +
      'receive 9007199254740986 · refused qty_overflow · receive 9007199254740985',
  );
});
