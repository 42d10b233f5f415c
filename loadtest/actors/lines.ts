import {
  type More,
  NO_MORE,
  type StockCommand,
  type StockOp,
} from '../../actors/stock/commands.ts';
import { Stockroom } from '../../actors/stock/stockroom.ts';
import { command, NOW_MS, runAll, shuffled } from './goods.ts';

/** Lines under the one SKU of a room. The others are told in times of the first. */
export const LINES = [1, 100, 10_000] as const;
/** A reservation; a pick of what expires first; a pick from a place that it names. */
export const LINE_STEPS = ['reserve', 'pick', 'pick_at'] as const;
type LineStep = (typeof LINE_STEPS)[number];

export const HOLDS = 100_000;
/** As many in every room, so that lines run out where there are many; no run takes a tenth of them. */
const UNITS = 10_000_000;
/** Of each step in one turn. */
const COMMANDS = 2_000;
const ROUNDS = 120;
const WARM_UPS = 5;
const DAY_MS = 86_400_000;

type Turn = Readonly<Record<LineStep, number>>;

/**
 * Processor time of each step in the room of one line, µs, then how many times that
 * it is in the others. Rooms take turns, and all turns of a room count together: a
 * garbage collection comes every few turns, and belongs to all of them. By
 * `LINE_STEPS`, then by `LINES`.
 */
export function lineFigures(gc: () => void): number[] {
  const rooms = LINES.map((lines) => new LineRoom(lines));
  for (let i = 0; i < WARM_UPS; i++) for (const room of rooms) room.turn(); // compiles
  gc();
  const turns = rooms.map((): Turn[] => []);
  for (let i = 0; i < ROUNDS * rooms.length; i++) {
    const at = (i + Math.floor(i / rooms.length)) % rooms.length; // another one begins each round
    turns[at]?.push((rooms[at] as LineRoom).turn());
  }
  return LINE_STEPS.flatMap((step) => {
    const [one, ...more] = turns.map((of) => mean(of.map((turn) => turn[step])));
    return [one as number, ...more.map((us) => us / (one as number))];
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** One SKU in so many places, each with a batch of its own, and open holds on it. */
export class LineRoom {
  readonly room = new Stockroom();
  /** In an order that is neither that of arrival nor that of expiry. */
  readonly #later: Uint32Array;
  #reserved = 0;
  #picked = 0;

  constructor(lines: number) {
    const receive = command('receive', 0, UNITS / lines, '');
    const places = shuffled(lines, 13);
    runAll(
      this.room,
      Array.from(places, (place) => ({ ...receive, more: received(place) })),
    );
    this.#later = places.filter((place) => place >= lines >> 1); // the others run out
    runAll(this.room, this.#reserves(HOLDS));
  }

  /** µs of each step. What was picked then ships, so that the room has as many holds as before. */
  turn(): Turn {
    const reserve = this.#timed(this.#reserves(2 * COMMANDS));
    const first = this.#picked;
    const pick = this.#timed(this.#picks(() => NO_MORE));
    const pickAt = this.#timed(this.#picks((i) => this.#at(i)));
    for (const op of ['pack', 'ship'] as const) {
      runAll(this.room, steps(op, first, this.#picked));
    }
    return { reserve, pick, pick_at: pickAt };
  }

  #at(i: number): More {
    return {
      ...NO_MORE,
      lot: { location: location(this.#later[i % this.#later.length] as number) },
    };
  }

  #reserves(count: number): StockCommand[] {
    this.#reserved += count;
    return steps('reserve', this.#reserved - count, this.#reserved);
  }

  /** Of the oldest holds. */
  #picks(more: (i: number) => More): StockCommand[] {
    this.#picked += COMMANDS;
    const picks = steps('pick', this.#picked - COMMANDS, this.#picked);
    return picks.map((pick, i) => ({ ...pick, more: more(i) }));
  }

  #timed(commands: readonly StockCommand[]): number {
    const before = process.cpuUsage();
    runAll(this.room, commands);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / commands.length;
  }
}

const steps = (op: StockOp, from: number, to: number): StockCommand[] =>
  Array.from({ length: to - from }, (_, i) => command(op, 0, 1, `hold-${from + i}`));

const location = (place: number): string => `A-${place}`;

/** The place with the higher number has goods that keep longer. */
function received(place: number): More {
  const expiresAtMs = NOW_MS + (place + 1) * DAY_MS;
  return {
    ...NO_MORE,
    lot: { location: location(place), batch: `L${place}` },
    dates: { startMs: NOW_MS, expiresAtMs, sellUntilMs: expiresAtMs },
  };
}
