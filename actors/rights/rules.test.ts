import { describe, expect, it } from 'vitest';
import { stockOf } from '../../test/rights/shelf.ts';
import {
  converse,
  deliver,
  NAMES,
  newWorld,
  SHARED,
  SKUS,
  settleAll,
  shelfOf,
  stocksOf,
  type World,
} from '../../test/rights/world.ts';
import type { ActorKey, HoldId } from '../ids.ts';
import { receive, tell } from './arrivals.ts';
import { debtOf, freeOf, keptOf, promisedOf } from './backing.ts';
import { free, grant, openLaneOf, rightsOut, settle } from './home.ts';
import type { LifeId, Up } from './lane.ts';
import { bury, lanesToWriteOff, leave, restoreHome, settleLogs } from './lives.ts';
import * as points from './point.ts';
import { relicUp, up } from './point-messages.ts';
import { draw, type PoolId } from './pools.ts';

const KETTLE = SKUS[0] as ActorKey;
const LAMP = SKUS[1] as ActorKey;
const OWN: PoolId = 'stock/own';
const order = (name: string): HoldId => name as HoldId;
const line = (qty: number, pools: PoolId[] = [SHARED], sku = KETTLE) => ({ sku, qty, pools });

const buryAll = (w: World, life: LifeId, more?: number): number => {
  const lanes = lanesToWriteOff(w.home, life).map(({ id }) => id);
  return bury(w.home, life, stocksOf(w), lanes, more);
};

/** A home with so many kettles on hand. */
function shop(qty: number): World {
  const w = newWorld();
  shelfOf(w, KETTLE).qualified = qty;
  return w;
}

const at = (w: World, name: string): points.Point => w.points.get(name) as points.Point;
const lane = (w: World, name: string, sku = KETTLE) =>
  points.laneOf(at(w, name), sku) as points.PointLane;
const sync = (w: World, name: string): void => converse(w, up(at(w, name)));
const freeAt = (w: World, sku = KETTLE) => free(w.home, sku, stockOf(shelfOf(w, sku)).figures());
const outAt = (w: World, sku = KETTLE) => rightsOut(w.home, sku).stock;

function grantTo(w: World, name: string, qty: number, pool = SHARED, sku = KETTLE) {
  points.openLane(at(w, name), sku);
  sync(w, name);
  const life = points.lifeOfPoint(at(w, name));
  const to = openLaneOf(w.home, life, sku);
  const refused = grant(w.home, to?.id as never, pool, qty, stocksOf(w));
  converse(w, tell(w.home, life));
  return refused;
}

describe('E1 a point sells only what it has', () => {
  it('to the last unit, and says how many there are', () => {
    const w = shop(10);
    grantTo(w, 'a', 3);
    expect(points.sell(at(w, 'a'), order('x'), [line(2)])).toHaveLength(1);
    expect(points.sell(at(w, 'a'), order('y'), [line(2)])).toMatchObject({
      ...{ ok: false, code: 'insufficient', asked: 2, available: 1 },
    });
    expect(points.sell(at(w, 'b'), order('y'), [line(1)])).toMatchObject({ available: 0 });
  });

  it('all of an order or none of it', () => {
    const w = shop(10);
    grantTo(w, 'a', 3);
    const both = [line(2), line(1, [SHARED], LAMP)];
    expect(points.sell(at(w, 'a'), order('x'), both)).toMatchObject({ code: 'insufficient' });
    expect(lane(w, 'a').have).toEqual({ [SHARED]: 3 });
    expect(at(w, 'a').log).toEqual([]);
  });

  it('soft holds set units aside, spend nothing, and are not heard of at home', () => {
    const w = shop(10);
    grantTo(w, 'a', 3);
    expect(points.reserve(at(w, 'a'), order('x'), [line(2)], 1_000)).toBeUndefined();
    expect(points.sell(at(w, 'a'), order('y'), [line(2)])).toMatchObject({ available: 1 });
    expect(up(at(w, 'a')).log).toEqual([]);
    points.expire(at(w, 'a'), 1_000);
    expect(points.sell(at(w, 'a'), order('y'), [line(2)])).toHaveLength(1);
  });

  it('a channel takes from its own pool first, then from the shared one', () => {
    const w = shop(10);
    grantTo(w, 'a', 2);
    grantTo(w, 'a', 3, OWN);
    points.sell(at(w, 'a'), order('x'), [line(4, [OWN, SHARED])]);
    expect(lane(w, 'a').have).toEqual({ [SHARED]: 1, [OWN]: 0 });
    expect(draw([OWN, OWN], 2, () => 1)).toBeUndefined();
  });

  it('an order it knows is not sold again', () => {
    const w = shop(10);
    grantTo(w, 'a', 3);
    points.sell(at(w, 'a'), order('x'), [line(1)]);
    const again = points.sell(at(w, 'a'), order('x'), [line(1)]);
    expect(again).toMatchObject({ code: 'hold_exists' });
    const twice = points.sell(at(w, 'a'), order('y'), [line(1), line(1)]);
    expect(twice).toMatchObject({ code: 'hold_exists' });
    expect(lane(w, 'a').have[SHARED]).toBe(2);
  });
});

