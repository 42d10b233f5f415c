import { describe, it } from 'vitest';
import { Floor } from '../../test/support/floor.ts';

const row = (title: string, steps: string): void => it(title, () => new Floor().walk(steps));

describe('a place', () => {
  row(
    'S1 is a line of its own, beside units of which no place is known',
    'receive 10 @A1 · receive 4 @A2 [T1] · receive 3 · changes onHand +3, available +3 · ' +
      'lines A1 10, A2 [T1] 4 · receive 2 @A1 · lines A1 12, A2 [T1] 4',
  );
  row(
    'S1 changes by a move, and nothing else does',
    'receive 10 @A1 · move 4 @A1 to@A2 · changes nothing · lines A1 6, A2 4 · ' +
      'move 6 @A1 to@A2 · lines A2 10',
  );
  row(
    'is given to units of which none was known, and taken again',
    'receive 10 · move 4 to@A1 to[T1] · lines A1 [T1] 4 · move 4 @A1 to@ to[] · lines none',
  );
  row(
    'S8 that has fewer is named, and nothing moves',
    'receive 10 @A1 · move 11 @A1 to@A2 · refused exceeds_on_hand · receive 5 @A3 · ' +
      'move 11 @A1 to@A2 · refused wrong_place 10 of 11 · lines A1 10, A3 5',
  );
  row(
    'of a pick is the one that was scanned; of one that says none, the policy’s',
    'receive 5 @A1 · receive 5 @A2 · reserve A 4 · pick A 3 @A2 · lines A picked A2 3, A1 5, A2 2 · ' +
      'pick A 1 · lines A picked A1 1, A picked A2 3, A1 4, A2 2',
  );
  row(
    'S1 goes with picked goods until they ship',
    'receive 5 @A1 #L1 · reserve A 4 · pick A · pack A 3 · ' +
      'lines A packed A1 #L1 3, A picked A1 #L1 1, A1 #L1 1 · ship A · ' +
      'changes onHand -3, allocated -3, packed -3 · lines A picked A1 #L1 1, A1 #L1 1',
  );
  row(
    'is where cancelled goods are put back to',
    'receive 5 @A1 #L1 · reserve A 4 · pick A · pack A 1 · cancel A · ' +
      'lines A1 #L1 1, waits #L1 4 · putback 3 to@B7 · ' +
      'changes available +3, blocked -3 · lines A1 #L1 1, B7 #L1 3, waits #L1 1 · ' +
      'putback 1 defective #L1 to@Q1 · lines A1 #L1 1, B7 #L1 3, defective Q1 #L1 1',
  );
  row(
    'of goods that await being put away comes with putting them away',
    'announce 8 · receive 8 #L1 arrived8 unput · ' +
      'changes onHand +8, inTransit -8, blocked +8 · lines waits #L1 8 · ' +
      'putback 8 #L1 to@A1 · changes available +8, blocked -8 · lines A1 #L1 8',
  );
});

