import type { ShardChange } from '../../actors/command.ts';
import {
  type ActorKey,
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import {
  type HomeName,
  type PointAct,
  type RightsCommand,
  SHARED,
} from '../../actors/rights/acts.ts';
import { lifeOfPoint, type Point } from '../../actors/rights/point.ts';
import { type Entry, GENESIS, seal } from '../../engine/record.ts';
import { BatchWriter } from '../../engine/record-batch.ts';
import { settle } from '../../engine/settled.ts';
import { ShardState, SYSTEM } from '../../engine/state.ts';
import { command, NOW_MS, shuffled } from './goods.ts';

/** What is told: a sale, a reservation, and the same two up to their record; µs of processor time. */
export const SELLING = ['sale', 'reserve', 'sale.committed', 'reserve.committed'] as const;

export const ACTORS = 1_000;
const UNITS = 1_000_000_000;
/** Of each side in one turn; and in one record. */
const COMMANDS = 8_000;
const RECORD = 128;
const ROUNDS = 60;
const WARM_UPS = 6;
const HOME: HomeName = 'hub.0';
const POINT = 'eu';

/** One side: commands that end with nothing left of them, so that a later turn finds what an earlier one did. */
interface Side {
  readonly state: ShardState;
  make(turn: number): ShardChange[];
  /** Untimed: what home has for sure is forgotten, what was reserved is released. */
  tidy(turn: number): void;
}

/** Sides take turns in one process, in another order each time. */
export function sellingFigures(gc: () => void): number[] {
  const sides = [selling(), reserving(), selling(), reserving()];
  const spent = sides.map(() => 0);
  for (let turn = 0; turn < WARM_UPS + ROUNDS; turn++) {
    for (let i = 0; i < sides.length; i++) {
      const at = (i + turn) % sides.length;
      const side = sides[at] as Side;
      const commands = side.make(turn);
      gc(); // what made the commands is not what is measured
      const us = timed(side.state, commands, at >= 2);
      side.tidy(turn);
      if (turn >= WARM_UPS) spent[at] = (spent[at] as number) + us;
    }
  }
  return spent.map((us) => us / (ROUNDS * COMMANDS));
}

function timed(state: ShardState, commands: readonly ShardChange[], isCommitted: boolean): number {
  const before = process.cpuUsage();
  if (isCommitted) commit(state, commands);
  else for (const one of commands) mustRun(state, one);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function mustRun(state: ShardState, one: ShardChange): Entry['outcome'] {
  const outcome = state.run(one, NOW_MS);
  if (!outcome.ok) throw new Error(`${one.op} was refused: ${outcome.code}`);
  return outcome;
}

const batch = new BatchWriter();

/** As a shard does: how large at most, the decision, what is answered, and a record of many. */
export function commit(
  state: ShardState,
  commands: readonly ShardChange[],
  mostEntries = RECORD,
): void {
  const head = { epoch: 1, number: 100_000, hash: GENESIS, timeMs: NOW_MS };
  for (const [i, one] of commands.entries()) {
    if (state.boundOf(one, NOW_MS) <= 0) throw new Error('it takes no room');
    const outcome = mustRun(state, one);
    settle(false, outcome);
    batch.write({ caller: SYSTEM, n: 0, fingerprint: 0, all: false, outcome });
    if ((i + 1) % mostEntries === 0 || i + 1 === commands.length)
      seal(0, head, 1, NOW_MS, { kind: 'batch', batch, acknowledged: [] });
  }
}

const ORDER = shuffled(ACTORS, 17);
const actorOf = (i: number): number => ORDER[i % ACTORS] as number;

function reserving(): Side {
  const state = new ShardState();
  for (let actor = 0; actor < ACTORS; actor++) {
    mustRun(state, command('receive', actor, UNITS, ''));
  }
  const make = (op: 'reserve' | 'release', turn: number): ShardChange[] =>
    Array.from({ length: COMMANDS }, (_, i) => command(op, actorOf(i), 1, `${turn}-${i}`));
  return {
    state,
    make: (turn) => make('reserve', turn),
    tidy: (turn) => {
      for (const one of make('release', turn)) mustRun(state, one);
    },
  };
}

/** A new text each, as a door makes it. */
const keyOf = (actor: number): ActorKey =>
  actorKey('demo' as OwnerId, `SKU-${actor}` as SkuId, 'W1' as WarehouseId);

const atPoint = (act: PointAct): RightsCommand => ({
  ...{ op: 'rights', shard: 4, at: 'point', point: POINT, act },
});

/** A selling point with rights at hand for every SKU. */
export function selling(): Side {
  const state = new ShardState();
  const skus = Array.from({ length: ACTORS }, (_, actor) => keyOf(actor));
  mustRun(state, atPoint({ act: 'wish', home: HOME, skus }));
  const point = state.rights.points.get(HOME) as Point;
  const lanes = [...point.lanes.values()].map(({ id, sku }, i) => ({
    ...{ id, sku, nonce: `1.${i + 1}`, gone: false, keep: undefined },
    granted: { [SHARED]: UNITS },
  }));
  const said = { to: lifeOfPoint(point), lineage: 1, ask: false, part: 0, over: false };
  const hear = (about: typeof lanes): void => {
    const known = { applied: point.logged, settled: point.logged };
    mustRun(state, atPoint({ act: 'hear', home: HOME, down: { ...said, ...known, lanes: about } }));
  };
  hear(lanes);
  return { state, make: (turn) => sales(turn), tidy: () => hear([]) };
}

const sales = (turn: number): RightsCommand[] =>
  Array.from({ length: COMMANDS }, (_, i) => {
    const line = { home: HOME, sku: keyOf(actorOf(i)), qty: 1, pools: [SHARED] };
    const order = `${turn}-${i}` as HoldId;
    return atPoint({ act: 'sell', owner: 'demo' as OwnerId, order, lines: [line], ttlMs: 0 });
  });
