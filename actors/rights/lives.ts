import { dropLane, type Home, lifeOf, moving, type Stocks } from './home.ts';
import { type HomeLane, type LaneId, type LifeId, lifeId, outOf } from './lane.ts';
import { sumOf } from './pools.ts';

/**
 * How lives and homes end (E4, E5). A life ends by its own final record, written by itself or by whoever has
 * fenced its journal and read it to the end; both are the same message. A timeout is no proof: without that
 * record its rights stay out until a person buries it.
 */

/**
 * A home that goes on from an older state than it had. It sells, grants and sends nothing until every
 * life that may have something of it has attached or was fenced. `points` are those of the plan, which may be newer
 * than the state; `lineage` is higher than any before.
 */
export function restoreHome(saved: Home, lineage: number, points: Iterable<string>): Home {
  const home = structuredClone(saved);
  home.lineage = lineage;
  home.opened = 0;
  home.points = new Set(points);
  home.waiting = new Set(home.points);
  home.heard = new Map();
  for (const [id, life] of home.lives) if (life.state === 'open') home.waiting.add(id);
  return home;
}

/** All that has been applied is kept whatever happens from now on: the points may forget it. Called when the state
 * of that moment can no longer be lost. */
export function settleLogs(home: Home): void {
  for (const life of home.lives.values()) life.settled = life.cursor;
}

/**
 * Gives up a life on a person's word: it is granted nothing more, and these of its lanes are written off. Their rights are free
 * at home from now on; the units that were out are booked as a risk, and what the life turns out to have sold of them is
 * `late`. A life of many lanes is written off in parts, until {@link lanesToWriteOff} finds none. `more` is what the person adds
 * where home was restored and cannot know what it had granted. Returns the units booked. Every SKU has to be settled then.
 */
export function bury(
  home: Home,
  id: LifeId,
  stocks: Stocks,
  lanes: readonly LaneId[],
  more = 0,
): number {
  const life = lifeOf(home, id);
  let booked = more;
  for (const one of lanes) {
    const lane = home.lanes.get(one);
    if (lane?.life === id) booked += writeOff(home, lane, stocks);
  }
  life.state = 'buried';
  life.booked += booked;
  home.waiting.delete(id);
  return booked;
}

function writeOff(home: Home, lane: HomeLane, stocks: Stocks): number {
  const booked = lane.isWrittenOff ? 0 : sumOf(outOf(lane));
  moving(home, lane, stocks, () => {
    lane.isWrittenOff = true;
  });
  return booked;
}

/** Lanes of a life that its burial has still to write off. */
export const lanesToWriteOff = (home: Home, id: LifeId): HomeLane[] =>
  home.lives.get(id)?.state === 'ended'
    ? []
    : lanesOfLife(home, id).filter(({ isWrittenOff }) => !isWrittenOff);

/**
 * Takes a point out, `last` being the newest life that was ever given out for it: home no longer waits for it, nor
 * listens to it. False where one of its lives is neither ended nor buried.
 */
export function leave(home: Home, point: string, last: number): boolean {
  for (let n = 1; n <= last; n++) {
    if ((home.lives.get(lifeId(point, n))?.state ?? 'open') === 'open') return false;
  }
  home.points.delete(point);
  home.waiting.delete(point);
  return true;
}

/** The log has been applied up to the life's last entry: nothing of it is left anywhere. */
export function endLife(home: Home, id: LifeId, stocks: Stocks): void {
  for (const lane of lanesOfLife(home, id)) dropLane(home, lane, stocks);
  lifeOf(home, id).state = 'ended';
  home.waiting.delete(id);
}

export const lanesOfLife = (home: Home, id: LifeId): HomeLane[] =>
  [...home.lanes.values()].filter((lane) => lane.life === id);
