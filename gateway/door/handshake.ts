/**
 * What both doors must decide alike before a WebSocket exists: who may upgrade,
 * to which subprotocol, and in which words the others are refused.
 */
import { isIPv6, SocketAddress } from 'node:net';
import type { DoorHandlers, DoorOptions, DoorRequest, HttpAnswer } from './door.ts';

export interface Offer {
  readonly path: string;
  readonly subprotocols: readonly [string, ...string[]];
}

/** `header` is the Sec-WebSocket-Protocol to send back: none may be sent if none was offered. */
export type Verdict =
  | { readonly kind: 'accept'; readonly protocol: string; readonly header: string }
  | { readonly kind: 'refuse'; readonly answer: HttpAnswer };

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** May this request become a WebSocket? Whatever is refused here, `answerHttp` answers. */
export function judgeUpgrade(request: DoorRequest, offer: Offer): Verdict {
  if (!isUpgrade(request)) return { kind: 'refuse', answer: useWebSocket() };
  if (request.path !== offer.path) {
    return refuse(404, `There is no WebSocket here; connect to ${offer.path}.`);
  }
  if (request.method !== 'GET' || !KEY.test(request.headers.get('sec-websocket-key') ?? '')) {
    return refuse(400, 'A WebSocket upgrade is a GET with a Sec-WebSocket-Key of 16 bytes.');
  }
  if (request.headers.get('sec-websocket-version') !== '13') {
    return { kind: 'refuse', answer: useWebSocket('This server speaks WebSocket version 13.') };
  }
  return agree(request.headers.get('sec-websocket-protocol') ?? '', offer.subprotocols);
}

/** Other upgrades, such as to HTTP/2, may be ignored, so those requests count as plain HTTP. */
function isUpgrade(request: DoorRequest): boolean {
  return request.headers.get('upgrade')?.toLowerCase() === 'websocket';
}

function agree(header: string, known: Offer['subprotocols']): Verdict {
  const offered = header.split(',').map((name) => name.trim());
  if (header.trim() === '') return { kind: 'accept', protocol: known[0], header: '' };
  const protocol = known.find((name) => offered.includes(name));
  if (protocol !== undefined) return { kind: 'accept', protocol, header: protocol };
  return refuse(400, `None of the offered subprotocols is known; offer ${known.join(' or ')}.`);
}

const refuse = (status: number, sentence: string): Verdict => ({
  kind: 'refuse',
  answer: sentenceAnswer(status, sentence),
});

const sentenceAnswer = (status: number, sentence: string): HttpAnswer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${sentence}\n`,
});

function useWebSocket(sentence = 'This address is for WebSocket connections.'): HttpAnswer {
  const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
  return { ...sentenceAnswer(426, sentence), headers };
}

/** Answers whatever does not become a WebSocket; refused upgrades never reach the handler. */
export async function answerHttp<S>(
  request: DoorRequest,
  options: DoorOptions<S>,
): Promise<HttpAnswer> {
  if (isUpgrade(request) || request.path === options.path) {
    const verdict = judgeUpgrade(request, options);
    return verdict.kind === 'refuse' ? verdict.answer : useWebSocket();
  }
  return askHandler(request, options.handlers);
}

/** Never rejects, so that one bad page cannot stop the stock. */
async function askHandler<S>(request: DoorRequest, handlers: DoorHandlers<S>): Promise<HttpAnswer> {
  try {
    return await handlers.http(request);
  } catch (error) {
    handlers.failed(error, request);
    return sentenceAnswer(500, 'The server failed to answer; its log says why.');
  }
}

/** One spelling for one address: IPv4 inside IPv6 as IPv4, other IPv6 in its short form. */
export function plainAddress(text: string): string {
  if (!isIPv6(text)) return text;
  const short = new SocketAddress({ address: text, family: 'ipv6' }).address;
  return short.startsWith('::ffff:') && short.includes('.') ? short.slice(7) : short;
}
