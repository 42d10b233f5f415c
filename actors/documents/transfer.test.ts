import { describe, expect, it } from 'vitest';
import { commandOf, Floor, keyOf } from '../../test/support/documents.ts';

const PLACED = `receive MUG 10 · transfer.place T1 1:MUG*6 toWarehouse=W2`;
const SENT = `${PLACED} · transfer.dispatch T1 · tell T1`;

const TABLE: Record<string, readonly (readonly [string, string])[]> = {
  'the end that sends': [
    [
      'reserves what is to go',
      `${PLACED} · is transfer T1 placed · stock MUG allocated=6 available=4`,
    ],
    [
      'S8 reserves all lines or none',
      `receive MUG 10 · transfer.place T1 1:MUG*6 2:MUG*5 toWarehouse=W2 · refused insufficient Only 4 of 5
       · stock MUG allocated=0`,
    ],
    [
      'S4 picks, packs and ships at once',
      `${PLACED} · transfer.dispatch T1 · is transfer T1 dispatched · stock MUG onHand=4 allocated=0
       · line transfer T1 1 dispatched=6`,
    ],
    [
      'may cancel before it has dispatched, in part too',
      `${PLACED} · transfer.cancel T1 1*2 · stock MUG allocated=4 · transfer.dispatch T1 · stock MUG onHand=6
       · transfer.cancel T1 · refused wrong_state it is dispatched; receive it there and send it back`,
    ],
    [
      'may cancel all of it',
      `${PLACED} · transfer.cancel T1 · is transfer T1 cancelled · stock MUG available=10
       · transfer.dispatch T1 · refused wrong_state it is cancelled`,
    ],
    [
      'does not dispatch what a loss took',
      `${PLACED} · adjust MUG -6 · transfer.dispatch T1 · refused awaits_stock Only 4 of 6`,
    ],
    [
      'to itself is refused',
      'receive MUG 1 · transfer.place T1 1:MUG*1 toWarehouse=W1 · refused bad_field toWarehouse',
    ],
    [
      'uses safety stock only where that is said',
      `receive MUG 10 · safety MUG 8 · transfer.place T1 1:MUG*6 toWarehouse=W2 · refused insufficient Only 2 of 6
       · transfer.place T1 1:MUG*6 toWarehouse=W2 useSafety · stock MUG allocated=6`,
    ],
    [
      'sends batches and serials as parcels of their own',
      `receive MUG 3 batch=A · receive MUG 3 batch=B · transfer.place T1 1:MUG*5 toWarehouse=W2
       · transfer.dispatch T1 1*2#B · tell T1 · line transfer T1 1 in=W2 expected=3
       · line transfer T1 1.2 in=W2 expected=2 · transfer.receive T1 in=W2
       · order.place O1 1:MUG*3#A in=W2 · order.place O2 1:MUG*2#B in=W2`,
    ],
  ],
  'the end that receives': [
    [
      'learns what is on its way',
      `${SENT} · is transfer T1 inTransit in=W2 · stock MUG in=W2 inTransit=6 onHand=0`,
    ],
    [
      'S5 is told twice and learns once',
      `${PLACED} · transfer.dispatch T1 · tell T1 lost · tell T1 · stock MUG in=W2 inTransit=6`,
    ],
    [
      'S4 receives it, and the sender settles',
      `${SENT} · transfer.receive T1 in=W2 · is transfer T1 received in=W2 · stock MUG in=W2 inTransit=0 onHand=6
       · is transfer T1 dispatched · tell T1 in=W2 · is transfer T1 settled`,
    ],
    [
      'S5 told again, late or out of order, the sender settles the same',
      `${SENT} · transfer.receive T1 1*2 in=W2 · tell T1 in=W2 lost · transfer.receive T1 1*1 in=W2 · tell T1 in=W2
       · transfer.settle T1 1*2 step=late · is transfer T1 dispatched · transfer.receive T1 in=W2 · tell T1 in=W2
       · is transfer T1 settled · transfer.settle T1 1*3 · is transfer T1 settled`,
    ],
    [
      'receives damaged goods as defective',
      `${SENT} · transfer.receive T1 1*4 1*2~defective in=W2 · line transfer T1 1 in=W2 received=6 damaged=2
       · stock MUG in=W2 inTransit=0 onHand=4 defective.onHand=2`,
    ],
    [
      'short is closed, and the rest is lost',
      `${SENT} · transfer.receive T1 1*4 in=W2 · transfer.close T1 in=W2 · is transfer T1 closed in=W2
       · line transfer T1 1 in=W2 received=4 lost=2 · stock MUG in=W2 inTransit=0 onHand=4
       · tell T1 in=W2 · is transfer T1 settled`,
    ],
    [
      'twice is refused',
      `${SENT} · transfer.receive T1 in=W2 · transfer.receive T1 in=W2 · refused over_receipt
       · transfer.receive T1 1*1 in=W2 · refused over_receipt Only 0 of 1`,
    ],
    [
      'S5 twice by the same scan is once',
      `${SENT} · transfer.receive T1 1*2 in=W2 step=s · transfer.receive T1 1*2 in=W2 step=s · again
       · stock MUG in=W2 onHand=2`,
    ],
    [
      'after it was closed is refused',
      `${SENT} · transfer.close T1 in=W2 · transfer.receive T1 in=W2
       · refused wrong_state it is closed; what comes now is found goods: adjust`,
    ],
    [
      'elsewhere is refused',
      `${SENT} · transfer.receive T1 1*6 in=W3 toWarehouse=W2 · refused wrong_warehouse it is bound for W2
       · transfer.receive T1 1*6 · refused wrong_warehouse it is bound for W2
       · transfer.receive T1 1*6 in=W3 · refused unknown_document`,
    ],
    [
      'of more than was sent is refused',
      `${SENT} · transfer.receive T1 1*7 in=W2 · refused over_receipt Only 6 of 7`,
    ],
    [
      'may not be told more than was sent',
      `${SENT} · transfer.settle T1 1*7 · refused exceeds_line Only 6 of 7`,
    ],
    [
      'has its number from its sender: two that are alike, and its own, are three',
      `${SENT} · receive MUG 3 in=W3 · transfer.place T1 1:MUG*2 toWarehouse=W2 in=W3 · transfer.dispatch T1 in=W3
       · tell T1 in=W3 from=W3 · receive MUG 1 in=W2 · transfer.place T1 1:MUG*1 toWarehouse=W1 in=W2
       · stock MUG in=W2 inTransit=8 allocated=1 · transfer.receive T1 in=W2 from=W3
       · is transfer T1 received in=W2 from=W3 · is transfer T1 inTransit in=W2 · is transfer T1 placed in=W2 from=W2
       · tell T1 in=W2 from=W3 · is transfer T1 settled in=W3 from=W3 · is transfer T1 dispatched`,
    ],
  ],
};

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  it.each(rows)('%s', (_title, steps) => new Floor().walk(steps));
});

