import type { Act } from './commands.ts';
import { type DocumentState, type LineHead, STEPS_KEPT } from './states.ts';

/** A line as it is from now on: what has changed of it; all of it where it is new. */
export type LineChange = LineHead & object;

/**
 * What happened to one document: what is new of it, as absolute figures. Applying it
 * needs nothing else. Plain values only.
 */
export interface DocumentEvent {
  readonly act: Act;
  readonly step: string;
  readonly reason: string;
  /** Time of the record, and when the device saw it (0: then), epoch ms. */
  readonly atMs: number;
  readonly occurredAtMs: number;
  /** Fields of the document; all of them in its first event. */
  readonly head: object;
  readonly lines: readonly LineChange[];
}

/** The document after the event. The only way in which a document changes. */
export function applied(state: DocumentState | undefined, e: DocumentEvent): DocumentState {
  const steps = state?.steps ?? [];
  const next = {
    ...state,
    ...e.head,
    seq: (state?.seq ?? 0) + 1,
    steps: e.step === '' ? steps : [...steps, e.step].slice(-STEPS_KEPT),
    lines: merged(state?.lines ?? [], e.lines),
  };
  return next as DocumentState;
}

function merged(lines: readonly LineHead[], changes: readonly LineChange[]): readonly LineHead[] {
  if (changes.length === 0) return lines;
  const byLabel = new Map(changes.map((change) => [change.line, change]));
  const next = lines.map((line) => {
    const change = byLabel.get(line.line);
    byLabel.delete(line.line);
    return change === undefined ? line : { ...line, ...change };
  });
  return [...next, ...byLabel.values()];
}

/** Filled in by the event itself. */
const OWN = ['seq', 'steps', 'lines'];

/** What is new in `next`, as the head and the lines of an event. */
export function difference(
  old: DocumentState | undefined,
  next: DocumentState,
): Pick<DocumentEvent, 'head' | 'lines'> {
  const before: readonly LineHead[] = old?.lines ?? [];
  const byLabel = new Map(before.map((line) => [line.line, line]));
  const lines: LineChange[] = [];
  for (const line of next.lines as readonly LineHead[]) {
    const was = byLabel.get(line.line);
    if (was === line) continue;
    if (was === undefined) lines.push(line);
    else pushChanged(lines, was, line);
  }
  return { head: changedFields(old, next, OWN), lines };
}

function pushChanged(lines: LineChange[], was: LineHead, line: LineHead): void {
  const fields = changedFields(was, line, []);
  for (const _ in fields) {
    lines.push({ ...fields, line: line.line });
    return;
  }
}

function changedFields(old: object | undefined, next: object, but: readonly string[]): object {
  const was = old as Record<string, unknown> | undefined;
  const is = next as Record<string, unknown>;
  const changed: Record<string, unknown> = {};
  for (const name in is) {
    if (!but.includes(name) && !isSame(was?.[name], is[name])) changed[name] = is[name];
  }
  return changed;
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
