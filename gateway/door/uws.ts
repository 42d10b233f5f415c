/** The door on uWebSockets.js: the fast one, wherever a native binary loads. */
import { STATUS_CODES } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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
import type {
  ListenToken,
  UpgradeContext,
  UwsApp,
  UwsBehavior,
  UwsModule,
  UwsRequest,
  UwsResponse,
  UwsSocket,
} from './native.ts';

/** Opens the port or rejects with the system's error: `EADDRINUSE`, `EACCES`, … */
export async function openUwsDoor<S>(
  uws: UwsModule,
  note: string,
  options: DoorOptions<S>,
): Promise<Door> {
  const sockets = new Set<NativeSocket<S>>();
  const app = uws.App();
  app.ws(options.path, behavior(uws, options, sockets));
  app.any('/*', (res, req) => serveHttp(res, readRequest(req), options));
  const token = await listen(uws, app, options.host, options.port);
  const port = uws.us_socket_local_port(token);
  const shut = () => shutDoor(uws, app, token, sockets);
  let shutting: Promise<void> | undefined;
  return { kind: 'uWebSockets.js', note, port, close: () => (shutting ??= shut()) };
}

/** How often to look for a free port, or to find the asked one free after all. */
const TRIES = 5;

/**
 * uWebSockets.js shares a port unless told not to, says no without a reason, and on port 0
 * forgets SO_REUSEADDR, so that a restart on the port it got would fail for a minute.
 */
async function listen(
  uws: UwsModule,
  app: UwsApp,
  host: string,
  port: number,
): Promise<ListenToken> {
  for (let tries = 0; tries < TRIES; tries++) {
    const wanted = port === 0 ? await probe(host, 0) : port;
    const token = await new Promise<ListenToken | false>((resolve) => {
      app.listen(host, wanted, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, resolve);
    });
    if (token !== false) return token;
    if (port !== 0) await probe(host, port);
  }
  throw new Error(`door: uWebSockets.js cannot listen on ${host}:${port}`);
}

/** Returns a port that is free at this address, or rejects with the system's error. */
async function probe(host: string, port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port, exclusive: true }, resolve);
  });
  const { port: found } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return found;
}

async function shutDoor<S>(
  uws: UwsModule,
  app: UwsApp,
  token: ListenToken,
  sockets: ReadonlySet<NativeSocket<S>>,
): Promise<void> {
  uws.us_listen_socket_close(token);
  const peers = [...sockets];
  for (const socket of peers) socket.close(1001, 'the server is going away');
  if (peers.length > 0) await sleep(GOODBYE_MS);
  app.close();
}

/** Rides on the native socket, so that its callbacks find ours without a map. */
interface Rider<S> {
  readonly socket: NativeSocket<S>;
}

function behavior<S>(
  uws: UwsModule,
  options: DoorOptions<S>,
  sockets: Set<NativeSocket<S>>,
): UwsBehavior<Rider<S>> {
  const { maxFrameBytes, maxBufferedBytes, handlers } = options;
  return {
    // Past this uWebSockets.js cuts without a goodbye, so up to it we say 1009 ourselves.
    maxPayloadLength: maxFrameBytes * 2,
    maxBackpressure: maxBufferedBytes,
    idleTimeout: options.idleTimeoutSeconds,
    maxLifetime: 0,
    compression: uws.DISABLED,
    sendPingsAutomatically: true,
    upgrade: (res, req, context) => upgrade(res, req, context, options),
    open: (ws) => {
      const { socket } = ws.getUserData();
      sockets.add(socket);
      socket.opened(ws);
    },
    message: (ws, message, binary) => {
      const { socket } = ws.getUserData();
      if (message.byteLength > maxFrameBytes) socket.close(1009, 'the frame is too long');
      else handlers.message(socket, new Uint8Array(message), binary);
    },
    drain: (ws) => ws.getUserData().socket.drained(),
    close: (ws, code, message) => {
      const { socket } = ws.getUserData();
      sockets.delete(socket);
      socket.ended(code === 1006 ? cutCode(message) : code);
    },
  };
}

/** uWebSockets.js cuts for the peer's mistakes too, and tells which only in words. */
function cutCode(message: ArrayBuffer): number {
  const words = Buffer.from(message).toString();
  if (words.startsWith('Received too big')) return 1009;
  return words === 'Received invalid UTF-8' ? 1007 : 1006;
}

