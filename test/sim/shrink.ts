import type { Outcome } from './run.ts';

/** Lists of what happens; with any part of them it is a plan too. */
export type Lists = Readonly<Record<string, readonly { readonly atMs: number }[]>>;

export interface Shrinkable {
  readonly seed: number;
  readonly shape: { readonly busyMs: number };
}

/** How plans of one kind are run, and which of their fields are lists. */
export interface Runs<P extends Shrinkable> {
  readonly lists: readonly (keyof P & string)[];
  run(plan: P, keepTrace?: boolean): Promise<Outcome>;
}

/** The shortest plan that still breaks the same rule, of those found in time. */
export async function shrink<P extends Shrinkable>(
  plan: P,
  { run, lists }: Runs<P>,
  rule: string,
  budgetMs: number,
): Promise<P> {
  const untilMs = performance.now() + budgetMs;
  const fails: Fails<P> = async (smaller) => {
    if (performance.now() > untilMs) return undefined;
    const { failure } = await run(smaller);
    return failure?.rule === rule ? failure : undefined;
  };
  let best = plan;
  for (let size = Number.POSITIVE_INFINITY; sizeOf(best, lists) < size; ) {
    size = sizeOf(best, lists);
    best = await endSooner(best, lists, fails);
    for (const list of lists) best = await without(best, list, fails);
  }
  return best;
}

type Fails<P> = (plan: P) => Promise<Outcome['failure']>;

const listOf = <P>(plan: P, list: keyof P): Lists[string] => plan[list] as Lists[string];

const sizeOf = <P extends Shrinkable>(plan: P, lists: Runs<P>['lists']): number =>
  lists.reduce((sum, list) => sum + listOf(plan, list).length, plan.shape.busyMs / 1_000);

/** Nothing that was planned for after the failure can matter. */
async function endSooner<P extends Shrinkable>(
  plan: P,
  lists: Runs<P>['lists'],
  fails: Fails<P>,
): Promise<P> {
  const failure = await fails(plan);
  if (failure === undefined || failure.atMs >= plan.shape.busyMs) return plan;
  const busyMs = Math.ceil(failure.atMs) + 1;
  let sooner: P = { ...plan, shape: { ...plan.shape, busyMs } };
  for (const list of lists) {
    sooner = { ...sooner, [list]: listOf(plan, list).filter(({ atMs }) => atMs < busyMs) };
  }
  return (await fails(sooner)) === undefined ? plan : sooner;
}

/** Leaves out halves, then quarters, down to single ones. */
async function without<P extends Shrinkable>(
  plan: P,
  list: keyof P & string,
  fails: Fails<P>,
): Promise<P> {
  let best = plan;
  let chunk = Math.ceil(listOf(best, list).length / 2);
  for (; chunk >= 1; chunk = Math.floor(chunk / 2)) {
    for (let at = 0; at < listOf(best, list).length; ) {
      const rest = listOf(best, list).filter((_, i) => i < at || i >= at + chunk);
      const smaller = { ...best, [list]: rest };
      if ((await fails(smaller)) === undefined) at += chunk;
      else best = smaller;
    }
  }
  return best;
}
