/**
 * The door: WebSocket and HTTP on one port, behind one small interface.
 * Two doors implement it, `uws.ts` and `ws.ts`; the suite in
 * `test/contract/door.test.ts` holds both to every rule written here.
 */

/** A plain HTTP request. The door reads no bodies; commands travel by WebSocket or NATS. */
export interface DoorRequest {
  /** In capitals: `GET`, `HEAD`, … */
  readonly method: string;
  /** As sent, without the query and not percent-decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface HttpAnswer {
  readonly status: number;
  /** The Content-Type. */
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Without Content-Type and Content-Length, which the door writes. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What became of a message.
 * - `sent`: the kernel has it, or a `cork` is gathering it.
 * - `queued`: it waits in memory behind a slow peer; `writable` follows when all is out.
 * - `dropped`: it is gone. More than `maxBufferedBytes` already waited, or the socket is closed.
 *   The stream now has a gap, so close the socket and let the peer resume.
 */
export type Sent = 'sent' | 'queued' | 'dropped';

/** One WebSocket connection. After `closed` every method is a harmless no-op. */
export interface Socket<S> {
  /** The agreed subprotocol; the first of `subprotocols` when the peer offered none. */
  readonly protocol: string;
  /** The peer's IP address as text, `127.0.0.1` or `2001:db8::1`, without a port. */
  readonly remote: string;
  /** The caller's session. Undefined until the `open` handler assigns it. */
  data: S;
  /** False from the moment `closed` is called. */
  readonly open: boolean;
  /** Never throws. The bytes must not be changed afterwards: they may still be queued. */
  send(data: string | Uint8Array, binary: boolean): Sent;
  /** Bytes that wait in this process for the peer to read. */
  buffered(): number;
  /**
   * Says goodbye after what is queued, for a few seconds at most; nothing more is received.
   * Over `maxBufferedBytes` no goodbye can pass, and the connection is cut as by `destroy`.
   * Calls `closed` with this code before it returns.
   * @param code 1000–1011 as RFC 6455 allows a server, or 3000–4999
   * @param reason at most 123 bytes of UTF-8
   */
  close(code: number, reason: string): void;
  /** Cuts the connection. Calls `closed` with 1006 before it returns. */
  destroy(): void;
  /** Runs `fn` now and gathers the sends inside it into few packets. */
  cork(fn: () => void): void;
}

/** Called by the door, never two at once. A handler that throws is a bug and stops the process. */
export interface DoorHandlers<S> {
  /** Answers all HTTP but upgrades. A rejection becomes a 500 and goes to `failed`. */
  http(request: DoorRequest): HttpAnswer | Promise<HttpAnswer>;
  /** Assigns `socket.data` before anything else. */
  open(socket: Socket<S>): void;
  /**
   * @param data valid only during the call: decode or copy it before the first `await`
   * @param binary false for a text frame, whose bytes are valid UTF-8
   */
  message(socket: Socket<S>, data: Uint8Array, binary: boolean): void;
  /** All is out again after a `send` that was not `sent`: `buffered()` is 0. */
  writable(socket: Socket<S>): void;
  /**
   * Called once for every `open`, whoever ended the connection.
   * @param code the peer's, or the one given to `close`; 1005 none, 1006 cut or timed out,
   *   1007 text that is no UTF-8, 1009 a frame over `maxFrameBytes`
   */
  closed(socket: Socket<S>, code: number): void;
  /** What `http` threw, for the log. */
  failed(error: unknown, request: DoorRequest): void;
}

export interface DoorOptions<S> {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The only address that upgrades to WebSocket, such as `/v1/scan`. */
  readonly path: string;
  /** In order of preference; the first is for peers that offer none, such as wscat. */
  readonly subprotocols: readonly [string, ...string[]];
  /**
   * A longer message closes its connection with 1009. The peer sees 1009 up to twice this
   * length; far longer ones are cut unread where the door cannot say goodbye (peer sees 1006).
   */
  readonly maxFrameBytes: number;
  /** Where `send` begins to drop. One message may pass it; none follows until it drains. */
  readonly maxBufferedBytes: number;
  /** 8 to 960. A peer silent for so long, pings included, is cut; a quarter more at most. */
  readonly idleTimeoutSeconds: number;
  readonly handlers: DoorHandlers<S>;
}

export type DoorKind = 'uWebSockets.js' | 'ws';

export interface Door {
  readonly kind: DoorKind;
  /** Where the native binary came from, or why there is none; for `/healthz` and the start line. */
  readonly note: string;
  readonly port: number;
  /** Frees the port, says 1001 to every peer, and cuts who has not left in `GOODBYE_MS`. */
  close(): Promise<void>;
}

/** How long `Door.close` waits for peers to leave by themselves, in milliseconds. */
export const GOODBYE_MS = 250;

/** Relations that either door would answer with a crash or with silence. Throws RangeError. */
export function assertDoorOptions<S>(options: DoorOptions<S>): void {
  const { path, maxFrameBytes, maxBufferedBytes, idleTimeoutSeconds } = options;
  if (!/^(?:\/[A-Za-z0-9._-]+)+$/.test(path)) throw new RangeError(`door: path ${path}`);
  assertWhole('maxFrameBytes', maxFrameBytes, 1, 2 ** 30);
  assertWhole('maxBufferedBytes', maxBufferedBytes, 1, 2 ** 30);
  assertWhole('idleTimeoutSeconds', idleTimeoutSeconds, 8, 960);
}

function assertWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`door: ${name} is ${value}; it must be whole, from ${min} to ${max}`);
}
