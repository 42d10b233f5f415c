/**
 * Finds a native build of uWebSockets.js. Its authors do not publish to npm, so
 * the official package counts only if the user has installed it from GitHub; the
 * republished one is Holdfast's own dependency. That package's entry point falls
 * back to a JavaScript imitation which hangs on Node 24, so its binary is
 * required by file name and the entry point is never run.
 */
import { createRequire } from 'node:module';

/** The part of uWebSockets.js that `uws.ts` uses, as of 20.30. */
export interface UwsModule {
  App(): UwsApp;
  us_listen_socket_close(token: ListenToken): void;
  us_socket_local_port(token: ListenToken): number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  readonly DISABLED: number;
}

declare const listening: unique symbol;
/** An unchecked C pointer: close it once and never touch it again. */
export type ListenToken = { readonly [listening]: true };
declare const context: unique symbol;
export type UpgradeContext = { readonly [context]: true };

export interface UwsApp {
  any(pattern: string, handler: (res: UwsResponse, req: UwsRequest) => void): UwsApp;
  ws<U>(pattern: string, behavior: UwsBehavior<U>): UwsApp;
  listen(
    host: string,
    port: number,
    options: number,
    listened: (token: ListenToken | false) => void,
  ): UwsApp;
  /** Cuts every connection, HTTP and WebSocket. */
  close(): UwsApp;
}

export interface UwsBehavior<U> {
  readonly maxPayloadLength: number;
  readonly maxBackpressure: number;
  readonly idleTimeout: number;
  readonly maxLifetime: number;
  readonly compression: number;
  readonly sendPingsAutomatically: boolean;
  upgrade(res: UwsResponse, req: UwsRequest, context: UpgradeContext): void;
  open(ws: UwsSocket<U>): void;
  message(ws: UwsSocket<U>, message: ArrayBuffer, isBinary: boolean): void;
  drain(ws: UwsSocket<U>): void;
  close(ws: UwsSocket<U>, code: number, message: ArrayBuffer): void;
}

/** Every method throws once the close handler has run. */
export interface UwsSocket<U> {
  getUserData(): U;
  /** 1 sent, 0 queued, 2 dropped. */
  send(message: string | Uint8Array, isBinary: boolean): number;
  getBufferedAmount(): number;
  end(code: number, reason: string): void;
  close(): void;
  cork(fn: () => void): void;
}

/** Valid until it is answered or aborted. */
export interface UwsResponse {
  writeStatus(status: string): UwsResponse;
  writeHeader(name: string, value: string): UwsResponse;
  end(body: string | Uint8Array): UwsResponse;
  endWithoutBody(): UwsResponse;
  onAborted(aborted: () => void): UwsResponse;
  cork(fn: () => void): UwsResponse;
  getRemoteAddressAsText(): ArrayBuffer;
  upgrade<U>(
    userData: U,
    key: string,
    protocol: string,
    extensions: string,
    context: UpgradeContext,
  ): void;
}

/** Valid only during the handler's call. */
export interface UwsRequest {
  getCaseSensitiveMethod(): string;
  getUrl(): string;
  getQuery(): string;
  getHeader(lowerCaseName: string): string;
  forEach(each: (name: string, value: string) => void): void;
}

export type Loaded =
  | { readonly ok: true; readonly uws: UwsModule; readonly from: string }
  | { readonly ok: false; readonly reason: string };

const OFFICIAL = 'uWebSockets.js';
const REPUBLISHED = '@trufflesuite/uws-js-unofficial';

/** Tries the official package, then the republished binary. Never throws. */
export function loadUws(): Loaded {
  const official = tryRequire(OFFICIAL, OFFICIAL);
  return official.ok
    ? official
    : tryRequire(`${REPUBLISHED}/binaries/${binaryName()}`, REPUBLISHED);
}

function binaryName(): string {
  return `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
}

function tryRequire(name: string, from: string): Loaded {
  try {
    const found: unknown = createRequire(import.meta.url)(name);
    if (isNative(found)) return { ok: true, uws: found, from };
    return { ok: false, reason: `${from} is not a native build` };
  } catch (error) {
    return { ok: false, reason: `${binaryName()} does not load: ${firstLine(error)}` };
  }
}

const firstLine = (error: unknown): string => String(error).split('\n', 1)[0] ?? '';

/** False for any imitation in JavaScript, whose functions show their source. */
export function isNative(found: unknown): found is UwsModule {
  if (typeof found !== 'object' || found === null) return false;
  const wanted = ['App', 'us_listen_socket_close', 'us_socket_local_port'];
  return wanted.every((name) => isNativeFunction(Reflect.get(found, name)));
}

const isNativeFunction = (value: unknown): boolean =>
  typeof value === 'function' && /\{\s*\[native code\]\s*\}$/.test(String(value));
