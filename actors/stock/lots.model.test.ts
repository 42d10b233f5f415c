import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { journaled, restored, written } from '../../test/reference/stock/kept.ts';
import { pictureOf } from '../../test/reference/stock/picture.ts';
import { Play, type Watch, words } from '../../test/reference/stock/play.ts';
import { type Step, steps } from '../../test/reference/stock/steps.ts';
import { KEY } from '../../test/reference/stock/wishes.ts';
import { CATALOGUE, CODES, type Refused } from '../outcomes.ts';
import {
  ALLOCATED,
  BLOCKED,
  free,
  GRANTED,
  get,
  PACKED,
  PICKED,
  RECEIVING,
  SHELF,
  TRANSIT,
  WAITING,
} from './balances.ts';
import type { Quality } from './commands.ts';
import { EVENT_KINDS } from './events.ts';
import { postings } from './postings.ts';
import { type Accepted, type Change, Stockroom } from './stockroom.ts';

/** `HOLDFAST_EFFORT=100 npx vitest run actors/stock/lots.model` looks a hundred times as long. */
const EFFORT = Number(process.env.HOLDFAST_EFFORT ?? 1);

/** Each run is of up to 60 commands on one SKU, some of them of several steps. */
function everyRun(watch: () => Watch, runs: number): void {
  const check = (played: Step[]): void => {
    new Play(watch()).through(played);
  };
  fc.assert(fc.property(steps(60), check), { numRuns: runs * EFFORT });
}

describe('stock with lots and a plain reference, step by step', () => {
  it('S1 S2 S3 S6 S7 S8 S9 F08 answer the same and leave the same, without a fault', () => {
    everyRun(() => ({}), 100);
  });

  it('S4 the postings of an event are its changes, on both axes', () => {
    everyRun(() => {
      let was: Accounts = {};
      return {
        onDone: (_, outcome) => {
          for (const change of changesOf(outcome)) was = expectPosted(was, change);
        },
      };
    }, 35);
  });

  it('S8 a refused command changes nothing, nor does a refused `all`, whatever its steps did', () => {
    everyRun(() => {
      let before = '';
      return {
        onRun: ({ state }) => {
          before = written(state);
        },
        onDone: ({ state }, { ok }) => {
          if (!ok) expect(written(state)).toBe(before);
        },
      };
    }, 35);
  });

  it('C3 an actor that a snapshot had decides as the one does that it was taken of', () => {
    everyRun(() => {
      let twin: Accepted | Refused | undefined;
      return {
        onRun: ({ state }, command, nowMs) => {
          const room = new Stockroom();
          if (state !== undefined) room.set(KEY, restored(state));
          twin = room.run(command, nowMs);
        },
        onDone: (_, outcome) => expect(plain(twin)).toEqual(plain(outcome)),
      };
    }, 35);
  });

  it('C3 its events, out of the journal, give the same actor', () => {
    everyRun(() => {
      const again = new Stockroom();
      return {
        onDone: ({ state }, outcome) => {
          for (const { key, seq, event, after } of journaled(changesOf(outcome))) {
            expect(again.replay(key, seq, event)).toEqual(after);
          }
          const replayed = again.get(KEY);
          expect(replayed === undefined).toBe(state === undefined);
          if (state && replayed) expect(pictureOf(replayed)).toEqual(pictureOf(state));
        },
      };
    }, 35);
  });

  it('reaches every kind of event and of refusal, so that the properties above say something', () => {
    const kinds = new Set<string>();
    const codes = new Set<string>();
    const onDone: Watch['onDone'] = (_, outcome) => {
      if (!outcome.ok) codes.add(outcome.code);
      for (const { event } of changesOf(outcome)) kinds.add(event.kind);
    };
    const check = (played: Step[]): void => {
      new Play({ onDone }).through(played);
    };
    fc.assert(fc.property(steps(60), check), { numRuns: 150, seed: 1 });
    expect([...kinds].sort()).toEqual([...EVENT_KINDS].sort());
    const told = CODES.filter((code) => CATALOGUE[code].where === 'actor');
    expect([...codes].sort()).toEqual(told.filter((code) => !OTHERS.includes(code)).sort());
  });
});

/** They need other clocks, larger numbers, or a shard that sells on rights. */
const OTHERS = ['clock_ahead', 'qty_overflow', 'awaits_points', 'stranded'];

const changesOf = (outcome: Accepted | Refused): readonly Change[] =>
  outcome.ok ? outcome.changes : [];

type Accounts = Record<string, number>;

const QUALITIES: readonly Quality[] = [0, 1, 2, 3];

/** S4: what an event posts is what it changes. Returns the accounts that it leaves. */
function expectPosted(was: Accounts, { event, after }: Change): Accounts {
  const { physical, commitment, waiting, waitingOf } = postings(event);
  const next = { ...was };
  const add = (name: string, qty: number): void => {
    if (!name.startsWith('outside')) next[name] = (next[name] ?? 0) + qty;
  };
  for (const { from, to, quality, toQuality, qty } of [...physical, ...commitment]) {
    expect(qty).toBeGreaterThan(0);
    add(`${from} ${quality}`, -qty);
    add(`${to} ${toQuality}`, qty);
  }
  add(`waiting ${waitingOf}`, waiting);
  const is: Accounts = {};
  for (const q of QUALITIES) {
    const fields = { SHELF, RECEIVING, PICKED, PACKED, ALLOCATED, BLOCKED, WAITING, TRANSIT };
    for (const [name, field] of Object.entries(fields))
      is[`${NAMES[name]} ${q}`] = get(after, q, field);
    is[`granted ${q}`] = get(after, q, GRANTED);
    is[`available ${q}`] = free(after, q);
  }
  const told = Object.fromEntries(Object.keys(is).map((name) => [name, next[name] ?? 0]));
  expect(told, words(event)).toEqual(is);
  return next;
}

const NAMES: Record<string, string> = {
  ...{ SHELF: 'shelf', RECEIVING: 'receiving', PICKED: 'picked', PACKED: 'packed' },
  ...{ ALLOCATED: 'allocated', BLOCKED: 'blocked', WAITING: 'waiting', TRANSIT: 'inTransit' },
};

/** But for the order in which the serials of a whole line are told. */
const plain = (outcome: Accepted | Refused | undefined): unknown =>
  JSON.parse(JSON.stringify(outcome, (name, v) => (name === 'serials' ? [...v].sort() : v)));
