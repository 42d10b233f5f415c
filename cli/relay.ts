import { connect, createServer, type Server, type Socket } from 'node:net';

/** How a link breaks. */
export type Cut =
  /** Connections end, and no new one comes about: a router says so. */
  | 'closed'
  /** Nothing arrives any more, and nobody is told: a cable is out. */
  | 'silent';

/** A way between two addresses on the loopback that can be cut and healed. */
export class Relay {
  readonly #server: Server;
  readonly #to: string;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut: Cut | undefined;

  private constructor(to: string) {
    this.#to = to;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#join(socket));
  }

  /** `to` is `host:port`. */
  static async open(to: string): Promise<Relay> {
    const relay = new Relay(to);
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
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {}); // its close says so too
      socket.once('close', () => {
        this.#pairs.delete(pair);
        for (const one of pair) one.destroy();
      });
    }
    if (this.#cut === undefined) flow(pair);
  }

  #end(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }
}

function flow([near, far]: readonly [Socket, Socket]): void {
  near.pipe(far);
  far.pipe(near);
}

function silence([near, far]: readonly [Socket, Socket]): void {
  near.unpipe(far).pause();
  far.unpipe(near).pause();
}
