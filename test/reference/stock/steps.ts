import fc from 'fast-check';
import type { StockOp } from '../../../actors/stock/commands.ts';

/* What is played: plain numbers, so that fast-check shrinks and prints it. */

/** A wish; the reference tells what would make sense of it. */
export interface Line {
  readonly op: StockOp;
  readonly quality: number;
  readonly qty: number;
  /** Which of the heaps, pieces and holds that fit. */
  readonly at: number;
  /** Which fields of a lot are told, and where to. */
  readonly mask: number;
  readonly to: number;
  /** Whether serials are told. */
  readonly named: boolean;
  readonly policy: number;
  readonly flags: number;
  readonly isWild: boolean;
}

export type Step = Line | { readonly all: readonly Line[] } | { readonly tickMs: number };

const weighted = <T>(...pairs: [number, T][]): fc.Arbitrary<T> =>
  fc.oneof(...pairs.map(([weight, v]) => ({ weight, arbitrary: fc.constant(v) })));

const OPS: [number, StockOp][] = [
  [5, 'receive'],
  [10, 'reserve'],
  [1, 'extend'],
  [1, 'harden'],
  [3, 'release'],
  [8, 'pick'],
  [3, 'short'],
  [5, 'pack'],
  [6, 'ship'],
  [4, 'cancel'],
  [4, 'putback'],
  [6, 'adjust'],
  [1, 'announce'],
  [1, 'withdraw'],
  [5, 'block'],
  [4, 'unblock'],
  [3, 'requality'],
  [1, 'safety'],
  [6, 'move'],
  [1, 'unreceive'],
  [2, 'unpick'],
  [1, 'unpack'],
  [2, 'reassign'],
  [4, 'grant'],
  [2, 'regain'],
  [3, 'sell'],
];

const line: fc.Arbitrary<Line> = fc.record({
  op: weighted(...OPS),
  quality: weighted([9, 0], [2, 1], [1, 2]),
  qty: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(6)),
  at: fc.nat(11),
  mask: fc.nat(31),
  to: fc.nat(31),
  named: weighted([1, false], [1, true]),
  policy: weighted([3, 0], [1, 1], [1, 2], [1, 3]),
  flags: fc.nat(31),
  isWild: weighted([12, false], [1, true]),
});

/** Without fast-check's liking for extremes: most steps are carried out. */
export const steps = (length: number): fc.Arbitrary<Step[]> => {
  const step = fc.oneof(
    { weight: 14, arbitrary: line },
    { weight: 2, arbitrary: fc.record({ all: fc.array(line, ALL_LINES) }) },
    { weight: 1, arbitrary: fc.record({ tickMs: fc.constantFrom(5, 10, 20) }) },
  );
  return fc.noBias(fc.array(step, { minLength: 1, maxLength: length, size: 'max' }));
};

const ALL_LINES = { minLength: 2, maxLength: 4, size: 'max' } as const;
