import { Packr, Unpackr } from 'msgpackr';
import type { DocumentOutcome } from '../actors/documents/documents.ts';

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
