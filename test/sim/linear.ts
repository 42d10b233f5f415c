/**
 * P9: is a history of one actor linearizable? Every event of an actor has a
 * sequence, so an operation says itself where it took place: a change with
 * sequence s saw version s − 1 and left version s; a read of version v saw and
 * left v; a refusal saw and left one of the versions that refuse it. What is left
 * to check is real time: who was answered before another asked comes first.
 */
export interface Place {
  readonly sees: number;
  readonly leaves: number;
}

export interface Operation {
  readonly what: string;
  readonly askedMs: number;
  /** Infinity where no answer was heard. */
  readonly answeredMs: number;
  /** Where it may stand, earliest first. One, if the answer tells. */
  readonly places: readonly Place[];
}

/** An operation as it is recorded of real servers: one JSON object, where null stands for an answer never heard. */
export interface Recorded extends Omit<Operation, 'answeredMs'> {
  /** The actor that it is about. */
  readonly actor: string;
  readonly answeredMs: number | null;
}

export interface Contradiction {
  readonly actor: string;
  readonly why: string;
}

/** Checks each actor's history by itself, in whatever order its operations were recorded. */
export function contradictions(history: Iterable<Recorded>): Contradiction[] {
  const byActor = new Map<string, Operation[]>();
  for (const { actor, answeredMs, ...operation } of history) {
    const list = byActor.get(actor) ?? [];
    byActor.set(actor, list);
    list.push({ ...operation, answeredMs: answeredMs ?? Number.POSITIVE_INFINITY });
  }
  return [...byActor].flatMap(([actor, operations]) => {
    const why = contradiction(operations);
    return why === undefined ? [] : [{ actor, why }];
  });
}

/**
 * Undefined, or why there is no order that fits. Taking each operation's first
 * place that its predecessors allow is enough: an earlier place never hinders a later one.
 */
export function contradiction(history: readonly Operation[]): string | undefined {
  return sameChangeTwice(history) ?? outOfOrder(history);
}

function sameChangeTwice(history: readonly Operation[]): string | undefined {
  const by = new Map<number, Operation>();
  for (const op of history) {
    const [place] = op.places;
    if (place === undefined) return `${describe(op)} fits nowhere`;
    for (let seq = place.sees + 1; seq <= place.leaves; seq++) {
      const other = by.get(seq);
      if (other !== undefined) return `${describe(op)} and ${describe(other)} are one change`;
      by.set(seq, op);
    }
  }
  return undefined;
}

function outOfOrder(history: readonly Operation[]): string | undefined {
  const asked = [...history].sort((a, b) => a.askedMs - b.askedMs);
  const answered = [...history].sort((a, b) => a.answeredMs - b.answeredMs);
  const leaves = new Map<Operation, number>();
  let heard = 0;
  let latest: { readonly op: Operation; readonly leaves: number } | undefined;
  for (const op of asked) {
    for (let next = answered[heard]; next !== undefined && next.answeredMs < op.askedMs; ) {
      const left = leaves.get(next) as number;
      if (latest === undefined || left > latest.leaves) latest = { op: next, leaves: left };
      next = answered[++heard];
    }
    const least = latest?.leaves ?? 0;
    const place = op.places.find((p) => p.sees >= least);
    if (place === undefined) return `${describe(op)} comes after ${latest && describe(latest.op)}`;
    leaves.set(op, place.leaves);
  }
  return undefined;
}

const describe = ({ what, askedMs, answeredMs, places }: Operation): string => {
  const at = places.map((p) => (p.sees === p.leaves ? `@${p.sees}` : `→${p.leaves}`)).join('|');
  return `${what} ${at} [${askedMs.toFixed(1)}–${answeredMs.toFixed(1)}]`;
};
