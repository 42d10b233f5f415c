/**
 * How much each selling point should have. A plan costs time or a lost sale where it is wrong, never
 * an oversale: home grants what is free, points give back what is unsold.
 */

const HOUR_MS = 3_600_000;

/** All that can be tuned. */
export const SHARING = {
  /** Demand of so long ago counts half. */
  halfLifeMs: HOUR_MS,
  /** A point's stock lasts so long at its present rate. */
  coverMs: 2 * HOUR_MS,
  /** Standard deviations of demand in that time on top. */
  spread: 2,
  /** How much demand, in units, the usual shares count as: all that is known of a SKU at rest. */
  usualUnits: 12,
  /** How often to look, except for an order that waits. */
  lookEveryMs: 60_000,
  /** A level that is off by less than this part of it, or by fewer units, stays. */
  moveShare: 0.25,
  moveUnits: 2,
  /** The part of a flash sale's stock that stays at home. */
  flashReserve: 0.1,
  /** How often to look at a flash sale. */
  flashLookMs: 500,
  /** The lane of a SKU that nobody asked for so long is closed. */
  idleMs: 72 * HOUR_MS,
} as const;

/** Units asked for, refused ones too, each halved for every half-life since. */
export interface Demand {
  readonly units: number;
  readonly atMs: number;
}

export const NO_DEMAND: Demand = { units: 0, atMs: 0 };

/** What of the demand still counts. */
export const unitsNow = ({ units, atMs }: Demand, nowMs: number): number =>
  units * 0.5 ** (Math.max(0, nowMs - atMs) / SHARING.halfLifeMs);

/** A point was asked for so many units. */
export const asked = (demand: Demand, qty: number, nowMs: number): Demand => ({
  units: unitsNow(demand, nowMs) + qty,
  atMs: Math.max(nowMs, demand.atMs),
});

/** Units a millisecond of which the decayed sum is the running total. */
const perMs = (units: number): number => (units * Math.LN2) / SHARING.halfLifeMs;

/** The rate of demand now, units an hour. */
export const ratePerHour = (demand: Demand, nowMs: number): number =>
  perMs(unitsNow(demand, nowMs)) * HOUR_MS;

/** A place that sells a SKU: home, or a point that home can reach now. */
export interface Seller {
  readonly name: string;
  /** What it can sell, base units. */
  readonly have: number;
  readonly demand: Demand;
  /** Its usual part of all sales, 0 to 1. */
  readonly usualShare: number;
}

/** What a point should have: an absolute level, so that a wish may be lost or repeated. */
export interface Level {
  readonly name: string;
  readonly have: number;
  readonly want: number;
  /** What set it: its part of all there is, or what it will sell soon. */
  readonly why: 'share' | 'cover';
  /** Of all demand that can be reached. */
  readonly share: number;
  readonly ratePerHour: number;
}

/** The level of each point: min(share × stock, m + 2√m), with m what it should sell in the time of cover. */
export function levelsOf(home: Seller, points: readonly Seller[], nowMs: number): Level[] {
  const all = [home, ...points];
  const usual = perMs(SHARING.usualUnits);
  const rateOf = (s: Seller): number => perMs(unitsNow(s.demand, nowMs));
  const stock = all.reduce((sum, { have }) => sum + have, 0);
  const demand = all.reduce((sum, s) => sum + rateOf(s) + usual * s.usualShare, 0);
  return points.map((point) => {
    const rate = rateOf(point);
    const share = demand === 0 ? 0 : (rate + usual * point.usualShare) / demand;
    const soon = Math.max(rate, usual * point.usualShare) * SHARING.coverMs;
    const cover = Math.ceil(soon + SHARING.spread * Math.sqrt(soon));
    const part = Math.floor(share * stock);
    const { name, have } = point;
    const why = part < cover ? 'share' : 'cover';
    return { name, have, want: Math.min(part, cover), why, share, ratePerHour: rate * HOUR_MS };
  });
}

/** Units to grant to a point, or to ask back from it where negative. */
export interface Move {
  readonly name: string;
  readonly qty: number;
}

