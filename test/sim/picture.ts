import type { DocumentState } from '../../actors/documents/states.ts';
import type { Remembered } from '../../engine/sessions.ts';
import type { DetailLine } from '../../engine/snapshots/detail-line.ts';
import { actorLine } from '../../engine/snapshots/slices.ts';
import type { ShardState } from '../../engine/state.ts';

const told = new WeakMap<Remembered, string>();
const written = new WeakMap<DocumentState, string>();

/** All that a shard's memory holds, as text: equal memories give equal texts (C3). */
export function pictureOf(state: ShardState): string {
  const lines: string[] = [];
  for (const [key, actor] of state.stockroom.entries()) {
    const [detail, ...rest] = actorLine(key, actor).toReversed();
    lines.push(JSON.stringify([...rest, ...sorted(detail as DetailLine | 0)]));
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
