import type { StockCommand } from '../../actors/stock/commands.ts';
import { ENDED_KEPT } from '../../actors/stock/state.ts';
import type { Stockroom } from '../../actors/stock/stockroom.ts';
import { Latencies } from '../latencies.ts';
import { median, perSecond } from '../stats.ts';
import { command, NOW_MS, runAll, shuffled, stocked } from './goods.ts';

const PASSES = 5;
const CYCLE_DECISIONS = 1_000_000;
/** Holds an actor has at a time; over the ended ones it remembers, so that ids can be used again. */
const HOLDS = 2 * ENDED_KEPT;

/** Decisions a second: holds are reserved and released again, actors in random order. */
export function cycling(actors: number): number {
  const room = stocked(actors);
  const commands = [...cycle(actors, 'a'), ...cycle(actors, 'b')];
  const times = Math.ceil(CYCLE_DECISIONS / commands.length);
  const pass = (): number => {
    const begun = performance.now();
    for (let i = 0; i < times; i++) runAll(room, commands);
    return perSecond(times * commands.length, performance.now() - begun);
  };
  pass(); // compiles
  return median(Array.from({ length: PASSES }, pass));
}

/** All reserved, then all released: two orders, neither the actors' own. */
function cycle(actors: number, name: string): StockCommand[] {
  const all = actors * HOLDS;
  const make = (op: 'reserve' | 'release', seed: number): StockCommand[] =>
    Array.from(shuffled(all, seed), (i) => command(op, i % actors, 1, `${name}-${i}`));
  return [...make('reserve', 3), ...make('release', 5)];
}

export interface Reserving {
  readonly perSecond: number;
  readonly p99Us: number;
}

/** One reservation on every actor, in random order; a new hold and a new command each. */
export function reserving(actors: number, gc: () => void): Reserving {
  const room = stocked(actors);
  const order = shuffled(actors, 11);
  const rates: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const commands = reserveAll(order, `p${pass}`);
    gc(); // what made the commands is not what is measured
    const begun = performance.now();
    runAll(room, commands);
    if (pass > 0) rates.push(perSecond(actors, performance.now() - begun));
  }
  const latencies = timed(room, reserveAll(order, 'timed'), gc);
  return { perSecond: median(rates), p99Us: latencies.us(99) };
}

const reserveAll = (order: Uint32Array, name: string): StockCommand[] =>
  Array.from(order, (actor) => command('reserve', actor, 1, `${name}-${actor}`));

/** Reading the clock twice a decision is in it. */
function timed(room: Stockroom, commands: readonly StockCommand[], gc: () => void): Latencies {
  const latencies = new Latencies();
  gc();
  for (const one of commands) {
    const begun = performance.now();
    const outcome = room.run(one, NOW_MS);
    latencies.add(performance.now() - begun);
    if (!outcome.ok) throw new Error(`${one.op} ${one.hold} refused: ${outcome.code}`);
  }
  return latencies;
}
