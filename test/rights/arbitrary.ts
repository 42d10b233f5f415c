import fc from 'fast-check';
import { PROLOGUE, type Step, TIGHT } from './run.ts';
import { STEPS, type StepName } from './steps.ts';

/** Steps that take from under promises. Without them no debt may ever rise. */
const SHOCKS: readonly StepName[] = [
  ...(['receiveShort', 'cutAsn', 'loss', 'capDown', 'bury', 'buryAlive'] as const),
];

/** How often a step comes; 1 where nothing is said. */
const WEIGHTS: Partial<Record<StepName, number>> = {
  ...{ receive: 4, announce: 2, homeSell: 4, ship: 3, grant: 3, grantSync: 8, sync: 4, recall: 3 },
  ...{ sendUp: 6, sendDown: 6, cells: 4, log: 2, pastUp: 3, deliver: 12, deliverLate: 8, mend: 2 },
  ...{ sell: 14, soft: 4, harden: 3, cancel: 3, giveBack: 2, open: 2, close: 4, zombie: 2 },
  ...{
    sellTwice: 3,
    takeOver: 2,
    savePoint: 3,
    losePoint: 2,
    saveHome: 4,
    loseHome: 3,
    timeout: 2,
  },
};

const stepOf = (names: readonly StepName[]): fc.Arbitrary<Step> =>
  fc.tuple(
    fc.constantFrom(...names.flatMap((name) => Array<StepName>(WEIGHTS[name] ?? 1).fill(name))),
    fc.nat(30),
    fc.nat(30),
    fc.integer({ min: 1, max: 9 }),
    fc.nat(5),
  );

const ALL = Object.keys(STEPS) as StepName[];

const stepsOf = (names: readonly StepName[], most: number): fc.Arbitrary<Step[]> =>
  fc.array(stepOf(names), { maxLength: most, size: 'max' });

const calm = (most: number): fc.Arbitrary<Step[]> =>
  stepsOf(
    ALL.filter((name) => !SHOCKS.includes(name)),
    most,
  );

const after = (
  beginnings: readonly (readonly Step[])[],
  rest: fc.Arbitrary<Step[]>,
): fc.Arbitrary<readonly Step[]> =>
  fc.tuple(fc.constantFrom(...beginnings), rest).map(([first, more]) => [...first, ...more]);

/**
 * Runs of up to `most` steps, after a beginning that shrinks to nothing. Half of
 * them are calm: nothing takes from under promises there, so that every debt is a mistake.
 */
export const runsOf = (most: number): fc.Arbitrary<readonly Step[]> =>
  after([[], TIGHT, PROLOGUE, PROLOGUE], fc.oneof(calm(most), stepsOf(ALL, most)));

/** Runs with few goods and no shock, where a unit too many is soon one that nobody has. */
export const tightRunsOf = (most: number): fc.Arbitrary<readonly Step[]> =>
  after([TIGHT], calm(most));

export const MOST_STEPS = 100;
