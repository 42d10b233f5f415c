import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { WebSocket } from 'ws';
import { codecOf } from '../../gateway/codec.ts';
import { BatchReply, FatePush, HelloReply, Reply, StockPush } from '../../gateway/schemas.ts';
import type { TestNode } from './node.ts';

export const JSON_V1 = 'holdfast.v1.json';
export const MSGPACK_V1 = 'holdfast.v1.msgpack';
export const PROTOCOLS = [JSON_V1, MSGPACK_V1] as const;

/** What tests look at in any message from the server; the schemas say which has what. */
export interface Told {
  readonly n?: number;
  readonly ok?: boolean;
  readonly op?: string;
  readonly event?: string;
  readonly code?: string;
  readonly message?: string;
  readonly retry?: boolean;
  readonly committed?: boolean;
  readonly line?: number;
  readonly available?: number;
  readonly seq?: number;
  readonly qty?: number;
  readonly sku?: string;
  readonly expiresAt?: number;
  readonly watching?: number;
  readonly incarnation?: string;
  readonly client?: string;
  readonly nextN?: number;
  readonly nats?: string;
  readonly limits?: Readonly<Record<string, number>>;
  readonly stock?: Readonly<Record<string, number>>;
  readonly hold?: Readonly<Record<string, number>>;
  readonly results?: readonly Told[];
}

const PATIENCE_MS = 10_000;
const DESCRIBED = [Reply, BatchReply, StockPush, FatePush, HelloReply];

/** What the schemas do not describe to the last field is an error of the server's. */
function described(message: unknown): unknown {
  const isKnown = DESCRIBED.some((schema) => {
    const { success, data } = schema.safeParse(message);
    return success && isDeepStrictEqual(data, message);
  });
  return isKnown ? message : new Error(`no schema describes ${JSON.stringify(message)}`);
}

/** A bare connection: frames as they are, in the order in which they come. */
export class Wire {
  readonly socket: WebSocket;
  readonly #codec: ReturnType<typeof codecOf>;
  /** Messages that nobody has asked for yet. */
  #inbox: unknown[] = [];
  #arrived: () => void = () => {};
  /** The server's goodbye. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #isClosed = false;
  #n = 0;

  private constructor(socket: WebSocket, protocol: string) {
    this.socket = socket;
    this.#codec = codecOf(protocol);
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      this.#inbox.push(described(this.#codec.decode(data)));
      this.#arrived();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#isClosed = true;
        this.#arrived();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  static async dial(node: TestNode, protocol: string = JSON_V1): Promise<Wire> {
    const socket = new WebSocket(node.url, protocol, { perMessageDeflate: false });
    const wire = new Wire(socket, protocol);
    await once(socket, 'open');
    return wire;
  }

  /** Dials and says hello. */
  static async greet(
    node: TestNode,
    hello: Readonly<Record<string, unknown>> = {},
    protocol: string = JSON_V1,
  ): Promise<{ wire: Wire; hello: Told }> {
    const wire = await Wire.dial(node, protocol);
    const told = await wire.ask({ op: 'hello', token: await node.token(), ...hello });
    if (told.ok !== true) throw new Error(`hello was refused: ${JSON.stringify(told)}`);
    return { wire, hello: told };
  }

  send(message: unknown): void {
    const data = this.#codec.encode(message);
    this.socket.send(data, { binary: this.#codec.binary });
  }

  /** Bytes or text as they are. */
  sendRaw(data: string | Uint8Array): void {
    this.socket.send(data, { binary: typeof data !== 'string' });
  }

  /** The next message. Rejects when the connection ends first. */
  async next(): Promise<Told | readonly Told[]> {
    const until = Date.now() + PATIENCE_MS;
    while (this.#inbox.length === 0) {
      if (this.#isClosed) throw new Error('closed');
      if (Date.now() > until) throw new Error(`nothing came in ${PATIENCE_MS} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const told = this.#inbox.shift();
    if (told instanceof Error) throw told;
    return told as Told | readonly Told[];
  }

  async one(): Promise<Told> {
    const told = await this.next();
    if (Array.isArray(told)) throw new Error(`a list came: ${JSON.stringify(told).slice(0, 200)}`);
    return told as Told;
  }

  async list(): Promise<readonly Told[]> {
    const told = await this.next();
    if (!Array.isArray(told)) throw new Error(`no list came: ${JSON.stringify(told)}`);
    return told;
  }

  /** Sends, and takes the next message for the answer. */
  ask(message: unknown): Promise<Told> {
    this.send(message);
    return this.one();
  }

  /** The same with the next number of this connection. */
  do(command: Readonly<Record<string, unknown>>): Promise<Told> {
    return this.ask({ n: ++this.#n, ...command });
  }

  /** Messages that have come and were not asked for. */
  get waiting(): number {
    return this.#inbox.length;
  }

  /** Those among them that no schema describes. */
  get odd(): readonly Error[] {
    return this.#inbox.filter((told) => told instanceof Error);
  }

  async end(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
