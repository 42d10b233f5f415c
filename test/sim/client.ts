import { isRead } from '../../actors/command.ts';
import { isRetryable } from '../../actors/outcomes.ts';
import { LIMITS } from '../../engine/limits.ts';
import type { Caller } from '../../engine/record.ts';
import { newIncarnation } from '../../engine/sessions.ts';
import type { Answer } from '../../engine/settled.ts';
import type { Network } from './network.ts';
import type { Framed, Listener, SimNode } from './node.ts';
import type { Oracle } from './oracle.ts';
import type { Random } from './random.ts';
import { fingerprintOf, keyOf, type Wanted } from './sent.ts';
import { EPOCH_MS, Life, type World } from './world.ts';

const PATIENCE_MS = 900;
/** Of one command. */
const MOST_TRIES = 1_000_000;
/** Share of frames before which a device was switched off and on. */
const SWITCHED_OFF = 0.02;

/** One command that a client wants carried out, however often it must ask. */
export interface Wish {
  readonly id: number;
  readonly command: Wanted;
  readonly decided: boolean;
}

/** A wish that has its answer, and when it was asked and answered, in true time. */
export interface Granted {
  readonly wish: Wish;
  readonly caller: Caller;
  readonly n: number;
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly answer: Answer;
}

interface Pending {
  readonly wish: Wish;
  readonly n: number;
  readonly fingerprint: number;
  /** When each try was sent. */
  readonly sentMs: number[];
  /** Said before its commit, with `ack: "decided"`. */
  tentative: { readonly attempt: number; readonly answer: Answer } | undefined;
  cancel: () => void;
}

export interface ClientParts {
  readonly world: World;
  readonly network: Network;
  readonly random: Random;
  readonly oracle: Oracle;
  readonly nodes: readonly SimNode[];
  readonly onGranted: (granted: Granted) => void;
}

/** A scanner or an order system: numbers its commands, and sends each until it is answered for good. */
export class Client implements Listener {
  readonly name: string;
  readonly life: Life;
  readonly #parts: ClientParts;
  readonly #pending = new Map<number, Pending>();
  readonly #queue: Wish[][] = [];
  readonly #settled = new Map<number, Granted>();
  #caller: Caller;
  /** Tries are counted through all sessions, so that late answers to an earlier one are known as such. */
  #firstTry = 0;
  /** Its session is too old. */
  #isForgotten = false;
  #nextN = 1;
  #node: number;

  constructor(name: string, parts: ClientParts) {
    this.name = name;
    this.life = new Life(name);
    this.#parts = parts;
    this.#caller = this.#newSession();
    this.#node = parts.random.whole(0, parts.nodes.length - 1);
  }

