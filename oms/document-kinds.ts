import { type DocumentKind, parseDocumentKey } from '../actors/documents/commands.ts';
import { unpackDocument } from '../engine/document-event.ts';

/** Kinds of documents in the order of their numbers in SQL. */
export const DOCUMENT_KINDS = [
  ...['order', 'asn', 'return', 'supplierReturn', 'transfer', 'count', 'inspection', 'batch'],
  ...['adjustment', 'ownership', 'bundle', 'pool', 'item', 'task'],
] as readonly DocumentKind[];

/** Of what an entry says of its document. */
export const documentNumber = (bytes: Uint8Array): number =>
  DOCUMENT_KINDS.indexOf(parseDocumentKey(unpackDocument(bytes).key).kind);
