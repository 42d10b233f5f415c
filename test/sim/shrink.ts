import type { Plan } from './plan.ts';
import { type Outcome, runPlan } from './run.ts';

/** The shortest plan that still breaks the same rule, of those found in time. */
export async function shrink(plan: Plan, rule: string, budgetMs: number): Promise<Plan> {
  const untilMs = performance.now() + budgetMs;
  const fails = async (smaller: Plan): Promise<Outcome['failure']> => {
    if (performance.now() > untilMs) return undefined;
    const { failure } = await runPlan(smaller);
    return failure?.rule === rule ? failure : undefined;
  };
  let best = plan;
  for (let size = Number.POSITIVE_INFINITY; sizeOf(best) < size; ) {
    size = sizeOf(best);
    best = await endSooner(best, fails);
    for (const part of ['faults', 'repeats', 'sendings'] as const) {
      best = await without(best, part, fails);
    }
  }
  return best;
}

type Fails = (plan: Plan) => Promise<Outcome['failure']>;
type Part = 'faults' | 'repeats' | 'sendings';

const sizeOf = ({ faults, repeats, sendings, shape }: Plan): number =>
  faults.length + repeats.length + sendings.length + shape.busyMs / 1_000;

/** Nothing that was planned for after the failure can matter. */
async function endSooner(plan: Plan, fails: Fails): Promise<Plan> {
  const failure = await fails(plan);
  if (failure === undefined || failure.atMs >= plan.shape.busyMs) return plan;
  const busyMs = Math.ceil(failure.atMs) + 1;
  const before = <T extends { readonly atMs: number }>(list: readonly T[]): T[] =>
    list.filter(({ atMs }) => atMs < busyMs);
  const { faults, repeats, sendings } = plan;
  const sooner: Plan = {
    ...plan,
    shape: { ...plan.shape, busyMs },
    faults: before(faults),
    repeats: before(repeats),
    sendings: before(sendings),
  };
  return (await fails(sooner)) === undefined ? plan : sooner;
}

/** Leaves out halves, then quarters, down to single ones. */
async function without(plan: Plan, part: Part, fails: Fails): Promise<Plan> {
  let best = plan;
  for (let chunk = Math.ceil(best[part].length / 2); chunk >= 1; chunk = Math.floor(chunk / 2)) {
    for (let at = 0; at < best[part].length; ) {
      const rest = best[part].filter((_, i) => i < at || i >= at + chunk);
      const smaller = { ...best, [part]: rest };
      if ((await fails(smaller)) === undefined) at += chunk;
      else best = smaller;
    }
  }
  return best;
}
