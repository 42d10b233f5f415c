import { describe, expect, it } from 'vitest';
import { commandOf, Floor } from '../../test/support/documents.ts';
import type { DocumentLine } from './commands.ts';

const ANNOUNCED = 'asn.announce A1 1:MUG*10 2:CUP*4 partner=acme tolerance=10';
const RETURNED = 'return.announce R1 1:MUG*2 partner=alice';

const TABLE: Record<string, readonly (readonly [string, string])[]> = {
  'an advance shipping notice': [
    [
      'S1 announces goods that are not here yet',
      `${ANNOUNCED} · is asn A1 announced · stock MUG inTransit=10 onHand=0 available=0`,
    ],
    [
      'S4 goes from the supplier to the shelf',
      `${ANNOUNCED} · asn.depart A1 · is asn A1 inTransit · asn.arrive A1 · is asn A1 arrived
       · asn.receive A1 1*6 · is asn A1 receiving · stock MUG inTransit=4 onHand=6 available=6
       · asn.receive A1 1*4 2*4 · is asn A1 received · asn.close A1 · is asn A1 closed
       · stock MUG inTransit=0 onHand=10 available=10`,
    ],
    [
      'departs and arrives once',
      `${ANNOUNCED} · asn.arrive A1 · asn.depart A1 · refused wrong_state it is arrived
       · asn.arrive A1 · refused wrong_state it is arrived`,
    ],
    [
      'S5 again is the same, with other goods it is refused',
      `${ANNOUNCED} · ${ANNOUNCED} · again · stock MUG inTransit=10
       · asn.announce A1 1:MUG*11 2:CUP*4 partner=acme tolerance=10 · refused doc_reused`,
    ],
    [
      'S5 the same scan twice receives once',
      `${ANNOUNCED} · asn.receive A1 1*6 step=s · asn.receive A1 1*6 step=s · again · stock MUG onHand=6`,
    ],
    [
      'S9 serves what waits first',
      `receive MUG 1 · order.place O1 1:MUG*4 backorder · ${ANNOUNCED} · asn.receive A1 1*2
       · stock MUG allocated=3 waiting=1 available=0`,
    ],
  ],
  'a receipt': [
    [
      'over what was announced is taken within tolerance',
      `${ANNOUNCED} · asn.receive A1 1*11 · stock MUG onHand=11 inTransit=0
       · asn.receive A1 2*5 · refused over_receipt Only 4 of 5`,
    ],
    [
      'beyond tolerance is refused, over all scans together, and no line of it is taken',
      `${ANNOUNCED} · asn.receive A1 1*9 · asn.receive A1 2*1 1*3
       · refused over_receipt Only 2 of 3 may be received on that line
       · stock CUP onHand=0 · asn.receive A1 1*1 1*2 · refused over_receipt Only 1 of 2`,
    ],
    [
      'of damaged goods makes them defective, and no more in transit',
      `${ANNOUNCED} · asn.receive A1 1*8 1*2~defective · line asn A1 1 transit=0
       · stock MUG onHand=8 defective.onHand=2 available=8 inTransit=0 defective.inTransit=0`,
    ],
    [
      'of goods that nobody announced is refused, unless it is blind',
      `${ANNOUNCED} · asn.receive A1 3:JUG*2 · refused unknown_line JUG was not announced; receive it blind
       · asn.receive A1 3:JUG*2 blind · line asn A1 3 announced=0 · stock JUG onHand=2
       · asn.receive A1 3*1 · line asn A1 3 announced=0 · stock JUG onHand=3`,
    ],
    [
      'of another SKU than the line is of is refused',
      `${ANNOUNCED} · asn.receive A1 1:CUP*2 · refused unknown_line line 1 is of MUG, receive CUP blind`,
    ],
    [
      'without any announcement is a blind one',
      `asn.announce A2 blind · is asn A2 announced · asn.receive A2 1:MUG*3 · is asn A2 received
       · stock MUG onHand=3 inTransit=0`,
    ],
    [
      'takes batches and serials in',
      `${ANNOUNCED} · asn.receive A1 1*2#B7/S1/S2 · asn.receive A1 1*1#B7/S2 · refused serial_seen S2`,
    ],
    ['of nothing is refused', `${ANNOUNCED} · asn.receive A1 · refused bad_field at least one`],
  ],
  'putting goods away': [
    [
      'puts them on sale, where that waits for it',
      `asn.announce A1 1:MUG*10 untilPutaway · asn.receive A1 1*6 · stock MUG onHand=6 available=0 blocked=6
       · asn.putaway A1 1*4>A-01 · stock MUG available=4 blocked=2 · line asn A1 1 awaiting=2 putAway=4
       · asn.close A1 · asn.putaway A1 1*2>A-02 · stock MUG available=6 blocked=0`,
    ],
    [
      'else only moves them',
      `${ANNOUNCED} · asn.receive A1 1*6@DOCK · asn.putaway A1 1*4@DOCK>A-01 · stock MUG available=6
       · asn.putaway A1 1*1@A-09>A-01 · refused wrong_place · asn.putaway A1 1*3@DOCK>A-01
       · refused exceeds_line Only 2 of 3`,
    ],
    [
      'before they came is refused',
      `${ANNOUNCED} · asn.putaway A1 1*1>A · refused wrong_state it is announced; receive it first`,
    ],
  ],
  'ending a notice': [
    [
      'short gives up what did not come',
      `${ANNOUNCED} · asn.receive A1 1*6 · asn.close A1 · stock MUG inTransit=0 onHand=6
       · stock CUP inTransit=0 · asn.receive A1 1*1 · refused wrong_state it is closed; receive it as a blind receipt`,
    ],
    [
      'by a cancel gives up all of it',
      `${ANNOUNCED} · asn.depart A1 · asn.cancel A1 · is asn A1 cancelled · stock MUG inTransit=0
       · asn.cancel A1 · refused wrong_state it is cancelled`,
    ],
    [
      'by a cancel after goods came is refused',
      `${ANNOUNCED} · asn.receive A1 1*6 · asn.cancel A1
       · refused wrong_state it is receiving; close it, and the rest is given up`,
    ],
    [
      'gives up its own goods only, never those of another notice',
      `${ANNOUNCED} · asn.announce A2 1:MUG*5 · asn.close A1 · stock MUG inTransit=5 · asn.receive A2 1*5
       · stock MUG inTransit=0`,
    ],
  ],
  'a return from a customer': [
    [
      'waits for inspection',
      `${RETURNED} · stock MUG pending.inTransit=2 · return.receive R1 1*2
       · stock MUG pending.onHand=2 pending.inTransit=0 available=0 · return.close R1 · is return R1 closed`,
    ],
    [
      'that nobody announced is taken in',
      'return.announce R1 blind · return.receive R1 1:MUG*1 · stock MUG pending.onHand=1',
    ],
    [
      'without a name is given to its owner when one is found',
      `return.announce R1 blind by=unclaimed · return.receive R1 1:MUG*3 by=unclaimed
       · stock MUG by=unclaimed pending.onHand=3 · return.claim R1 by=unclaimed toOwner=demo
       · stock MUG by=unclaimed pending.onHand=0 · stock MUG pending.onHand=3
       · return.claim R1 by=unclaimed toOwner=acme · refused wrong_state demo has it`,
    ],
    [
      'whose owner is known is not claimed',
      `${RETURNED} · return.receive R1 1*2 · return.claim R1 toOwner=acme
       · refused wrong_state its owner is known: demo`,
    ],
    [
      'is not claimed before it came, nor by nobody',
      `return.announce R1 blind by=unclaimed · return.claim R1 by=unclaimed toOwner=demo
       · refused wrong_state it is announced; receive it first
       · return.receive R1 1:MUG*3 by=unclaimed · return.claim R1 by=unclaimed · refused bad_field toOwner`,
    ],
  ],
  'a change of owner': [
    [
      'S4 moves books, not goods',
      `receive MUG 10 · ownership.transfer T1 1:MUG*4 toOwner=acme · is ownership T1 done
       · stock MUG onHand=6 available=6 · stock MUG by=acme onHand=4 available=4`,
    ],
    [
      'S8 leaves promised goods, over all lines together',
      `receive MUG 10 · order.place O1 1:MUG*3 · ownership.transfer T1 1:MUG*4 2:MUG*4 toOwner=acme
       · refused insufficient Only 3 of 4 · stock MUG by=acme onHand=0`,
    ],
    [
      'takes batches along, the first to expire first',
      `receive MUG 3 batch=A location=X · receive MUG 3 batch=B location=Y
       · ownership.transfer T1 1:MUG*4 toOwner=acme
       · ownership.transfer T2 1:MUG*4#A by=acme toOwner=demo · refused wrong_place
       · ownership.transfer T3 1:MUG*3#A by=acme toOwner=demo · stock MUG onHand=5`,
    ],
    [
      'to oneself is refused',
      'receive MUG 1 · ownership.transfer T1 1:MUG*1 toOwner=demo · refused bad_field',
    ],
    [
      'S5 twice is once',
      `receive MUG 9 · ownership.transfer T1 1:MUG*4 toOwner=acme
       · ownership.transfer T1 1:MUG*4 toOwner=acme · again · stock MUG onHand=5`,
    ],
  ],
};

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  it.each(rows)('%s', (_title, steps) => new Floor().walk(steps));
});

describe('measuring', () => {
  it('keeps what a unit turned out to be, and measures what is not known again', () => {
    const floor = new Floor();
    floor.walk(ANNOUNCED);
    measure(floor, { size: [120, 80, 95], weight: 0 });
    measure(floor, { size: [], weight: 340 });
    const [line] = floor.state('asn', 'A1').lines;
    expect(line).toMatchObject({ line: '1', size: [120, 80, 95], weight: 340 });
  });
});

function measure(floor: Floor, of: Pick<DocumentLine, 'size' | 'weight'>): void {
  const command = commandOf('asn.measure', ['A1', '1*1']);
  const lines = command.lines.map((line) => ({ ...line, ...of }));
  expect(floor.run({ ...command, lines })).toMatchObject({ ok: true, changes: [] });
}