  /** Wishes that were sent and have no answer yet. While there are none, nothing waits to be sent either. */
  *unanswered(): Iterable<Wish> {
    for (const { wish } of this.#pending.values()) yield wish;
  }

  /** Sends these in one frame, as soon as the window has room. */
  want(wishes: readonly Wish[]): void {
    if (this.#isForgotten || this.#parts.random.chance(SWITCHED_OFF)) this.#renew();
    this.#queue.push([...wishes]);
    this.#flush();
  }

  /** Begins a new session, as a device that was switched off does. Waiting commands keep theirs. */
  #renew(): void {
    if (this.#pending.size > 0) return;
    this.#isForgotten = false;
    this.#firstTry += MOST_TRIES;
    this.#caller = this.#newSession();
    this.#nextN = 1;
  }

  /** Sends a frame again that was answered long ago, with the same content or another. */
  repeat(id: number, other: Wanted | undefined): void {
    const granted = this.#settled.get(id);
    if (granted === undefined || isRead(granted.wish.command)) return;
    if (other !== undefined && !granted.answer.ok) return;
    const { caller, n, wish } = granted;
    const command = other ?? wish.command;
    const fingerprint = this.#register(caller, n, command);
    this.#carry([{ caller, n, command, fingerprint, acked: 0, decided: false, attempt: -1 }]);
  }

  heard(n: number, attempt: number, answer: Answer, committed: boolean): void {
    const pending = this.#pending.get(n);
    if (pending === undefined || attempt < this.#firstTry) return;
    if (!answer.ok && isRetryable(answer.code)) this.#later(pending, answer.code, answer.detail);
    else if (!committed) pending.tentative = { attempt, answer };
    else this.#settle(pending, attempt, answer);
  }

  fated(n: number, attempt: number, committed: boolean): void {
    const pending = this.#pending.get(n);
    if (pending === undefined || attempt < this.#firstTry) return;
    if (!committed) return this.#later(pending, 'revoked', '');
    const { tentative } = pending;
    if (tentative?.attempt === attempt) this.#settle(pending, attempt, tentative.answer);
  }

  #flush(): void {
    for (;;) {
      const [frame] = this.#queue;
      if (frame === undefined || !this.#hasRoom(frame.length)) return;
      this.#queue.shift();
      this.#send(frame.map((wish) => this.#number(wish)));
    }
  }

  /** What may be asked again must still be remembered, so numbers never run far ahead. */
  #hasRoom(more: number): boolean {
    const lowest = this.#pending.keys().next().value ?? this.#nextN;
    return this.#nextN + more - lowest <= LIMITS.sessionWindow / 2;
  }

  #number(wish: Wish): Pending {
    const n = this.#nextN++;
    const fingerprint = this.#register(this.#caller, n, wish.command);
    const cancel = (): void => {};
    const pending = { wish, n, fingerprint, sentMs: [], tentative: undefined, cancel };
    this.#pending.set(n, pending);
    return pending;
  }

  #register(caller: Caller, n: number, command: Wanted): number {
    const fingerprint = isRead(command) ? 0 : fingerprintOf(command);
    this.#parts.oracle.sent.add(keyOf(caller, n), fingerprint, command);
    return fingerprint;
  }

  #send(frame: readonly Pending[]): void {
    const { world, random } = this.#parts;
    const acked = this.#pending.keys().next().value ?? this.#nextN;
    const framed = frame.map((pending): Framed => {
      const attempt = this.#firstTry + pending.sentMs.push(world.nowMs) - 1;
      const { n, fingerprint, wish } = pending;
      const { command, decided } = wish;
      return { caller: this.#caller, n, command, fingerprint, acked, decided, attempt };
    });
    for (const pending of frame) {
      pending.cancel();
      pending.cancel = world.after(PATIENCE_MS * random.between(0.7, 1.5), this.life, () => {
        this.#node = random.whole(0, this.#parts.nodes.length - 1);
        this.#send([pending]);
      });
    }
    this.#carry(framed);
  }

  #carry(framed: readonly Framed[]): void {
    const { nodes, random } = this.#parts;
    // Looks go anywhere: an old owner must not answer them.
    const isLook = framed.every(({ command }) => isRead(command));
    const at = isLook && random.chance(0.6) ? random.whole(0, nodes.length - 1) : this.#node;
    const node = nodes[at] as SimNode;
    this.#parts.network.send(this.life, node, () => node.frame(framed, this));
  }

  #later(pending: Pending, why: string, detail: string): void {
    const { world, random, nodes } = this.#parts;
    pending.tentative = undefined;
    pending.cancel();
    const named = nodes.findIndex((node) => node.name === detail);
    if (why === 'not_owned' && named >= 0) this.#node = named;
    else if (why !== 'overloaded') this.#node = random.whole(0, nodes.length - 1);
    pending.cancel = world.after(random.between(20, 300), this.life, () => this.#send([pending]));
  }

  #settle(pending: Pending, attempt: number, answer: Answer): void {
    const { world, oracle, onGranted } = this.#parts;
    const { wish, n, fingerprint, sentMs } = pending;
    pending.cancel();
    this.#pending.delete(n);
    const caller = this.#caller;
    // A read is a new one with every try; a change is one, however often it was sent.
    const askedMs = sentMs[isRead(wish.command) ? attempt - this.#firstTry : 0] as number;
    const granted = { wish, caller, n, askedMs, answeredMs: world.nowMs, answer };
    this.#settled.set(wish.id, granted);
    this.#isForgotten ||= !answer.ok && answer.code === 'number_too_old';
    oracle.granted({ caller, n, command: wish.command, fingerprint }, answer);
    onGranted(granted);
    this.#flush();
  }

  #newSession(): Caller {
    const { world, random } = this.#parts;
    const incarnation = newIncarnation(Math.floor(EPOCH_MS + world.timeMs), random.hex(6));
    return { client: this.name, incarnation };
  }
}
