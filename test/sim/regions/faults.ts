import type { Random } from '../random.ts';
import { REGIONS, type Shape, type Size } from './plan.ts';

/** What goes wrong, and when. Regions and nodes by their place. */
export type Fault = {
  readonly atMs: number;
} /** Nothing passes between two groups of regions, or from the first to the second. */ & (
  | {
      readonly kind: 'part';
      readonly apart: readonly string[];
      readonly from: readonly string[];
      readonly oneWay: boolean;
      readonly how: 'drops' | 'holds';
      readonly forMs: number;
    }
  /** One node and everybody else. */
  | {
      readonly kind: 'isolate' | 'crash' | 'close' | 'freeze';
      readonly region: string;
      readonly node: number;
      readonly forMs: number;
    }
  | { readonly kind: 'nats'; readonly region: string; readonly forMs: number }
  /** The end of a journal is lost: up to so many records, of those that the centre has not read. */
  | {
      readonly kind: 'lose';
      readonly region: string;
      readonly what: 'home' | 'point';
      readonly records: number;
      readonly forMs: number;
    }
  /** A person writes off the lives that cannot come back, at every home that can be reached. */
  | { readonly kind: 'bury'; readonly region: string }
  /** The lanes of a SKU are closed at a point. */
  | {
      readonly kind: 'closeLanes';
      readonly region: string;
      readonly warehouse: string;
      readonly sku: string;
    }
);

const WEIGHTS = {
  part: 5,
  isolate: 1.5,
  crash: 2,
  close: 1,
  freeze: 1,
  nats: 0.7,
  lose: 2,
  bury: 0.7,
  closeLanes: 1.5,
} as const;

/** So many of all kinds, so many short cuts between regions, and so many losses of what nobody could be told. */
export function drawFaults(
  random: Random,
  shape: Shape,
  { faults, parts, losses }: Pick<Size, 'faults' | 'parts' | 'losses'>,
): Fault[] {
  const some = Array.from({ length: faults }, () => draw(random, shape));
  const cuts = Array.from({ length: parts }, () => {
    const forMs = random.pick([200, 1_200, 1_200, 4_000]);
    return part(random, random.between(500, shape.busyMs), random.pick(REGIONS), forMs);
  });
  return [...some, ...cuts, ...Array.from({ length: losses }, () => untold(random, shape)).flat()];
}

/** A point sells while it is cut off, then loses the end of its journal: what is kept has not come home. */
function untold(random: Random, shape: Shape): Fault[] {
  const region = random.pick(REGIONS);
  const atMs = random.between(3_000, shape.busyMs);
  const from = REGIONS.filter((name) => name !== region);
  const cut = { kind: 'part', apart: [region], from, oneWay: false, how: 'drops' } as const;
  const records = random.whole(1, 4);
  return [
    { ...cut, atMs: atMs - random.between(1_000, 3_000), forMs: 5_000 },
    { kind: 'lose', atMs, region, what: 'point', records, forMs: 200 },
  ];
}

function draw(random: Random, shape: Shape): Fault {
  const kind = random.weighted(WEIGHTS);
  const at = random.whole(0, REGIONS.length - 1);
  const region = REGIONS[at] as string;
  const when = { atMs: random.between(500, shape.busyMs), region };
  const forMs = random.pick([200, 1_200, 4_000, 9_000]);
  switch (kind) {
    case 'part':
      return part(random, when.atMs, region, forMs);
    case 'isolate':
    case 'crash':
    case 'close':
    case 'freeze': {
      const node = random.whole(0, (shape.nodes[at]?.length ?? 1) - 1);
      return { ...when, kind, node, forMs };
    }
    case 'nats':
      return { ...when, kind, forMs };
    case 'lose': {
      const what = random.pick(['home', 'point'] as const);
      return { ...when, kind, what, records: random.whole(1, 12), forMs };
    }
    case 'bury':
      return { ...when, kind };
    case 'closeLanes': {
      const { warehouses, skus } = shape;
      return { ...when, kind, warehouse: random.pick(warehouses), sku: random.pick(skus) };
    }
  }
}

function part(random: Random, atMs: number, region: string, forMs: number): Fault {
  const others = REGIONS.filter((name) => name !== region);
  const from = random.chance(0.7) ? others : [random.pick(others)];
  const oneWay = random.chance(0.25);
  const how = random.chance(0.8) ? 'drops' : 'holds';
  return { atMs, kind: 'part', apart: [region], from, oneWay, how, forMs };
}
