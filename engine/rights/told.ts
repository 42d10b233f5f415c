import type { Logger } from 'pino';
import type { HomeName, Told } from '../../actors/rights/acts.ts';
import type { Answer } from '../settled.ts';

/** What an act at home has to tell, undefined where it was refused; and what a person has to know of it is logged. */
export function toldBy(
  answer: Answer | undefined,
  { log, home }: { readonly log: Pick<Logger, 'warn'>; readonly home: HomeName },
): Told | undefined {
  const told = toldIn(answer);
  if (told === undefined) return undefined;
  const { gap, doubled, late } = told;
  if (gap) log.warn({ home }, 'a point has forgotten sales that this home lacks: bury its life');
  if (doubled.length > 0) log.warn({ home, doubled }, 'sold at two points, held once');
  if (late > 0) log.warn({ home, late }, 'sales of a life that was buried came home');
  return told;
}

/** What an act has to tell, undefined where it was refused. */
export const toldIn = (answer: Answer | undefined): Told | undefined =>
  answer?.ok === true && answer.kind === 'rights' ? answer.told : undefined;
