import { connect, type Socket } from 'node:net';
import { RedisError, Replies, type Reply, request } from './resp.ts';

/** One connection to Redis on the loopback. Replies come in the order of requests. */
export class RedisLink {
  onReply: (reply: Reply) => void = () => {};
  onEnd: (why: Error) => void = () => {};
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const replies = new Replies((reply) => this.onReply(reply));
    socket.on('data', (piece: Buffer) => replies.push(piece));
    socket.on('error', () => {}); // close follows
    socket.on('close', () => this.onEnd(new Error('Redis closed the connection')));
  }

  static async connect(port: number): Promise<RedisLink> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new RedisLink(socket);
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  /** One request, its reply. Rejects with Redis' own words where it refuses. */
  ask(...words: readonly (string | number)[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.onEnd = reject;
      this.onReply = (reply) => {
        if (reply instanceof RedisError) reject(new Error(`Redis: ${reply.message}`));
        else resolve(reply);
      };
      this.send(request(...words));
    });
  }

  async close(): Promise<void> {
    this.onEnd = () => {};
    if (this.#socket.closed) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.destroy();
    await closed;
  }
}
