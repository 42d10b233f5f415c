import { plainRun } from './plain.ts';
import type { Scenario } from './scenario.ts';

/** Reservations all over the goods. */
export const spread: Scenario = {
  what: '10,000 SKUs, reservations spread over them without a pattern',
  defaults: { seconds: 20, rate: 3_000, scanners: 100, sync: 'always' },
  run: (settings, bench) =>
    plainRun(settings, { kind: 'reserve', warehouse: 'W1', skus: 10_000, units: 1_000 }, bench),
};