class NativeSocket<S> implements Socket<S> {
  data!: S;
  readonly protocol: string;
  readonly remote: string;
  readonly #handlers: DoorHandlers<S>;
  readonly #maxBufferedBytes: number;
  /** Undefined before open and after close, when touching it would throw. */
  #ws: UwsSocket<Rider<S>> | undefined;
  #waiting = false;
  /** What the server gave as its own reason, which outranks what the native side reports. */
  #code: number | undefined;

  constructor(protocol: string, remote: string, options: DoorOptions<S>) {
    this.protocol = protocol;
    this.remote = remote;
    this.#handlers = options.handlers;
    this.#maxBufferedBytes = options.maxBufferedBytes;
  }

  get open(): boolean {
    return this.#ws !== undefined;
  }

  send(data: string | Uint8Array, binary: boolean): Sent {
    if (this.#ws === undefined) return 'dropped';
    const status = this.#ws.send(data, binary);
    if (status === 1) return 'sent';
    this.#waiting = true;
    return status === 0 ? 'queued' : 'dropped';
  }

  buffered(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  close(code: number, reason: string): void {
    if (this.#ws === undefined) return;
    this.#code = code;
    // Over the limit the goodbye itself would be dropped, and the memory held until a timeout.
    if (this.buffered() > this.#maxBufferedBytes) this.#ws.close();
    else this.#ws.end(code, reason);
  }

  destroy(): void {
    this.#code = 1006;
    this.#ws?.close();
  }

  cork(fn: () => void): void {
    if (this.#ws === undefined) fn();
    else this.#ws.cork(fn);
    if (this.buffered() > 0) this.#waiting = true;
  }

  opened(ws: UwsSocket<Rider<S>>): void {
    this.#ws = ws;
    this.#handlers.open(this);
  }

  /** Called natively after every partial drain; the port speaks only of the last. */
  drained(): void {
    if (!this.#waiting || this.buffered() > 0) return;
    this.#waiting = false;
    this.#handlers.writable(this);
  }

  ended(code: number): void {
    this.#ws = undefined;
    this.#handlers.closed(this, this.#code ?? code);
  }
}

function upgrade<S>(
  res: UwsResponse,
  req: UwsRequest,
  context: UpgradeContext,
  options: DoorOptions<S>,
): void {
  const request = readRequest(req);
  const verdict = judgeUpgrade(request, options);
  if (verdict.kind === 'refuse') {
    serveHttp(res, request, options);
    return;
  }
  const remote = plainAddress(Buffer.from(res.getRemoteAddressAsText()).toString());
  const rider: Rider<S> = { socket: new NativeSocket(verdict.protocol, remote, options) };
  const key = req.getHeader('sec-websocket-key');
  res.upgrade(rider, key, verdict.header, req.getHeader('sec-websocket-extensions'), context);
}

function serveHttp<S>(res: UwsResponse, request: DoorRequest, options: DoorOptions<S>): void {
  let aborted = false;
  res.onAborted(() => {
    aborted = true;
  });
  void answerHttp(request, options).then((found) => {
    if (!aborted) res.cork(() => answer(res, request, found));
  });
}

function answer(res: UwsResponse, request: DoorRequest, found: HttpAnswer): void {
  res.writeStatus(`${found.status} ${STATUS_CODES[found.status] ?? 'Unknown'}`);
  res.writeHeader('Content-Type', found.type);
  for (const [name, value] of Object.entries(found.headers ?? {})) res.writeHeader(name, value);
  if (request.method === 'HEAD') endHead(res, Buffer.byteLength(found.body));
  else res.end(found.body);
}

/** By hand, for `endWithoutBody(length)` of 20.30 never completes: it awaits that many bytes. */
function endHead(res: UwsResponse, length: number): void {
  res.writeHeader('Content-Length', String(length)).endWithoutBody();
}

/** Copies what a handler may want after its first await, when the native request is gone. */
function readRequest(req: UwsRequest): DoorRequest {
  const headers = new Map<string, string>();
  req.forEach((name, value) => {
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  });
  const query = new URLSearchParams(req.getQuery());
  return { method: req.getCaseSensitiveMethod().toUpperCase(), path: req.getUrl(), query, headers };
}
