import { headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { isQty, isText } from '../actors/ids.ts';
import { type Refused, refuse } from '../actors/outcomes.ts';
import { LIMITS } from '../engine/limits.ts';
import type { RegionNode } from '../engine/node.ts';
import type { Caller } from '../engine/record.ts';
import { ALL_COMMANDS } from '../engine/subjects.ts';
import type { Defaults, Identity, Verifier } from './auth.ts';
import { jsonCodec, msgpackCodec, type Codec } from './codec.ts';
import { field, isFields, parseCommand } from './commands.ts';
import { fingerprint } from './fingerprint.ts';
import { clientName } from './hello.ts';
import { refusalOf, replyOf } from './replies.ts';

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
}

const TYPE = 'Content-Type';
const MSGPACK = 'application/msgpack';
const TOKEN = 'Holdfast-Token';
const CLIENT = 'Holdfast-Client';
const INCARNATION = 'Holdfast-Incarnation';

/**
 * ① The same commands by NATS request on `inv.cmd.<warehouse>`. Nodes of a
 * region share them out; the router finds the owner.
 */
export function openNatsDoor(options: NatsDoorOptions): Subscription {
  return options.nats.subscribe(ALL_COMMANDS, {
    queue: `holdfast-${options.region}`,
    callback: (error, message) => {
      if (error === null) void handle(options, message);
    },
  });
}

async function handle(options: NatsDoorOptions, message: Msg): Promise<void> {
  const codec = message.headers?.get(TYPE) === MSGPACK ? msgpackCodec : jsonCodec;
  try {
    respond(message, codec, await answerTo(options, message, codec));
  } catch (e) {
    options.log.error({ err: e, subject: message.subject }, 'a NATS command failed');
  }
}

async function answerTo(options: NatsDoorOptions, message: Msg, codec: Codec): Promise<unknown> {
  if (message.data.length > LIMITS.frameBytes) return refusalOf(0, refuse('too_large'));
  let body: unknown;
  try {
    body = codec.decode(message.data);
  } catch {
    return refusalOf(0, refuse('malformed'));
  }
  const who = await identify(options, message);
  if ('ok' in who) return refusalOf(0, who);
  const warehouse = message.subject.slice(message.subject.lastIndexOf('.') + 1);
  const from: From = {
    who,
    defaults: { owner: ownerOf(who, options), warehouse },
    client: message.headers?.get(CLIENT) ?? '',
    incarnation: message.headers?.get(INCARNATION) ?? '',
  };
  if (!Array.isArray(body)) return one(options.node, from, body);
  if (body.length > LIMITS.batch) return refusalOf(0, refuse('too_large'));
  return Promise.all(body.map((command) => one(options.node, from, command)));
}

interface From {
  readonly who: Identity;
  readonly defaults: Defaults;
  readonly client: string;
  readonly incarnation: string;
}

async function identify(options: NatsDoorOptions, message: Msg): Promise<Identity | Refused> {
  const token = message.headers?.get(TOKEN) ?? '';
  if (token !== '') return options.verifier.verify(token);
  return options.trusted ?? refuse('hello_first', 0, -1, `header ${TOKEN} is missing`);
}

const ownerOf = (who: Identity, options: NatsDoorOptions): string | undefined =>
  who.owners.length === 1 && who.owners[0] !== '*' ? who.owners[0] : options.defaultOwner;

/** One command, to its answer. Never rejects. */
function one(node: RegionNode, from: From, body: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    const refused = (n: number, why: Refused): void => resolve(refusalOf(n, why));
    if (!isFields(body)) return refused(0, refuse('malformed'));
    const n = body.n ?? 0;
    if (n !== 0 && !isQty(n)) return refused(0, field('n', 'whole, from 1'));
    const command = parseCommand(body, from.who, from.defaults);
    if ('ok' in command) return refused(n, command);
    if (command.warehouse !== from.defaults.warehouse) {
      return refused(n, field('warehouse', 'it differs from the one in the subject'));
    }
    const caller = callerOf(body, from);
    if ('ok' in caller) return refused(n, caller);
    const { acked } = body;
    if (acked !== undefined && !isQty(acked)) return refused(n, field('acked', 'a number, from 1'));
    node.router.submit({
      command,
      caller,
      n: caller.incarnation === '' ? 0 : n,
      fingerprint: command.op === 'read' ? 0 : fingerprint(command),
      acked: acked ?? 0,
      decided: false, // one request has one answer
      answer: (answer) => resolve(replyOf(n, answer)),
      fate: () => {},
    });
  });
}

/** With an incarnation and a number a request may be repeated safely; without, it has no session. */
function callerOf(v: Readonly<Record<string, unknown>>, from: From): Caller | Refused {
  const client = v.client ?? from.client;
  const incarnation = v.incarnation ?? from.incarnation;
  if (client !== '' && !isName(client)) return field('client', '1 to 64 printable characters');
  if (incarnation !== '' && !isName(incarnation)) {
    return field('incarnation', '1 to 64 printable characters');
  }
  if (incarnation !== '' && v.n === undefined) return field('n', 'the number of this command');
  return { client: clientName(from.who, client === '' ? undefined : client), incarnation };
}

const isName = (v: unknown): v is string => typeof v === 'string' && isText(v);

function respond(message: Msg, codec: Codec, reply: unknown): void {
  if (!codec.binary) {
    message.respond(codec.encode(reply));
    return;
  }
  const type = headers();
  type.set(TYPE, MSGPACK);
  message.respond(codec.encode(reply), { headers: type });
}
