import { createHash } from 'node:crypto';
import * as A from '@automerge/automerge';
import {
  type BinaryDocumentId,
  type DocumentId,
  interpretAsDocumentId,
} from '@automerge/automerge-repo';
import { apply, isSold, type Json, type Op, spelledOut } from './edit.ts';
import type { Facts } from './goods.ts';
import { isMap } from './read.ts';

/** The rules of one owner, as replicas merge them: {@link Rules}, whose they are, and what channels have sold. */
export type RulesDoc = { [name: string]: Json };

/** The same on every replica, so that two that never met have not made two documents. */
const MAPS = [
  ...['channels', 'allocations', 'promotions', 'presale', 'oversell', 'safety', 'buffers'],
  ...['warehouses', 'areas', 'sales'],
];
const GENESIS = { actor: '00'.repeat(16), time: 0, message: 'the beginning' };

/** The first change of an owner's document. It has the same hash wherever it is made; never change it. */
export function genesisOf(owner: string): A.Doc<RulesDoc> {
  const { actor, ...options } = GENESIS;
  return A.change(A.init<RulesDoc>({ actor }), options, (doc) => {
    doc.owner = owner;
    for (const part of MAPS) doc[part] = {};
    doc.routing = { weights: {} };
  });
}

/** By the owner's name: nobody has to be asked. */
export function documentIdOf(owner: string): DocumentId {
  const hash = createHash('sha256').update(`holdfast rules of ${owner}`).digest();
  return interpretAsDocumentId(new Uint8Array(hash.subarray(0, 16)) as BinaryDocumentId);
}

/** Plain values, which nobody else has. */
export const plainOf = (doc: A.Doc<RulesDoc>): RulesDoc =>
  JSON.parse(JSON.stringify(doc)) as RulesDoc;

/** Of the document's heads: two documents have the same one where they have the same changes. */
export function versionOf(doc: A.Doc<RulesDoc>): string {
  const heads = [...A.getHeads(doc)].sort().join(' ');
  return createHash('sha256').update(heads).digest('hex').slice(0, 16);
}

/** What channels have sold, as it was last told to the document. */
export function factsOf(document: RulesDoc): Facts {
  const told = isMap(document.sales) ? Object.entries(document.sales) : [];
  const sales = told.filter((one): one is [string, number] => isSold(one[1]));
  return { sales: Object.fromEntries(sales) };
}

/** One change of the rules: who made it, when, and what. */
export interface Made {
  readonly hash: string;
  readonly who: string;
  /** Epoch ms, in whole seconds, by the clock of where it was made. */
  readonly atMs: number;
  readonly what: readonly Op[];
  /** The changes that its maker had seen last. */
  readonly after: readonly string[];
}

/** Every change but the first, the oldest first; those that did not know of each other in one order everywhere. */
export function historyOf(doc: A.Doc<RulesDoc>): Made[] {
  const depths = new Map<string, number>();
  const history = A.getChangesMetaSince(doc, []).map(({ hash, time, message, deps }) => {
    const depth = 1 + Math.max(-1, ...deps.map((one) => depths.get(one) ?? 0));
    depths.set(hash, depth);
    return { depth, made: { hash, atMs: time * 1_000, after: deps, ...saidIn(message) } };
  });
  return history
    .filter(({ depth }) => depth > 0)
    .sort((a, b) => a.depth - b.depth || (a.made.hash < b.made.hash ? -1 : 1))
    .map(({ made }) => made);
}

/** Makes one change of the ops, which have been tried. Also where they only say again what is: others may have said something else. */
export function commit(
  doc: A.Doc<RulesDoc>,
  ops: readonly Op[],
  torn: ReadonlySet<string>,
  who: string,
  nowMs: number,
): A.Doc<RulesDoc> {
  const what = spelledOut(plainOf(doc), ops);
  const options = { message: messageOf(who, what), time: Math.floor(nowMs / 1_000) };
  const changed = A.change(doc, options, (draft) => void apply(draft, what, torn));
  const isSame = versionOf(changed) === versionOf(doc);
  return isSame && torn.size > 0 ? A.emptyChange(changed, options) : changed;
}

/** What a change says of itself. */
const messageOf = (who: string, what: readonly Op[]): string =>
  JSON.stringify({ who, what: what.map(shortened) });

const LONGEST = 1_000;
const shortened = (op: Op): Op =>
  op.op === 'set' && JSON.stringify(op.value).length > LONGEST
    ? { ...op, value: '… (too long for the history)' }
    : op;

function saidIn(message: string | null): Pick<Made, 'who' | 'what'> {
  try {
    const said: unknown = JSON.parse(message ?? '');
    if (isMap(said) && typeof said.who === 'string' && Array.isArray(said.what)) {
      return { who: said.who, what: said.what as Op[] };
    }
  } catch {
    // made by something else than this module
  }
  return { who: 'unknown', what: [] };
}
