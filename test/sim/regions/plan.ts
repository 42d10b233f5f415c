import { Random } from '../random.ts';
import { drawFaults, type Fault } from './faults.ts';
import { CHANNELS, type Channel, RULEBOOK } from './rulebook.ts';

/** The hub sells too, and has the centre beside it; its own home has nothing. */
export const REGIONS = ['hub', 'eu', 'us', 'ap'] as const;

export interface Shape {
  /** Clocks of each region's nodes. */
  readonly nodes: readonly (readonly { readonly rate: number; readonly wallOffsetMs: number }[])[];
  /** Shards of warehouses a region. */
  readonly homes: number;
  readonly warehouses: readonly string[];
  readonly skus: readonly string[];
  readonly snapshotEveryRecords: number;
  /** Share of messages between homes and points that are lost, and that come twice. */
  readonly lost: number;
  readonly repeated: number;
  /** How often the centre reads a journal: what it has not read may be lost, ms. */
  readonly readsEveryMs: number;
  /** How often homes look at how rights are shared, ms. */
  readonly lookEveryMs: number;
  /** Work and faults end here; then everything is mended and must come to rest. */
  readonly busyMs: number;
}

export interface Line {
  readonly warehouse: string;
  readonly sku: string;
  readonly qty: number;
}

/** What a shop wants of a selling point, and what it does with an order that it has got. */
export interface Order {
  readonly atMs: number;
  readonly point: string;
  readonly channel: Channel;
  readonly order: string;
  readonly lines: readonly Line[];
  /** 0 sells; else rights are set aside for so long. */
  readonly ttlMs: number;
  readonly next: 'harden' | 'release' | 'cancel' | 'again' | 'nothing';
  readonly nextMs: number;
}

/** What floor staff do at a home. `place` chooses among open holds. */
export interface Floor {
  readonly atMs: number;
  readonly act:
    | 'receive'
    | 'announce'
    | 'arrive'
    | 'withdraw'
    | 'lose'
    | 'reserve'
    | 'ship'
    /** Several open holds are picked, packed and shipped at once. */
    | 'wave'
    | 'cancel';
  readonly warehouse: string;
  readonly sku: string;
  readonly qty: number;
  readonly order: string;
  readonly place: number;
}

/** A region comes to know other rules: which of the book. */
export interface Turn {
  readonly atMs: number;
  readonly region: string;
  readonly to: number;
}

/** All that a run is made of, but delays and losses. */
export interface Plan {
  readonly seed: number;
  readonly shape: Shape;
  readonly orders: readonly Order[];
  readonly floor: readonly Floor[];
  readonly turns: readonly Turn[];
  readonly faults: readonly Fault[];
}

/** How large a run is. */
export interface Size {
  readonly busyMs: number;
  readonly orders: number;
  readonly floor: number;
  readonly faults: number;
  /** Cuts between regions, besides those. */
  readonly parts: number;
  /** Ends of a point's journal that are lost while it is cut off from the others, besides those. */
  readonly losses: number;
  readonly skus: number;
  /** So many orders come to a point at the same time. */
  readonly burst: number;
  /** Units of a receipt or a notice, as a multiple of what is usual. */
  readonly bulk: number;
  /** What floor staff do, by how often. */
  readonly acts: Readonly<Partial<Record<Floor['act'], number>>>;
}

const ACTS = {
  ...{ receive: 1.5, lose: 1.2, reserve: 3, ship: 6, cancel: 1 },
  ...{ announce: 2, arrive: 1.5, withdraw: 0.7 },
} as const;

export const usualSize = (random: Random): Size => ({
  busyMs: random.whole(6_000, 22_000),
  orders: random.whole(20, 110),
  floor: random.whole(15, 50),
  faults: random.whole(0, 9),
  skus: random.whole(1, 3),
  losses: random.pick([0, 0, 1]),
  ...{ parts: 0, burst: 1, bulk: 1, acts: ACTS },
});

/** For the long run: a dense market with stock for most of what is wanted, cut again and again. */
export const longSize = (random: Random): Size => ({
  busyMs: 60_000,
  orders: 30_000,
  floor: 4_000,
  faults: random.whole(20, 40),
  parts: 24,
  losses: 0,
  skus: 5,
  burst: random.pick([4, 12, 30]),
  bulk: 20,
  acts: { ...ACTS, wave: 8 },
});

export function planOf(seed: number, sizeOf: (random: Random) => Size = usualSize): Plan {
  const random = new Random(seed, 'regions');
  const size = sizeOf(random);
  const shape = drawShape(random, size);
  const work = new Random(seed, 'orders');
  const drawn = Array.from({ length: size.orders }, (_, i) => drawOrder(work, shape, i));
  const orders = inBursts(drawn, size.burst);
  return {
    ...{ seed, shape, orders: [...orders, ...twins(work, orders)] },
    floor: drawFloor(new Random(seed, 'floor'), shape, size),
    turns: drawTurns(new Random(seed, 'rules'), shape),
    faults: drawFaults(new Random(seed, 'faults'), shape, size),
  };
}

