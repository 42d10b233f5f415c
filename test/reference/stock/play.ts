import { expect } from 'vitest';
import type { HoldId } from '../../../actors/ids.ts';
import type { Refused } from '../../../actors/outcomes.ts';
import type { ChangeCommand, StockCommand } from '../../../actors/stock/commands.ts';
import { faults } from '../../../actors/stock/conserved.ts';
import type { StockState } from '../../../actors/stock/state.ts';
import { type Accepted, type Change, Stockroom } from '../../../actors/stock/stockroom.ts';
import type { Refusal } from './goods.ts';
import { restored } from './kept.ts';
import { heapOf, pictureIn, pictureOf } from './picture.ts';
import { Reference } from './reference.ts';
import type { Told } from './shelves.ts';
import type { Line, Step } from './steps.ts';
import { KEY, START_MS, WAREHOUSE, Wishes } from './wishes.ts';

export interface Watch {
  /** Each command as it is run, before it is. */
  readonly onRun?: (play: Play, command: ChangeCommand, nowMs: number) => void;
  /** What came of it. */
  readonly onDone?: (play: Play, outcome: Accepted | Refused) => void;
}

/** The actor and the reference, playing the same commands; they must always answer the same. */
export class Play {
  readonly room = new Stockroom();
  reference = new Reference();
  readonly #wishes = new Wishes(() => this.reference);
  readonly #watch: Watch;
  #nowMs = START_MS;

  constructor(watch: Watch = {}) {
    this.#watch = watch;
  }

  through(played: readonly Step[]): this {
    for (const step of played) {
      if ('all' in step) this.#all(step.all);
      else if ('tickMs' in step) for (const c of this.#due(step.tickMs)) this.#one(c);
      else this.#one(this.#wishes.command(step));
    }
    return this;
  }

  get state(): StockState | undefined {
    return this.room.get(KEY);
  }

  #one(c: StockCommand): void {
    this.#watch.onRun?.(this, c, this.#nowMs);
    const outcome = this.room.run(c, this.#nowMs);
    this.#both(c, outcome);
    this.#look([c], outcome);
  }

  /** The reference does it too, if it is done. Returns whether. */
  #both(c: StockCommand, outcome: Accepted | Refused): boolean {
    const next = this.reference.copy();
    const told = outcome.ok ? toldBy(outcome.changes[0] as Change) : undefined;
    const refused = asked(() => next.do(c, this.#nowMs, told), c);
    expectSame(outcome, refused, c);
    if (refused === undefined) this.reference = next;
    return refused === undefined;
  }

  /** Each line is made when those before it are done, aside: so most are carried out. */
  #all(lines: readonly Line[]): void {
    const was = this.reference;
    const aside = new Stockroom();
    if (this.state !== undefined) aside.set(KEY, restored(this.state));
    const commands: StockCommand[] = [];
    let isDone = true;
    for (const line of isDone ? lines : []) {
      const c = this.#wishes.command(line);
      commands.push(c);
      isDone = this.#both(c, aside.run(c, this.#nowMs));
      if (!isDone) break;
    }
    if (!isDone) this.reference = was;
    const all = { op: 'all', warehouse: WAREHOUSE, commands } as const;
    this.#watch.onRun?.(this, all, this.#nowMs);
    const outcome = this.room.run(all, this.#nowMs);
    const line = outcome.ok ? undefined : outcome.line;
    expect(line, words(all)).toBe(isDone ? undefined : commands.length - 1);
    this.#look(commands, outcome);
  }

  #look(done: readonly StockCommand[], outcome: Accepted | Refused): void {
    if (this.state !== undefined) {
      expect(pictureOf(this.state), words(done)).toEqual(pictureIn(this.reference));
      expect(faults(this.state), words(done)).toEqual([]);
    }
    this.#watch.onDone?.(this, outcome);
  }

  /** Time passes, and the shard ends what is due. */
  #due(tickMs: number): StockCommand[] {
    this.#nowMs += tickMs;
    const holds = this.reference.open().filter((h) => h.promises.some((p) => p <= this.#nowMs));
    const batches = Object.entries(this.reference.batches).filter(
      ([, b]) => b.sellUntilMs > 0 && b.sellUntilMs <= this.#nowMs && b.kept === '',
    );
    return [
      ...holds.map(({ id }) => this.#wishes.made({ op: 'expire', hold: id as HoldId })),
      ...batches.map(([batch]) => this.#wishes.made({ op: 'outdate' }, { lot: { batch } })),
    ];
  }
}

export const words = (said: unknown): string => JSON.stringify(said);

/** What the reference says; where it cannot follow, the command is told. */
function asked(ask: () => Refusal | undefined, c: StockCommand): Refusal | undefined {
  try {
    return ask();
  } catch (e) {
    throw new Error(`${String(e)}: ${words(c)}`, { cause: e });
  }
}

function expectSame(
  outcome: Accepted | Refused,
  refused: Refusal | undefined,
  c: StockCommand,
): void {
  const said = outcome.ok ? '' : unitsOf(outcome);
  const may = refused === undefined ? [''] : [refused, ...(refused.or ?? [])].map(unitsOf);
  if (!may.includes(said)) expect(said, words(c)).toBe(may[0]);
}

const unitsOf = ({ code, available, asked: of }: Refusal): string =>
  `${code} ${available} of ${of}`;

const toldBy = ({ event }: Change): Told[] =>
  (event.detail?.pins ?? []).map(({ hold, line, qty }) => ({ hold, heap: heapOf(line), qty }));
