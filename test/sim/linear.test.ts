import { describe, expect, it } from 'vitest';
import { contradiction, contradictions, type Operation, type Place } from './linear.ts';
import { Random } from './random.ts';

/** `c3 1-4`: a change that left version 3, asked at 1, answered at 4. `r3`: a read of version 3. `f1|4`: refused at 1 or at 4. */
function history(...said: string[]): Operation[] {
  return said.map((what) => {
    const [at = '', times = ''] = what.split(' ');
    const [askedMs = 0, answeredMs = 0] = times.split('-').map(Number);
    return {
      what: at,
      askedMs,
      answeredMs: answeredMs || Number.POSITIVE_INFINITY,
      places: placesOf(at),
    };
  });
}

const placesOf = (at: string): Place[] =>
  at
    .slice(1)
    .split('|')
    .map(Number)
    .map((v) => (at.startsWith('c') ? { sees: v - 1, leaves: v } : { sees: v, leaves: v }));

describe('P9 a linearizable history', () => {
  it.each([
    ['nothing', []],
    ['one after the other', ['c1 1-2', 'r1 3-4', 'c2 5-6', 'r2 7-8']],
    ['changes at once, in either order', ['c2 1-4', 'c1 2-3']],
    ['a read during a change sees it before its answer', ['c1 1-9', 'r1 2-3', 'r1 4-5']],
    ['a read during a change does not see it yet', ['c1 1-9', 'r0 2-3', 'r1 4-5']],
    ['a change without an answer took place later', ['c1 1-', 'r0 2-3', 'r1 4-5']],
    ['a change without an answer, seen at once', ['c1 1-', 'r1 2-3']],
    ['changes that others made lie between', ['c1 1-2', 'r7 3-4', 'c9 5-6']],
    ['a refusal fits between two changes', ['c1 1-2', 'f0|1|5 3-4', 'c2 5-6']],
    ['answered at the very moment at which the next asks', ['c2 1-3', 'c1 3-4']],
  ])('%s', (_, said) => {
    expect(contradiction(history(...said))).toBeUndefined();
  });
});

describe('P9 not linearizable', () => {
  it.each([
    ['a stale read', ['c1 1-2', 'c2 3-4', 'r1 5-6']],
    ['a read of what is not asked for yet', ['r1 1-2', 'c1 3-4']],
    ['two reads that go back', ['c2 1-', 'r2 2-3', 'r1 4-5']],
    ['a change before one that was answered', ['c2 1-2', 'c1 3-4']],
    ['one sequence given twice', ['c1 1-9', 'c1 2-8']],
    ['a refusal that fits only before what was answered', ['c1 1-2', 'c2 3-4', 'f0|1 5-6']],
    ['a refusal that fits only after what was asked later', ['f3 1-2', 'c3 3-4']],
    ['a late writer through a chain of others', ['c3 1-2', 'r3 3-6', 'r2 7-8']],
    [
      'seen by one, forgotten for the next, though the writer never heard',
      ['c1 1-', 'r1 2-3', 'r0 4-5'],
    ],
    ['a refusal that fits nowhere', ['f 1-2']],
  ])('%s', (_, said) => {
    const operations = history(...said).map((op) => (op.what === 'f' ? { ...op, places: [] } : op));
    expect(contradiction(operations)).toBeDefined();
  });

  it('names the operation and the one that it contradicts', () => {
    expect(contradiction(history('c1 1-2', 'c2 3-4', 'r1 5-6'))).toBe(
      'r1 @1 [5.0–6.0] comes after c2 →2 [3.0–4.0]',
    );
  });
});

describe('P9 recorded histories', () => {
  /** As they come from a file: by when they were answered, actors mixed. */
  const recorded = (actor: string, ...said: string[]) =>
    JSON.parse(JSON.stringify(history(...said).map((op) => ({ actor, ...op })))) as Parameters<
      typeof contradictions
    >[0];

  it('are checked actor by actor, and null is an answer that was never heard', () => {
    const good = [...recorded('A', 'c1 1-', 'r0 2-3', 'r1 4-5')];
    expect(good.map((op) => op.answeredMs)).toEqual([null, 3, 5]);
    expect(contradictions([...good, ...recorded('B', 'c1 1-2', 'r1 3-4')])).toEqual([]);
  });

  it('name the actor that is wrong, and only that one', () => {
    const mixed = [...recorded('A', 'r1 5-6', 'c2 3-4', 'c1 1-2'), ...recorded('B', 'c1 1-2')];
    expect(contradictions(mixed)).toEqual([
      { actor: 'A', why: 'r1 @1 [5.0–6.0] comes after c2 →2 [3.0–4.0]' },
    ]);
  });
});

describe('P9 agrees with a search through every order', () => {
  it('on 20,000 small random histories, half of them bad', () => {
    const random = new Random(7, 'histories');
    const verdicts = { good: 0, bad: 0 };
    for (let i = 0; i < 20_000; i++) {
      const operations = draw(random);
      const isGood = contradiction(operations) === undefined;
      verdicts[isGood ? 'good' : 'bad']++;
      const said = JSON.stringify(operations);
      expect(isGood, said).toBe(!hasTwins(operations) && hasOrder(operations, 0));
    }
    expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(2_000);
  });
});

function draw(random: Random): Operation[] {
  return Array.from({ length: random.whole(2, 5) }, (_, i) => {
    const askedMs = random.whole(0, 9);
    const answeredMs = random.chance(0.1) ? Number.POSITIVE_INFINITY : askedMs + random.whole(1, 6);
    const v = random.whole(1, 4);
    const kind = random.weighted({ change: 2, read: 2, refusal: 1 });
    const read = (at: number): Place => ({ sees: at, leaves: at });
    const places = {
      change: [{ sees: v - 1, leaves: v }],
      read: [read(v - 1)],
      refusal: [0, 1, 2, 3, 4].filter(() => random.chance(0.5)).map(read),
    }[kind];
    return {
      what: `${kind} ${i}`,
      askedMs,
      answeredMs,
      places: places.length > 0 ? places : [read(v)],
    };
  });
}

/** Two changes that say they are the same one. */
function hasTwins(operations: readonly Operation[]): boolean {
  const left = operations.flatMap(({ places: [p] }) => (p && p.sees < p.leaves ? [p.leaves] : []));
  return new Set(left).size < left.length;
}

/** Tries everyone who may come next: nobody who is left was answered before it asked. */
function hasOrder(left: readonly Operation[], version: number): boolean {
  if (left.length === 0) return true;
  return left.some((op) => {
    const others = left.filter((other) => other !== op);
    if (others.some((other) => other.answeredMs < op.askedMs)) return false;
    return op.places.some((p) => p.sees >= version && hasOrder(others, p.leaves));
  });
}
