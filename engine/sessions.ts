import { type Refused, refuse } from '../actors/outcomes.ts';
import { CLOCK_AHEAD_MS } from '../actors/stock/decide.ts';
import { LIMITS } from './limits.ts';
import type { Caller } from './record.ts';
import type { Settled } from './settled.ts';

/** What a session remembers of one command. */
export interface Remembered {
  readonly fingerprint: number;
  readonly settled: Settled;
}

/** One client session in one shard (C5). */
export interface Session {
  readonly caller: Caller;
  /** Numbers up to here are settled and forgotten; such a number is never applied again. */
  floor: number;
  /** Highest number seen. */
  highest: number;
  /** Record time of its last command, epoch ms. */
  lastMs: number;
  readonly outcomes: Map<number, Remembered>;
}

/** A connection has one caller, so its key is made once. */
const KEYS = new WeakMap<Caller, string>();

function keyOf(caller: Caller): string {
  let key = KEYS.get(caller);
  if (key === undefined) {
    key = `${caller.client}\n${caller.incarnation}`;
    KEYS.set(caller, key);
  }
  return key;
}

/**
 * Exactly once for callers. Everything here is set by journal records and
 * record time alone, so that a recovered shard remembers the same.
 */
export class Sessions {
  /** Least recently used first. */
  readonly #sessions = new Map<string, Session>();
  #outcomes = 0;

  get size(): number {
    return this.#sessions.size;
  }

  get outcomes(): number {
    return this.#outcomes;
  }

  /**
   * The first outcome of a number, why it cannot be used, or undefined if it is
   * new. `nowMs` is the time of the last record: what was refused as too old at
   * one owner must be so at the next, whatever its clock says.
   */
  recall(caller: Caller, n: number, fingerprint: number, nowMs: number): Settled | undefined {
    const session = this.#sessions.get(keyOf(caller));
    if (session === undefined) return expired(caller, nowMs);
    if (n <= session.floor) return refuse('number_too_old');
    const known = session.outcomes.get(n);
    if (known === undefined) return undefined;
    return known.fingerprint === fingerprint ? known.settled : refuse('id_reused');
  }

  /** Remembers the outcome of a number that {@link recall} did not know. */
  remember(caller: Caller, n: number, what: Remembered, nowMs: number): void {
    const session = this.#touch(caller, nowMs);
    if (n <= session.floor || session.outcomes.has(n)) return;
    session.outcomes.set(n, what);
    this.#outcomes++;
    if (n > session.highest) session.highest = n;
    while (session.outcomes.size > LIMITS.sessionWindow) this.#forgetFirst(session);
    while (this.#outcomes > LIMITS.shardWindow) this.#forgetOldest();
  }

  /** The caller has read every answer below `below`. True if that was news. */
  acknowledge(caller: Caller, below: number): boolean {
    const session = this.#sessions.get(keyOf(caller));
    if (session === undefined || below - 1 <= session.floor) return false;
    session.floor = below - 1;
    for (const n of session.outcomes.keys()) {
      if (n >= below) break;
      session.outcomes.delete(n);
      this.#outcomes--;
    }
    return true;
  }

  /** Forgets sessions that have been silent too long by record time. */
  expire(nowMs: number): void {
    for (const [key, session] of this.#sessions) {
      if (session.lastMs + LIMITS.sessionIdleMs > nowMs) return;
      this.#outcomes -= session.outcomes.size;
      this.#sessions.delete(key);
    }
  }

  /** The number after the highest one seen, 1 for a session not seen here. */
  nextNumber(caller: Caller): number {
    return (this.#sessions.get(keyOf(caller))?.highest ?? 0) + 1;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** Puts a session there as a snapshot had it. Call in the order of {@link all}. */
  restore(session: Session): void {
    this.#sessions.set(keyOf(session.caller), session);
    this.#outcomes += session.outcomes.size;
  }

  #touch(caller: Caller, nowMs: number): Session {
    const key = keyOf(caller);
    let session = this.#sessions.get(key);
    if (session === undefined) {
      const lastMs = firstMs(caller, nowMs);
      session = { caller, floor: 0, highest: 0, lastMs, outcomes: new Map() };
      this.#sessions.set(key, session);
    } else if (session.lastMs < nowMs) {
      session.lastMs = nowMs;
      this.#sessions.delete(key);
      this.#sessions.set(key, session);
    }
    return session;
  }

  #forgetFirst(session: Session): void {
    const first = session.outcomes.keys().next().value as number;
    session.outcomes.delete(first);
    this.#outcomes--;
    if (first > session.floor) session.floor = first;
  }

  /** The shard's window is full: the session that has been silent longest loses its oldest outcome. */
  #forgetOldest(): void {
    for (const session of this.#sessions.values()) {
      if (session.outcomes.size === 0) continue;
      this.#forgetFirst(session);
      return;
    }
  }
}

const MADE_HERE = /^([0-9a-z]{8,9})\.[0-9a-z]+$/;

/** An incarnation made by a gateway; it tells when, so that a forgotten session is known as such. */
export const newIncarnation = (nowMs: number, nonce: string): string =>
  `${nowMs.toString(36)}.${nonce}`;

/** When a gateway made it, epoch ms; NaN where it was made elsewhere. */
const bornMs = ({ incarnation }: Caller): number =>
  Number.parseInt(MADE_HERE.exec(incarnation)?.[1] ?? '', 36);

/** The gateway's clock may be ahead of ours: no session is forgotten before it is known as old. */
function firstMs(caller: Caller, nowMs: number): number {
  const born = bornMs(caller);
  return born > nowMs && born <= nowMs + CLOCK_AHEAD_MS ? born : nowMs;
}

/** A session unknown here is new, unless its incarnation is older than we remember sessions. */
function expired(caller: Caller, nowMs: number): Refused | undefined {
  return bornMs(caller) + LIMITS.sessionIdleMs <= nowMs ? refuse('number_too_old') : undefined;
}
