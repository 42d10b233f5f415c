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
  readonly n: number;
  readonly sku: string;
  readonly qty: number;
  readonly hold: string;
}

interface Turn {
  readonly events: unknown[];
  readonly replies: { readonly socket: Socket<undefined>; readonly bytes: Uint8Array }[];
}

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
      const message = unpackr.unpack(data) as Command[] | object;
      if (Array.isArray(message)) take(socket, message);
      else socket.send(packr.pack({ ok: true, nextN: 1 }), true); // a hello
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

function take(socket: Socket<undefined>, commands: readonly Command[]): void {
  const replies = commands.map((one) => {
    const actor = actors.get(one.sku) ?? { allocated: 0, seq: 0, holds: new Set<string>() };
    actors.set(one.sku, actor);
    actor.holds.add(one.hold);
    actor.allocated += one.qty;
    actor.seq++;
    next.events.push([one.sku, one.hold, one.qty, actor.seq]);
    return { n: one.n, ok: true, seq: actor.seq, allocated: actor.allocated };
  });
  next.replies.push({ socket, bytes: packr.pack(replies) });
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
