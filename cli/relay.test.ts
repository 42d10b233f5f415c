import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Relay } from './relay.ts';

let server: Server;
let relay: Relay;
let socket: Socket;

/** A server that says everything back, reached over a relay. */
async function open(delayMs: number): Promise<void> {
  relay = await Relay.open(`127.0.0.1:${port()}`, delayMs);
  const [host, at] = relay.address.split(':') as [string, string];
  socket = connect({ host, port: Number(at) });
  await once(socket, 'connect');
}

const port = (): number => (server.address() as { port: number }).port;

beforeEach(async () => {
  server = createServer((one) => one.on('error', () => {}).pipe(one)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  socket.destroy();
  relay.close();
  server.close();
});

/** Until so many bytes have come back. */
async function heard(bytes: number): Promise<string> {
  let text = '';
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    text += String(piece);
    if (text.length >= bytes) return text;
  }
  return text;
}

describe.each([0, 20])('a relay of %i ms', (delayMs) => {
  test('keeps bytes in order, and none of them goes faster', async () => {
    await open(delayMs);
    const begunMs = performance.now();
    const said = Array.from({ length: 500 }, (_, i) => `${i};`);
    for (const one of said) {
      socket.write(one);
      if (Number.parseInt(one, 10) % 50 === 0) await new Promise(setImmediate);
    }
    expect(await heard(said.join('').length)).toBe(said.join(''));
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(2 * delayMs - 2);
  });

  test('goes on after a silence with what was on its way', async () => {
    await open(delayMs);
    socket.write('a');
    expect(await heard(1)).toBe('a');
    socket.write('b');
    relay.cut('silent');
    socket.write('c');
    await new Promise((resolve) => setTimeout(resolve, 2 * delayMs + 20));
    expect(socket.readableLength).toBe(0);
    relay.heal();
    expect(await heard(2)).toBe('bc');
  });

  test('ends connections when it is closed', async () => {
    await open(delayMs);
    socket.resume();
    relay.cut('closed');
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });
});