/** True where a level is off by enough to be worth a message. */
export function isOff({ have, want }: Level): boolean {
  const least = Math.max(SHARING.moveUnits, SHARING.moveShare * Math.max(want, have));
  return Math.abs(want - have) >= least;
}

/** What to move now: units come back first to nobody's harm, grants end where home has no more. */
export function movesOf(levels: readonly Level[], homeFree: number): Move[] {
  const moves: Move[] = [];
  let left = homeFree;
  for (const level of levels) {
    if (!isOff(level)) continue;
    const qty = Math.min(level.want - level.have, left);
    if (qty > 0) left -= qty;
    if (qty !== 0) moves.push({ name: level.name, qty });
  }
  return moves;
}

/**
 * For an order that waits at a point and lacks `lack` units: what home grants of its own, and what it
 * asks back from the others, richest first. Undefined where they have too little together: then the point
 * yields what it has and the order goes on to another, or is refused.
 */
export function fill(
  lack: number,
  homeFree: number,
  others: readonly Seller[],
): { readonly fromHome: number; readonly recalls: readonly Move[] } | undefined {
  const fromHome = Math.min(lack, homeFree);
  const recalls: Move[] = [];
  let left = lack - fromHome;
  for (const { name, have } of richestFirst(others)) {
    const qty = Math.min(left, have);
    if (qty <= 0) break;
    recalls.push({ name, qty: -qty });
    left -= qty;
  }
  return left === 0 ? { fromHome, recalls } : undefined;
}

/** By what they have, and by name where that is equal, so that every run chooses alike. */
export const richestFirst = (sellers: readonly Seller[]): Seller[] =>
  [...sellers].sort((a, b) => b.have - a.have || (a.name < b.name ? -1 : 1));

/** Where an order that cannot be filled here is sent whole: the richest seller that can fill it alone. */
export function forwardTo(qty: number, reachable: readonly Seller[]): Seller | undefined {
  const [richest] = richestFirst(reachable);
  return richest !== undefined && richest.have >= qty ? richest : undefined;
}

/** The start of a flash sale: shares by weight, rounded down, after the reserve that stays at home. */
export function flashSplit(stock: number, weights: ReadonlyMap<string, number>): Move[] {
  const shared = Math.floor(stock * (1 - SHARING.flashReserve));
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const moves: Move[] = [];
  for (const [name, weight] of weights) {
    const qty = total === 0 ? 0 : Math.floor((shared * weight) / total);
    if (qty > 0) moves.push({ name, qty });
  }
  return moves;
}

/**
 * What points should have while a flash sale goes on: all that is left but the reserve, by what each is asked for
 * now (`weights`), so that none runs dry long before the others. Levels as they are where nobody has asked yet.
 */
export function flashLevels(
  homeFree: number,
  points: readonly Seller[],
  weights: ReadonlyMap<string, number>,
): Level[] {
  const weightOf = (name: string): number => weights.get(name) ?? 0;
  const total = points.reduce((sum, { name }) => sum + weightOf(name), 0);
  const stock = points.reduce((sum, { have }) => sum + have, homeFree);
  const shared = Math.floor(stock * (1 - SHARING.flashReserve));
  return points.map(({ name, have, demand }) => {
    const share = total === 0 ? 0 : weightOf(name) / total;
    const want = total === 0 ? have : Math.floor(shared * share);
    return { name, have, want, why: 'share', share, ratePerHour: perMs(demand.units) * HOUR_MS };
  });
}

/** As a flash sale drains and home has nothing left: half of what the richest has comes back, its last unit too. */
export function flashRecall(points: readonly Seller[]): Move | undefined {
  const [richest] = richestFirst(points);
  if (richest === undefined || richest.have <= 0) return undefined;
  return { name: richest.name, qty: -Math.ceil(richest.have / 2) };
}

/** True where nobody has asked a point for a SKU for so long that its lane should be closed. */
export const isIdle = (demand: Demand, nowMs: number): boolean =>
  nowMs - demand.atMs >= SHARING.idleMs;
