import type { Told } from '../../actors/rights/acts.ts';
import type { Home } from '../../actors/rights/home.ts';
import { returnedIn } from '../../actors/rights/home-steps.ts';
import type { LaneUp, Up } from '../../actors/rights/lane.ts';
import { type Cells, poolsOf, total, unitsIn } from '../../actors/rights/pools.ts';
import type { Answer } from '../settled.ts';

/**
 * A message whose record might grow too large, as two that follow each other; undefined where it cannot be divided. What
 * an entry takes depends on the stock that it finds, so no length of a log is safe by itself.
 */
export function halvesOf(up: Up, home: Home): readonly [Up, Up] | undefined {
  const ahead = lanesAhead(up, home);
  if (ahead.length > 0)
    return [{ ...up, lanes: ahead, log: [], attach: undefined, ended: undefined }, up];
  if (up.log.length === 0) return up.attach === undefined ? halvesOfLanes(up, home) : undefined;
  // A restored home takes each half as the part that it asked for: with no entry it would be one whose log lacks some.
  if (up.lanes.length > 0 && up.attach === undefined)
    return [
      { ...up, log: [], ended: undefined },
      { ...up, lanes: [] },
    ];
  if (up.log.length < 2) return undefined;
  const middle = up.log.length >> 1;
  const first = { ...up, log: up.log.slice(0, middle), ended: undefined };
  const lanes = up.attach === undefined ? [] : up.lanes;
  return [first, { ...up, lanes, log: up.log.slice(middle) }];
}

/** A restored home may hear of lanes before their part, which brings back nothing then. */
function lanesAhead(up: Up, home: Home): LaneUp[] {
  if (up.attach === undefined) return [];
  const open = up.lanes.map((lane) => ({ ...lane, final: undefined }));
  return open.filter((lane) => returnedIn(home, lane).units > 0);
}

/** Lanes say all that ever came back: of a single one, half of what is new may be said first. */
function halvesOfLanes(up: Up, home: Home): readonly [Up, Up] | undefined {
  const middle = up.lanes.length >> 1;
  if (middle > 0) {
    const first = { ...up, lanes: up.lanes.slice(0, middle), ended: undefined };
    return [first, { ...up, lanes: up.lanes.slice(middle) }];
  }
  const [lane] = up.lanes;
  if (lane === undefined) return undefined;
  const known = home.lanes.get(lane.id);
  const before = known?.nonce === lane.nonce ? (known?.back ?? {}) : {};
  const back: Cells = {};
  for (const pool of poolsOf(lane.back)) {
    const was = unitsIn(before, pool);
    back[pool] = was + Math.floor((unitsIn(lane.back, pool) - was) / 2);
  }
  if (total(back) === total(before)) return undefined;
  return [{ ...up, lanes: [{ ...lane, back, final: undefined }], ended: undefined }, up];
}

/** What is to be said after both. */
export const togetherOf = (first: Told, second: Told): Told => ({
  ...second,
  downs: [...first.downs, ...second.downs],
});

export const isTooLarge = (answer: Answer | undefined): boolean =>
  answer?.ok === false && answer.code === 'too_large';
