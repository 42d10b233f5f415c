import { LIMITS } from '../../engine/limits.ts';
import type { Wish } from './client.ts';
import { drawFaults, type Fault } from './faults.ts';
import type { Sync } from './nats.ts';
import type { Store } from './node.ts';
import { Random } from './random.ts';
import type { Wanted } from './sent.ts';
import type { Lists, Shrinkable } from './shrink.ts';
import { drawWork } from './work.ts';

/** What a run is mostly about: some troubles need others beside them, and meet seldom by chance. */
export type Theme = 'any' | 'leases' | 'takeovers' | 'snapshots' | 'sessions';

const THEMES: Readonly<Record<Theme, number>> = {
  any: 5,
  leases: 2.5,
  takeovers: 1.5,
  snapshots: 2,
  sessions: 2,
};

/** What the world is made of. */
export interface Shape {
  readonly theme: Theme;
  readonly nodes: readonly { readonly rate: number; readonly wallOffsetMs: number }[];
  readonly clients: number;
  readonly shards: number;
  readonly warehouses: readonly string[];
  readonly skus: readonly string[];
  readonly store: Store;
  /** Nodes know of one another: they share the shards out, hand them over and send commands on. */
  readonly peers: boolean;
  /** Little is changed and much is looked at: no write finds out that a node is not the owner. */
  readonly quiet: boolean;
  /** Every node gets every lease, so that only the journal decides who writes. */
  readonly anarchy: boolean;
  readonly sync: Sync;
  readonly snapshotEveryRecords: number;
  readonly limits: Partial<Record<keyof typeof LIMITS, number>>;
  /** Work and faults end here; then everything is mended and must come to rest. */
  readonly busyMs: number;
}

/** Commands that one client sends in one frame. */
export interface Sending {
  readonly atMs: number;
  readonly client: number;
  readonly wishes: readonly Wish[];
  /** Not before this wish is granted. */
  readonly after: number | undefined;
}

/** A number that is sent again after its answer; with other content if `other`. */
export interface Repeat {
  readonly atMs: number;
  readonly client: number;
  readonly of: number;
  readonly other: Wanted | undefined;
}

/** All that a run is made of. Everything but delays and losses is in it, so that it can be made smaller. */
export interface Plan {
  readonly seed: number;
  readonly shape: Shape;
  readonly sendings: readonly Sending[];
  readonly repeats: readonly Repeat[];
  readonly faults: readonly Fault[];
}

export function planOf(seed: number): Plan {
  const shape = drawShape(new Random(seed, 'shape'));
  const { sendings, repeats } = drawWork(new Random(seed, 'work'), shape);
  return { seed, shape, sendings, repeats, faults: drawFaults(new Random(seed, 'faults'), shape) };
}

/** As JSON, one thing that happens a line. */
export function textOf({ seed, shape, ...lists }: Shrinkable): string {
  const parts = Object.entries(lists as Lists).map(([name, list]) => {
    const lines = list.map((one) => JSON.stringify(one)).join(',\n');
    return `"${name}": [\n${lines}\n]`;
  });
  return `{"seed": ${seed}, "shape": ${JSON.stringify(shape)},\n${parts.join(',\n')}}\n`;
}

function drawShape(random: Random): Shape {
  const theme = random.weighted(THEMES);
  const anarchy = theme === 'any' && random.chance(0.2);
  const quiet = random.chance(theme === 'leases' ? 0.75 : 0.1);
  const sessionIdleMs =
    theme === 'sessions'
      ? random.pick([800, 1_500])
      : random.pick([LIMITS.sessionIdleMs, LIMITS.sessionIdleMs, 6_000]);
  const nodes = drawNodes(random, theme, anarchy, sessionIdleMs);
  const shape: Omit<Shape, 'peers'> = {
    theme,
    nodes,
    clients: random.whole(2, 5),
    shards: random.pick([1, 1, 2, 3]),
    warehouses: ['W1', 'W2', 'W3', 'W4'].slice(0, quiet ? 1 : random.whole(1, 4)),
    skus: ['A', 'B', 'C'].slice(0, quiet ? 1 : random.whole(1, 3)),
    store:
      nodes.length === 1 || random.chance(theme === 'snapshots' ? 0.8 : 0.4) ? 'local' : 'shared',
    quiet,
    anarchy,
    sync: random.chance(0.15) ? 'interval' : 'always',
    snapshotEveryRecords: random.pick(theme === 'snapshots' ? [2, 3] : [3, 8, 20, 60, 1_000]),
    limits: {
      mailbox: random.pick([65_536, 65_536, 5]),
      sessionWindow: random.pick([32_768, 32_768, 16]),
      recordBytes: random.pick([512 * 1024, 512 * 1024, 32_000]),
      expiriesPerTurn: random.pick([500, 500, 1]),
      sessionIdleMs,
    },
    busyMs: random.whole(theme === 'leases' ? 10_000 : 4_000, 18_000),
  };
  const maySend = nodes.length > 1 && !anarchy && shape.store === 'shared';
  return { ...shape, peers: maySend && random.chance(theme === 'leases' ? 0.3 : 0.7) };
}

function drawNodes(
  random: Random,
  theme: Theme,
  anarchy: boolean,
  sessionIdleMs: number,
): Shape['nodes'] {
  const nodes = anarchy
    ? 3
    : random.pick(theme === 'leases' || theme === 'takeovers' ? [2, 3] : [1, 2, 2, 2, 3, 3]);
  // A clock may be wrong by hours where sessions live for days.
  const livesLong = sessionIdleMs === LIMITS.sessionIdleMs;
  const wrongMs = livesLong && (anarchy || random.chance(0.3)) ? 3_600_000 : 1_500;
  const isExact = random.chance(0.3);
  return Array.from({ length: nodes }, () => ({
    rate: isExact ? 1 : random.between(0.995, 1.005),
    wallOffsetMs: isExact ? 0 : random.between(-wrongMs, wrongMs),
  }));
}
