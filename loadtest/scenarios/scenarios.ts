import { flashSale } from './flash-sale.ts';
import type { ScenarioName } from './names.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  'flash-sale': flashSale,
};
