import type { Window } from './schema.ts';

/** From a moment until before another, epoch ms; as in a plan, 0 is always, and for ever. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export const ALWAYS: Span = { fromMs: 0, untilMs: 0 };

export const isOrdered = ({ from, until }: Window): boolean => Date.parse(from) < Date.parse(until);

/** Times before 1970 are 1970. */
export const spanOf = (window: Window | undefined): Span =>
  window === undefined
    ? ALWAYS
    : {
        fromMs: Math.max(0, Date.parse(window.from)),
        untilMs: Math.max(1, Date.parse(window.until)),
      };

export const isWithin = ({ fromMs, untilMs }: Span, ms: number): boolean =>
  fromMs <= ms && (untilMs === 0 || ms < untilMs);

/** All of time, cut where one of the windows begins or ends; what holds in each span, equal neighbours joined. */
export function timeline<Value>(
  windows: readonly Span[],
  at: (ms: number) => Value,
  isSame: (a: Value, b: Value) => boolean,
): (Span & { readonly value: Value })[] {
  const edges = new Set([0, ...windows.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs])]);
  const spans: { fromMs: number; untilMs: number; value: Value }[] = [];
  for (const fromMs of [...edges].sort((a, b) => a - b)) {
    const value = at(fromMs);
    const last = spans.at(-1);
    if (last !== undefined && isSame(last.value, value)) continue;
    if (last !== undefined) last.untilMs = fromMs;
    spans.push({ fromMs, untilMs: 0, value });
  }
  return spans;
}

/** From the last edge of windows before a moment until the next: within it, whatever goes by them stays the same. */
export function spanAround(windows: readonly Span[], ms: number): Span {
  let [last, next] = [0, Number.POSITIVE_INFINITY];
  for (const { fromMs, untilMs } of windows) {
    for (const edge of [fromMs, untilMs]) {
      if (edge > ms) next = Math.min(next, edge);
      else last = Math.max(last, edge);
    }
  }
  return { fromMs: last, untilMs: Number.isFinite(next) ? next : 0 };
}
