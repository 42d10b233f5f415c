import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuse } from '../actors/outcomes.ts';
import { SCANNER, START_MS } from '../test/support/engine.ts';
import { LIMITS } from './limits.ts';
import type { Caller } from './record.ts';
import { newIncarnation, Sessions } from './sessions.ts';
import type { Settled } from './settled.ts';
import { sessionLine, sessionOf } from './snapshots/slices.ts';

const OTHER: Caller = { client: 'scanner-2', incarnation: 'i1' };
const DAY_MS = 24 * 3_600_000;

/** An outcome that can be told from others. */
const done = (mark: number): Settled => refuse('insufficient', mark, 0);
const of = (n: number) => ({ fingerprint: 100 + n, settled: done(n) });

/** Remembers these numbers, in this order. */
function remember(
  sessions: Sessions,
  caller: Caller,
  ns: Iterable<number>,
  nowMs = START_MS,
): void {
  for (const n of ns) sessions.remember(caller, n, of(n), nowMs);
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

const recall = (sessions: Sessions, n: number, caller = SCANNER, nowMs = START_MS) =>
  sessions.recall(caller, n, 100 + n, nowMs);

describe('C5 a session', () => {
  it('answers a number that it has seen with the first outcome, a refusal as well as any', () => {
    const sessions = new Sessions();
    expect(recall(sessions, 1)).toBeUndefined();
    remember(sessions, SCANNER, [1, 2]);
    expect(recall(sessions, 1)).toEqual(done(1));
    expect(recall(sessions, 3)).toBeUndefined();
  });

  it('S5 answers the same number with other content with id_reused', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, [1]);
    expect(sessions.recall(SCANNER, 1, 999, START_MS)).toMatchObject({ code: 'id_reused' });
  });

  it.each([
    ['client', { ...SCANNER, client: 'scanner-2' }],
    ['incarnation', { ...SCANNER, incarnation: 'i2' }],
  ])('is not that of another %s', (_, caller) => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, [1]);
    expect(recall(sessions, 1, caller)).toBeUndefined();
  });

  it('keeps the first outcome of a number, whatever is told later', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, [1]);
    sessions.remember(SCANNER, 1, of(9), START_MS);
    expect([recall(sessions, 1), sessions.outcomes]).toEqual([done(1), 1]);
  });

  it('drops the outcomes below what was acknowledged; those numbers are too old then', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, [1, 2, 3, 4]);
    expect(sessions.acknowledge(SCANNER, 3)).toBe(true);
    expect(sessions.outcomes).toBe(2);
    expect([1, 2, 3].map((n) => recall(sessions, n))).toEqual([
      refuse('number_too_old'),
      refuse('number_too_old'),
      done(3),
    ]);
  });

  it('says number_too_old also for a number below that which it has never seen', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, [1, 5]);
    sessions.acknowledge(SCANNER, 5);
    expect(recall(sessions, 3)).toEqual(refuse('number_too_old'));
    remember(sessions, SCANNER, [3]);
    expect([recall(sessions, 3), sessions.outcomes]).toEqual([refuse('number_too_old'), 1]);
  });

  it('hears nothing new in an acknowledgement that repeats or goes back', () => {
    const sessions = new Sessions();
    expect(sessions.acknowledge(SCANNER, 3)).toBe(false);
    remember(sessions, SCANNER, [1, 2, 3]);
    expect([3, 3, 2, 1].map((below) => sessions.acknowledge(SCANNER, below))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(recall(sessions, 3)).toEqual(done(3));
  });

  it('never says that a dropped number is new, whatever order the numbers came in', () => {
    const step = fc.oneof(
      fc.record({ n: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ below: fc.integer({ min: 1, max: 45 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const sessions = new Sessions();
        const settled = new Set<number>();
        for (const s of steps) {
          if ('below' in s) sessions.acknowledge(SCANNER, s.below);
          else if (recall(sessions, s.n) === undefined) {
            expect(settled.has(s.n)).toBe(false); // or it would be applied twice
            settled.add(s.n);
            remember(sessions, SCANNER, [s.n]);
          }
        }
      }),
    );
  });

  it('knows what number comes next', () => {
    const sessions = new Sessions();
    expect(sessions.nextNumber(SCANNER)).toBe(1);
    remember(sessions, SCANNER, [1, 7, 3]);
    expect([sessions.nextNumber(SCANNER), sessions.nextNumber(OTHER)]).toEqual([8, 1]);
  });
});

describe('C5 the window', () => {
  it('of a session is bounded: its oldest outcome goes, and is too old', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, upTo(LIMITS.sessionWindow + 2));
    expect(sessions.outcomes).toBe(LIMITS.sessionWindow);
    expect([1, 2, 3].map((n) => recall(sessions, n))).toEqual([
      refuse('number_too_old'),
      refuse('number_too_old'),
      done(3),
    ]);
  });

  it('of a shard is bounded: the session silent for longest loses first', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, upTo(3), START_MS);
    const many = LIMITS.shardWindow / LIMITS.sessionWindow;
    for (let i = 0; i < many; i++) {
      const caller = { client: `busy-${i}`, incarnation: '' };
      remember(sessions, caller, upTo(LIMITS.sessionWindow), START_MS + 1 + i);
    }
    expect(sessions.outcomes).toBe(LIMITS.shardWindow);
    expect([1, 2, 3].map((n) => recall(sessions, n))).toEqual(
      upTo(3).map(() => refuse('number_too_old')),
    );
    expect(recall(sessions, 1, { client: 'busy-0', incarnation: '' })).toEqual(done(1));
  });
});