describe('E2 have = got − B − U, and D ≤ U', () => {
  it('a spent unit is out until its sale has arrived', () => {
    const w = shop(10);
    grantTo(w, 'a', 4);
    points.sell(at(w, 'a'), order('x'), [line(3)]);
    deliver(w, up(at(w, 'a'), undefined, 0));
    expect(outAt(w)).toBe(4);
    expect(w.home.lanes.values().next().value?.spent).toEqual({ [SHARED]: 3 });
    sync(w, 'a');
    expect(outAt(w)).toBe(1);
    expect(shelfOf(w, KETTLE).holds.get('x')?.units.stock).toBe(3);
    expect(freeAt(w).stock).toBe(6);
  });

  it('messages may come twice and in any order', () => {
    const w = shop(10);
    grantTo(w, 'a', 4);
    const old = tell(w.home, 'a.1') as NonNullable<ReturnType<typeof tell>>;
    grantTo(w, 'a', 2);
    points.giveBack(lane(w, 'a'), SHARED, 1);
    const before = up(at(w, 'a'));
    points.giveBack(lane(w, 'a'), SHARED, 1);
    for (const m of [up(at(w, 'a')), before, old, before, old]) deliver(w, m);
    expect(lane(w, 'a').have[SHARED]).toBe(4);
    expect(outAt(w)).toBe(4);
  });

  it('an idle lane closes, is dropped on both sides, and opens anew', () => {
    const w = shop(10);
    grantTo(w, 'a', 4);
    const wish = { ...up(at(w, 'a')), lanes: [{ ...laneTold(w), nonce: undefined }] };
    points.sell(at(w, 'a'), order('x'), [line(1)]);
    expect(points.closeLane(at(w, 'a'), KETTLE)).toBe(true);
    deliver(w, up(at(w, 'a'), undefined, 0));
    expect(w.home.lanes.size).toBe(1);
    sync(w, 'a');
    expect([w.home.lanes.size, at(w, 'a').lanes.size, freeAt(w).stock]).toEqual([0, 0, 9]);
    grantTo(w, 'a', 2);
    converse(w, wish);
    expect([w.home.lanes.size, outAt(w), lane(w, 'a').have[SHARED]]).toEqual([1, 2, 2]);
  });

  it('a soft hold keeps its lane open', () => {
    const w = shop(10);
    grantTo(w, 'a', 4);
    points.reserve(at(w, 'a'), order('x'), [line(1)], 1_000);
    expect(points.closeLane(at(w, 'a'), KETTLE)).toBe(false);
  });
});

const laneTold = (w: World) => up(at(w, 'a')).lanes[0] as Up['lanes'][number];

