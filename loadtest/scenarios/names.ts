/** Apart from the scenarios, so that the command line need not load them. */
export const SCENARIO_NAMES = [
  'flash-sale',
  'shift',
  'spread',
  'storm',
  'idle',
  'tail',
  'catch-up',
  'soak',
] as const;

export type ScenarioName = (typeof SCENARIO_NAMES)[number];
