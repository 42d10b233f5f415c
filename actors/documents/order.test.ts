import { describe, it } from 'vitest';
import { Floor } from '../../test/support/documents.ts';

const STOCK = 'receive MUG 10 · receive CUP 5';
const PLACED = `${STOCK} · order.place O1 1:MUG*4 2:CUP*2`;
const RELEASED = `${PLACED} · order.release O1`;
const PICKED = `${RELEASED} · order.pick O1`;
const PACKED = `${PICKED} · order.pack O1 carton=C1`;
const SHIPPED = `${PACKED} · order.ship O1`;

const TABLE: Record<string, readonly (readonly [string, string])[]> = {
  'placing an order': [
    [
      'S3 allocates every line',
      `${PLACED} · is order O1 allocated · line order O1 1 promised=4 waiting=0
       · stock MUG available=6 allocated=4 · stock CUP available=3`,
    ],
    [
      'S8 takes all lines or none',
      `${STOCK} · order.place O1 1:MUG*4 2:CUP*6 · refused insufficient Only 5 of 6
       · stock MUG allocated=0`,
    ],
    [
      'takes what there is, if the shop says so',
      `${STOCK} · receive JUG 1 · pick JUG 0 hold=none · refused unknown_hold
       · order.place O1 1:MUG*12 2:CUP*2 partial · is order O1 allocated
       · line order O1 1 ordered=12 promised=10 · stock MUG available=0`,
    ],
    [
      'leaves out a line of which there is nothing, if the shop says so',
      `receive MUG 3 · order.place O1 1:MUG*3 2:CUP*2 partial
       · line order O1 1 promised=3 · line order O1 2 ordered=2 promised=0 holds=0`,
    ],
    [
      'of which there is nothing at all is refused even so',
      'order.place O1 1:MUG*3 partial · refused insufficient Only 0 of 3',
    ],
    [
      'D4 S5 twice is the same order, by whatever step',
      `${PLACED} · order.place O1 1:MUG*4 2:CUP*2 step=b · again · stock MUG allocated=4`,
    ],
    [
      'under the number of another order is refused',
      `${PLACED} · order.place O1 1:MUG*4 2:CUP*3 · refused doc_reused it is allocated`,
    ],
    [
      'again after it was cancelled does not bring it back',
      `${PLACED} · order.cancel O1 · order.place O1 1:MUG*4 2:CUP*2 · again · is order O1 cancelled`,
    ],
    [
      'of more than there is waits for the rest, if the shop says so',
      `${STOCK} · order.place O1 1:MUG*12 backorder · is order O1 placed
       · line order O1 1 promised=12 waiting=2 · stock MUG waiting=2 allocated=10
       · order.release O1 · refused awaits_stock Only 10 of 12 · receive MUG 2 · order.release O1`,
    ],
    [
      'F08 of a batch keeps units of it',
      `receive MUG 3 batch=A · receive MUG 3 batch=B · order.place O1 1:MUG*4#A · refused insufficient
       · order.place O1 1:MUG*2#A · order.release O1 · order.pick O1 1*2#B · refused wrong_place
       · order.pick O1 1*2#A · is order O1 picked`,
    ],
    ['without lines is refused', 'order.place O1 · refused bad_field at least one'],
    ['of no SKU is refused', 'order.place O1 1*2 · refused bad_field sku'],
    ['of no units is refused', 'receive MUG 1 · order.place O1 1:MUG*0 · refused bad_qty'],
    [
      'with the same line twice is refused',
      'receive MUG 9 · order.place O1 1:MUG*1 1:MUG*2 · refused bad_field line 1 comes twice',
    ],
    [
      'ahead of the clock is refused',
      `${STOCK} · order.place O1 1:MUG*4 late=900000 · refused clock_ahead`,
    ],
    [
      'for disposal takes defective goods',
      `receive MUG 10 quality=defective · order.place O1 1:MUG*4~defective
       · stock MUG defective.available=6 defective.allocated=4`,
    ],
  ],
  'changing an order': [
    [
      'to more reserves the difference',
      `${PLACED} · order.change O1 1:MUG*7 · line order O1 1 ordered=7 promised=7 holds=2
       · stock MUG available=3`,
    ],
    [
      'to less gives the difference back',
      `${PLACED} · order.change O1 1:MUG*1 · line order O1 1 ordered=1 promised=1
       · stock MUG available=9`,
    ],
    [
      'to more and back again uses both holds',
      `${PLACED} · order.change O1 1:MUG*7 · order.change O1 1:MUG*2
       · line order O1 1 ordered=2 promised=2 · stock MUG available=8 allocated=2`,
    ],
    [
      'may add a line, and take one away',
      `${PLACED} · receive JUG 2 · order.change O1 2:CUP*0 3:JUG*2
       · line order O1 2 ordered=0 promised=0 · line order O1 3 promised=2 · is order O1 allocated`,
    ],
    [
      'S8 to more than there is changes no line',
      `${PLACED} · order.change O1 2:CUP*0 1:MUG*11 · refused insufficient · stock CUP allocated=2`,
    ],
    [
      'below what was picked is refused',
      `${RELEASED} · order.pick O1 1*3 · order.change O1 1*2
       · refused already_picked Cancel them, then put them back
       · order.change O1 1:MUG*3 · line order O1 1 ordered=3 promised=0 picked=3`,
    ],
    [
      'to another SKU is refused',
      `${PLACED} · order.change O1 1:CUP*4 · refused bad_field line 1 is of MUG`,
    ],
    [
      'that has shipped is refused',
      `${SHIPPED} · order.change O1 1:MUG*5 · refused wrong_state it is shipped`,
    ],
  ],
  'the way of an order': [
    [
      'S4 from the shelf to the truck',
      `${RELEASED} · is order O1 released · order.pick O1 1*3 container=T7 · is order O1 picking
       · order.pick O1 · is order O1 picked · stock MUG picked=4 onHand=10
       · order.pack O1 carton=C1 · is order O1 packed · stock MUG packed=4
       · order.ship O1 carrier=DHL tracking=T1 · is order O1 shipped
       · stock MUG onHand=6 allocated=0 available=6 · order.close O1 · is order O1 closed`,
    ],
    [
      'goes in a wave, and takes what the release says first',
      `receive MUG 3 location=A · receive MUG 3 location=B · order.place O1 1:MUG*4 priority=2
       · order.release O1 wave=W7 policy=lifo · doc order O1 wave=W7 priority=2
       · line order O1 1 policy=lifo · order.pick O1 1*3 · order.pick O1 1*1@B · refused wrong_place
       · order.pick O1 1*1@A`,
    ],
    [
      'a pick before the release is refused',
      `${PLACED} · order.pick O1 · refused wrong_state it is allocated; release it first`,
    ],
    [
      'more is not picked than is left on the line',
      `${RELEASED} · order.pick O1 1*3 · order.pick O1 1*2 · refused exceeds_line Only 1 of 2`,
    ],
    [
      'a line that is not there is not picked',
      `${RELEASED} · order.pick O1 9*1 · refused unknown_line line 9`,
    ],
    [
      'S5 the same scan twice picks once',
      `${RELEASED} · order.pick O1 1*2 step=s1 · order.pick O1 1*2 step=s1 · again
       · line order O1 1 picked=2`,
    ],
    [
      'not packed goods do not ship',
      `${PICKED} · order.ship O1 · refused not_packed Only 0 of 6 are packed`,
    ],
    [
      'not picked goods are not packed',
      `${RELEASED} · order.pack O1 · refused not_picked Only 0 of 6
       · order.pick O1 1*1 · order.pack O1 1*2 · refused not_picked Only 1 of 2`,
    ],
    [
      'what was ordered by a change ships with the rest',
      `${PLACED} · order.change O1 1:MUG*7 · order.release O1 · order.pick O1 1*6 · order.pick O1
       · order.pack O1 · order.ship O1 · line order O1 1 shipped=7 · stock MUG onHand=3 allocated=0`,
    ],
    [
      'is closed only when it has shipped',
      `${PACKED} · order.close O1 · refused wrong_state it is packed`,
    ],
    ['of an order nobody placed', 'order.pick O9 · refused unknown_document'],
  ],
  'split shipments': [
    [
      'leave carton by carton, each with its carrier and number',
      `${PICKED} · order.pack O1 1*3 carton=C1 · order.pack O1 carton=C2
       · order.ship O1 cartons=C1 carrier=DHL tracking=T1 · is order O1 packed
       · line order O1 1 shipped=3 packed=1 · stock MUG onHand=7
       · order.ship O1 cartons=C2 carrier=UPS tracking=T2 · is order O1 shipped`,
    ],
    [
      'take what is packed and leave the rest, if said so',
      `${PICKED} · order.pack O1 1*4 carton=C1 · order.ship O1 · refused not_packed Only 4 of 6
       · order.ship O1 partial · is order O1 picked · order.pack O1 · order.ship O1 · is order O1 shipped`,
    ],
    [
      'do not send a carton twice, nor one that is not there',
      `${PICKED} · order.pack O1 1*3 carton=C1 · order.pack O1 carton=C2
       · order.ship O1 cartons=C1 · order.ship O1 cartons=C1 · refused wrong_state carton C1 has left
       · order.ship O1 cartons=C9 · refused unknown_line no carton C9`,
    ],
  ],
  'cancelling an order': [
    [
      'before the pick frees its goods',
      `${PLACED} · order.cancel O1 · is order O1 cancelled · stock MUG available=10 allocated=0`,
    ],
    [
      'after the pick leaves goods to be put back',
      `${PICKED} · order.cancel O1 · is order O1 cancelled · line order O1 1 toPutBack=4
       · stock MUG onHand=10 blocked=4 allocated=0 available=6
       · order.putback O1 1*3 · stock MUG blocked=1 available=9 · order.putback O1
       · stock MUG blocked=0 available=10 · stock CUP available=5 · line order O1 1 toPutBack=0`,
    ],
    [
      'puts back what came damaged as defective',
      `${PICKED} · order.cancel O1 · order.putback O1 1*1~defective
       · stock MUG defective.onHand=1 available=6 blocked=3`,
    ],
    [
      'does not put back more than came back',
      `${PICKED} · order.cancel O1 1*1 · order.putback O1 1*2 · refused nothing_to_put_back Only 1 of 2
       · order.putback O1 2*1 · refused nothing_to_put_back`,
    ],
    [
      'in part takes the least advanced units',
      `${RELEASED} · order.pick O1 1*3 · order.pack O1 1*1 carton=C1 · order.cancel O1 1*2
       · line order O1 1 ordered=2 cancelled=2 promised=0 picked=1 packed=1 toPutBack=1`,
    ],
    [
      'after packing empties its cartons',
      `${PACKED} · order.cancel O1 1*4 · order.ship O1 cartons=C1 · is order O1 shipped
       · line order O1 1 shipped=0 · line order O1 2 shipped=2`,
    ],
    [
      'of more than is open is refused',
      `${PLACED} · order.cancel O1 1*5 · refused exceeds_line Only 4 of 5`,
    ],
    [
      'of the part that never got stock gives none back',
      `${STOCK} · order.place O1 1:MUG*12 partial · order.cancel O1 1*2
       · line order O1 1 ordered=10 promised=10 · stock MUG allocated=10`,
    ],
    [
      'after it has shipped is refused',
      `${SHIPPED} · order.cancel O1 · refused wrong_state it is shipped; take the goods back as a return`,
    ],
    [
      'and a late ship confirmation is told what to do',
      `${PACKED} · order.cancel O1 · order.ship O1
       · refused wrong_state it is cancelled; put its goods back to the shelf
       · order.putback O1 · order.ship O1
       · refused wrong_state it is cancelled; its goods must not leave`,
    ],
    [
      'twice is refused',
      `${PLACED} · order.cancel O1 · order.cancel O1 · refused wrong_state it is cancelled`,
    ],
    [
      'twice by the same step is once',
      `${PLACED} · order.cancel O1 step=c · order.cancel O1 step=c · again`,
    ],
  ],
  'a short pick': [
    [
      'has the rest picked elsewhere where there is any',
      `receive MUG 3 location=A · receive MUG 9 location=B · order.place O1 1:MUG*3 · order.release O1
       · order.short O1 1*2@A · line order O1 1 promised=3 waiting=0 short=2
       · stock MUG blocked=2 available=7 · order.pick O1 1*1@A · order.pick O1 1*2@B · is order O1 picked`,
    ],
    [
      'waits where there is nothing else',
      `receive MUG 3 location=A · order.place O1 1:MUG*3 · order.release O1 · order.pick O1 1*1
       · order.short O1 1*2@A · line order O1 1 promised=2 waiting=2 short=2
       · stock MUG blocked=2 waiting=2 · order.pick O1 1*1 · refused awaits_stock
       · order.cancel O1 1*2 · is order O1 picked · order.pack O1 · order.ship O1 · is order O1 shipped`,
    ],
    [
      'from a place where the goods do not lie is refused',
      `receive MUG 3 location=A · order.place O1 1:MUG*3 · order.release O1
       · order.pick O1 1*1@B · refused wrong_place · order.short O1 1*1@B · refused wrong_place`,
    ],
  ],
  serials: [
    [
      'S6 are picked as scanned, and only those that are there',
      `asn.announce A1 blind · asn.receive A1 1:MUG*3/S1/S2/S3 · order.place O1 1:MUG*2 · order.release O1
       · order.pick O1 1*1/S9 · refused serial_unknown S9 · order.pick O1 1*1/S1 · order.pick O1 1*1/S1
       · refused serial_unknown S1 · order.pick O1 1*1/S3 · order.pack O1 1*1/S1 carton=C1
       · order.pack O1 1*1/S3 carton=C2 · order.ship O1 cartons=C2 · asn.receive A1 1*1/S3
       · order.ship O1 · is order O1 shipped · asn.receive A1 1*1/S2 · refused serial_seen S2`,
    ],
    [
      'F08 that an order is pinned to are not picked for another',
      `asn.announce A1 blind · asn.receive A1 1:MUG*2@A/S1/S2 · order.place O1 1:MUG*1/S1
       · order.place O2 1:MUG*1 · order.release O2 · order.pick O2 1*1/S1 · refused serial_held S1
       · order.pick O2 1*1/S2 · order.release O1 · order.pick O1 · is order O1 picked`,
    ],
  ],
  'a loss under an order': [
    [
      'S7 of unpicked goods keeps it from release until there are others',
      `${PLACED} · adjust MUG -8 · order.release O1 · refused awaits_stock Only 4 of 6
       · order.release O1 partial · receive MUG 2 · order.pick O1 · is order O1 picked`,
    ],
    [
      'S7 of picked goods has them picked again',
      `receive MUG 4 · order.place O1 1:MUG*4 · order.release O1 · order.pick O1 · adjust MUG -1
       · order.pack O1 1*4 · refused not_picked Only 3 of 4 · receive MUG 1 · order.pick O1 1*1
       · order.pack O1 · order.ship O1 · is order O1 shipped · stock MUG onHand=0`,
    ],
  ],
};

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  it.each(rows)('%s', (_title, steps) => new Floor().walk(steps));
});
