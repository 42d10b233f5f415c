import { plainScenario } from './plain.ts';

/** A warehouse's mixed day. */
export const shift = plainScenario({
  what: 'a mixed day: receipts, counts, orders picked, packed, shipped, cancelled, put back',
  defaults: { seconds: 20, rate: 1_000, scanners: 1_000, sync: 'always' },
  plan: () => ({ kind: 'shift', warehouse: 'W1', skus: 500, units: 1_000 }),
});