describe('a batch', () => {
  row(
    'is picked in the order of expiry, whatever came first',
    'receive 5 @A1 #LATE exp:90d · receive 5 @A2 #SOON exp:30d · receive 5 @A3 · ' +
      'reserve A 8 · pick A · lines A picked A1 #LATE 3, A picked A2 #SOON 5, A1 #LATE 2, A3 5',
  );
  row(
    'is picked first in first out, or last in first out, where that is asked',
    'receive 5 @A1 #LATE exp:90d · receive 5 @A2 #SOON exp:30d · reserve A 2 · pick A 1 fifo · ' +
      'pick A 1 lifo · lines A picked A1 #LATE 1, A picked A2 #SOON 1, A1 #LATE 4, A2 #SOON 4',
  );
  row(
    'is picked from the fullest places, where the fewest are asked for',
    'receive 2 @A1 · receive 9 @A2 · receive 3 @A3 · reserve A 9 · pick A fewest · ' +
      'lines A picked A2 9, A1 2, A3 3',
  );
  row(
    'goes out of sale when its time comes, at that moment',
    'receive 5 #L1 exp:30d sell:20d · receive 3 #L2 exp:90d · tick 19d · changes nothing · ' +
      'tick 1d · changes available -5, blocked +5 · lines #L2 3, expired #L1 5',
  );
  row(
    'S10 goes out of sale too where its first label is on units that are not for sale',
    'receive 5 #L1 · receive 1 defective #L1 exp:0d · lines #L1 5, defective #L1 1 · tick 1s · ' +
      'changes available -5, blocked +5 · lines defective #L1 1, expired #L1 5 · ' +
      'receive 1 #L1 · refused batch_kept',
  );
  row(
    'S7 that goes out of sale takes the newest promises where the rest is not enough',
    'receive 5 #L1 exp:30d · receive 3 #L2 · reserve A 2 · reserve B 3 · tick 30d · ' +
      'changes allocated -2, available -3, blocked +5, waiting +2 · expect A.waiting 0, B.waiting 2',
  );
  row(
    'that is over cannot come on sale, by receipt, put back or change of quality',
    'receive 5 #L1 exp:10d · reserve A 2 · pick A · tick 10d · receive 1 #L1 · refused batch_kept · ' +
      'receive 1 #L1 defective · cancel A · putback 2 to@A1 · refused batch_kept · ' +
      'putback 2 pending to@A1 · lines defective #L1 1, expired #L1 3, pending A1 #L1 2 · ' +
      'requality 1 pending to:qualified · refused batch_kept',
  );
  row(
    'whose label says otherwise than it did is refused; undated receipts of it are not',
    'receive 5 #L1 exp:30d · receive 5 #L1 · receive 5 #L1 exp:31d · refused batch_differs · ' +
      'lines #L1 10',
  );
  row(
    'is recalled whole: what lies there, and what comes back',
    'receive 5 @A1 #L1 · receive 5 @A2 #L1 · receive 4 @A3 · reserve A 3 · block #L1 recall · ' +
      'changes available -10, blocked +10 · lines A3 4, recall A1 #L1 5, recall A2 #L1 5 · ' +
      'unblock 2 #L1 recall · refused batch_kept · unblock #L1 recall · ' +
      'changes available +10, blocked -10 · lines A1 #L1 5, A2 #L1 5, A3 4',
  );
  row(
    'is recalled whole where holds are pinned to some of its serials, or to a part of a box',
    'receive 3 @A1 #L1 sn:S1,S2,S3 · receive 24 @A2 #L1 box:12 · reserve A 1 sn:S2 · ' +
      'reserve B 12 @A2 · release B 5 · block #L1 recall · ' +
      'changes allocated -8, available -19, blocked +27, waiting +8 · ' +
      'lines recall A1 #L1 3, recall A2 #L1 box:12 24',
  );
  row(
    'is not kept from sale by a recall of its defective units',
    'receive 5 @A1 #L1 · receive 2 @Q #L1 defective · block #L1 recall defective · ' +
      'receive 1 @A1 #L1 · unblock #L1 recall defective · lines A1 #L1 6, defective Q #L1 2',
  );
  row(
    'is let go for the reason that it is kept for, and no other',
    'receive 5 @A1 #L1 · block 2 @A1 #L1 recall · block #L1 quarantine · unblock #L1 recall · ' +
      'refused batch_kept · unblock #L1 quarantine · unblock #L1 recall · lines A1 #L1 5',
  );
  row(
    'whose date is learned when it is over goes out of sale, all of it',
    'receive 5 @A1 #L1 · tick 30d · receive 1 @Q #L1 defective exp:20d · tick 1d · ' +
      'changes available -5, blocked +5 · lines defective Q #L1 1, expired A1 #L1 5',
  );
});

