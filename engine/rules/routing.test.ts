import { expect, test } from 'vitest';
import type { OwnerId } from '../../actors/ids.ts';
import { DEFAULT_POLICY } from '../../actors/routing/types.ts';
import { compile } from '../../rules/compile.ts';
import { DEFAULT_ROUTING, noRules } from '../../rules/schema.ts';
import { rulesOfSaid } from '../routing/said.ts';
import { routingOf } from './routing.ts';

const OWNER = 'demo' as OwnerId;

test('warehouses, areas and policy of the rules say how orders are routed, made once for a plan', () => {
  const plan = compile({
    ...noRules(),
    warehouses: {
      'eu-1': {
        ...{ name: 'Berlin', country: 'DE', lat: 52.5, lon: 13.4, cutoff: '16:30' },
        ...{ timeZone: 'Europe/Berlin', handlingDays: 1, serves: { DE: true } },
      },
    },
    areas: { 'DE-10115': { lat: 52.53, lon: 13.38 } },
  });
  const rulesOf = routingOf({ planOf: () => plan });
  const rules = rulesOf(OWNER);
  expect(rules?.sites).toMatchObject([
    { name: 'eu-1', place: { lat: 52.5, lon: 13.4 }, handlingDays: 1, serves: ['DE'] },
  ]);
  expect(rules?.cutoffs.get('eu-1')).toEqual({ minutes: 990, timeZone: 'Europe/Berlin' });
  expect(rules?.areas.get('DE-10115')).toEqual({ lat: 52.53, lon: 13.38 });
  expect(rules?.policy).toMatchObject({
    method: 'best',
    maxWarehouses: plan.routing.maxWarehouses,
  });
  expect(rulesOf(OWNER)).toBe(rules);
});

test('what nobody says is the same in rules and without', () => {
  expect(DEFAULT_POLICY).toMatchObject(DEFAULT_ROUTING);
});

test('an owner whose rules name no warehouse has those of the file', () => {
  const file = rulesOfSaid({ warehouses: { 'eu-1': { country: 'DE', lat: 1, lon: 2 } } });
  const plan = compile(noRules());
  expect(routingOf({ planOf: () => plan }, () => file)(OWNER)).toBe(file);
  expect(routingOf({ planOf: () => plan })(OWNER)).toBeUndefined();
});
