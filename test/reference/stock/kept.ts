import { expect } from 'vitest';
import type { StockState } from '../../../actors/stock/state.ts';
import type { Change } from '../../../actors/stock/stockroom.ts';
import { type Body, GENESIS, open, seal } from '../../../engine/record.ts';
import { ChangeReader, openHead } from '../../../engine/record-reader.ts';
import { packActors } from '../../../engine/snapshots/actor-writer.ts';
import { type ActorLine, actorOf, unpack } from '../../../engine/snapshots/slices.ts';
import { actorLine } from '../../support/actor-line.ts';
import { KEY } from './wishes.ts';

/* An actor, and its changes, as snapshots and the journal keep them. */

/** As it is when a snapshot has been read. */
export function restored(state: StockState): StockState {
  const { actors } = unpack(packActors([[KEY, state]])) as { actors: ActorLine[] };
  const [, read] = actorOf(actors[0] as ActorLine);
  return read;
}

/** All of an actor as a snapshot has it, in an order that does not depend on what was undone. */
export const written = (state: StockState | undefined): string =>
  state === undefined ? '' : JSON.stringify(actorLine(KEY, state), inOrder);

const inOrder = (_: string, value: unknown): unknown =>
  Array.isArray(value) && value.every((v) => Array.isArray(v))
    ? value.map((v) => JSON.stringify(v, inOrder)).sort()
    : value;

const CALLER = { client: 'demo/scanner', incarnation: 'i1' };
const reader = new ChangeReader();

/** The changes as a record has them, read whole and one by one. */
export function journaled(changes: readonly Change[]): readonly Change[] {
  if (changes.length === 0) return [];
  const entry = { caller: CALLER, n: 1, fingerprint: 1, all: true, outcome: { ok: true, changes } };
  const body = { kind: 'batch', entries: [entry], acknowledged: [] } as Body;
  const { bytes } = seal(1, { epoch: 1, number: 0, hash: GENESIS, timeMs: 0 }, 1, 0, body);
  const read = open(bytes).body;
  const outcome = read.kind === 'batch' ? read.entries[0]?.outcome : undefined;
  if (outcome?.ok !== true) return expect.fail('not what was sealed');
  expect(outcome.changes).toEqual(changes);
  reader.begin(openHead(bytes));
  for (const { event } of changes) {
    expect(reader.next()).toBe(true);
    expect(reader.event()).toEqual(event);
  }
  expect(reader.next()).toBe(false);
  return outcome.changes;
}
