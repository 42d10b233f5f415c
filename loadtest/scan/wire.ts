import { WebSocket } from 'ws';

/** `ws` masks by a pass over every byte unless the mask is zero; the server unmasks all the same. */
const noMask = (mask: Buffer): void => {
  mask.fill(0);
};

/** A WebSocket without a client on top: bytes out, bytes in. */
export class Wire {
  /** Called with every frame that arrives. */
  onFrame: (frame: Buffer) => void = () => {};
  /** Called when the connection ends unasked. */
  onEnd: (why: Error) => void = () => {};
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (frame: Buffer) => this.onFrame(frame));
    socket.on('close', (code, reason) => this.onEnd(new Error(`closed with ${code} ${reason}`)));
    socket.on('error', () => {}); // close follows
  }

  static async connect(url: string, protocol: string): Promise<Wire> {
    const socket = new WebSocket(url, protocol, { perMessageDeflate: false, generateMask: noMask });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve).once('error', reject);
    });
    return new Wire(socket);
  }

  send(frame: Uint8Array): void {
    this.#socket.send(frame);
  }

  /** One frame out, the next one in. */
  exchange(frame: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.onEnd = reject;
      this.onFrame = resolve;
      this.send(frame);
    });
  }

  /** Breaks the connection without a goodbye; `onEnd` is not called. */
  cut(): void {
    this.onEnd = () => {};
    this.onFrame = () => {};
    this.#socket.terminate();
  }

  async close(): Promise<void> {
    this.onEnd = () => {};
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.close();
    await closed;
  }
}
