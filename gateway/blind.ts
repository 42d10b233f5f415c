import type { CountState } from '../actors/documents/count.ts';
import type { Answer } from '../engine/settled.ts';
import { type Identity, mayDo } from './auth.ts';

/**
 * What this caller is told: who counts blind, and has no say in what becomes of it, does not
 * learn from the count what the books have. The document keeps it.
 */
export function toldTo(who: Identity, answer: Answer): Answer {
  if (!answer.ok || answer.kind !== 'seenDocument') return answer;
  const { document } = answer;
  if (document.kind !== 'count' || !document.isBlind || !countsBlind(who)) return answer;
  return { ...answer, document: blindfold(document) };
}

const countsBlind = (who: Identity): boolean =>
  mayDo(who, 'count.line') && !mayDo(who, 'count.approve');

function blindfold(count: CountState): CountState {
  const lines = count.lines.map(
    ({ book: _book, missing: _missing, variance: _variance, ...seen }) => seen,
  );
  return { ...count, lines: lines as unknown as CountState['lines'] };
}