describe('a pin', () => {
  row(
    'F08 has a claim on units of its batch from its acceptance on',
    'receive 5 @A1 #L1 · receive 5 @A2 #L2 · reserve A 4 #L1 · ' +
      'changes allocated +4, available -4 · lines A1 #L1 5 pinned:4, A2 #L2 5 · ' +
      'reserve B 2 #L1 · refused insufficient 1 of 2 · reserve B 6 · pick B · ' +
      'lines A1 #L1 4 pinned:4, B picked A1 #L1 1, B picked A2 #L2 5',
  );
  row(
    'F08 is picked from its own units',
    'receive 5 @A1 · receive 5 @A2 · reserve A 4 @A2 · pick A 3 · ' +
      'lines A picked A2 3, A1 5, A2 2 pinned:1 · pick A 1 @A1 · refused wrong_place 0 of 1 · ' +
      'pick A · lines A picked A2 4, A1 5, A2 1',
  );
  row(
    'F08 of a serial is that unit',
    'receive 3 @A1 sn:S1,S2,S3 · reserve A 1 sn:S2 · pick A 1 sn:S1 · refused serial_unknown · ' +
      'pick A · lines A picked A1 1, A1 2 · pack A · ship A · receive 1 @A9 sn:S2 · lines A1 2, A9 1',
  );
  row(
    'F08 of serials that lie in no place and no batch is those units',
    'receive 4 sn:S1,S2,S3,S4 · reserve A 2 sn:S1,S2 · changes allocated +2, available -2 · ' +
      'reserve B 1 sn:S2 · refused serial_held · reserve B 2 · pick B 1 sn:S1 · refused serial_held · ' +
      'pick B 2 sn:S3,S4 · pick A 1 · refused serial_needed · pick A 1 sn:S3 · refused serial_unknown · ' +
      'pick A 1 sn:S2 · pick A · expect A.picked 2, B.picked 2, available 0',
  );
  row(
    'F08 of serials is spared by picks and losses that name none',
    'receive 3 sn:S1,S2,S3 · receive 2 · reserve A 1 sn:S2 · reserve B 2 · pick B · ' +
      'expect B.picked 2 · adjust -2 · refused serial_needed 0 of 2 · adjust -2 sn:S1,S3 · ' +
      'expect A.waiting 0 · pick A · expect A.picked 1, onHand 3',
  );
  row(
    'S7 of a serial that lies in no place waits when the last units are lost',
    'receive 1 sn:S1 · receive 1 · reserve A 1 sn:S1 · adjust -2 · ' +
      'changes onHand -2, allocated -1, available -1, waiting +1 · expect A.waiting 1',
  );
  row(
    'F08 of serials released in part gives up those that are named, else the first ones',
    'receive 3 sn:S1,S2,S3 · reserve A 3 sn:S1,S2,S3 · release A 1 · reserve B 1 sn:S2 · refused serial_held · ' +
      'release A 1 sn:S1 · refused serial_unknown · release A 1 sn:S3 · reserve B 2 sn:S1,S3 · ' +
      'pick A · pick B · expect A.picked 1, B.picked 2',
  );
  row(
    'F08 of serials is not taken in part',
    'receive 2 sn:S1,S2 · reserve B 1 · reserve A 2 partial sn:S1,S2 · refused insufficient 1 of 2',
  );
  row(
    'F08 given up frees its units',
    'receive 5 @A1 · reserve A 4 @A1 · release A 1 · lines A1 5 pinned:3 · cancel A · lines A1 5',
  );
  row(
    'F08 goes along when its units move to where it does not mind',
    'receive 5 @A1 #L1 · reserve A 4 #L1 · move 3 @A1 to@B2 · ' +
      'lines A1 #L1 2 pinned:2, B2 #L1 3 pinned:2 · pick A · lines A picked A1 #L1 2, A picked B2 #L1 2, B2 #L1 1',
  );
  row(
    'F08 to a place keeps its units there',
    'receive 5 @A1 · reserve A 4 @A1 · move 3 @A1 to@B2 · refused line_pinned 1 of 3 · ' +
      'move 1 @A1 to@B2 · lines A1 4 pinned:4, B2 1',
  );
  row(
    'S7 whose units are lost waits, and other stock does not serve it',
    'receive 5 @A1 #L1 · reserve A 4 #L1 · adjust -3 #L1 · ' +
      'changes onHand -3, allocated -2, available -1, waiting +2 · expect A.waiting 2 · ' +
      'receive 5 @A2 #L2 · changes onHand +5, available +5 · expect A.waiting 2',
  );
  row(
    'S7 is spared by a loss of other units',
    'receive 5 @A1 #L1 · receive 5 @A2 · reserve A 5 #L1 · reserve B 4 · adjust -3 @A2 · ' +
      'changes onHand -3, allocated -2, available -1, waiting +2 · expect A.waiting 0, B.waiting 2',
  );
});

