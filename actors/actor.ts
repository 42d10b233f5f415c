import type { Refused } from './outcomes.ts';

/**
 * What every kind of actor is: a plain deterministic state machine. `decide`
 * reads, `apply` alone changes. Neither does I/O, reads a clock or waits;
 * `nowMs` is the time of the journal record that will hold the event.
 */
export interface Actor<State, Command, Event> {
  empty(): State;
  decide(state: State, command: Command, nowMs: number): Event | Refused;
  apply(state: State, event: Event): void;
}
