import { plainScenario } from './plain.ts';

/** Reservations all over the goods. */
export const spread = plainScenario({
  what: '10,000 SKUs, reservations spread over them without a pattern',
  defaults: { seconds: 20, rate: 3_000, scanners: 100, sync: 'always' },
  plan: () => ({ kind: 'reserve', warehouse: 'W1', skus: 10_000, units: 1_000 }),
});
