import { headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { isText } from '../actors/ids.ts';
import { isBadInput, type Refused, refuse } from '../actors/outcomes.ts';
import { LIMITS } from '../engine/limits.ts';
import type { RegionNode } from '../engine/node.ts';
import type { Caller } from '../engine/record.ts';
import { ALL_COMMANDS } from '../engine/subjects.ts';
import { Answered } from './answered.ts';
import type { Defaults, Identity, Verifier } from './auth.ts';
import { toldTo } from './blind.ts';
import { type Codec, jsonCodec, msgpackCodec } from './codec.ts';
import { firstRefusal, numberOf, parseEnvelope } from './envelope.ts';
import { type Fields, field, isFields } from './fields.ts';
import { fingerprint } from './fingerprint.ts';
import { clientName } from './hello.ts';
import { parse } from './parse.ts';
import { type RefusalReply, refusalOf } from './replies.ts';
import type { GatewayCounters } from './session.ts';

export interface NatsDoorOptions {
  readonly nats: NatsConnection;
  readonly node: RegionNode;
  readonly region: string;
  readonly verifier: Verifier;
  /**
   * Who asks when a request carries no token. Undefined: such a request is
   * refused. The embedded default trusts its own loopback server.
   */
  readonly trusted: Identity | undefined;
  /** Owner of a command that names none, where the token names several. */
  readonly defaultOwner: string;
  readonly log: Logger;
  readonly counters: Pick<GatewayCounters, 'refused'>;
}

const TYPE = 'Content-Type';
const MSGPACK = 'application/msgpack';
const TOKEN = 'Holdfast-Token';
const CLIENT = 'Holdfast-Client';
const INCARNATION = 'Holdfast-Incarnation';
/** Commands of one request, lines of an `all` counted: their answers must fit one message. */
export const NATS_LINES = LIMITS.allLines;
/** A line of an `each` says nothing, or in short why it was refused. */
const EACH_LINE = 0.1;

/**
 * ① The same commands by NATS request on `inv.cmd.<warehouse>`. Nodes of a
 * region share them out; the router finds the owner. Where regions are linked,
 * each hears all of them and is silent about another one's warehouses; about
 * a warehouse of nobody all say the same.
 */
export function openNatsDoor(options: NatsDoorOptions): Subscription {
  return options.nats.subscribe(ALL_COMMANDS, {
    queue: `holdfast-${options.region}`,
    callback: (error, message) => {
      if (error === null) void handle(options, message);
      else options.log.error({ err: error }, 'no commands can be received over NATS');
    },
  });
}

async function handle(options: NatsDoorOptions, message: Msg): Promise<void> {
  // Every region hears it; its own answers.
  if (options.node.router.otherRegionOf(warehouseOf(message)) !== undefined) return;
  const codec = codecFor(message);
  try {
    respond(options, message, codec, await answerTo(options, message, codec), UNTOLD);
  } catch (e) {
    options.log.error({ err: e, subject: message.subject }, 'a NATS command failed');
  }
}

async function answerTo(options: NatsDoorOptions, message: Msg, codec: Codec): Promise<unknown> {
  const no = (why: Refused): RefusalReply => refused(options, 0, why);
  if (message.data.length > LIMITS.frameBytes) return no(refuse('too_large'));
  let body: unknown;
  try {
    body = codec.decode(message.data);
  } catch {
    return no(refuse('malformed'));
  }
  const who = await identify(options, message);
  if ('ok' in who) return no(who);
  const warehouse = warehouseOf(message);
  const from: From = {
    who,
    defaults: { owner: ownerOf(who, options), warehouse },
    client: clientSaid(message),
    incarnation: message.headers?.get(INCARNATION) || undefined,
  };
  if (!Array.isArray(body)) return one(options, from, body);
  if (linesOf(body) > NATS_LINES) {
    return no(refuse('too_large', 0, -1, `${NATS_LINES} lines at most`));
  }
  return Promise.all(body.map((command) => one(options, from, command)));
}

/** What a caller that its token does not name calls itself. */
export const clientSaid = (message: Msg): string | undefined =>
  message.headers?.get(CLIENT) || undefined;

const warehouseOf = ({ subject }: Msg): string => subject.slice(subject.lastIndexOf('.') + 1);

function linesOf(batch: readonly unknown[]): number {
  let lines = batch.length;
  for (const one of batch) {
    if (!isFields(one)) continue;
    if (Array.isArray(one.commands)) lines += one.commands.length - 1;
    if (one.op === 'each' && Array.isArray(one.sku)) lines += one.sku.length * EACH_LINE - 1;
  }
  return lines;
}

interface From {
  readonly who: Identity;
  readonly defaults: Defaults;
  readonly client: string | undefined;
  readonly incarnation: string | undefined;
}

/** Who asks, by the token of a request. */
export async function identify(
  options: NatsDoorOptions,
  message: Msg,
): Promise<Identity | Refused> {
  const token = message.headers?.get(TOKEN) ?? '';
  if (token !== '') return options.verifier.verify(token);
  return options.trusted ?? refuse('hello_first', 0, -1, `header ${TOKEN} is missing`);
}

export const ownerOf = (who: Identity, options: NatsDoorOptions): string | undefined =>
  who.owners.length === 1 && who.owners[0] !== '*' ? who.owners[0] : options.defaultOwner;

/** One command, to its answer. Never rejects. */
function one(options: NatsDoorOptions, from: From, body: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    const no = (n: number, why: Refused): void => resolve(refused(options, n, why));
    if (!isFields(body)) return no(0, refuse('malformed'));
    const command = parse(body, from.who, from.defaults);
    const envelope = parseEnvelope(body);
    const caller = callerOf(body, from);
    if ('ok' in command || 'ok' in envelope || 'ok' in caller) {
      return no(numberOf(body), firstRefusal(envelope, caller, command) as Refused);
    }
    const { n, acked } = envelope;
    if (command.warehouse !== from.defaults.warehouse) {
      return no(n, field('warehouse', 'it differs from the one in the subject'));
    }
    options.node.router.submit({
      command,
      caller,
      n: caller.incarnation === '' ? 0 : n,
      fingerprint: fingerprint(command),
      acked,
      decided: false, // one request has one answer
      answer: (answer) => {
        if (!answer.ok) options.counters.refused++;
        resolve(new Answered(n, toldTo(from.who, answer), true));
      },
      fate: () => {},
    });
  });
}

