import { plainRun } from './plain.ts';
import type { Scenario } from './scenario.ts';

/** A warehouse's mixed day. */
export const shift: Scenario = {
  what: 'a mixed day: receipts, counts, orders picked, packed, shipped, cancelled, put back',
  defaults: { seconds: 20, rate: 1_000, scanners: 1_000, sync: 'always' },
  run: (settings, bench) =>
    plainRun(settings, { kind: 'shift', warehouse: 'W1', skus: 500, units: 1_000 }, bench),
};