describe('C5 a session that is silent too long', () => {
  const idle = LIMITS.sessionIdleMs;

  it('is forgotten by record time, and no sooner', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, [1, 2], START_MS);
    remember(sessions, OTHER, [1], START_MS + DAY_MS);
    sessions.expire(START_MS + idle - 1);
    expect([sessions.size, sessions.outcomes]).toEqual([2, 3]);
    sessions.expire(START_MS + idle);
    expect([sessions.size, sessions.outcomes]).toEqual([1, 1]);
    expect(recall(sessions, 1, OTHER)).toEqual(done(1));
  });

  it('counts from its last command', () => {
    const sessions = new Sessions();
    remember(sessions, SCANNER, [1], START_MS);
    remember(sessions, OTHER, [1], START_MS + 1);
    remember(sessions, SCANNER, [2], START_MS + DAY_MS);
    sessions.expire(START_MS + idle + 1);
    expect([...sessions.all()].map((s) => s.caller)).toEqual([SCANNER]);
  });

  it('is told from a new one by its incarnation, where a gateway made that', () => {
    const sessions = new Sessions();
    const caller = { client: 'scanner-1', incarnation: newIncarnation(START_MS, 'a1') };
    expect(recall(sessions, 1, caller, START_MS + idle - 1)).toBeUndefined();
    expect(recall(sessions, 1, caller, START_MS + idle)).toEqual(refuse('number_too_old'));
    expect(recall(sessions, 1, SCANNER, START_MS + 10 * idle)).toBeUndefined();
  });
});

describe('C3 sessions from snapshot slices', () => {
  interface Step {
    readonly n: number;
    readonly who: number;
    readonly acked: number;
    readonly waitMs: number;
  }
  /** What one record says: a number if it is new, what was read below it if that is. */
  interface Told {
    readonly caller: Caller;
    readonly n: number;
    readonly below: number;
    readonly nowMs: number;
  }

  /** As a record is applied. */
  function apply(sessions: Sessions, { caller, n, below, nowMs }: Told): void {
    if (n > 0) remember(sessions, caller, [n], nowMs);
    if (below > 0) sessions.acknowledge(caller, below);
    sessions.expire(nowMs);
  }

  /** As a shard decides: nothing that is known is told a second time. */
  function journalOf(steps: readonly Step[]): Told[] {
    const sessions = new Sessions();
    let nowMs = START_MS;
    return steps.map(({ n, who, acked, waitMs }) => {
      nowMs += waitMs;
      const caller = { client: `c${who}`, incarnation: '' };
      const isNew = recall(sessions, n, caller) === undefined;
      const told = isNew ? { n, below: Math.min(acked, n) } : { n: 0, below: 0 };
      apply(sessions, { ...told, caller, nowMs });
      return { ...told, caller, nowMs };
    });
  }

  function after(journal: readonly Told[], sessions = new Sessions()): Sessions {
    for (const told of journal) apply(sessions, told);
    return sessions;
  }

  const timeAt = (journal: readonly Told[], at: number): number =>
    (journal[at] ?? journal.at(-1))?.nowMs ?? START_MS;

  const picture = (sessions: Sessions): unknown => ({
    sessions: [...sessions.all()].map((s) => ({ ...s, outcomes: [...s.outcomes] })),
    outcomes: sessions.outcomes,
  });

  const steps = fc.array(
    fc.record<Step>({
      n: fc.integer({ min: 1, max: 40 }),
      who: fc.nat(2),
      acked: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 })),
      waitMs: fc.constantFrom(0, 0, 0, 1, DAY_MS, 3 * DAY_MS),
    }),
    { maxLength: 60, size: 'max' },
  );

  it('are the same after the tail, whatever of it the slices have already', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.nat(), fc.nat(), (told, a, b, c) => {
        const journal = journalOf(told);
        const from = a % (journal.length + 1);
        const begun = from + (b % (journal.length + 1 - from));
        const sliced = begun + (c % (journal.length + 1 - begun));
        // Slices are taken in moments; a session does not begin and end meanwhile.
        fc.pre(timeAt(journal, sliced) - timeAt(journal, from) < LIMITS.sessionIdleMs);
        // The order of sessions and their last use are of one moment, their outcomes of a later one.
        const live = after(journal.slice(0, begun));
        const copy = [...live.all()].map((s) => [s, s.lastMs] as const);
        after(journal.slice(begun, sliced), live);
        const lines = structuredClone(copy.map(([s, lastMs]) => sessionLine(s, lastMs)));
        const restored = new Sessions();
        for (const line of lines) restored.restore(sessionOf(line));
        expect(picture(after(journal.slice(from), restored))).toEqual(picture(after(journal)));
      }),
      { numRuns: 300 },
    );
  });
});
