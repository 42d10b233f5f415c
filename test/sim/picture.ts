import type { DocumentState } from '../../actors/documents/states.ts';
import type { ActorKey } from '../../actors/ids.ts';
import type { StockState } from '../../actors/stock/state.ts';
import type { Remembered } from '../../engine/sessions.ts';
import type { DetailLine } from '../../engine/snapshots/detail-line.ts';
import type { ShardState } from '../../engine/state.ts';
import { actorLine } from '../support/actor-line.ts';

const told = new WeakMap<Remembered, string>();
const written = new WeakMap<DocumentState, string>();

/** Actors in words, each as it was at some sequence. */
export type Words = WeakMap<StockState, { readonly seq: number; readonly text: string }>;

/**
 * All that a shard's memory holds, as text: equal memories give equal texts (C3). With `words` an
 * actor is put in words anew only at another sequence: for memory that nothing but events changes.
 */
export function pictureOf(state: ShardState, words?: Words): string {
  const lines: string[] = [];
  for (const [key, actor] of state.stockroom.entries()) {
    const known = words?.get(actor);
    const text = known?.seq === actor.seq ? known.text : stockText(key, actor);
    words?.set(actor, { seq: actor.seq, text });
    lines.push(text);
  }
  for (const [key, document] of state.documents.entries()) lines.push(`${key} ${writ(document)}`);
  for (const s of state.sessions.all()) {
    const outcomes = [...s.outcomes].map(([n, what]) => `${n}=${textOf(what)}`);
    lines.push(
      `${s.caller.client} ${s.caller.incarnation} ${s.floor} ${s.lastMs} ${outcomes.join(' ')}`,
    );
  }
  return lines.sort().join('\n');
}

function stockText(key: ActorKey, actor: StockState): string {
  const [detail, ...rest] = actorLine(key, actor).toReversed();
  return JSON.stringify([...rest, ...sorted(detail as DetailLine | 0)]);
}

/** What is known of units, in an order that does not depend on how they came there. */
const sorted = (detail: DetailLine | 0): string[][] =>
  detail === 0 ? [] : detail.map((part) => part.map((one) => JSON.stringify(one)).sort());

/** Outcomes never change once remembered, so each is put in words once. */
function textOf(what: Remembered): string {
  const text = told.get(what) ?? JSON.stringify(what);
  told.set(what, text);
  return text;
}

/** A document's state is never changed, so each is put in words once. */
function writ(document: DocumentState): string {
  const text = written.get(document) ?? JSON.stringify(document);
  written.set(document, text);
  return text;
}
