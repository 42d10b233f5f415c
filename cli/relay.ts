import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Duplex, Transform } from 'node:stream';

/** How a link breaks. */
export type Cut =
  /** Connections end, and no new one comes about: a router says so. */
  | 'closed'
  /** Nothing arrives any more, and nobody is told: a cable is out. */
  | 'silent';

/** One connection: its two ends, and each direction as what bytes pass through in turn. */
interface Pair {
  readonly ends: readonly [Socket, Socket];
  readonly ways: readonly (readonly Duplex[])[];
}

/** A way between two addresses on the loopback that can be cut and healed, and that may be a long one. */
export class Relay {
  readonly #server: Server;
  readonly #to: string;
  readonly #delayMs: number;
  readonly #pairs = new Set<Pair>();
  #cut: Cut | undefined;

  private constructor(to: string, delayMs: number) {
    this.#to = to;
    this.#delayMs = delayMs;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#join(socket));
  }

  /** `to` is `host:port`; `delayMs` is what bytes take in either direction. */
  static async open(to: string, delayMs = 0): Promise<Relay> {
    const relay = new Relay(to, delayMs);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  /** `host:port`, in place of the one it leads to. */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay is closed');
    return `127.0.0.1:${address.port}`;
  }

  cut(how: Cut): void {
    this.#cut = how;
    if (how === 'closed') this.#end();
    else for (const pair of this.#pairs) silence(pair);
  }

  /** What was silent goes on where it was, as TCP does. */
  heal(): void {
    if (this.#cut === 'silent') for (const pair of this.#pairs) flow(pair);
    this.#cut = undefined;
  }

  close(): void {
    this.#end();
    this.#server.close();
  }

  #join(near: Socket): void {
    if (this.#cut === 'closed') {
      near.destroy();
      return;
    }
    const [host, port] = this.#to.split(':') as [string, string];
    const far = connect({ host, port: Number(port) });
    const pair = pairOf(near, far, this.#delayMs);
    this.#pairs.add(pair);
    for (const socket of pair.ends) {
      socket.on('error', () => {}); // its close says so too
      socket.once('close', () => {
        this.#pairs.delete(pair);
        for (const one of pair.ends) one.destroy();
      });
    }
    if (this.#cut === undefined) flow(pair);
  }

  #end(): void {
    for (const { ends } of this.#pairs) for (const socket of ends) socket.destroy();
  }
}

function pairOf(near: Socket, far: Socket, delayMs: number): Pair {
  const way = (from: Socket, to: Socket): Duplex[] =>
    delayMs === 0 ? [from, to] : [from, delayed(delayMs), to];
  return { ends: [near, far], ways: [way(near, far), way(far, near)] };
}

/** Timers of one length end in the order in which they began, so bytes stay in order. */
function delayed(ms: number): Transform {
  return new Transform({
    transform(this: Transform, bytes: Buffer, _, done) {
      setTimeout(() => this.push(bytes), ms);
      done();
    },
    flush(done) {
      setTimeout(done, ms);
    },
  });
}

function flow({ ways }: Pair): void {
  for (const way of ways) way.reduce((from, to) => from.pipe(to));
}

/** What is on its way stays there. */
function silence({ ways }: Pair): void {
  for (const way of ways) {
    way.reduce((from, to) => {
      from.unpipe(to).pause();
      return to;
    });
  }
}
