import type { Told } from '../../actors/rights/acts.ts';
import type { Up } from '../../actors/rights/lane.ts';
import type { Answer } from '../settled.ts';

/**
 * A message whose record might grow too large, as two that follow each other; undefined where it cannot be divided. What
 * an entry takes depends on the stock that it finds, so no length of a log is safe by itself.
 */
export function halvesOf(up: Up): readonly [Up, Up] | undefined {
  if (up.log.length === 0) return undefined;
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

/** What is to be said after both. */
export const togetherOf = (first: Told, second: Told): Told => ({
  ...second,
  downs: [...first.downs, ...second.downs],
});

export const isTooLarge = (answer: Answer | undefined): boolean =>
  answer?.ok === false && answer.code === 'too_large';