describe('a pin that lost its units', () => {
  row(
    'S9 is served by such units as they come, in its turn, and by no others',
    'receive 5 @A1 #L1 · reserve A 4 #L1 · adjust -3 #L1 · reserve B 3 backorder · ' +
      'expect A.waiting 2, B.waiting 3 · receive 2 @A2 #L2 · expect A.waiting 2, B.waiting 1 · ' +
      'receive 4 @A2 #L1 · expect A.waiting 0, B.waiting 0, available 1 · ' +
      'lines A1 #L1 2 pinned:2, A2 #L1 4 pinned:2, A2 #L2 2',
  );
  row(
    'S9 is served by units that a hold gives back, if they are such',
    'receive 2 @A1 · receive 2 @A2 · reserve A 2 @A1 · reserve B 2 · adjust -2 @A1 · receive 2 @A1 · ' +
      'expect A.waiting 0 · adjust -1 @A1 · expect A.waiting 1 · move 1 @A2 to@A1 · ' +
      'expect A.waiting 1 · release B 1 · expect A.waiting 0, available 0',
  );
  row(
    'S9 is served by a move that brings such units',
    'receive 2 @A1 · receive 2 @A2 · reserve A 2 @A1 · adjust -1 @A1 · expect A.waiting 1 · ' +
      'move 2 @A2 to@A1 · changes allocated +1, available -1, waiting -1 · lines A1 3 pinned:2',
  );
  row(
    'S9 gets others like them at once, where any are free',
    'receive 3 @A1 #L1 · receive 2 @A2 #L1 · reserve A 3 #L1 · block 3 @A1 quarantine · ' +
      'changes allocated -1, available -2, blocked +3, waiting +1 · ' +
      'lines A2 #L1 2 pinned:2, quarantine A1 #L1 3',
  );
  row(
    'S9 to serials waits for those, and for no others',
    'receive 3 @A1 sn:S1,S2,S3 · reserve A 2 sn:S1,S2 · adjust -1 sn:S1 · ' +
      'changes onHand -1, allocated -1, waiting +1 · pick A · refused awaits_stock 1 of 2 · ' +
      'receive 1 @A1 sn:S4 · expect A.waiting 1 · adjust +1 @A2 sn:S1 · expect A.waiting 0 · ' +
      'pick A · lines A picked A1 1, A picked A2 1, A1 2',
  );
  row(
    'S9 that finds too few others leaves the newest promise waiting',
    'receive 2 @A1 #L1 · receive 1 @A2 #L1 · reserve A 1 #L1 · reserve B 1 #L1 · adjust -2 @A1 · ' +
      'expect A.waiting 0, B.waiting 1 · lines A2 #L1 1 pinned:1',
  );
  row(
    'S9 gets a serial that another hold loses, or gives up',
    'receive 1 defective sn:S1 · reserve A 1 defective sn:S1 · adjust -1 defective sn:S1 · ' +
      'receive 1 sn:S1 · reserve B 1 sn:S1 · requality 1 sn:S1 to:defective · refused insufficient 0 of 1 · ' +
      'release B · requality 1 sn:S1 to:defective · expect A.waiting 0',
  );
  row(
    'S9 does not get a serial again that it gave up',
    'receive 3 @A1 sn:S1,S2,S3 · reserve A 3 sn:S1,S2,S3 · adjust -1 sn:S2 · release A 1 sn:S1 · ' +
      'expect A.waiting 1, available 1 · pick A 1 sn:S3 · cancel A 1 sn:S3 · putback 1 to@A1 · ' +
      'expect A.waiting 1, available 2',
  );
  row(
    'S9 is not served by a unit that it puts back itself',
    'receive 3 @A1 sn:S1,S2,S3 · reserve A 2 sn:S1,S2 · short A 1 sn:S1 · pick A 1 sn:S2 · unpick A · ' +
      'expect A.waiting 1, available 1 · lines A1 2 pinned:1, missing A1 1',
  );
  row(
    'S9 waits from the start, where that is asked',
    'receive 2 @A1 #L1 · receive 9 @A2 · reserve A 3 #L1 backorder · ' +
      'changes allocated +2, available -2, waiting +1 · receive 1 @A3 #L1 · expect A.waiting 0',
  );
});

