import { type LifeId, outOf } from '../../actors/rights/lane.ts';
import { bury, lanesToWriteOff } from '../../actors/rights/lives.ts';
import * as points from '../../actors/rights/point.ts';
import { KINDS, total } from '../../actors/rights/pools.ts';
import type { World } from './world.ts';
import * as worlds from './world.ts';

type Point = points.Point;

/** Units that a life can still promise, or has promised unheard. */
function riskOf(w: World, life: LifeId): number {
  const point = worlds.truth(w, life);
  const cursor = w.home.lives.get(life)?.cursor ?? 0;
  let risk = 0;
  for (const { have } of point?.lanes.values() ?? []) risk += total(have);
  for (const { n, taken } of point?.log ?? []) if (n > cursor) risk += total(taken);
  return risk;
}

/** Of `most` lanes at most; what is left is written off by the next burial. */
export function buryLife(w: World, life: LifeId, most = Number.POSITIVE_INFINITY): void {
  const isNew = (w.home.lives.get(life)?.state ?? 'open') === 'open';
  let known = 0;
  for (const lane of w.home.lanes.values()) {
    const out = outOf(lane);
    if (lane.life === life) for (const kind of KINDS) known += out[kind];
  }
  const more = isNew && w.home.waiting.size > 0 ? Math.max(0, riskOf(w, life) - known) : 0;
  const lanes = lanesToWriteOff(w.home, life).slice(0, most);
  if (!isNew && lanes.length === 0) return;
  const ids = lanes.map(({ id }) => id);
  const booked = bury(w.home, life, worlds.stocksOf(w), ids, more);
  worlds.settleAll(w);
  w.shock.forEach((units, s) => {
    w.shock[s] = units + booked;
  });
  w.buried = true;
  w.mayOwe = true;
  w.savedHome = undefined;
}

/** A life is over by proof: whoever has fenced the journal reads it to the end and writes the final record. */
export function retire(w: World, point: Point): void {
  points.takeOver(point);
  points.endLifeOf(point);
  w.past.set(points.lifeOfPoint(point), point);
  const next = points.newPoint(point.name, worlds.nextLife(w, point.name));
  worlds.replacePoint(w, { ...next, relics: point.relics });
}

/** The journal lost its tail: the point goes on from an older state, in a new life. */
export function loseTail(w: World, saved: Point): void {
  const point = w.points.get(saved.name) as Point;
  const life = points.lifeOfPoint(point);
  if (!w.past.has(life)) w.lost.set(life, structuredClone(point));
  const next = points.restorePoint(structuredClone(saved), worlds.nextLife(w, saved.name));
  worlds.replacePoint(w, next);
  const kept = new Set(next.relics.flatMap(({ life, log }) => log.map(({ n }) => `${life}:${n}`)));
  for (const promises of w.promised) {
    for (const promise of promises.values()) {
      if (promise.life === undefined || !w.lost.has(promise.life)) continue;
      if (!kept.has(`${promise.life}:${promise.n}`)) promise.mayBeLost = true;
    }
  }
}