function refused({ log, counters }: NatsDoorOptions, n: number, why: Refused): RefusalReply {
  counters.refused++;
  const level = isBadInput(why.code) ? 'warn' : 'debug';
  log[level]({ code: why.code, detail: why.detail }, 'refused over NATS');
  return refusalOf(n, why);
}

/** With an incarnation and a number a request may be repeated safely; without, it has no session. */
function callerOf(v: Fields, from: From): Caller | Refused {
  const { client = from.client, incarnation = from.incarnation } = v;
  if (client !== undefined && !isName(client)) return field('client', NAME);
  if (incarnation !== undefined && !isName(incarnation)) return field('incarnation', NAME);
  if (incarnation !== undefined && v.n === undefined)
    return field('n', 'the number of this command');
  return { client: clientName(from.who, client), incarnation: incarnation ?? '' };
}

const NAME = '1 to 64 printable characters';
const isName = (v: unknown): v is string => typeof v === 'string' && isText(v);

/** What a request, and so its answer, is written in. */
export const codecFor = (message: Msg): Codec =>
  message.headers?.get(TYPE) === MSGPACK ? msgpackCodec : jsonCodec;

/** Answers as the request was written; `untold` stands for what no message can hold. */
export function respond(
  { nats }: Pick<NatsDoorOptions, 'nats'>,
  message: Msg,
  codec: Codec,
  reply: unknown,
  untold: string,
): void {
  let data = codec.encode(reply);
  if (Buffer.byteLength(data) > (nats.info?.max_payload ?? LIMITS.natsPayloadBytes)) {
    data = codec.encode(refusalOf(0, refuse('too_large', 0, -1, untold)));
  }
  if (!codec.binary) {
    message.respond(data);
    return;
  }
  const type = headers();
  type.set(TYPE, MSGPACK);
  message.respond(data, { headers: type });
}

const UNTOLD = 'done, but the answers fit no message; ask again in parts with the same numbers';
