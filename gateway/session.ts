import type { Logger } from 'pino';
import { isQty } from '../actors/ids.ts';
import { isRetryable, type Refused, refuse } from '../actors/outcomes.ts';
import type { Command } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import type { RegionNode } from '../engine/node.ts';
import type { Caller } from '../engine/record.ts';
import type { Answer } from '../engine/settled.ts';
import { type Defaults, defaultsOf, type Identity, type Verifier } from './auth.ts';
import { type Codec, codecOf } from './codec.ts';
import { field, isFields, parseCommand } from './commands.ts';
import type { Socket } from './door/door.ts';
import { fingerprint } from './fingerprint.ts';
import { type Greeted, greet, TOLD_LIMITS } from './hello.ts';
import { Order } from './order.ts';
import { Rate } from './rate.ts';
import { refusalOf, replyOf } from './replies.ts';
import { Watching } from './watching.ts';

export interface SessionContext {
  readonly node: RegionNode;
  readonly verifier: Verifier;
  readonly log: Logger;
  readonly version: string;
  /** Where this node's scanners connect, for the hello reply. */
  readonly url: () => string;
  /** NATS as clients reach it; told to administrators. */
  readonly nats: string;
  readonly nonce: () => string;
  /** Open sessions by caller: a session has one connection, the newest. */
  readonly open: Map<string, ScanSession>;
  readonly counters: GatewayCounters;
}

export interface GatewayCounters {
  frames: number;
  refused: number;
  slowReaders: number;
}

/** Close codes, RFC 6455 private range. */
export const CLOSE = {
  badHello: 4401,
  superseded: 4409,
  slowReader: 4408,
  helloTimeout: 4410,
  tooLarge: 4413,
} as const;

type Phase =
  | { readonly kind: 'greeting'; readonly early: unknown[] }
  | {
      readonly kind: 'ready';
      readonly who: Identity;
      readonly caller: Caller;
      readonly defaults: Defaults;
      readonly watching: Watching;
      readonly order: Order | undefined;
    }
  | { readonly kind: 'closed' };
type Ready = Extract<Phase, { kind: 'ready' }>;

/** ① One scanner's connection: frames in, commands to the router, replies and pushes out. */
export class ScanSession {
  readonly #socket: Socket<ScanSession | undefined>;
  readonly #context: SessionContext;
  readonly #codec: Codec;
  readonly #rate: Rate;
  readonly #timer: NodeJS.Timeout;
  #phase: Phase = { kind: 'greeting', early: [] };
  #greetingBegun = false;
  #inFlight = 0;
  #out: unknown[] = [];

