import type { Logger } from 'pino';
import type { WarehouseCommand } from '../actors/command.ts';
import type { WarehouseId } from '../actors/ids.ts';
import { isBadInput, isRetryable, type Refused, refuse } from '../actors/outcomes.ts';
import { NobodyServes } from '../engine/errors.ts';
import { LIMITS } from '../engine/limits.ts';
import type { RegionNode } from '../engine/node.ts';
import type { Caller } from '../engine/record.ts';
import type { Answer } from '../engine/settled.ts';
import { Answered } from './answered.ts';
import { Asked, type Asker, Batch, type ReplyTo } from './asked.ts';
import { type Defaults, defaultsOf, type Identity, type Verifier } from './auth.ts';
import { toldTo } from './blind.ts';
import { type Codec, codecOf } from './codec.ts';
import type { Socket } from './door/door.ts';
import { type Envelope, firstRefusal, numberOf, parseEnvelope } from './envelope.ts';
import { type Fields, field, isFields } from './fields.ts';
import { type Greeted, greet } from './hello.ts';
import { type ConnectionLimits, toldLimits } from './limits.ts';
import { Order } from './order.ts';
import { parse } from './parse.ts';
import { Rate } from './rate.ts';
import { refusalOf } from './replies.ts';
import { type Target, Watching } from './watching.ts';

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
  readonly limits: ConnectionLimits;
}

export interface GatewayCounters {
  frames: number;
  refused: number;
  slowReaders: number;
}

/** Close codes: 1011 of RFC 6455, and its private range. */
export const CLOSE = {
  bug: 1011,
  /** No hello, a token that is refused, or one that has run out. */
  badHello: 4401,
  slowReader: 4408,
  superseded: 4409,
  helloTimeout: 4410,
  tooMuch: 4413,
} as const;

