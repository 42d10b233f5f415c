/** The door on `ws` and `node:http`: runs everywhere, and shows what the other must do. */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type Door,
  type DoorHandlers,
  type DoorOptions,
  type DoorRequest,
  GOODBYE_MS,
  type HttpAnswer,
  type Sent,
  type Socket,
} from './door.ts';
import { answerHttp, judgeUpgrade, plainAddress } from './handshake.ts';

/** As much as uWebSockets.js gathers, so that a long cork goes out in the same pieces. */
const CORK_BYTES = 16 * 1024;
/** How long a goodbye may take before the connection is cut, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;
/** The idle timeout is measured in beats: silent for two, ping; for four, cut. */
const BEATS = 4;

/** Opens the port or rejects with the system's error: `EADDRINUSE`, `EACCES`, … */
export async function openWsDoor<S>(note: string, options: DoorOptions<S>): Promise<Door> {
  const sockets = new Set<JsSocket<S>>();
  const server = createServer((req, res) => serveHttp(readRequest(req), res, options));
  const upgrader = createUpgrader(options.maxFrameBytes);
  server.on('upgrade', (req, raw, head) => upgrade(upgrader, req, raw, head, options, sockets));
  const port = await listen(server, options.host, options.port);
  const beatMs = (options.idleTimeoutSeconds * 1000) / BEATS;
  const pulse = setInterval(() => beatAll(sockets), beatMs).unref();
  const shut = () => shutDoor(server, pulse, sockets);
  let shutting: Promise<void> | undefined;
  return { kind: 'ws', note, port, close: () => (shutting ??= shut()) };
}

function createUpgrader(maxPayload: number): WebSocketServer {
  // `closeTimeout` is newer than the types; a named object passes where a literal would not.
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  return new WebSocketServer(options);
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('door: no TCP address');
  return address.port;
}

async function shutDoor<S>(
  server: Server,
  pulse: NodeJS.Timeout,
  sockets: ReadonlySet<JsSocket<S>>,
): Promise<void> {
  clearInterval(pulse);
  const peers = [...sockets];
  const gone = new Promise((resolve) => server.close(resolve));
  for (const socket of peers) socket.close(1001, 'the server is going away');
  const cut = setTimeout(
    () => {
      for (const socket of [...peers, ...sockets]) socket.destroy();
      server.closeAllConnections();
    },
    peers.length > 0 ? GOODBYE_MS : 0,
  );
  await gone;
  clearTimeout(cut);
}

function beatAll<S>(sockets: ReadonlySet<JsSocket<S>>): void {
  for (const socket of sockets) socket.beat();
}

function upgrade<S>(
  upgrader: WebSocketServer,
  req: IncomingMessage,
  raw: Duplex,
  head: Buffer,
  options: DoorOptions<S>,
  sockets: Set<JsSocket<S>>,
): void {
  const tcp = raw as TcpSocket; // node:http says Duplex for tests; a real server gives a socket.
  const request = readRequest(req);
  const verdict = judgeUpgrade(request, options);
  if (verdict.kind === 'refuse') {
    serveHttp(request, lastResponse(req, tcp), options);
    return;
  }
  // The verdict is the only judge: `ws` sees just the chosen name, or none.
  if (verdict.header === '') delete req.headers['sec-websocket-protocol'];
  else req.headers['sec-websocket-protocol'] = verdict.header;
  upgrader.handleUpgrade(req, tcp, head, (ws) => {
    const socket = new JsSocket(ws, tcp, verdict.protocol, options, () => sockets.delete(socket));
    sockets.add(socket);
    socket.start();
  });
}

/** node:http hands an upgrade over without a response; this makes one that ends the connection. */
function lastResponse(req: IncomingMessage, tcp: TcpSocket): ServerResponse {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(tcp);
  res.once('finish', () => tcp.destroySoon());
  tcp.on('error', () => tcp.destroy());
  return res;
}

class JsSocket<S> implements Socket<S> {
  data!: S;
  open = true;
  readonly protocol: string;
  readonly remote: string;
  readonly #ws: WebSocket;
  readonly #tcp: TcpSocket;
  readonly #handlers: DoorHandlers<S>;
  readonly #maxBufferedBytes: number;
  readonly #corkBytes: number;
  readonly #forget: () => void;
  #waiting = false;
  #corks = 0;
  #stuckInCork = false;
  #bytesRead = 0;
  #silentBeats = 0;