  constructor(socket: Socket<ScanSession | undefined>, context: SessionContext) {
    this.#socket = socket;
    this.#context = context;
    this.#codec = codecOf(socket.protocol);
    this.#rate = new Rate(LIMITS.commandsPerSecond, LIMITS.commandsBurst, performance.now());
    this.#timer = setTimeout(() => {
      this.#leave(CLOSE.helloTimeout, 'no hello in time');
    }, LIMITS.helloMs);
  }

  /** A frame arrived. `data` is valid during the call only. */
  frame(data: Uint8Array): void {
    this.#context.counters.frames++;
    if (data.length > LIMITS.frameBytes) return this.#refuse(0, refuse('too_large'));
    let message: unknown;
    try {
      message = this.#codec.decode(data);
    } catch {
      return this.#refuse(0, refuse('malformed'));
    }
    const phase = this.#phase;
    if (phase.kind === 'ready') this.#message(phase, message);
    else if (phase.kind === 'greeting') this.#early(phase.early, message);
  }

  closed(): void {
    const phase = this.#phase;
    if (phase.kind === 'ready') {
      phase.watching.end();
      const key = keyOf(phase.caller);
      if (this.#context.open.get(key) === this) this.#context.open.delete(key);
    }
    this.#phase = { kind: 'closed' };
    clearTimeout(this.#timer);
  }

  /** The first frame is hello; what follows before the reply waits for it. */
  #early(early: unknown[], message: unknown): void {
    if (this.#greetingBegun) {
      if (early.length < LIMITS.batch) early.push(message);
      else this.#leave(CLOSE.tooLarge, 'too much before the hello reply');
      return;
    }
    this.#greetingBegun = true;
    void this.#greet(message, early);
  }

  async #greet(message: unknown, early: unknown[]): Promise<void> {
    const { verifier, nonce, node, open } = this.#context;
    const greeted = await greet(message, verifier, Date.now(), nonce());
    if (this.#phase.kind !== 'greeting') return;
    if (!greeted.ok) {
      this.#refuse(0, greeted);
      return this.#leave(CLOSE.badHello, greeted.code);
    }
    const nextN = await node.router.nextNumber(greeted.caller);
    if (this.#phase.kind !== 'greeting') return;
    clearTimeout(this.#timer);
    open.get(keyOf(greeted.caller))?.supersede();
    open.set(keyOf(greeted.caller), this);
    const phase = this.#become(greeted);
    this.#send(this.#helloReply(greeted, nextN));
    for (const waiting of early) this.#message(phase, waiting);
  }

  /** The same session has said hello elsewhere. */
  supersede(): void {
    this.#leave(CLOSE.superseded, 'the session goes on in another connection');
  }

  #become({ who, caller, ordered }: Greeted): Ready {
    const watching = new Watching(this.#context.node.watchers, who, (push) => this.#send(push));
    const order = ordered ? new Order() : undefined;
    const phase: Ready = { kind: 'ready', who, caller, defaults: defaultsOf(who), watching, order };
    this.#phase = phase;
    return phase;
  }

  #helloReply({ caller, who }: Greeted, nextN: number): unknown {
    const { version, url } = this.#context;
    const { client, incarnation } = caller;
    return {
      ok: true,
      op: 'hello',
      version,
      client,
      incarnation,
      nextN,
      node: url(),
      limits: TOLD_LIMITS,
      ...(who.roles.includes('admin') ? { nats: this.#context.nats } : {}),
    };
  }

  #message(phase: Ready, message: unknown): void {
    if (!Array.isArray(message)) {
      this.#one(phase, message, (reply) => this.#send(reply));
      return;
    }
    if (message.length > LIMITS.batch) return this.#refuse(0, refuse('too_large'));
    if (message.length === 0) return this.#send([]);
    const replies: unknown[] = new Array(message.length);
    let left = message.length;
    for (const [i, one] of message.entries()) {
      this.#one(phase, one, (reply) => {
        replies[i] = reply;
        if (--left === 0) this.#send(replies);
      });
    }
  }

  /** One command of a frame. `reply` is called once. */
  #one(phase: Ready, message: unknown, reply: (reply: unknown) => void): void {
    if (!isFields(message)) return this.#refuse(0, refuse('malformed'), reply);
    const n = message.n === undefined ? 0 : message.n;
    if (n !== 0 && !isQty(n)) return this.#refuse(0, field('n', 'whole, from 1'), reply);
    if (phase.who.expiresAtMs < Date.now()) return this.#expired(n, reply);
    if (!this.#rate.take(1, performance.now())) return this.#refuse(n, refuse('rate_limited'), reply);
    const watched = phase.watching.handle(message, phase.defaults, n);
    if (watched !== undefined) return reply(watched);
    if (this.#inFlight >= LIMITS.inFlight) return this.#refuse(n, refuse('too_many_in_flight'), reply);
    const command = parseCommand(message, phase.who, phase.defaults);
    if ('ok' in command) return this.#refuse(n, command, reply);
    if (n === 0) return this.#refuse(0, field('n', 'the number of this command, from 1'), reply);
    const options = optionsOf(message);
    if ('ok' in options) return this.#refuse(n, options, reply);
    this.#submit(phase, command, n, options, reply);
  }

  #submit(
    phase: Ready,
    command: Command,
    n: number,
    { acked, decided }: Options,
    reply: (reply: unknown) => void,
  ): void {
    const { order } = phase;
    if (order?.mustWait(command.warehouse, n)) return this.#refuse(n, refuse('moved'), reply);
    this.#inFlight++;
    this.#context.node.router.submit({
      command,
      caller: phase.caller,
      n,
      fingerprint: command.op === 'read' ? 0 : fingerprint(command),
      acked,
      decided: decided && command.op !== 'read',
      answer: (answer: Answer, committed: boolean) => {
        this.#inFlight--;
        if (!answer.ok) {
          this.#context.counters.refused++;
          if (isRetryable(answer.code)) order?.sendAgain(command.warehouse, n);
        }
        reply(replyOf(n, answer, committed));
      },
      fate: (committed) => this.#send({ event: committed ? 'committed' : 'revoked', n }),
    });
  }

  #expired(n: number, reply: (reply: unknown) => void): void {
    this.#refuse(n, refuse('token_expired'), reply);
    this.#leave(CLOSE.badHello, 'token_expired');
  }

  #refuse(n: number, refused: Refused, reply = (r: unknown) => this.#send(r)): void {
    this.#context.counters.refused++;
    const { code, detail } = refused;
    this.#context.log.debug({ remote: this.#socket.remote, code, detail }, 'refused');
    reply(refusalOf(n, refused));
  }

  /** What one turn answers leaves in one go, after the turn. */
  #send(message: unknown): void {
    if (this.#phase.kind === 'closed') return;
    if (this.#out.push(message) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#out;
    this.#out = [];
    if (!this.#socket.open) return;
    const { encode, binary } = this.#codec;
    if (messages.length === 1) return this.#sendNow(encode(messages[0]), binary);
    this.#socket.cork(() => {
      for (const message of messages) this.#sendNow(encode(message), binary);
    });
  }

  #sendNow(data: string | Uint8Array, binary: boolean): void {
    if (!this.#socket.open || this.#socket.send(data, binary) !== 'dropped') return;
    this.#context.counters.slowReaders++;
    this.#context.log.warn({ remote: this.#socket.remote }, 'slow reader closed; it may resume');
    this.#leave(CLOSE.slowReader, 'you read too slowly; connect again to resume');
  }

  #leave(code: number, reason: string): void {
    this.#flush();
    if (this.#socket.open) this.#socket.close(code, reason);
  }
}

const keyOf = (caller: Caller): string => `${caller.client}\n${caller.incarnation}`;

interface Options {
  readonly acked: number;
  readonly decided: boolean;
}

/** The fields of a frame that are about its answer. */
function optionsOf(v: Readonly<Record<string, unknown>>): Options | Refused {
  const { acked, ack } = v;
  if (acked !== undefined && !isQty(acked)) return field('acked', 'a number, from 1');
  if (ack !== undefined && ack !== 'decided' && ack !== 'committed') {
    return field('ack', '"committed" or "decided"');
  }
  return { acked: acked ?? 0, decided: ack === 'decided' };
}
