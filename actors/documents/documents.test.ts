import { describe, expect, it } from 'vitest';
import { commandOf, Floor } from '../../test/support/documents.ts';
import { Stockroom } from '../stock/stockroom.ts';
import {
  ACTS,
  type DocumentKey,
  documentKey,
  isDocId,
  isLineLabel,
  kindOf,
  parseDocumentKey,
} from './commands.ts';
import { type DocumentChange, Documents } from './documents.ts';
import { ENDED_KEPT } from './ended.ts';
import type { DocumentState } from './states.ts';

const NOW_MS = 1_700_000_000_000;
/** Counts that are cancelled move no stock. */
const ROOM = new Stockroom();

/** Documents that are over as soon as they are opened, one a millisecond, and what happened. */
function many(count: number, first = 0): { documents: Documents; changes: DocumentChange[] } {
  const documents = new Documents();
  const changes = Array.from({ length: count }, (_, i) => close(documents, first + i));
  return { documents, changes };
}

function close(documents: Documents, number: number, atMs = NOW_MS + number): DocumentChange {
  const open = commandOf('count.open', [`K${number}`, '1:MUG']);
  documents.run(open, ROOM, atMs);
  const outcome = documents.run({ ...open, act: 'count.cancel', lines: [] }, ROOM, atMs);
  if (!outcome.ok || outcome.document.event === undefined) return expect.fail('was not cancelled');
  return { ...outcome.document, event: outcome.document.event };
}

const keyOf = (number: number): DocumentKey => commandOf('count.open', [`K${number}`, '1:MUG']).key;

describe('a document key', () => {
  it('reads back, whatever is in the number', () => {
    const name = { owner: 'demo', kind: 'order', doc: 'A/1@x', warehouse: 'W1' } as const;
    const key = documentKey(name.owner as never, name.kind, name.doc, name.warehouse as never);
    expect(parseDocumentKey(key)).toEqual({ ...name, from: '' });
  });

  it('of a transfer that arrives names its sender, and is not that of one sent from there', () => {
    const name = { owner: 'demo', kind: 'transfer', doc: 'W1/T:1@x', warehouse: 'W2' } as const;
    const keyFrom = (from: string) =>
      documentKey(name.owner as never, name.kind, name.doc, 'W2' as never, from as never);
    expect(parseDocumentKey(keyFrom('W1'))).toEqual({ ...name, from: 'W1' });
    expect(new Set([keyFrom('W1'), keyFrom('W3'), keyFrom('W2')]).size).toBe(3);
    expect(keyFrom('W2')).toBe(keyFrom(''));
  });

  it.each(ACTS)('%s is of a kind', (act) => {
    expect(act.startsWith(`${kindOf(act)}.`)).toBe(true);
  });
});

describe('numbers and labels', () => {
  it('leave room for the id of a hold', () => {
    expect([isDocId('x'.repeat(40)), isDocId('x'.repeat(41)), isDocId(''), isDocId(7)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(['1', 'x'.repeat(17), 'a/b', 'a+2', ''].map(isLineLabel)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('documents', () => {
  it('remember the newest of those that are over, and forget the others', () => {
    const { documents } = many(ENDED_KEPT + 3);
    expect(documents.size).toBe(ENDED_KEPT);
    expect(documents.get(keyOf(2))).toBeUndefined();
    expect(documents.get(keyOf(3))?.status).toBe('cancelled');
  });

  it('are never forgotten while there is something to do', () => {
    const documents = new Documents();
    documents.run(commandOf('count.open', ['OPEN', '1:MUG']), ROOM, NOW_MS);
    for (let i = 0; i < ENDED_KEPT + 1; i++) close(documents, i);
    expect(documents.size).toBe(ENDED_KEPT + 1);
    expect([...documents.entries()][0]?.[1].status).toBe('open');
  });

  it('C3 are the same from a snapshot in any order, and what came after it', () => {
    const { documents } = many(ENDED_KEPT + 50);
    const restored = new Documents();
    const { documents: early, changes } = many(ENDED_KEPT);
    const late = [...many(50, ENDED_KEPT).documents.entries()];
    for (const [key, state] of [...late, ...[...early.entries()].reverse()])
      restored.set(key, state);
    for (const change of changes) expect(restored.replay(change)).toBeUndefined();
    const sorted = (d: Documents): [DocumentKey, DocumentState][] =>
      [...d.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(restored)).toEqual(sorted(documents));
  });

  it('C3 skip what they are past, and insist on the very next event', () => {
    const { documents, changes } = many(1);
    const [change] = changes as [DocumentChange];
    expect(documents.replay(change)).toBeUndefined();
    expect(() => documents.replay({ ...change, seq: 4 })).toThrow('goes on with 4');
    expect(() => new Documents().replay(change)).toThrow('is not there');
  });

  it('C3 take a number that was forgotten for a new document', () => {
    const { documents } = many(ENDED_KEPT + 1);
    const again = NOW_MS + 10 * ENDED_KEPT;
    close(documents, 0, again);
    const restored = new Documents();
    for (const [key, state] of documents.entries()) restored.set(key, state);
    const old = many(1).changes[0] as DocumentChange;
    expect(restored.replay(old)).toBeUndefined();
    expect(restored.get(keyOf(0))).toMatchObject({ openedAtMs: again, seq: 2 });
  });
});

describe('a refusal', () => {
  it('S8 names the place of the line in the command', () => {
    const floor = new Floor();
    floor.walk('receive MUG 9 · receive CUP 1');
    const place = commandOf('order.place', ['O1', 'a:MUG*1', 'b:MUG*1', 'c:CUP*2']);
    expect(floor.run(place)).toMatchObject({ code: 'insufficient', line: 2 });
    floor.walk('order.place O1 a:MUG*1 b:MUG*1 · order.release O1');
    const pick = commandOf('order.pick', ['O1', 'b*1', 'a*1@Z']);
    expect(floor.run(pick)).toMatchObject({ code: 'wrong_place', line: 1 });
  });
});
