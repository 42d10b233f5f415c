import { describe, expect, it } from 'vitest';
import { Floor, keyOf } from '../../test/support/documents.ts';
import { type BundleState, bundlesAvailable } from './bundle.ts';
import { REASONS } from './reasons.ts';
import { sampleSize } from './sampling.ts';

const SHELVES = 'receive MUG 10 location=A · receive MUG 5 location=B';
const OPEN = `${SHELVES} · count.open K1 1:MUG@A 2:MUG@B limit=2`;
const PENDING = 'receive MUG 100 quality=pending · inspection.open I1 1:MUG*100';
const BATCHES = 'receive MUG 6 batch=A · receive MUG 4 batch=B';

const TABLE: Record<string, readonly (readonly [string, string])[]> = {
  'a count': [
    [
      'S4 that agrees with the books changes nothing',
      `${OPEN} · is count K1 open · count.line K1 1*10^1 2*5^2 · is count K1 counted · count.post K1
       · is count K1 posted · stock MUG onHand=15`,
    ],
    [
      'S4 takes what is not there off the books, and adds what is',
      `${OPEN} · count.line K1 1*8^2 2*6^2 · line count K1 1 book=10 variance=-2 · line count K1 2 variance=1
       · count.post K1 · stock MUG onHand=14 available=14`,
    ],
    [
      'does not freeze the place: a variance is of the moment of counting',
      `${OPEN} · count.line K1 1*9^2 2*5^2 · order.place O1 1:MUG*4@A · order.release O1 · order.pick O1 1*4@A
       · count.post K1 · stock MUG onHand=14 picked=4 available=10`,
    ],
    [
      'of a place that changed since is refused',
      `${OPEN} · order.place O1 1:MUG*4@A · order.release O1 · order.pick O1 1*4@A
       · count.line K1 1*10^3 · refused line_moved line 1 · count.line K1 2*5^3 · count.line K1 1*6^4
       · line count K1 1 variance=0`,
    ],
    [
      'of goods without a place is of the whole SKU, so any change of it counts',
      `receive MUG 10 · count.open K1 1:MUG · order.place O1 1:MUG*1 · count.line K1 1*10^1
       · refused line_moved · count.line K1 1*9^2 · line count K1 1 book=10 variance=-1`,
    ],
    [
      'of a place that is empty, and was',
      `${SHELVES} · count.open K1 1:MUG@C · count.line K1 1*0 · line count K1 1 variance=0`,
    ],
    [
      'of a place where the books have nothing, and something lies',
      `${SHELVES} · count.open K1 1:MUG@C · count.line K1 1*3^1 · refused line_moved
       · count.line K1 1*3^2 · count.post K1 · stock MUG onHand=18 · count.open K2 1:MUG@C
       · count.line K2 1*3^3 · line count K2 1 variance=0`,
    ],
    [
      'beyond the limit waits for approval',
      `${OPEN} · count.line K1 1*7^2 2*5^2 · count.post K1 · refused needs_approval line 1
       · stock MUG onHand=15 · count.approve K1 · is count K1 approved · count.post K1 · stock MUG onHand=12`,
    ],
    [
      'is done again where it differs',
      `${OPEN} · count.line K1 1*7^2 2*5^2 · count.line K1 1*8^2 · refused wrong_state have line 1 recounted
       · count.recount K1 · is count K1 open · count.line K1 1*9^2 · line count K1 1 times=2 variance=-1
       · count.post K1 · stock MUG onHand=14`,
    ],
    [
      'approved, and done again, needs approval again',
      `${OPEN} · count.line K1 1*7^2 2*5^2 · count.approve K1 · count.recount K1 · count.line K1 1*5^2
       · count.post K1 · refused needs_approval`,
    ],
    [
      'is not posted before all of it is counted',
      `${OPEN} · count.line K1 1*10^2 · count.post K1 · refused wrong_state it is open; count line 2
       · count.approve K1 · refused wrong_state it is open`,
    ],
    [
      'of a place takes what nobody listed there, and nothing from elsewhere',
      `${SHELVES} · receive CUP 1 · count.open K1 1:MUG@A all:@A · count.line K1 2:CUP*1@A^1
       · count.line K1 3:MUG*5@B^2 · refused unknown_line MUG is not in this count · count.line K1 1*10^2
       · is count K1 counted · count.post K1 · stock CUP onHand=2`,
    ],
    [
      'posted is over; cancelled too',
      `${OPEN} · count.line K1 1*10^2 2*5^2 · count.post K1 · count.line K1 1*1^9
       · refused wrong_state it is posted; open another · count.open K2 1:MUG@A · count.cancel K2
       · count.post K2 · refused wrong_state it is cancelled`,
    ],
    [
      'S5 the same scan twice counts once',
      `${OPEN} · count.line K1 1*10^2 step=s · count.line K1 1*10^2 step=s · again`,
    ],
    [
      'finds what a short pick did not, and writes off the rest',
      `${SHELVES} · order.place O1 1:MUG*4 · order.release O1 · order.short O1 1*3@A
       · stock MUG blocked=3 available=8 · count.open K1 1:MUG@A · count.line K1 1*8^5
       · line count K1 1 book=10 missing=3 variance=-2 · count.post K1
       · stock MUG blocked=0 onHand=13 allocated=4 available=9`,
    ],
    [
      'of an SKU that was never here is refused',
      'count.open K1 1:MUG@A · count.line K1 1*3^1 · refused unknown_sku',
    ],
    [
      'S6 by serials says which are gone and which are found',
      `asn.announce A1 blind · asn.receive A1 1:MUG*3@A/S1/S2/S3
       · count.open K1 1:MUG@A · count.line K1 1*3@A^9/S1/S2/S4 · count.post K1
       · count.open K2 1:MUG@A · count.line K2 1*3^9/S1/S2/S4 · count.post K2 · stock MUG onHand=3
       · asn.receive A1 1*1/S4 · refused serial_seen · asn.receive A1 1*1/S3 · stock MUG onHand=4`,
    ],
  ],
  'an adjustment': [
    [
      'S4 within the limit is posted at once',
      `receive MUG 10 · adjustment.propose J1 1:MUG*-3 reason=damaged limit=5 · is adjustment J1 posted
       · stock MUG onHand=7 available=7`,
    ],
    [
      'beyond it keeps from sale what is said to be lost',
      `receive MUG 10 · adjustment.propose J1 1:MUG*-6 reason=stolen limit=5 · is adjustment J1 pending
       · stock MUG onHand=10 available=4 blocked=6 · adjustment.approve J1 · is adjustment J1 posted
       · stock MUG onHand=4 available=4 blocked=0`,
    ],
    [
      'that is rejected gives it back',
      `receive MUG 10 · adjustment.propose J1 1:MUG*-6 reason=stolen limit=5 · adjustment.reject J1
       · is adjustment J1 rejected · stock MUG available=10 blocked=0
       · adjustment.approve J1 · refused wrong_state it is rejected`,
    ],
    [
      'takes from the place that it kept, whatever other adjustments keep',
      `${SHELVES} · adjustment.propose J1 1:MUG*-5@B reason=lost limit=0
       · adjustment.propose J2 1:MUG*-2@A reason=lost limit=0 · adjustment.approve J1
       · count.open K1 1:MUG@B 2:MUG@A · adjustment.reject J2 · count.line K1 1*0 2*10^9
       · line count K1 2 variance=0`,
    ],
    [
      'of what was found adds nothing before it is approved',
      `receive MUG 10 · adjustment.propose J1 1:MUG*6 reason=found limit=5 · stock MUG onHand=10
       · adjustment.approve J1 · stock MUG onHand=16`,
    ],
    [
      'S7 of more than is free takes from the newest promise',
      `receive MUG 10 · order.place O1 1:MUG*6 · order.place O2 1:MUG*4
       · adjustment.propose J1 1:MUG*-3 reason=damaged · stock MUG waiting=3 allocated=7
       · order.release O2 · refused awaits_stock Only 1 of 4 · order.release O1`,
    ],
    [
      'for no known reason is refused, and so is one that goes the wrong way',
      `receive MUG 10 · adjustment.propose J1 1:MUG*-3 reason=bored · refused unknown_reason bored
       · adjustment.propose J1 1:MUG*3 reason=damaged · refused unknown_reason damaged is no reason for a gain
       · adjustment.propose J1 1:MUG*-3 reason=found · refused unknown_reason
       · adjustment.propose J1 1:MUG*-3 reason=toString · refused unknown_reason`,
    ],
    [
      'of nothing is refused',
      'receive MUG 1 · adjustment.propose J1 1:MUG*0 reason=other · refused bad_qty',
    ],
    [
      'of more than is there is refused',
      'receive MUG 2 · adjustment.propose J1 1:MUG*-3 reason=lost · refused exceeds_on_hand',
    ],
  ],
  'an inspection': [
    [
      'S4 makes what passes sellable and what fails defective',
      `${PENDING} · is inspection I1 open · line inspection I1 1 sample=20
       · inspection.result I1 1*60!5 · is inspection I1 inspecting
       · stock MUG available=60 defective.onHand=5 pending.onHand=35
       · inspection.result I1 1*35 · is inspection I1 inspected`,
    ],
    [
      'looks at a given share',
      'receive MUG 100 quality=pending · inspection.open I1 1:MUG*100 percent=7 · line inspection I1 1 sample=7',
    ],
    [
      'of more than is left is refused',
      `${PENDING} · inspection.result I1 1*90 · inspection.result I1 1*9!2 · refused exceeds_line Only 10 of 11`,
    ],
    [
      'of units that do not wait for it is refused',
      'receive MUG 9 · inspection.open I1 1:MUG*9 · refused exceeds_on_hand',
    ],
    [
      'closed leaves the rest pending',
      `${PENDING} · inspection.result I1 1*10 · inspection.close I1 · stock MUG pending.onHand=90
       · inspection.result I1 1*1 · refused wrong_state it is closed`,
    ],
  ],
  'a batch': [
    [
      'in quarantine is not sold, until it is released',
      `${BATCHES} · batch.quarantine Q1 1:MUG#A · is batch Q1 quarantined · line batch Q1 1 blocked=6
       · stock MUG available=4 blocked=6 · batch.release Q1 · is batch Q1 released · stock MUG available=10`,
    ],
    [
      'that is recalled is blocked, whatever comes of it later',
      `${BATCHES} · batch.recall Q1 1:MUG#A · asn.announce A1 blind · asn.receive A1 1:MUG*2#A · refused batch_kept
       · asn.receive A1 1:MUG*2#A~defective · stock MUG available=4 blocked=6`,
    ],
    [
      'S7 that was promised leaves its holds waiting',
      `${BATCHES} · order.place O1 1:MUG*3#A · order.place O2 1:MUG*5 · batch.recall Q1 1:MUG#A
       · stock MUG blocked=6 waiting=4 allocated=4`,
    ],
    [
      'in quarantine that is recalled is released by the recall only',
      `${BATCHES} · batch.quarantine Q1 1:MUG#A · batch.recall Q2 1:MUG#A · stock MUG blocked=6
       · batch.release Q1 · refused wrong_state it is recalled · batch.release Q2 · stock MUG blocked=0
       · batch.recall Q3 1:MUG#A · batch.recall Q4 1:MUG#A · refused wrong_state it is recalled`,
    ],
    [
      'in other qualities is kept too',
      `${BATCHES} · receive MUG 2 batch=A quality=pending · batch.recall Q1 1:MUG#A
       · line batch Q1 1 blocked=8 · stock MUG pending.blocked=2`,
    ],
    [
      'without a name is refused',
      `${BATCHES} · batch.recall Q1 1:MUG · refused bad_field lot.batch`,
    ],
  ],
  'a return to a supplier': [
    [
      'S4 is set aside and shipped',
      `receive MUG 10 quality=defective · supplierReturn.setAside V1 1:MUG*4~defective partner=acme
       · stock MUG defective.onHand=6 supplierReturn.onHand=4 supplierReturn.allocated=4
       · supplierReturn.ship V1 carrier=DHL · is supplierReturn V1 shipped · stock MUG supplierReturn.onHand=0`,
    ],
    [
      'of promised goods is refused',
      `receive MUG 10 · order.place O1 1:MUG*8 · supplierReturn.setAside V1 1:MUG*3 · refused insufficient Only 2 of 3`,
    ],
    [
      'S8 takes all lines or none',
      `receive MUG 10 · supplierReturn.setAside V1 1:MUG*6 2:MUG*5 · refused insufficient Only 4 of 5
       · stock MUG supplierReturn.onHand=0`,
    ],
    [
      'that is cancelled is stock again',
      `receive MUG 10 · supplierReturn.setAside V1 1:MUG*3 · stock MUG available=7 · supplierReturn.cancel V1
       · stock MUG available=10 supplierReturn.onHand=0 · supplierReturn.ship V1 · refused wrong_state it is cancelled`,
    ],
    [
      'uses safety stock only where that is said',
      `receive MUG 10 · safety MUG 9 · supplierReturn.setAside V1 1:MUG*3 · refused insufficient Only 1 of 3
       · supplierReturn.setAside V1 1:MUG*3 useSafety · stock MUG supplierReturn.onHand=3`,
    ],
  ],
  'a bundle': [
    [
      'S8 is reserved whole or not at all',
      `receive MUG 10 · receive CUP 5 · bundle.define B1 1:MUG*2 2:CUP*1 · bundle.reserve B1 x*3 hold=web7
       · stock MUG available=4 · stock CUP available=2 · bundle.reserve B1 x*3 hold=web8
       · refused insufficient · stock MUG allocated=6 · bundle.release B1 hold=web7 · stock MUG available=10`,
    ],
    [
      'is not reserved twice for one',
      `receive MUG 10 · bundle.define B1 1:MUG*2 · bundle.reserve B1 x*1 hold=a · bundle.reserve B1 x*1 hold=a
       · refused hold_exists · bundle.reserve B1 x*1 hold=b step=s · bundle.reserve B1 x*1 hold=b step=s · again`,
    ],
    [
      'that is closed is not reserved any more, but given back',
      `receive MUG 10 · bundle.define B1 1:MUG*2 · bundle.reserve B1 x*1 hold=a · bundle.close B1
       · bundle.reserve B1 x*1 hold=b · refused wrong_state it is closed · bundle.release B1 hold=a
       · stock MUG available=10`,
    ],
    [
      'that nobody is named for, or of nothing, is refused',
      `receive MUG 10 · bundle.define B1 1:MUG*2 · bundle.reserve B1 x*1 · refused bad_field hold
       · bundle.reserve B1 hold=a · refused bad_qty · bundle.define B2 1:MUG*1 2:MUG*1 · refused bad_field`,
    ],
  ],
};

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  it.each(rows)('%s', (_title, steps) => new Floor().walk(steps));
});

