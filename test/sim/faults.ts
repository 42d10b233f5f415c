import { slotOf } from '../../engine/subjects.ts';
import type { StoreTrouble } from './centre.ts';
import type { Shape, Theme } from './plan.ts';
import type { Random } from './random.ts';

/** What goes wrong. Processes are named `n0`…, `nats`, `centre`, `c0`…. */
export type Trouble =
  | { readonly kind: 'crash'; readonly node: number; readonly forMs: number }
  /** In the middle of what it does: after so many more messages and writes. */
  | {
      readonly kind: 'crashSoon';
      readonly node: number;
      readonly effects: number;
      readonly forMs: number;
    }
  | { readonly kind: 'close'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'freeze'; readonly who: string; readonly forMs: number }
  /** A shard's owner sleeps until another has owned the shard, and that one goes again. */
  | {
      readonly kind: 'usurp';
      readonly shard: number;
      readonly forMs: number;
      readonly goesMs: number;
      readonly how: 'crash' | 'close' | 'stays';
      /** Until a while after it wakes, only the last client can reach it. */
      readonly isApart: boolean;
    }
  | {
      readonly kind: 'cut';
      readonly from: string;
      readonly to: string;
      readonly oneWay: boolean;
      readonly how: 'drops' | 'holds';
      readonly forMs: number;
    }
  | { readonly kind: 'lossy'; readonly share: number; readonly forMs: number }
  | { readonly kind: 'slow'; readonly who: string; readonly byMs: number; readonly forMs: number }
  /** A node's own disk takes so much longer. */
  | { readonly kind: 'disk'; readonly node: number; readonly byMs: number; readonly forMs: number }
  | { readonly kind: 'jump'; readonly node: number; readonly byMs: number }
  | { readonly kind: 'nats'; readonly forgetsIds: boolean; readonly forMs: number }
  /** Of the server alone, or of everything. */
  | { readonly kind: 'power'; readonly everything: boolean; readonly forMs: number }
  /** Everything is stopped, and started again a long time later. */
  | { readonly kind: 'night'; readonly hours: number; readonly forMs: number }
  | { readonly kind: 'centre'; readonly how: 'kill' | 'close'; readonly forMs: number }
  /** Of the centre. */
  | { readonly kind: 'store'; readonly how: StoreTrouble; readonly forMs: number }
  | { readonly kind: 'stale'; readonly forMs: number }
  | { readonly kind: 'ghosts'; readonly forMs: number }
  | {
      readonly kind: 'flip';
      /** `hole`: some records in the middle are gone. */
      readonly what: 'journal' | 'snapshot' | 'hole';
      readonly shard: number;
      /** Where among the records or files, 0 to 1. */
      readonly place: number;
      readonly bit: number;
    };

export type Fault = Trouble & { readonly atMs: number };

const OFTEN: Readonly<Record<Trouble['kind'], number>> = {
  crash: 3,
  crashSoon: 5,
  close: 2,
  freeze: 4,
  usurp: 1.5,
  cut: 5,
  lossy: 2,
  slow: 2,
  disk: 1,
  jump: 1.5,
  nats: 2,
  power: 2,
  night: 0.8,
  centre: 1.5,
  store: 1,
  stale: 1,
  ghosts: 0.5,
  flip: 0.2,
};

type Scene = 'alone' | 'slowTakeover' | 'usurped' | 'interrupted' | 'unheard' | 'rot';

/** Troubles that meet seldom by chance, and are worse together. */
const SCENES: Readonly<Record<Theme, Readonly<Record<Scene, number>>>> = {
  any: { alone: 10, slowTakeover: 0.8, usurped: 0, interrupted: 0.3, unheard: 1, rot: 0.35 },
  leases: { alone: 1, slowTakeover: 0, usurped: 6, interrupted: 0, unheard: 0, rot: 0 },
  takeovers: { alone: 1, slowTakeover: 1, usurped: 1, interrupted: 6, unheard: 0, rot: 0 },
  snapshots: { alone: 3, slowTakeover: 0.5, usurped: 0, interrupted: 0, unheard: 6, rot: 1 },
  sessions: { alone: 6, slowTakeover: 0.5, usurped: 1, interrupted: 0, unheard: 1, rot: 0 },
};

/** More would stand in each other's way. */
const MOST_SCENES: Readonly<Record<Theme, number>> = {
  any: 8,
  leases: 2,
  takeovers: 3,
  snapshots: 8,
  sessions: 8,
};

