import type { ActorKey } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import { ActorTable } from './actor-table.ts';
import type { Balances } from './balances.ts';
import {
  type ChangeCommand,
  type EachCommand,
  lineOf,
  type ReadCommand,
  type StockCommand,
} from './commands.ts';
import { CLOCK_AHEAD_MS } from './decide.ts';
import type { StockEvent } from './events.ts';
import { ANYTHING, type Fit } from './fit.ts';
import type { StockState } from './state.ts';
import { stock } from './stock.ts';
import { type Before, before, undo } from './undo.ts';

/** One event and what it left: the actor's new version and its counters. */
export interface Change {
  readonly key: ActorKey;
  readonly event: StockEvent;
  readonly seq: number;
  readonly after: Balances;
}

export interface Accepted {
  readonly ok: true;
  /** One a command; as many as lines for an `all`, or as were not refused of an `each`. */
  readonly changes: readonly Change[];
  /** Of an `each` only: the lines that were refused, in their order. */
  readonly refused?: readonly Refused[];
}

/** The stock actors of one shard. Plain memory: no I/O, no clock. */
export class Stockroom {
  readonly #actors = new ActorTable();
  readonly #fit: Fit;
  /** True while nothing may be promised here. */
  sellsNothing = false;

  constructor(fit: Fit = ANYTHING) {
    this.#fit = fit;
  }

  get size(): number {
    return this.#actors.size;
  }

  get(key: ActorKey): StockState | undefined {
    return this.#actors.get(key);
  }

  /** Puts an actor there as a snapshot had it. */
  set(key: ActorKey, state: StockState): void {
    this.#actors.set(key, state);
  }

  entries(): IterableIterator<[ActorKey, StockState]> {
    return this.#actors.entries();
  }

  /** Decides and applies. All lines of an `all`, or none; of an `each` those that can be. */
  run(command: ChangeCommand, nowMs: number): Accepted | Refused {
    if (command.op === 'all') return this.runSteps(command.commands, nowMs);
    if (command.op === 'each') return this.#runEach(command, nowMs);
    const change = this.#runOne(command, nowMs);
    return 'ok' in change ? change : { ok: true, changes: [change] };
  }

  #runOne(command: StockCommand, nowMs: number): Change | Refused {
    const state = this.#actors.get(command.key) ?? opened(command);
    const event = this.#decide(state, command, nowMs);
    if ('ok' in event) return event;
    return this.#applied(command.key, state as StockState, event);
  }

  #decide(
    state: StockState | undefined,
    command: StockCommand,
    nowMs: number,
  ): StockEvent | Refused {
    if (this.sellsNothing && command.op === 'reserve') return refuse('awaits_points');
    if (state === undefined) return absent(command, nowMs);
    if (this.#fit.size === 0) return stock.decide(state, command, nowMs);
    const fit = this.#fit.fit(command);
    return 'ok' in fit ? fit : stock.decide(state, fit, nowMs);
  }

  #runEach(command: EachCommand, nowMs: number): Accepted {
    const changes: Change[] = [];
    const refused: Refused[] = [];
    for (let line = 0; line < command.keys.length; line++) {
      const change = this.#runOne(lineOf(command, line), nowMs);
      if ('ok' in change) refused.push({ ...change, line });
      else changes.push(change);
    }
    return { ok: true, changes, refused };
  }

  /**
   * Applies an event of the journal. Returns what it left, or undefined if the
   * actor is past it already (its snapshot slice was taken later).
   */
  replay(key: ActorKey, seq: number, event: StockEvent): Balances | undefined {
    const state = this.#actors.get(key) ?? stock.empty();
    if (state.seq >= seq) return undefined;
    if (state.seq !== seq - 1) {
      throw new Error(`${key} is at event ${state.seq}, the journal goes on with ${seq}`);
    }
    return this.#applied(key, state, event).after;
  }

  /** The actor, or why there is none to read. */
  read(command: ReadCommand): StockState | Refused {
    return this.#actors.get(command.key) ?? refuse('unknown_sku');
  }

  /** All of these, or none: a refusal names the place of the step that was refused. */
  runSteps(commands: readonly StockCommand[], nowMs: number): Accepted | Refused {
    const changes: Change[] = [];
    const done: Before[] = [];
    for (let line = 0; line < commands.length; line++) {
      const command = commands[line] as StockCommand;
      const state = this.#actors.get(command.key) ?? opened(command);
      const event = this.#decide(state, command, nowMs);
      if ('ok' in event) {
        this.#revert(done);
        return { ...event, line };
      }
      done.push(before(state as StockState, event));
      changes.push(this.#applied(command.key, state as StockState, event));
    }
    return { ok: true, changes };
  }

  /** Newest first, so actors that were opened go in the reverse of the order they came. */
  #revert(done: readonly Before[]): void {
    for (const was of done.toReversed()) {
      undo(was);
      if (was.seq === 0) this.#actors.removeNewest();
    }
  }

  #applied(key: ActorKey, state: StockState, event: StockEvent): Change {
    if (state.seq === 0) this.#actors.set(key, state);
    stock.apply(state, event);
    return { key, event, seq: state.seq, after: state.b.slice() };
  }
}

/** A receipt opens an actor, or the announcement of one; nothing else does. */
function opened(command: StockCommand): StockState | undefined {
  return command.op === 'receive' || command.op === 'announce' ? stock.empty() : undefined;
}

/** Why nothing was done with an actor that is not there, in the catalogue's order (S8). */
function absent(command: StockCommand, nowMs: number): Refused {
  const isAhead = command.occurredAtMs > nowMs + CLOCK_AHEAD_MS;
  return refuse(isAhead ? 'clock_ahead' : 'unknown_sku');
}