describe('E3 open promises ≤ backing + shortage', () => {
  const figures = (qualified: number, inTransit: number, oversellCap: number, safety: number) => ({
    ...{ qualified, inTransit, oversellCap, safety },
    held: { stock: 0, presale: 0, oversell: 0 },
  });

  it.each([
    // Q, T, C, S, A, P, O → available, pre-sale, oversell; debt; kept
    [10, 5, 2, 3, 4, 1, 1, 3, 4, 1, 0, 3],
    [10, 5, 2, 3, 4, 7, 0, 1, 0, 2, 0, 5],
    [10, 0, 0, 3, 9, 0, 0, 0, 0, 0, 0, 1],
    [10, 0, 0, 0, 12, 0, 0, 0, 0, 0, 2, 0],
    [10, 5, 0, 20, 0, 0, 0, 0, 0, 0, 0, 10],
  ])(
    'Q %i T %i C %i S %i with A %i P %i O %i',
    (q, t, c, s, a, p, o, stock, presale, oversell, debt, kept) => {
      const promised = { stock: a, presale: p, oversell: o };
      expect(freeOf(figures(q, t, c, s), promised)).toEqual({ stock, presale, oversell });
      expect(debtOf(figures(q, t, c, s), promised).stock).toBe(debt);
      expect(keptOf(figures(q, t, c, s), promised)).toBe(kept);
    },
  );

  it('holds and rights that are out are promised alike', () => {
    const held = { stock: 2, presale: 0, oversell: 1 };
    const out = { stock: 5, presale: 4, oversell: 0 };
    expect(promisedOf(held, out)).toEqual({ stock: 7, presale: 4, oversell: 1 });
  });

  it('home grants what is free of a kind and no more', () => {
    const w = shop(10);
    expect(grantTo(w, 'a', 11)).toMatchObject({ code: 'insufficient', available: 10 });
    expect(grantTo(w, 'a', 7)).toBeUndefined();
    expect(grantTo(w, 'b', 4)).toMatchObject({ code: 'insufficient', available: 3 });
    expect(grantTo(w, 'b', 1, 'presale/shared')).toMatchObject({ available: 0 });
    const closed = grant(w.home, 'a.1#9', SHARED, 1, stocksOf(w));
    expect(closed).toMatchObject({ code: 'wrong_state' });
  });

  it('a sale of pre-sale rights waits at home and is served by the receipt', () => {
    const w = shop(0);
    const shelf = shelfOf(w, KETTLE);
    shelf.inTransit = 5;
    grantTo(w, 'a', 5, 'presale/shared');
    points.sell(at(w, 'a'), order('x'), [line(4, ['presale/shared'])]);
    sync(w, 'a');
    expect(shelf.holds.get('x')?.units).toEqual({ stock: 0, presale: 4, oversell: 0 });
    shelf.inTransit = 0;
    shelf.qualified = 5;
    settle(w.home, KETTLE, stockOf(shelf), 5);
    expect(shelf.holds.get('x')?.units).toEqual({ stock: 4, presale: 0, oversell: 0 });
    expect(freeAt(w)).toEqual({ stock: 0, presale: 0, oversell: 0 });
  });

  it('a cancel is a request: what home frees is free at home', () => {
    const w = shop(5);
    grantTo(w, 'a', 5);
    points.sell(at(w, 'a'), order('x'), [line(2)]);
    expect(points.cancel(at(w, 'a'), order('x'), KETTLE)).toMatchObject({ n: 2, op: 'cancel' });
    expect(points.cancel(at(w, 'a'), order('x'), KETTLE)).toMatchObject({ code: 'hold_ended' });
    expect(points.cancel(at(w, 'a'), order('z'), KETTLE)).toMatchObject({ code: 'unknown_hold' });
    expect(lane(w, 'a').have[SHARED]).toBe(3);
    sync(w, 'a');
    expect([freeAt(w).stock, outAt(w)]).toEqual([2, 3]);
  });
});