  constructor(
    ws: WebSocket,
    tcp: TcpSocket,
    protocol: string,
    options: DoorOptions<S>,
    forget: () => void,
  ) {
    this.#ws = ws;
    this.#tcp = tcp;
    this.protocol = protocol;
    this.remote = plainAddress(tcp.remoteAddress ?? '');
    this.#handlers = options.handlers;
    this.#maxBufferedBytes = options.maxBufferedBytes;
    this.#corkBytes = Math.min(CORK_BYTES, options.maxBufferedBytes);
    this.#forget = forget;
  }

  start(): void {
    this.#ws.on('message', (data, binary) => {
      // A Buffer always, by the default binaryType; nothing is heard after our own goodbye.
      if (this.open) this.#handlers.message(this, data as Buffer, binary);
    });
    this.#ws.on('error', (error) => this.#end(mistakeCode(error)));
    this.#ws.on('close', (code) => this.#end(code));
    this.#handlers.open(this);
  }

  send(data: string | Uint8Array, binary: boolean): Sent {
    if (!this.open || this.#ws.readyState !== this.#ws.OPEN) return 'dropped';
    if (this.#corks > 0 && this.buffered() > this.#corkBytes) this.#flushCork();
    if (this.buffered() > this.#maxBufferedBytes) return this.#wait('dropped');
    this.#ws.send(data, { binary }, this.#flushed);
    const stuck = this.#corks > 0 ? this.#stuckInCork : this.buffered() > 0;
    return stuck ? this.#wait('queued') : 'sent';
  }

  buffered(): number {
    return this.open ? this.#ws.bufferedAmount : 0;
  }

  close(code: number, reason: string): void {
    if (!this.open) return;
    // As on the other door, where over the limit no goodbye can pass.
    if (this.buffered() > this.#maxBufferedBytes) this.#ws.terminate();
    else this.#ws.close(code, reason);
    this.#end(code);
  }

  /** Also ends the TCP connection of a socket that is closed but lingers over its goodbye. */
  destroy(): void {
    this.#ws.terminate();
    this.#end(1006);
  }

  cork(fn: () => void): void {
    if (this.#corks++ === 0) this.#stuckInCork = this.buffered() > 0;
    this.#tcp.cork();
    try {
      fn();
    } finally {
      this.#corks--;
      this.#tcp.uncork();
    }
    if (this.buffered() > 0) this.#waiting = true;
  }

  /** Any byte counts as life, as it does natively, and costs nothing per message. */
  beat(): void {
    const silent = this.#tcp.bytesRead === this.#bytesRead;
    this.#bytesRead = this.#tcp.bytesRead;
    this.#silentBeats = silent ? this.#silentBeats + 1 : 0;
    if (this.#silentBeats >= BEATS) this.destroy();
    else if (this.#silentBeats >= BEATS / 2) this.#ws.ping();
  }

  /** What remains after the flush is the peer's slowness, not our gathering. */
  #flushCork(): void {
    for (let i = 0; i < this.#corks; i++) this.#tcp.uncork();
    this.#stuckInCork = this.buffered() > 0;
    for (let i = 0; i < this.#corks; i++) this.#tcp.cork();
  }

  #wait(sent: Sent): Sent {
    this.#waiting = true;
    return sent;
  }

  /** After each message that node:net has handed to the kernel. */
  readonly #flushed = (): void => {
    if (!this.#waiting || !this.open || this.buffered() > 0) return;
    this.#waiting = false;
    this.#handlers.writable(this);
  };

  #end(code: number): void {
    if (!this.open) return;
    this.open = false;
    this.#forget();
    this.#handlers.closed(this, code);
  }
}

/** `ws` has told the peer already; this is the same code for our side. */
function mistakeCode(error: Error & { readonly code?: string }): number {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 1009;
  return error.code === 'WS_ERR_INVALID_UTF8' ? 1007 : 1006;
}

function serveHttp<S>(request: DoorRequest, res: ServerResponse, options: DoorOptions<S>): void {
  void answerHttp(request, options).then((found) => answer(res, found));
}

/** Writing to a response whose peer has left is a no-op in node:http. */
function answer(res: ServerResponse, found: HttpAnswer): void {
  const length = Buffer.byteLength(found.body);
  const headers = { ...found.headers, 'Content-Type': found.type, 'Content-Length': length };
  res.writeHead(found.status, headers).end(found.body);
}

function readRequest(req: IncomingMessage): DoorRequest {
  const [path = '/', query = ''] = (req.url ?? '/').split('?', 2);
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { method: req.method ?? 'GET', path, query: new URLSearchParams(query), headers };
}
