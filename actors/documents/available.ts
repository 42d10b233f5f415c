import { bundlesAvailable } from './bundle.ts';
import type { Look } from './plan.ts';
import { poolAvailable } from './pool.ts';
import type { DocumentState } from './states.ts';

/**
 * What stock says now of a document that sells: how many of a bundle could be promised, and how
 * many units each line of a pool has left. Undefined for all other kinds.
 */
export function availableOf(document: DocumentState, look: Look): readonly number[] | undefined {
  if (document.kind === 'bundle') return [bundlesAvailable(document, look)];
  if (document.kind !== 'pool') return undefined;
  return document.lines.map(({ key }) => poolAvailable(document.id, key, look));
}
