import type { Logger } from 'pino';
import type { HomeName, Told } from '../../actors/rights/acts.ts';
import type { Answer } from '../settled.ts';

/** What an act at home has to tell, undefined where it was refused; and what a person has to know of it is logged. */
export function toldBy(
  answer: Answer | undefined,
  { log, home }: { readonly log: Pick<Logger, 'warn'>; readonly home: HomeName },
): Told | undefined {
  if (!answer?.ok || answer.kind !== 'rights' || answer.told === undefined) return undefined;
  const { gap, doubled, late } = answer.told;
  if (gap) log.warn({ home }, 'a point has forgotten sales that this home lacks: bury its life');
  if (doubled.length > 0) log.warn({ home, doubled }, 'sold at two points, held once');
  if (late > 0) log.warn({ home, late }, 'sales of a life that was buried came home');
  return answer.told;
}