describe('E4 a life ends by proof or by burial', () => {
  it('by its final record, once its log is there', () => {
    const w = shop(10);
    grantTo(w, 'a', 4);
    points.sell(at(w, 'a'), order('x'), [line(1)]);
    points.endLifeOf(at(w, 'a'));
    expect(points.sell(at(w, 'a'), order('y'), [line(1)])).toMatchObject({ code: 'moved' });
    deliver(w, up(at(w, 'a'), undefined, 0));
    expect(w.home.lives.get('a.1')?.state).toBe('open');
    sync(w, 'a');
    expect([w.home.lives.get('a.1')?.state, freeAt(w).stock]).toEqual(['ended', 9]);
  });

  it('a replaced process writes nothing more, not even after the point got a new life', () => {
    const w = shop(10);
    const first = points.takeOver(at(w, 'a'));
    const second = points.takeOver(at(w, 'a'));
    expect(points.takesFrom(at(w, 'a'), first)).toBe(false);
    const reborn = points.restorePoint(at(w, 'a'), 2);
    points.takeOver(reborn);
    points.takeOver(reborn);
    expect(reborn.epoch).toBe(second.epoch);
    expect(points.takesFrom(reborn, second)).toBe(false);
  });

  it('a point that lost its tail begins a new life; the old rights stay out, what is left of the log arrives', () => {
    const w = shop(10);
    grantTo(w, 'a', 4);
    points.sell(at(w, 'a'), order('x'), [line(1)]);
    const reborn = points.restorePoint(structuredClone(at(w, 'a')), 2);
    w.points.set('a', reborn);
    expect(points.sell(reborn, order('y'), [line(1)])).toMatchObject({ available: 0 });
    grantTo(w, 'a', 2);
    converse(w, tell(w.home, 'a.1'));
    expect(outAt(w)).toBe(6);
    settleLogs(w.home);
    for (const relic of [...reborn.relics]) converse(w, relicUp(reborn, relic));
    expect([shelfOf(w, KETTLE).holds.has('x'), outAt(w)]).toEqual([true, 5]);
    settleLogs(w.home);
    converse(w, tell(w.home, 'a.1'));
    expect(reborn.relics).toEqual([]);
  });

  it('a burial books what was out, and a late sale of that life is told', () => {
    const w = shop(4);
    grantTo(w, 'a', 4);
    points.sell(at(w, 'a'), order('x'), [line(3)]);
    expect(buryAll(w, 'a.1')).toBe(4);
    expect(buryAll(w, 'a.1')).toBe(0);
    expect(freeAt(w).stock).toBe(4);
    grantTo(w, 'b', 4);
    const heard = receive(w.home, up(at(w, 'a')), stocksOf(w));
    expect([heard.late, w.home.lives.get('a.1')?.late]).toEqual([3, 3]);
    sync(w, 'a');
    expect(points.sell(at(w, 'a'), order('y'), [line(1)])).toMatchObject({ code: 'moved' });
    sync(w, 'a');
    expect(w.home.lives.get('a.1')).toMatchObject({ state: 'ended', booked: 4 });
    expect(outAt(w)).toBe(4);
  });
});

describe('E4 a life of many lanes is written off in parts', () => {
  /** Point a has 4 kettles and 3 lamps; of each it sold one. */
  function withTwo(): World {
    const w = shop(4);
    shelfOf(w, LAMP).qualified = 3;
    grantTo(w, 'a', 4);
    grantTo(w, 'a', 3, SHARED, LAMP);
    points.sell(at(w, 'a'), order('x'), [line(1), line(1, [SHARED], LAMP)]);
    const [first] = lanesToWriteOff(w.home, 'a.1');
    expect(bury(w.home, 'a.1', stocksOf(w), [first?.id as never])).toBe(4);
    return w;
  }

  it('what is not written off yet is still out; no part counts twice', () => {
    const w = withTwo();
    expect([freeAt(w).stock, freeAt(w, LAMP).stock, outAt(w, LAMP)]).toEqual([4, 0, 3]);
    expect(buryAll(w, 'a.1')).toBe(3);
    expect(buryAll(w, 'a.1')).toBe(0);
    expect(freeAt(w, LAMP).stock).toBe(3);
    expect(w.home.lives.get('a.1')).toMatchObject({ state: 'buried', booked: 7 });
    expect(grantTo(w, 'a', 1)).toMatchObject({ code: 'wrong_state' });
  });

  it('a sale is late only where its lane is written off', () => {
    const w = withTwo();
    const heard = receive(w.home, up(at(w, 'a')), stocksOf(w));
    expect(heard.late).toBe(1);
    expect([outAt(w, LAMP), freeAt(w, LAMP).stock]).toEqual([2, 0]);
    expect([outAt(w), freeAt(w).stock]).toEqual([0, 3]);
  });
});

