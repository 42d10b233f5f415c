/**
 * What stands behind a right: goods on hand, goods on their way here, or a promise
 * that goods will be found.
 */
export const KINDS = ['stock', 'presale', 'oversell'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * A label on rights, with the kind in its name, so that no plan can ever change
 * the kind of rights that are out. Home guards kinds, points guard pools.
 */
export type PoolId = `${Kind}/${string}`;

/** Units by pool. A pool that is not there has none. */
export type Cells = { [pool: PoolId]: number };

/** Units by kind. */
export type ByKind = Record<Kind, number>;

export const none = (): ByKind => ({ stock: 0, presale: 0, oversell: 0 });

/** Of all kinds together. */
export const sumOf = ({ stock, presale, oversell }: Readonly<ByKind>): number =>
  stock + presale + oversell;

export const poolsOf = (cells: Readonly<Cells>): PoolId[] => Object.keys(cells) as PoolId[];

/** By the first letter: home asks this often. */
export function kindOf(pool: PoolId): Kind {
  if (pool.startsWith('s')) return 'stock';
  return pool.startsWith('p') ? 'presale' : 'oversell';
}

export const unitsIn = (cells: Readonly<Cells>, pool: PoolId): number => cells[pool] ?? 0;

/** Of these pools together, each counted once. */
export function unitsInAll(cells: Readonly<Cells>, pools: readonly PoolId[]): number {
  let units = 0;
  for (let i = 0; i < pools.length; i++) {
    const pool = pools[i] as PoolId;
    if (pools.indexOf(pool) === i) units += unitsIn(cells, pool);
  }
  return units;
}

export function addTo(cells: Cells, pool: PoolId, qty: number): void {
  cells[pool] = unitsIn(cells, pool) + qty;
}

export function addAll(cells: Cells, more: Readonly<Cells>, sign: 1 | -1 = 1): void {
  for (const pool of poolsOf(more)) addTo(cells, pool, sign * unitsIn(more, pool));
}

/** Merges cumulative cells by maximum: order and repetition make no difference. */
export function raise(cells: Cells, heard: Readonly<Cells>): void {
  for (const pool of poolsOf(heard)) {
    if (unitsIn(heard, pool) > unitsIn(cells, pool)) cells[pool] = unitsIn(heard, pool);
  }
}

export function byKind(cells: Readonly<Cells>): ByKind {
  const units = none();
  addByKind(units, cells, 1);
  return units;
}

export function addByKind(units: ByKind, cells: Readonly<Cells>, sign: 1 | -1): void {
  for (const pool in cells) units[kindOf(pool as PoolId)] += sign * unitsIn(cells, pool as PoolId);
}

export function total(cells: Readonly<Cells>): number {
  let sum = 0;
  for (const pool of poolsOf(cells)) sum += unitsIn(cells, pool);
  return sum;
}

/**
 * Takes `qty` units from the pools in the order given: a channel with a minimum
 * names its own pool first, then the shared one; one with a maximum names only its
 * own. `free` says what a pool has. Undefined where they have too little together.
 */
export function draw(
  pools: readonly PoolId[],
  qty: number,
  free: (pool: PoolId) => number,
): Cells | undefined {
  const taken: Cells = {};
  let left = qty;
  for (const pool of pools) {
    const some = Math.min(left, free(pool) - unitsIn(taken, pool));
    if (some <= 0) continue;
    addTo(taken, pool, some);
    left -= some;
  }
  return left === 0 ? taken : undefined;
}