describe('a claim on a serial', () => {
  row(
    'S6 ends when it is picked: it may come back and be promised again while its hold is open',
    'receive 2 @A1 sn:S1,S2 · reserve A 2 sn:S1,S2 · pick A 1 sn:S1 · pack A · ship A · ' +
      'receive 1 @A1 sn:S1 · reserve B 1 sn:S1 · pick B · pick A · expect A.picked 1, B.picked 1',
  );
  row(
    'F08 is not spent by a unit that another one takes the place of',
    'receive 2 @A1 sn:S1,S2 · receive 2 @A1 · reserve A 2 sn:S1,S2 · pick A 1 · refused serial_needed · ' +
      'reserve B 1 @A1 · adjust -1 @A1 · expect A.waiting 0, B.waiting 0 · adjust -1 @A1 · ' +
      'expect A.waiting 0, B.waiting 1',
  );
  row(
    'F08 goes along when that unit moves, and stays where others do',
    'receive 1 @A1 sn:S1 · receive 1 @A1 · reserve A 1 sn:S1 · reserve B 1 @A1 · ' +
      'move 1 @A1 to@A2 · refused line_pinned · move 1 sn:S1 to@A2 · ' +
      'lines A1 1 pinned:1, A2 1 pinned:1 · pick A · pick B · lines A picked A2 1, B picked A1 1',
  );
  row(
    'F08 to a place is not moved from there by its serial',
    'receive 2 @A1 sn:S1,S2 · reserve A 2 @A1 · move 1 sn:S1 to@A2 · refused line_pinned 0 of 1',
  );
  row(
    'S8 needs as many serials as units',
    'receive 2 @A1 sn:S1,S2 · reserve A 2 · pick A 2 sn:S1 · refused serial_needed 1 of 2',
  );
  row(
    'is cancelled by its name, whatever became of it',
    'receive 4 @A1 sn:S1,S2,S3,S4 · reserve A 4 sn:S1,S2,S3,S4 · pick A 2 sn:S1,S2 · ' +
      'pack A 1 sn:S1 · cancel A 2 sn:S1,S3 · changes allocated -2, available +1, blocked +1, packed -1 · ' +
      'cancel A 1 sn:S3 · refused serial_unknown · ' +
      'lines A picked A1 1, A1 2 pinned:1',
  );
});

describe('a short pick', () => {
  row(
    'keeps what is missing from sale, and gives the hold other units',
    'receive 5 @A1 · receive 5 @A2 · reserve A 4 · short A 3 @A1 · ' +
      'changes available -3, blocked +3 · lines A1 2, A2 5, missing A1 3 · expect A.waiting 0 · ' +
      'pick A 4 @A2 · lines A picked A2 4, A1 2, A2 1, missing A1 3',
  );
  row(
    'S3 leaves the hold waiting for what is not there',
    'receive 5 @A1 · reserve A 4 · short A 3 · changes allocated -2, available -1, blocked +3, waiting +2 · ' +
      'expect A.waiting 2, A.hard 4 · receive 2 @A9 · changes onHand +2, allocated +2, waiting -2',
  );
  row(
    'F08 of a pinned hold finds other units of its batch, elsewhere',
    'receive 3 @A1 #L1 · receive 3 @A2 #L1 · reserve A 4 #L1 · short A 2 @A1 · ' +
      'changes available -2, blocked +2 · lines A1 #L1 1 pinned:1, A2 #L1 3 pinned:3, missing A1 #L1 2',
  );
  row(
    'S8 of a hold that has ended is told so',
    'receive 2 @A1 · reserve A 1 · reserve B 1 · pick A · pack A · ship A · short A 1 · ' +
      'refused already_shipped · release B · short B 1 · refused hold_ended',
  );
  row(
    'is found again: for sale, and served to who waits',
    'receive 5 @A1 · reserve A 5 · short A 3 · expect A.waiting 3 · unblock 3 missing @A1 · ' +
      'changes allocated +3, blocked -3, waiting -3 · lines A1 5',
  );
});

describe('a scan that is taken back', () => {
  row(
    'S4 of a receipt: while its units are free, and in transit again if they were',
    'announce 5 · receive 5 @A1 sn:S1,S2,S3,S4,S5 arrived5 · unreceive 2 @A1 sn:S1,S2 arrived2 · ' +
      'changes onHand -2, available -2, inTransit +2 · lines A1 3 · reserve A 2 · ' +
      'unreceive 2 @A1 · refused insufficient 1 of 2 · receive 1 @A2 sn:S1 · lines A1 3, A2 1',
  );
  row(
    'S4 of a receipt that awaits a place',
    'receive 5 #L1 unput · unreceive 2 #L1 unput · changes onHand -2, blocked -2 · lines waits #L1 3',
  );
  row(
    'S3 of a pick: the hold keeps its promise, and its pin',
    'receive 5 @A1 #L1 · reserve A 4 #L1 · pick A · unpick A 3 · ' +
      'changes picked -3 · lines A picked A1 #L1 1, A1 #L1 4 pinned:3 · expect A.hard 3, A.picked 1 · ' +
      'unpick A to@B2 · lines A1 #L1 4 pinned:3, B2 #L1 1 pinned:1 · pick A',
  );
  row(
    'S3 of packing',
    'receive 5 · reserve A 4 · pick A · pack A 3 · unpack A 2 · changes picked +2, packed -2 · ' +
      'unpack A 2 · refused not_packed 1 of 2 · unpick A 4 · refused not_picked 3 of 4',
  );
  row(
    'that would bring a recalled batch back on sale is refused',
    'receive 5 #L1 · reserve A 2 · pick A · block #L1 recall · unpick A · refused batch_kept',
  );
});