describe('what is printed on a batch', () => {
  const dates = { startMs: 1, expiresAtMs: 4_000_000_000_000, sellUntilMs: 3_900_000_000_000 };

  /** Ten units of batch A with its dates. */
  function received(): Floor {
    const floor = new Floor();
    floor.walk('asn.announce A1 blind');
    const command = commandOf('asn.receive', ['A1', '1:MUG*10#A']);
    const lines = command.lines.map((line) => ({ ...line, dates }));
    expect(floor.run({ ...command, lines })).toMatchObject({ ok: true });
    return floor;
  }

  it('goes with it to another warehouse', () => {
    const floor = received();
    floor.walk(`transfer.place T1 1:MUG*6 toWarehouse=W2 · transfer.dispatch T1 · tell T1
      · transfer.receive T1 in=W2`);
    const there = floor.room.get(keyOf('MUG', 'W2'))?.detail;
    expect(there?.batches.get('A')).toMatchObject(dates);
  });

  it('goes with it to another owner', () => {
    const floor = received();
    floor.walk('ownership.transfer C1 1:MUG*6 toOwner=acme');
    const [, theirs] = [...floor.room.entries()].find(([key]) => key.startsWith('acme/')) ?? [];
    expect(theirs?.detail?.batches.get('A')).toMatchObject(dates);
  });
});