function drawShape(random: Random, { busyMs, skus }: Size): Shape {
  const clock = () => ({
    rate: random.between(0.998, 1.002),
    wallOffsetMs: random.between(-500, 500),
  });
  return {
    nodes: REGIONS.map(() => Array.from({ length: random.whole(1, 2) }, clock)),
    homes: random.pick([1, 1, 2]),
    warehouses: ['eu-1', 'us-1', 'ap-1', 'eu-2'].slice(0, random.whole(1, 4)),
    skus: Array.from({ length: skus }, (_, i) => `S${i}`),
    snapshotEveryRecords: random.pick([8, 20, 60, 1_000]),
    lost: random.pick([0, 0.02, 0.2]),
    repeated: random.pick([0, 0.05, 0.3]),
    readsEveryMs: random.pick([400, 2_500, 9_000]),
    lookEveryMs: random.pick([700, 2_000, 60_000]),
    busyMs,
  };
}

const LATEST = 0.9;

function drawOrder(random: Random, shape: Shape, i: number): Order {
  const isSoft = random.chance(0.3);
  const lines = new Map<string, Line>();
  for (let n = random.pick([1, 1, 1, 2, 3]); n > 0; n--) {
    const line = {
      warehouse: random.pick(shape.warehouses),
      sku: random.pick(shape.skus),
      qty: random.pick([1, 1, 1, 2, 4]),
    };
    lines.set(`${line.sku}@${line.warehouse}`, line);
  }
  return {
    atMs: random.between(300, shape.busyMs * LATEST),
    point: random.pick(REGIONS),
    channel: random.pick(CHANNELS),
    order: `P${i}`,
    lines: [...lines.values()],
    ttlMs: isSoft ? random.whole(300, 5_000) : 0,
    next: isSoft
      ? random.pick(['harden', 'harden', 'harden', 'release', 'nothing'])
      : random.pick(['nothing', 'nothing', 'again', 'cancel']),
    nextMs: random.whole(10, 3_000),
  };
}

/** So many at a time come to the point of the first of them when that does. */
function inBursts(orders: readonly Order[], burst: number): Order[] {
  return orders.map((order, i) => {
    const { atMs, point } = orders[i - (i % burst)] as Order;
    return { ...order, atMs, point };
  });
}

/** Now and then the same order comes to two points. */
function twins(random: Random, orders: readonly Order[]): Order[] {
  return orders.flatMap((order) => {
    if (order.ttlMs > 0 || !random.chance(0.06)) return [];
    const atMs = order.atMs + random.pick([0, 5, 50, 900]);
    return [{ ...order, atMs, point: random.pick(REGIONS), next: 'nothing' as const }];
  });
}

function drawFloor(random: Random, shape: Shape, { floor, bulk, acts: weights }: Size): Floor[] {
  const acts: Floor[] = [];
  for (const warehouse of shape.warehouses) {
    for (const sku of shape.skus) {
      const qty = bulk * random.pick([6, 15, 40]);
      acts.push({ atMs: 50, act: 'receive', warehouse, sku, qty, order: '', place: 0 });
    }
  }
  for (let i = 0; i < floor; i++) {
    const act = random.weighted(weights as Record<Floor['act'], number>);
    acts.push({
      ...{ atMs: random.between(300, shape.busyMs * LATEST), act },
      ...{ warehouse: random.pick(shape.warehouses), sku: random.pick(shape.skus) },
      qty: comes(act) ? bulk * random.pick([3, 10, 30]) : random.whole(1, 5),
      // Some orders come to home and to a point.
      order: random.chance(0.9) ? `H${i}` : `P${random.whole(0, 30)}`,
      place: random.next(),
    });
  }
  return acts;
}

const comes = (act: Floor['act']): boolean => act === 'receive' || act === 'announce';

/** Half of the runs have no rules at all; in the others each region hears of a change when it does. */
function drawTurns(random: Random, { busyMs }: Shape): Turn[] {
  if (random.chance(0.5)) return [];
  const turns: Turn[] = [];
  for (let n = random.whole(1, 4); n > 0; n--) {
    const to = random.whole(0, RULEBOOK.length - 1);
    const atMs = n === 1 ? 0 : random.between(0, busyMs * LATEST);
    for (const region of REGIONS) {
      turns.push({ atMs: atMs + random.pick([0, 0, 50, 3_000]), region, to });
    }
  }
  return turns;
}
