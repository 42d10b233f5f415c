/**
 * A bare pipeline in a process of its own: the door, msgpackr, a map of
 * counters, one publish in flight. It checks nothing, remembers no answer and
 * chains no record: what is left is what Holdfast cannot do without.
 */
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Packr, Unpackr } from 'msgpackr';
import { SUBPROTOCOLS } from '../../gateway/codec.ts';
import type { Socket } from '../../gateway/door/door.ts';
import { openDoor } from '../../gateway/door/open.ts';
import { serveParent } from '../child.ts';

export interface PipelineOrder {
  readonly servers: string;
  readonly subject: string;
}

interface Command {
  readonly op: 'reserve';
  readonly n: number;
  readonly sku: string;
  readonly qty: number;
  readonly hold: string;
}

interface Turn {
  readonly events: unknown[];
  readonly replies: { readonly socket: Socket<undefined>; readonly bytes: Uint8Array }[];
}

const HELLO = { ok: true, nextN: 1, incarnation: 'bare' } as const;
const MOST_BYTES = 1024 * 1024;
const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false });

const actors = new Map<string, { allocated: number; seq: number; readonly holds: Set<string> }>();
let nats: NatsConnection | undefined;
let subject = '';
let next: Turn = { events: [], replies: [] };
let isPublishing = false;

const door = await openDoor<undefined>({
  host: '127.0.0.1',
  port: 0,
  path: '/pipeline',
  subprotocols: SUBPROTOCOLS,
  maxFrameBytes: MOST_BYTES,
  maxBufferedBytes: 8 * MOST_BYTES,
  idleTimeoutSeconds: 120,
  handlers: {
    http: () => ({ status: 404, type: 'text/plain', body: 'only a pipeline\n' }),
    open: () => {},
    message: (socket, data) => {
      const message = unpackr.unpack(data) as Command[] | Command | { readonly op: 'hello' };
      if (Array.isArray(message)) take(socket, message.map(done));
      else if (message.op === 'hello') socket.send(packr.pack(HELLO), true);
      else take(socket, scanned(message));
    },
    writable: () => {},
    closed: () => {},
    failed: () => {},
  },
});

serveParent(`ws://127.0.0.1:${door.port}/pipeline`, async (order: PipelineOrder) => {
  nats = await connect({ servers: order.servers });
  subject = order.subject;
});

interface Done {
  readonly n: number;
  readonly ok: true;
  readonly seq: number;
  readonly allocated: number;
}

function done({ n, sku, hold, qty }: Command): Done {
  const actor = actors.get(sku) ?? { allocated: 0, seq: 0, holds: new Set<string>() };
  actors.set(sku, actor);
  actor.holds.add(hold);
  actor.allocated += qty;
  actor.seq++;
  next.events.push([sku, hold, qty, actor.seq]);
  return { n, ok: true, seq: actor.seq, allocated: actor.allocated };
}

/** What a scanner reads in an answer. */
function scanned(command: Command): unknown {
  const { allocated, ...answer } = done(command);
  const stock = { onHand: allocated, allocated, available: 0 };
  return { ...answer, qty: command.qty, stock };
}

function take(socket: Socket<undefined>, reply: unknown): void {
  next.replies.push({ socket, bytes: packr.pack(reply) });
  if (!isPublishing) void publish();
}

async function publish(): Promise<void> {
  if (nats === undefined) throw new Error('the pipeline was not told where to publish');
  isPublishing = true;
  const js = jetstream(nats);
  while (next.replies.length > 0) {
    const turn = next;
    next = { events: [], replies: [] };
    await js.publish(subject, packr.pack(turn.events));
    for (const { socket, bytes } of turn.replies) socket.send(bytes, true);
  }
  isPublishing = false;
}
