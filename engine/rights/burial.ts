import type { HomeAct, Told } from '../../actors/rights/acts.ts';
import { type Home, lifeIdsOf } from '../../actors/rights/home.ts';
import { type LifeId, lifeId, numberOf } from '../../actors/rights/lane.ts';
import type { Answer } from '../settled.ts';
import { isTooLarge } from './halves.ts';
import { RIGHTS_LIMITS } from './limits.ts';
import { toldIn } from './told.ts';

/** What giving up came to at one home: units booked as a risk, and lanes that have still to be written off. */
export type Booked = Pick<Told, 'booked' | 'lanesLeft'>;

/** An act at home; undefined where another node owns the shard. */
export type AskHome = (act: HomeAct) => Promise<Answer | undefined>;

/**
 * Writes off the rights of a life, on a person's word, in as many records as it takes. Lanes are left where that was cut
 * short: then it is asked for again. Undefined where there was nothing to bury, or another node owns the shard.
 */
export async function bury(ask: AskHome, life: LifeId, more: number): Promise<Booked | undefined> {
  let most: number = RIGHTS_LIMITS.lanes;
  let all: Booked | undefined;
  while (all?.lanesLeft !== 0) {
    const answer = await ask({ act: 'bury', life, more: all === undefined ? more : 0, most });
    if (isTooLarge(answer) && most > 1) {
      most >>= 1;
      continue;
    }
    const told = toldIn(answer);
    if (told === undefined) break;
    all = { booked: told.booked + (all?.booked ?? 0), lanesLeft: told.lanesLeft };
  }
  return all;
}

/**
 * Takes a point out for good, on a person's word: each of its lives that has not ended is buried, so many as a person knows of at
 * least, and home waits for it no more. Undefined where home does not know it, or another node owns the shard.
 */
export async function leave(
  ask: AskHome,
  home: Home,
  point: string,
  lives: number,
): Promise<Booked | undefined> {
  const known = lifeIdsOf(home, point);
  if (known.length === 0 && !home.points.has(point)) return undefined;
  const last = Math.max(lives, ...known.map(numberOf));
  let booked = 0;
  for (let n = 1; n <= last; n++) {
    const told = await bury(ask, lifeId(point, n), 0);
    booked += told?.booked ?? 0;
    if (told !== undefined && told.lanesLeft > 0) return { booked, lanesLeft: told.lanesLeft };
  }
  const told = toldIn(await ask({ act: 'leave', point, last }));
  return told && { booked, lanesLeft: 0 };
}