export function drawFaults(random: Random, shape: Shape): Fault[] {
  if (random.chance(0.05)) return [];
  const faults: Fault[] = [];
  for (let i = random.whole(1, MOST_SCENES[shape.theme]); i > 0; i--)
    faults.push(...drawScene(random, shape));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function drawScene(random: Random, shape: Shape): Fault[] {
  const atMs = random.between(300, shape.busyMs - (shape.theme === 'leases' ? 6_000 : 0));
  const node = random.whole(0, shape.nodes.length - 1);
  switch (random.weighted(SCENES[shape.theme])) {
    case 'alone':
      return [{ atMs, ...draw(random.weighted(OFTEN), random, shape) }];
    case 'slowTakeover': {
      const forMs = random.between(1_000, 5_000);
      return [
        { atMs, kind: 'slow', who: 'nats', byMs: random.between(100, 500), forMs },
        { atMs: atMs + 1, kind: 'crash', node, forMs },
      ];
    }
    case 'usurped':
      return [{ atMs, ...draw('usurp', random, shape) }];
    // Whoever takes over is slow with the last steps, and loses its lease meanwhile.
    case 'interrupted': {
      const forMs = random.between(2_200, 3_000);
      const cutMs = atMs + random.between(1_800, 3_200);
      return [
        { atMs, kind: 'crash', node, forMs: 9_000 },
        ...shape.nodes.flatMap((_, n): Fault[] => [
          { atMs, kind: 'disk', node: n, byMs: random.between(1_000, 4_000), forMs: 9_000 },
          {
            atMs: cutMs,
            kind: 'cut',
            from: `n${n}`,
            to: 'nats',
            oneWay: true,
            how: 'drops',
            forMs,
          },
        ]),
      ];
    }
    // What a node decides last never reaches the journal, while it still has time to write to its disk.
    case 'unheard': {
      const forMs = random.between(20, 400);
      return [
        { atMs, kind: 'cut', from: `n${node}`, to: 'nats', oneWay: true, how: 'drops', forMs },
        { atMs: atMs + forMs - 1, kind: 'crash', node, forMs: random.between(1, 4_000) },
      ];
    }
    case 'rot': {
      const shard = random.whole(0, shape.shards - 1);
      const bit = random.whole(0, 2 ** 30);
      return [
        { atMs, kind: 'flip', what: 'snapshot', shard, place: 0.999, bit },
        { atMs: atMs + 1, kind: 'night', hours: 0, forMs: 20 },
      ];
    }
  }
}

function draw(kind: Trouble['kind'], random: Random, shape: Shape): Trouble {
  const node = random.whole(0, shape.nodes.length - 1);
  const forMs = random.pick([
    random.between(1, 50),
    random.between(50, 1_500),
    random.between(1_000, 6_000),
  ]);
  switch (kind) {
    case 'crash':
    case 'close':
      return { kind, node, forMs };
    case 'crashSoon':
      return { kind, node, effects: random.whole(0, 30), forMs };
    case 'freeze':
      return { kind, who: who(random, shape), forMs };
    case 'usurp':
      return {
        kind,
        shard: slotOf(random.pick(shape.warehouses), shape.shards),
        forMs: random.between(3_500, 7_000),
        goesMs: random.between(2_600, 4_000),
        how: random.pick(['crash', 'close', 'close', 'stays', 'stays']),
        isApart: shape.quiet && random.chance(0.8),
      };
    case 'cut':
      return drawCut(random, shape, forMs);
    case 'lossy':
      return { kind, share: random.between(0.02, 0.4), forMs };
    case 'slow':
      return {
        kind,
        who: random.pick(['nats', 'nats', 'n0', 'centre']),
        byMs: random.between(20, 700),
        forMs,
      };
    case 'disk':
      return { kind, node, byMs: random.between(20, 2_000), forMs };
    case 'jump':
      return {
        kind,
        node,
        byMs: random.pick([1, -1]) * random.pick([400, 4_000, 20_000, 3_600_000]),
      };
    case 'nats':
      return { kind, forgetsIds: random.chance(0.5), forMs };
    case 'power':
      return { kind, everything: random.chance(0.4), forMs };
    case 'night':
      return { kind, hours: random.pick([1, 10, 200]), forMs: random.between(10, 500) };
    case 'centre':
      return { kind, how: random.pick(['kill', 'kill', 'close']), forMs };
    case 'store':
      return { kind, how: random.pick(['fails', 'hangs']), forMs };
    case 'stale':
    case 'ghosts':
      return { kind, forMs: Math.min(forMs, 2_500) };
    case 'flip':
      return {
        kind,
        what: random.pick(['journal', 'hole', 'snapshot']),
        shard: random.whole(0, shape.shards - 1),
        place: random.next(),
        bit: random.whole(0, 2 ** 30),
      };
  }
}

/** Mostly the links and processes that ownership hangs on. */
function who(random: Random, { nodes }: Shape): string {
  return random.chance(0.8)
    ? `n${random.whole(0, nodes.length - 1)}`
    : random.pick(['nats', 'centre']);
}

function drawCut(random: Random, { nodes, clients }: Shape, forMs: number): Trouble {
  const from = `n${random.whole(0, nodes.length - 1)}`;
  const to = random.weighted({ nats: 6, centre: 1, client: 2 });
  return {
    kind: 'cut',
    from,
    to: to === 'client' ? `c${random.whole(0, clients - 1)}` : to,
    oneWay: random.chance(0.4),
    how: random.pick(['drops', 'holds']),
    forMs,
  };
}
