import { plainScenario } from './plain.ts';

/** Demand for each unit. */
const DEMAND = 2;

/** One hot SKU that runs out: exactly what was there is sold, and nothing after it. */
export const flashSale = plainScenario({
  what: 'one hot SKU, twice the demand of its stock: it runs out exactly at zero',
  defaults: { seconds: 10, rate: 2_000, scanners: 2_000, sync: 'always' },
  plan: ({ rate, seconds }) => {
    const units = Math.max(1, Math.floor((rate * seconds) / DEMAND));
    return { kind: 'reserve', warehouse: 'W1', skus: 1, units };
  },
  check: ({ accepted }, { units }) =>
    accepted === units ? [] : [`${accepted} of ${units} units were sold`],
});
