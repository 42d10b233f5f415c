import { describe, it } from 'vitest';
import { Floor } from '../../test/support/documents.ts';

const POOL = 'receive MUG 10 · receive CUP 5 · pool.define VIP 1:MUG*6 2:CUP*2';

const TABLE: Record<string, readonly (readonly [string, string])[]> = {
  'a virtual warehouse': [
    [
      'F14 S2 has units of its own, which nobody else is promised and which count once',
      `${POOL} · is pool VIP open · stock MUG available=4 allocated=6 onHand=10
       · order.place O1 1:MUG*5 · refused insufficient Only 4 of 5 · order.place O1 1:MUG*4`,
    ],
    [
      'F14 sells to orders that name it, down to its last unit and no more',
      `${POOL} · order.place O1 1:MUG*4 2:CUP*2 pool=VIP · is order O1 allocated
       · stock MUG available=4 allocated=6 · stock CUP available=3 allocated=2
       · order.place O2 1:MUG*3 pool=VIP · refused insufficient Only 2 of 3
       · order.place O2 1:MUG*3 pool=VIP partial · line order O2 1 promised=2
       · order.place O3 1:MUG*1 pool=VIP · refused insufficient Only 0 of 1`,
    ],
    [
      'is picked, packed and shipped from like any other',
      `${POOL} · order.place O1 1:MUG*6 pool=VIP · order.release O1 · order.pick O1 · order.pack O1
       · order.ship O1 · stock MUG onHand=4 available=4 allocated=0`,
    ],
    [
      'has back what its orders do not want any more, also when it had sold all',
      `${POOL} · order.place O1 1:MUG*6 pool=VIP · order.change O1 1*4
       · order.place O2 1:MUG*2 pool=VIP · order.cancel O1 · stock MUG available=4
       · order.place O3 1:MUG*4 pool=VIP · order.place O4 1:MUG*1 pool=VIP · refused insufficient`,
    ],
    [
      'does not have back what was picked: that is put back for everybody',
      `${POOL} · order.place O1 1:MUG*3 pool=VIP · order.release O1 · order.pick O1 1*1
       · order.cancel O1 · stock MUG available=4 blocked=1 · order.putback O1
       · stock MUG available=5 · order.place O2 1:MUG*5 pool=VIP · order.place O3 1:MUG*5`,
    ],
    [
      'is filled and drained, each of what there is',
      `${POOL} · pool.fill VIP 1:MUG*5 · refused insufficient Only 4 of 5 · pool.fill VIP 1:MUG*4
       · stock MUG available=0 · pool.drain VIP 1*7 · stock MUG available=7
       · pool.drain VIP 1*4 · refused insufficient Only 3 of 4 · pool.drain VIP 1*3
       · stock MUG available=10 · pool.fill VIP 1:MUG*2 · order.place O1 1:MUG*2 pool=VIP`,
    ],
    [
      'may be of one batch, and its orders get that batch',
      `receive MUG 3 batch=A · receive MUG 3 batch=B · pool.define VIP 1:MUG*3#A
       · order.place O1 1:MUG*2 pool=VIP · order.release O1 · order.pick O1 1*2#B · refused wrong_place
       · order.pick O1 1*2#A · is order O1 picked`,
    ],
    [
      'that closes gives all it has to everybody; orders keep theirs, and cancel to everybody',
      `${POOL} · order.place O1 1:MUG*2 pool=VIP · pool.close VIP · is pool VIP closed
       · stock MUG available=8 allocated=2 · pool.fill VIP 1:MUG*1 · refused wrong_state
       · order.cancel O1 · stock MUG available=10`,
    ],
  ],
};

for (const [what, rows] of Object.entries(TABLE)) {
  describe(what, () => {
    it.each(rows)('%s', (_, steps) => new Floor().walk(steps));
  });
}