describe('E5 a restored home sells, grants and sends nothing until every life is accounted for', () => {
  const restore = (w: World, saved: World['home']): void => {
    w.home = restoreHome(saved, w.home.lineage + 1, NAMES);
    shelfOf(w, KETTLE).granted = rightsOut(w.home, KETTLE);
  };

  it('then knows again what it had granted and what had been sold', () => {
    const w = shop(10);
    const saved = structuredClone(w.home);
    grantTo(w, 'a', 4);
    points.sell(at(w, 'a'), order('x'), [line(1)]);
    restore(w, saved);
    expect(freeAt(w)).toEqual({ stock: 0, presale: 0, oversell: 0 });
    expect(tell(w.home, 'a.1')).toBeUndefined();
    for (const name of NAMES) sync(w, name);
    expect([w.home.waiting.size, outAt(w), freeAt(w).stock]).toEqual([0, 3, 6]);
    expect(lane(w, 'a').have[SHARED]).toBe(3);
  });

  it('waits for a life that was lost before it attached, until a person buries it', () => {
    const w = shop(10);
    const saved = structuredClone(w.home);
    grantTo(w, 'a', 4);
    restore(w, saved);
    w.points.set('a', points.restorePoint(structuredClone(at(w, 'a')), 2));
    for (const name of NAMES) sync(w, name);
    expect([...w.home.waiting]).toEqual(['a.1']);
    expect(grantTo(w, 'b', 1)).toMatchObject({ available: 0 });
    expect(buryAll(w, 'a.1', 4)).toBe(4);
    settleAll(w);
    expect(freeAt(w).stock).toBe(10);
  });

  it('says so where a point has forgotten sales that it lacks', () => {
    const w = shop(10);
    const saved = structuredClone(w.home);
    grantTo(w, 'a', 4);
    points.sell(at(w, 'a'), order('x'), [line(1)]);
    sync(w, 'a');
    settleLogs(w.home);
    converse(w, tell(w.home, 'a.1'));
    points.sell(at(w, 'a'), order('y'), [line(1)]);
    restore(w, saved);
    const ask = receive(w.home, up(at(w, 'a')), stocksOf(w)).reply;
    const attach = deliver(w, ask as never) as Up;
    expect(receive(w.home, attach, stocksOf(w)).gap).toBe(true);
    expect(w.home.waiting.has('a')).toBe(true);
  });

  it('a point leaves only when all of its lives have ended or are buried', () => {
    const w = shop(10);
    const saved = structuredClone(w.home);
    restore(w, saved);
    expect(leave(w.home, 'a', 1)).toBe(false);
    buryAll(w, 'a.1');
    expect(leave(w.home, 'a', 2)).toBe(false);
    expect(leave(w.home, 'a', 1)).toBe(true);
    for (const name of ['b', 'c']) sync(w, name);
    expect(w.home.waiting.size).toBe(0);
  });
});

describe('E6 an order accepted at two points is held once, and flagged', () => {
  it('the other unit is free at home again', () => {
    const w = shop(10);
    for (const name of ['a', 'b']) {
      grantTo(w, name, 3);
      points.sell(at(w, name), order('x'), [line(2)]);
    }
    sync(w, 'a');
    sync(w, 'b');
    expect(w.doubled).toEqual([{ order: 'x', sku: KETTLE, qty: 2, held: 'a.1:1', other: 'b.1:1' }]);
    expect(shelfOf(w, KETTLE).holds.get('x')?.orig).toBe(2);
    expect([outAt(w), freeAt(w).stock]).toEqual([2, 6]);
  });

  it('also when the first was cancelled meanwhile', () => {
    const w = shop(10);
    for (const name of ['a', 'b']) grantTo(w, name, 3);
    points.sell(at(w, 'a'), order('x'), [line(2)]);
    points.cancel(at(w, 'a'), order('x'), KETTLE);
    points.sell(at(w, 'b'), order('x'), [line(2)]);
    sync(w, 'a');
    sync(w, 'b');
    expect([w.doubled.length, freeAt(w).stock]).toEqual([1, 8]);
  });
});