/** A timer waits no longer than this, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Phase =
  | { readonly kind: 'greeting' }
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
export class ScanSession implements Asker, ReplyTo {
  readonly #socket: Socket<ScanSession | undefined>;
  readonly #context: SessionContext;
  readonly #codec: Codec;
  readonly #rate: Rate;
  /** First until hello, then until the token has run out. */
  #timer: NodeJS.Timeout;
  #phase: Phase = { kind: 'greeting' };
  #greetingBegun = false;
  /** Messages that came between hello and its reply. */
  #early: unknown[] = [];
  #earlyBytes = 0;
  #inFlight = 0;
  #out: unknown[] = [];

  constructor(socket: Socket<ScanSession | undefined>, context: SessionContext) {
    this.#socket = socket;
    this.#context = context;
    this.#codec = codecOf(socket.protocol);
    const { commandsPerSecond, commandsBurst, helloMs } = context.limits;
    this.#rate = new Rate(commandsPerSecond, commandsBurst, performance.now());
    this.#timer = setTimeout(() => {
      const why = this.#greetingBegun ? 'the node is not ready' : 'no hello in time';
      this.#leave(CLOSE.helloTimeout, why);
    }, helloMs);
  }

  /** A frame arrived. `data` is valid during the call only. A bug costs this session, not the node. */
  frame(data: Uint8Array): void {
    try {
      this.#frame(data);
    } catch (e) {
      this.#broken(e);
    }
  }

  #frame(data: Uint8Array): void {
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
    else if (phase.kind === 'greeting') this.#greeting(message, data.length);
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
  #greeting(message: unknown, bytes: number): void {
    if (!this.#greetingBegun) {
      this.#greetingBegun = true;
      this.#greet(message).catch((e: unknown) => this.#broken(e));
      return;
    }
    this.#earlyBytes += bytes;
    if (this.#earlyBytes <= LIMITS.frameBytes) this.#early.push(message);
    else this.#leave(CLOSE.tooMuch, 'too much before the hello reply');
  }

  async #greet(message: unknown): Promise<void> {
    const { verifier, nonce, node, open } = this.#context;
    const greeted = await greet(message, verifier, Date.now(), nonce());
    if (this.#phase.kind !== 'greeting') return;
    if (!greeted.ok) {
      this.#refuse(0, greeted);
      return this.#leave(CLOSE.badHello, greeted.code);
    }
    const nextN = await node.router.nextNumber(greeted.caller).catch(ifNobodyServes);
    if (nextN === undefined) return this.#leave(CLOSE.helloTimeout, 'the node is not ready');
    if (this.#phase.kind !== 'greeting') return;
    open.get(keyOf(greeted.caller))?.supersede();
    open.set(keyOf(greeted.caller), this);
    const phase = this.#become(greeted);
    this.#send(this.#helloReply(greeted, nextN));
    this.#endWithToken(greeted.who);
    for (const waiting of this.#early.splice(0)) this.#message(phase, waiting);
  }

  /** Watching must not outlive the token either. */
  #endWithToken(who: Identity): void {
    clearTimeout(this.#timer);
    const left = who.expiresAtMs - Date.now();
    if (left <= 0) return this.#expired();
    this.#timer = setTimeout(() => this.#endWithToken(who), Math.min(left, LONGEST_TIMER_MS));
  }

  #expired(): void {
    this.#refuse(0, refuse('token_expired'));
    this.#leave(CLOSE.badHello, 'token_expired');
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
      node: this.#ownerOf(who) ?? url(),
      limits: toldLimits(this.#context.limits),
      ...(who.roles.includes('admin') ? { nats: this.#context.nats } : {}),
    };
  }

  /** Where commands for the token's one warehouse take no detour. */
  #ownerOf(who: Identity): string | undefined {
    const { warehouse } = defaultsOf(who);
    if (warehouse === undefined) return undefined;
    return this.#context.node.router.ownerOf(warehouse as WarehouseId)?.url;
  }

  #message(phase: Ready, message: unknown): void {
    if (phase.who.expiresAtMs <= Date.now()) return this.#expired();
    const nowMs = performance.now();
    if (!Array.isArray(message)) return this.#one(phase, message, nowMs, this, 0);
    if (message.length > LIMITS.batch) return this.#refuse(0, refuse('too_large'));
    if (message.length === 0) return this.#send([]);
    const batch = new Batch(message.length, (replies) => this.#send(replies));
    for (let at = 0; at < message.length; at++) this.#one(phase, message[at], nowMs, batch, at);
  }

  /** A command that came in a frame of its own. */
  reply(message: unknown): void {
    this.#send(message);
  }

  /** One command of a frame. It is replied to once. S8: in the catalogue's order. */
  #one(phase: Ready, message: unknown, nowMs: number, to: ReplyTo, at: number): void {
    if (!isFields(message)) return this.#refuse(0, refuse('malformed'), to, at);
    const n = numberOf(message);
    const tooFast = !this.#rate.take(1, nowMs);
    if (message.op === 'watch' || message.op === 'unwatch') {
      return this.#watch(phase, message, tooFast, to, at);
    }
    const command = parse(message, phase.who, phase.defaults);
    const envelope = envelopeOf(message);
    if ('ok' in command || 'ok' in envelope) {
      return this.#refuse(n, firstRefusal(envelope, command) as Refused, to, at);
    }
    const tooMany = this.#inFlight >= this.#context.limits.inFlight;
    if (tooFast || tooMany) {
      this.#sendAgain(phase, command, n);
      return this.#refuse(n, refuse(tooFast ? 'rate_limited' : 'too_many_in_flight'), to, at);
    }
    if (phase.order?.mustWait(command.warehouse, n)) {
      this.#sendAgain(phase, command, n);
      return this.#refuse(n, refuse('moved'), to, at);
    }
    this.#inFlight++;
    this.#context.node.router.submit(new Asked(this, command, phase.caller, envelope, to, at));
  }

  #watch(phase: Ready, message: Fields, tooFast: boolean, to: ReplyTo, at: number): void {
    const { watching, defaults } = phase;
    const target = watching.target(message, defaults);
    const envelope = parseEnvelope(message);
    const refused = firstRefusal(envelope, target, ...(tooFast ? [refuse('rate_limited')] : []));
    if (refused !== undefined) return this.#refuse(numberOf(message), refused, to, at);
    const isOn = message.op === 'watch';
    const elsewhere = isOn && this.#context.node.router.elsewhere((target as Target).warehouse);
    if (elsewhere) return this.#refuse(numberOf(message), elsewhere, to, at);
    const done = watching.set(target as Target, isOn, this.#context.limits.watches);
    if (!done.ok) return this.#refuse(numberOf(message), done, to, at);
    to.reply({ ...(message.n === undefined ? {} : { n: message.n }), ...done, op: message.op }, at);
  }

  answered(asked: Asked, answer: Answer, committed: boolean): void {
    this.#inFlight--;
    if (!answer.ok) {
      this.#count(answer);
      if (isRetryable(answer.code)) this.#mustAskAgain(asked);
    }
    const told = this.#phase.kind === 'ready' ? toldTo(this.#phase.who, answer) : answer;
    asked.to.reply(new Answered(asked.n, told, committed), asked.at);
  }

  fated(asked: Asked, committed: boolean): void {
    if (!committed) this.#mustAskAgain(asked);
    this.#send({ event: committed ? 'committed' : 'revoked', n: asked.n });
  }

  #mustAskAgain({ command, n }: Asked): void {
    if (this.#phase.kind === 'ready') this.#sendAgain(this.#phase, command, n);
  }

  /** In an ordered session nothing may overtake this number now. */
  #sendAgain({ order }: Ready, command: WarehouseCommand, n: number): void {
    if (order === undefined) return;
    order.sendAgain(command.warehouse, n);
    if (order.size > LIMITS.sessionWindow) {
      this.#leave(CLOSE.tooMuch, 'too many numbers to be sent again');
    }
  }

  #refuse(n: number, refused: Refused, to: ReplyTo = this, at = 0): void {
    this.#count(refused);
    to.reply(refusalOf(n, refused), at);
  }

  #count({ code, detail }: Refused): void {
    this.#context.counters.refused++;
    const level = isBadInput(code) ? 'warn' : 'debug';
    this.#context.log[level]({ remote: this.#socket.remote, code, detail }, 'refused');
  }

  #broken(err: unknown): void {
    this.#context.log.error(
      { remote: this.#socket.remote, err },
      'a frame failed; its session is closed',
    );
    this.#leave(CLOSE.bug, 'the server failed on this frame; its log says why');
  }

  /** What one turn answers leaves in one go, after the turn. */
  #send(message: unknown): void {
    if (this.#phase.kind === 'closed') return;
    if (this.#out.push(message) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#out;
    this.#out = [];
    if (messages.length === 0 || !this.#socket.open) return;
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

function ifNobodyServes(e: unknown): undefined {
  if (!(e instanceof NobodyServes)) throw e;
}

const keyOf = (caller: Caller): string => `${caller.client}\n${caller.incarnation}`;

/** Over WebSocket every command has a number. */
function envelopeOf(message: Fields): Envelope | Refused {
  const envelope = parseEnvelope(message);
  if ('ok' in envelope || envelope.n > 0) return envelope;
  return field('n', 'the number of this command, from 1');
}
