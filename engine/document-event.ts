import { Packr, Unpackr } from 'msgpackr';
import type { DocumentOutcome } from '../actors/documents/documents.ts';
import { NUMBER_BYTES, textBytes } from './msgpack.ts';

/** What an act made of its document, as it stands in a record: whose bytes few look at. */
type Told = DocumentOutcome['document'];

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

export const packDocument = ({ key, seq, status, event }: Told): Uint8Array =>
  packr.pack(event === undefined ? [key, seq, status] : [key, seq, status, event]);

export function unpackDocument(bytes: Uint8Array): Told {
  const [key, seq, status, event] = unpackr.unpack(bytes) as [
    Told['key'],
    number,
    string,
    Told['event'],
  ];
  return event === undefined ? { key, seq, status } : { key, seq, status, event };
}

/** Of what {@link packDocument} gives, bytes at most. */
export const documentBound = ({ key, status, event }: Told): number =>
  2 * NUMBER_BYTES + textBytes(key) + textBytes(status) + valueBound(event);

function valueBound(value: unknown): number {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  let sum = NUMBER_BYTES;
  for (const [name, part] of Object.entries(value)) sum += textBytes(name) + valueBound(part);
  return sum;
}
