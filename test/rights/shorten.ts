import type { Step } from './run.ts';

/** Leaves out every step without which it still fails; fast-check has made the others small before. */
export function shorten(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => boolean,
): readonly Step[] {
  for (let at = steps.length - 1; at >= 0; at--) {
    const fewer = steps.toSpliced(at, 1);
    if (fails(fewer)) return shorten(fewer, fails);
  }
  return steps;
}
