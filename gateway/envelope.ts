import { isQty } from '../actors/ids.ts';
import { CODES, type Refused } from '../actors/outcomes.ts';
import { field } from './fields.ts';

/** The fields of a command that are about its answer, not about stock. */
export interface Envelope {
  /** 0 where the caller gave none. */
  readonly n: number;
  /** Answers below this number have been read; 0 says nothing. */
  readonly acked: number;
  readonly decided: boolean;
}

export function parseEnvelope(v: Readonly<Record<string, unknown>>): Envelope | Refused {
  const { n, acked, ack } = v;
  if (n !== undefined && !isQty(n)) return field('n', 'the number of this command, whole, from 1');
  if (acked !== undefined && !isQty(acked)) return field('acked', 'a number, whole, from 1');
  if (ack !== undefined && ack !== 'decided' && ack !== 'committed') {
    return field('ack', '"committed" or "decided"');
  }
  return { n: n ?? 0, acked: acked ?? 0, decided: ack === 'decided' };
}

/** The number to answer under, also where the rest of a command is wrong; 0 if there is none. */
export const numberOf = (v: Readonly<Record<string, unknown>>): number => (isQty(v.n) ? v.n : 0);

/** S8: of several refusals the first one of the catalogue; undefined if there is none. */
export function firstRefusal(...found: readonly object[]): Refused | undefined {
  let first: Refused | undefined;
  for (const one of found) {
    if (!isRefused(one)) continue;
    if (first === undefined || CODES.indexOf(one.code) < CODES.indexOf(first.code)) first = one;
  }
  return first;
}

const isRefused = (v: object): v is Refused => 'ok' in v && v.ok === false;