describe('a box', () => {
  row(
    'F03 is stock of its own: 3 boxes of 12 and 5 loose are 41, and so they are with one opened',
    'receive 36 @A1 box:12 · receive 5 @A1 · changes onHand +5, available +5 · ' +
      'lines A1 5, A1 box:12 36 · move 12 box:12 tobox:0 · changes nothing · ' +
      'lines A1 17, A1 box:12 24 · move 12 box:0 tobox:12 · lines A1 5, A1 box:12 36',
  );
  row(
    'F03 is reserved whole, and picked whole',
    'receive 36 @A1 box:12 · receive 5 @A1 · reserve A 24 box:12 · ' +
      'lines A1 5, A1 box:12 36 pinned:24 · pick A 12 · ' +
      'lines A picked A1 box:12 12, A1 5, A1 box:12 24 pinned:12',
  );
  row(
    'F03 is not broken by a pick of single pieces',
    'receive 24 @A1 box:12 · receive 2 @A2 · reserve A 14 · pick A 3 · refused box_closed 2 of 3 · ' +
      'pick A 14 · lines A picked A1 box:12 12, A picked A2 2, A1 box:12 12',
  );
  row(
    'F03 is not put back in part',
    'receive 5 @A1 · reserve A 5 · pick A · cancel A · putback 5 to@A2 tobox:12 · refused box_closed · ' +
      'putback 5 to@A2 tobox:5 · lines A2 box:5 5',
  );
  row(
    'F03 of a pin that was short is made up for by whole ones',
    'receive 12 @A1 box:12 · receive 12 @A2 box:12 · receive 4 @A3 · reserve A 12 box:12 · reserve B 9 · ' +
      'short A 12 · changes allocated -12, blocked +12, available 0, waiting +12 · ' +
      'release B 9 · expect A.waiting 0 · pick A · expect A.picked 12',
  );
  row(
    'F03 relabelled changes the totals of labels only',
    'receive 10 fnsku:X1 · move 4 fnsku:X1 tofnsku:X2 · changes nothing · ' +
      'lines fnsku:X1 6, fnsku:X2 4',
  );
});

describe('a serial', () => {
  row(
    'S6 is in one place: it moves, is picked, ships and may come back',
    'receive 2 @A1 sn:S1,S2 · move 1 sn:S1 to@A2 · receive 1 @A3 sn:S1 · refused serial_seen · ' +
      'reserve A 1 · pick A 1 sn:S1 · lines A picked A2 1, A1 1 · pack A 1 sn:S1 · ship A 1 sn:S1 · ' +
      'lines A1 1 · receive 1 pending sn:S1 @Q · lines A1 1, pending Q 1',
  );
});

describe('an order that may wait', () => {
  row(
    'S9 waits rather than take safety stock, and gets what that no longer keeps back',
    'receive 4 · safety 3 · reserve A 3 backorder · changes allocated +1, available -1, waiting +2 · ' +
      'safety 2 · changes allocated +1, safetyHeld -1, waiting -1 · expect A.waiting 1 · ' +
      'safety 1 · changes allocated +1, safetyHeld -1, waiting -1',
  );
  row(
    'is taken whole: what there is, and the rest waits for stock',
    'receive 3 · reserve A 5 backorder · changes allocated +3, available -3, waiting +2 · ' +
      'expect A.waiting 2, A.hard 5 · pick A 3 · receive 4 · ' +
      'changes onHand +4, allocated +2, available +2, waiting -2',
  );
  row(
    'S9 does not overtake one that waits longer',
    'receive 1 · reserve A 3 backorder · reserve B 2 backorder · receive 3 · ' +
      'expect A.waiting 0, B.waiting 1 · cancel A 1 · expect B.waiting 0',
  );
});
