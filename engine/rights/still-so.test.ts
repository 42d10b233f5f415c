import { expect, it } from 'vitest';
import type { ActorKey, HoldId } from '../../actors/ids.ts';
import { tell } from '../../actors/rights/arrivals.ts';
import { grant, openLaneOf } from '../../actors/rights/home.ts';
import type { Down, LaneDown, LaneUp } from '../../actors/rights/lane.ts';
import * as points from '../../actors/rights/point.ts';
import { up } from '../../actors/rights/point-messages.ts';
import { converse, newWorld, SHARED, SKUS, shelfOf, stocksOf } from '../../test/rights/world.ts';
import { isAllOfHome, isAllOfPoint } from './still-so.ts';

const MUG = SKUS[0] as ActorKey;

/** A point with a lane for mugs at home, of which there are ten. */
function opened() {
  const w = newWorld();
  shelfOf(w, MUG).qualified = 10;
  const point = w.points.get('a') as points.Point;
  points.openLane(point, MUG);
  converse(w, up(point));
  const lane = openLaneOf(w.home, 'a.1', MUG)?.id as never;
  const grantTwo = (): void => void grant(w.home, lane, SHARED, 2, stocksOf(w));
  return { w, point, grantTwo };
}

it('what home said before it granted more is not all there is to say', () => {
  const { w, grantTwo } = opened();
  const said = (): [Down, LaneDown] => {
    const down = tell(w.home, 'a.1') as Down;
    return [down, down.lanes[0] as LaneDown];
  };
  const before = said();
  expect(isAllOfHome(w.home, ...before)).toBe(true);
  grantTwo();
  expect(isAllOfHome(w.home, ...before)).toBe(false);
  const after = said();
  expect(isAllOfHome(w.home, ...after)).toBe(true);
  const life = w.home.lives.get('a.1');
  if (life !== undefined) life.settled = 1;
  expect(isAllOfHome(w.home, ...after)).toBe(false);
});

it('what a point said before it gave some back, or closed, is not all there is to say', () => {
  const { w, point, grantTwo } = opened();
  grantTwo();
  converse(w, tell(w.home, 'a.1'));
  const said = (): LaneUp => up(point).lanes[0] as LaneUp;
  const whole = said();
  points.giveBack(points.laneOf(point, MUG) as points.PointLane, SHARED, 1);
  expect(isAllOfPoint(point, whole)).toBe(false);
  const less = said();
  expect(isAllOfPoint(point, less)).toBe(true);
  points.sell(point, 'x' as HoldId, [{ sku: MUG, qty: 1, pools: [SHARED] }]);
  expect(isAllOfPoint(point, less)).toBe(true); // the log says it
  points.closeLane(point, MUG);
  expect(isAllOfPoint(point, less)).toBe(false);
});
