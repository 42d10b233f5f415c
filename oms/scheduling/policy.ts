const DAY_MS = 24 * 3_600_000;

/** All that can be tuned. */
export const SCHEDULING = {
  /** How often to look. */
  everyMs: 600_000,
  /** Sales of so long ago count no more. */
  windowMs: 28 * DAY_MS,
  /** Sales of so long ago count half. */
  halfLifeMs: 7 * DAY_MS,
  /** As many units of its own sales count as much as the owner's overall shares. */
  overallUnits: 20,
  /** As many units of the owner's sales count as much as equal parts. */
  equalUnits: 20,
  /** A share that is off by less is not told. */
  leastChange: 0.05,
  /** SKUs that a home is told of in a round: one message. */
  skusARound: 250,
  /** And how soon the next round is while there is more to tell, or a home has asked. */
  soonMs: 10_000,
  /** What channels sold is written into rules no more often. */
  rulesEveryMs: DAY_MS,
  /** Nor before so many units were sold: the first one would be all there is. */
  leastUnits: 20,
  /** Starts of nodes whose reports of an owner are told apart; those heard last. */
  runs: 100,
  /** Of all that was sold, what rules are told for a channel that sold less. */
  leastPart: 0.02,
} as const;

/** What is left of units in so long a time. */
export const decay = (ms: number): number => 0.5 ** (Math.max(0, ms) / SCHEDULING.halfLifeMs);
