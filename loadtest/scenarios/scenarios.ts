import { catchUp } from './catch-up.ts';
import { flashSale } from './flash-sale.ts';
import { idle } from './idle.ts';
import type { ScenarioName } from './names.ts';
import type { Scenario } from './scenario.ts';
import { shift } from './shift.ts';
import { soak } from './soak.ts';
import { spread } from './spread.ts';
import { storm } from './storm.ts';
import { tail } from './tail.ts';

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  'flash-sale': flashSale,
  shift,
  spread,
  storm,
  idle,
  tail,
  'catch-up': catchUp,
  soak,
};