describe('bundles', () => {
  it('are as many as the scarcest component allows', () => {
    const floor = new Floor();
    floor.walk('receive MUG 10 · receive CUP 3 · bundle.define B1 1:MUG*4 2:CUP*1 3:JUG*1');
    const state = floor.state('bundle', 'B1') as BundleState;
    const look = (key: Parameters<typeof floor.room.get>[0]) => floor.room.get(key);
    expect(bundlesAvailable(state, look)).toBe(0);
    floor.walk('receive JUG 9');
    expect(bundlesAvailable(state, look)).toBe(2);
  });
});

describe('a recall', () => {
  it('lists who has units of the batch, and how many might get some', () => {
    const floor = new Floor();
    floor.walk(`${BATCHES} · order.place O1 1:MUG*3#A · order.place O2 1:MUG*2 · order.release O2
      · order.pick O2 1*1#A · order.place O3 1:MUG*1 · batch.recall Q1 1:MUG#A`);
    const [line] = floor.state('batch', 'Q1').lines;
    expect(line).toMatchObject({
      key: keyOf('MUG'),
      blocked: 5,
      holds: [
        { hold: 'O1/1', doc: 'O1', pinned: 3, picked: 0, packed: 0 },
        { hold: 'O2/1', doc: 'O2', pinned: 0, picked: 1, packed: 0 },
      ],
      mayHave: 2,
    });
  });
});

describe('the sampling plan', () => {
  it.each([
    [1, 1],
    [2, 2],
    [8, 2],
    [9, 3],
    [90, 13],
    [91, 20],
    [280, 32],
    [1_200, 80],
    [1_201, 125],
    [500_000, 800],
    [500_001, 1_250],
  ])('ISO 2859-1 level II of a lot of %i looks at %i', (lot, sample) => {
    expect(sampleSize(lot)).toBe(sample);
  });

  it('rounds a share up, and never looks at more than there is', () => {
    expect([sampleSize(101, 10), sampleSize(3, 200)]).toEqual([11, 3]);
  });
});

describe('reasons', () => {
  it('are more than thirty, some for each way', () => {
    const ways = Object.values(REASONS);
    expect(ways.length).toBeGreaterThan(30);
    expect(new Set(ways)).toEqual(new Set(['gain', 'loss', 'either']));
  });
});
