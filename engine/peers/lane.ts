import { refuse } from '../../actors/outcomes.ts';
import type { LeaseValue } from '../lease.ts';
import type { Parked } from '../parking.ts';
import { PeerAbsent, type Peers } from './peers.ts';

/** Sent on so often, a command has met nodes that take each other for the owner. */
export const MOST_HOPS = 3;

/**
 * One shard's commands on their way to the node that owns it. One owner at a
 * time: the next gets nothing before all answers of the last are there or given
 * up, so that commands of a session cannot overtake each other by another way.
 */
export class Lane {
  readonly #peers: Peers;
  readonly #shard: number;
  readonly #onBack: (parked: readonly Parked[], isRefused: boolean) => void;
  readonly #onIdle: () => void;
  readonly #open = new Set<Parked>();
  #owner: LeaseValue | undefined;

  /**
   * `onBack` is given what has to be asked again, oldest first; what can not be
   * asked again is answered `unknown`; `isRefused` where a node that sent one
   * on has to ask again itself. `onIdle` is told when nothing is open.
   */
  constructor(
    peers: Peers,
    shard: number,
    onBack: (parked: readonly Parked[], isRefused: boolean) => void,
    onIdle: () => void,
  ) {
    this.#peers = peers;
    this.#shard = shard;
    this.#onBack = onBack;
    this.#onIdle = onIdle;
  }

  /** Whose answers are awaited; undefined when none are. */
  get awaited(): LeaseValue | undefined {
    return this.#open.size > 0 ? this.#owner : undefined;
  }

  send(owner: LeaseValue, parked: Parked): void {
    this.#owner = owner;
    this.#open.add(parked);
    this.#peers.forward(owner, this.#shard, parked.ask, parked.hops + 1).then(
      (answer) => {
        if (!this.#open.has(parked)) return; // given up
        if (!answer.ok && answer.code === 'moved') return this.giveUp(parked);
        this.#open.delete(parked);
        parked.ask.answer(answer, true);
        if (this.#open.size === 0) this.#onIdle();
      },
      (e: unknown) => {
        if (this.#open.has(parked)) this.giveUp(e instanceof PeerAbsent ? parked : undefined);
      },
    );
  }

  /** Awaits nothing more from this owner. `undone` was certainly not done by it. */
  giveUp(undone?: Parked): void {
    if (this.#open.size === 0) return;
    const back: Parked[] = [];
    let isRefused = false;
    for (const parked of this.#open) {
      const { command, n } = parked.ask;
      const mayRepeat = n > 0 || command.op === 'read' || parked === undone;
      if (!mayRepeat) parked.ask.answer(refuse('unknown'), true);
      else if (parked.hops === 0) back.push(parked);
      else {
        parked.ask.answer(refuse('moved'), true); // the node that it came from asks again
        isRefused = true;
      }
    }
    this.#open.clear();
    this.#onBack(back, isRefused);
    this.#onIdle();
  }
}
