import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TERMS } from '../actors/routing/types.ts';
import { StartError } from '../engine/errors.ts';
import type { RoutingRules, RulesOf } from '../engine/routing/rules.ts';
import { rulesOfSaid } from '../engine/routing/said.ts';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, 'is no warehouse');
const lat = z.number().min(-90).max(90);
const lon = z.number().min(-180).max(180);
const money = z.number().min(0).max(1e9);
const weight = z.number().min(0).max(1_000).optional();

const Said = z.strictObject({
  warehouses: z.record(
    name,
    z.strictObject({
      ...{ country: z.string().max(64), lat, lon },
      capacityPerDay: z.int().min(0).max(1e9).optional(),
      ...{ costPerOrder: money.optional(), costPerKm: money.optional() },
      costPerUnit: money.optional(),
      cutoff: z
        .string()
        .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'has to be a time such as 16:30')
        .optional(),
      timeZone: z
        .string()
        .refine(isTimeZone, 'has to be a time zone such as Europe/Berlin')
        .optional(),
      handlingDays: z.int().min(0).max(365).optional(),
      serves: z.record(z.string(), z.literal(true)).optional(),
    }),
  ),
  routing: z
    .strictObject({
      method: z.enum(['best', 'nearest', 'fullest']).optional(),
      weights: z
        .strictObject(
          Object.fromEntries(TERMS.map((term) => [term, weight])) as Record<
            (typeof TERMS)[number],
            typeof weight
          >,
        )
        .optional(),
      maxWarehouses: z.int().min(1).max(10).optional(),
      splitLines: z.boolean().optional(),
      kmPerDay: z.number().positive().optional(),
    })
    .optional(),
  areas: z.record(z.string(), z.strictObject({ lat, lon })).optional(),
});

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** Warehouses, areas and routing policy, the same for every owner. Throws {@link StartError} with what is wrong. */
export async function openRouting(path: string | undefined): Promise<RulesOf | undefined> {
  if (path === undefined) return undefined;
  const rules = await readRules(path);
  return () => rules;
}

async function readRules(path: string): Promise<RoutingRules | undefined> {
  let said: unknown;
  try {
    said = JSON.parse(await readFile(path, 'utf8'));
  } catch (e) {
    throw new StartError(`--routing ${path}: ${(e as Error).message}`);
  }
  const parsed = Said.safeParse(said);
  if (parsed.success) return rulesOfSaid(parsed.data);
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new StartError(`--routing ${path}: ${at === '' ? '' : `${at}: `}${issue?.message}`);
}
