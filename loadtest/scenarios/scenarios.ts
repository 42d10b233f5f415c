import { flashSale } from './flash-sale.ts';
import { idle } from './idle.ts';
import type { ScenarioName } from './names.ts';
import type { Scenario } from './scenario.ts';
import { shift } from './shift.ts';
import { spread } from './spread.ts';
import { storm } from './storm.ts';

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  'flash-sale': flashSale,
  shift,
  spread,
  storm,
  idle,
};
