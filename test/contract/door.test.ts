/** One suite for the port in gateway/door/door.ts, run on every door that opens here. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, createServer, type Socket as TcpSocket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import type {
  Door,
  DoorHandlers,
  DoorOptions,
  HttpAnswer,
  Socket,
} from '../../gateway/door/door.ts';
import { isNative, loadUws } from '../../gateway/door/native.ts';
import { openDoor, type Preference } from '../../gateway/door/open.ts';

interface Session {
  readonly number: number;
}

type Handlers = Partial<DoorHandlers<Session>>;
type Options = Partial<DoorOptions<Session>>;

const JSON_V1 = 'holdfast.v1.json';
const MSGPACK_V1 = 'holdfast.v1.msgpack';
const MAX_FRAME = 256 * 1024;
const MAX_BUFFERED = 512 * 1024;
const PAGE = new Uint8Array(64 * 1024);

const ARCH = process.arch;
const loaded = loadUws();
const DOORS: readonly { prefer: Preference; missing: string }[] = [
  { prefer: 'uws', missing: loaded.ok ? '' : ` (skipped: ${loaded.reason})` },
  { prefer: 'ws', missing: '' },
];

/** An open door, what it told its handlers, and the sockets it showed them. */
interface Rig {
  readonly door: Door;
  readonly sockets: Socket<Session>[];
  readonly log: string[];
}

const rigs: Rig[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  // A door that still has peers waits GOODBYE_MS for them.
  const closed = () => rigs.every((rig) => rig.sockets.every((socket) => !socket.open));
  await until('all closed', closed);
  await Promise.all(rigs.splice(0).map((rig) => rig.door.close()));
});

const text = (status: number, body: string): HttpAnswer => ({ status, type: 'text/plain', body });

async function rigFor(
  prefer: Preference | undefined,
  own: Handlers = {},
  options: Options = {},
): Promise<Rig> {
  const sockets: Socket<Session>[] = [];
  const log: string[] = [];
  const handlers: DoorHandlers<Session> = {
    http: () => text(404, 'no such page'),
    open: (socket) => {
      socket.data = { number: sockets.push(socket) };
    },
    message: (socket, data, binary) => void socket.send(data.slice(), binary),
    writable: (socket) => void log.push(`writable ${socket.data.number}`),
    closed: (socket, code) => void log.push(`closed ${socket.data.number} ${code}`),
    failed: (error, request) => void log.push(`failed ${request.path} ${String(error)}`),
    ...own,
  };
  const door = await openDoor({
    host: '127.0.0.1',
    port: 0,
    path: '/v1/scan',
    subprotocols: [JSON_V1, MSGPACK_V1],
    maxFrameBytes: MAX_FRAME,
    maxBufferedBytes: MAX_BUFFERED,
    idleTimeoutSeconds: 60,
    ...options,
    handlers,
    ...(prefer === undefined ? {} : { prefer }),
  });
  const rig = { door, sockets, log };
  rigs.push(rig);
  return rig;
}

/** Connects, or rejects with the refusal. */
async function dial(rig: Rig, protocols: string[] = [], path = '/v1/scan'): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${rig.door.port}${path}`, protocols);
  clients.push(client);
  await once(client, 'open');
  client.on('error', () => {});
  return client;
}

/** The status and body with which an upgrade was refused. */
async function refusal(rig: Rig, protocols: string[], path?: string): Promise<[number, string]> {
  const client = new WebSocket(`ws://127.0.0.1:${rig.door.port}${path ?? '/v1/scan'}`, protocols);
  client.on('error', () => {});
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return [response.statusCode ?? 0, body];
}

const closeOf = async (client: WebSocket): Promise<[number, string]> => {
  const [code, reason] = (await once(client, 'close')) as [number, Buffer];
  return [code, reason.toString()];
};

async function messageOf(client: WebSocket): Promise<[string, boolean]> {
  const [data, binary] = (await once(client, 'message')) as [Buffer, boolean];
  return [data.toString('latin1'), binary];
}

/** Polls, because closing and draining are told to the handlers, not to the test. */
async function until(what: string, holds: () => boolean, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const only = (rig: Rig): Socket<Session> => {
  const [socket] = rig.sockets;
  if (socket === undefined || rig.sockets.length > 1) throw new Error('not one socket');
  return socket;
};

const url = (rig: Rig, path: string): string => `http://127.0.0.1:${rig.door.port}${path}`;

/** Sends to a peer that does not read until the answer is the wanted one. */
function flood(socket: Socket<Session>, wanted: 'queued' | 'dropped'): number {
  for (let sent = 0; sent < 2_000; sent++) {
    const answer = socket.send(PAGE, true);
    if (answer === wanted) return wanted === 'dropped' ? sent : sent + 1;
  }
  throw new Error(`never ${wanted}`);
}

for (const { prefer, missing } of DOORS) {
  const kind = prefer === 'uws' ? 'uWebSockets.js' : 'ws';

  describe.skipIf(missing !== '')(`door ${kind}${missing}`, () => {
    it('is the door that was asked for, on a free port', async () => {
      const { door } = await rigFor(prefer);
      expect(door.kind).toBe(kind);
      expect(door.note).not.toBe('');
      expect(door.port).toBeGreaterThan(0);
    });

    describe('http', () => {
      it('answers GET with status, type, headers and body', async () => {
        const headers = { 'Cache-Control': 'no-store' };
        const http = () => ({ ...text(201, 'grüß'), type: 'text/plain; charset=utf-8', headers });
        const answer = await fetch(url(await rigFor(prefer, { http }), '/healthz'));
        expect(answer.status).toBe(201);
        expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(await answer.text()).toBe('grüß');
      });

      it('answers with bytes, also those in the middle of a buffer', async () => {
        const body = new Uint8Array([9, 0, 255, 7, 9]).subarray(1, 4);
        const rig = await rigFor(prefer, { http: () => ({ status: 200, type: 'x/y', body }) });
        const answer = await fetch(url(rig, '/icon'));
        expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 255, 7]);
      });

      it('shows the handler method, path, query and headers', async () => {
        const rig = await rigFor(prefer, {
          http: (r) =>
            text(200, [r.method, r.path, r.query.get('q'), r.headers.get('x-till')].join(' ')),
        });
        const answer = await fetch(url(rig, '/a%20b?q=1%262&z'), { headers: { 'X-Till': '4' } });
        expect(await answer.text()).toBe('GET /a%20b 1&2 4');
      });

      it('keeps the request readable after an await', async () => {
        const http = async (r: { path: string; headers: ReadonlyMap<string, string> }) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return text(200, `${r.path} ${r.headers.get('x-till')}`);
        };
        const rig = await rigFor(prefer, { http });
        const answer = await fetch(url(rig, '/late'), { headers: { 'X-Till': '4' } });
        expect(await answer.text()).toBe('/late 4');
      });

      it('answers HEAD with the length and no body', async () => {
        const rig = await rigFor(prefer, { http: (r) => text(200, `<${r.method}>`) });
        const peer = connect(rig.door.port, '127.0.0.1');
        let heard = '';
        peer.on('data', (bytes) => {
          heard += bytes.toString();
        });
        peer.write('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');
        await until('the first', () => heard.includes('\r\n\r\n'));
        // The same connection goes on, so a body that should not be there would show.
        peer.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        await until('the second', () => heard.endsWith('<GET>'));
        peer.destroy();
        expect(heard).not.toContain('<HEAD>');
        expect(heard).toMatch(/content-length: 6\r\n/i);
      });

      it('passes on the 404 of the handler', async () => {
        expect((await fetch(url(await rigFor(prefer), '/nowhere'))).status).toBe(404);
      });

      it('answers many at once, each with its own, in whatever order they finish', async () => {
        const http = async (r: { query: URLSearchParams }) => {
          const n = Number(r.query.get('n'));
          await new Promise((resolve) => setTimeout(resolve, (n * 7) % 20));
          return text(200, `n=${n}`);
        };
        const rig = await rigFor(prefer, { http });
        const asked = Array.from({ length: 100 }, async (_, n) =>
          (await fetch(url(rig, `/?n=${n}`))).text(),
        );
        expect(await Promise.all(asked)).toEqual(asked.map((_, n) => `n=${n}`));
      });

      it('survives a client that leaves before the answer', async () => {
        let asked = 0;
        let release = () => {};
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        const http = async () => {
          asked++;
          await held;
          return text(200, 'late');
        };
        const rig = await rigFor(prefer, { http });
        const gone = httpRequest(url(rig, '/slow')).on('error', () => {});
        gone.end();
        await until('asked', () => asked === 1);
        gone.destroy();
        await new Promise((resolve) => setTimeout(resolve, 20));
        release();
        expect(await (await fetch(url(rig, '/slow'))).text()).toBe('late');
      });

      it.each([
        [
          'throws',
          () => {
            throw new Error('bug');
          },
        ],
        [
          'rejects',
          async () => {
            throw new Error('bug');
          },
        ],
      ] as const)('answers 500 and reports when the handler %s', async (_, http) => {
        const rig = await rigFor(prefer, { http });
        const answer = await fetch(url(rig, '/page'));
        expect([answer.status, await answer.text()]).toEqual([
          500,
          'The server failed to answer; its log says why.\n',
        ]);
        expect(rig.log).toEqual(['failed /page Error: bug']);
      });

      it('answers 426 at the WebSocket address', async () => {
        const answer = await fetch(url(await rigFor(prefer), '/v1/scan'));
        expect(answer.status).toBe(426);
        expect(await answer.text()).toBe('This address is for WebSocket connections.\n');
      });

      it('ignores an offer to upgrade to HTTP/2', async () => {
        const rig = await rigFor(prefer, { http: () => text(200, 'plain') });
        const headers = { Connection: 'Upgrade', Upgrade: 'h2c' };
        const [answer] = (await once(
          httpRequest(url(rig, '/healthz'), { headers }).end(),
          'response',
        )) as [IncomingMessage];
        expect(answer.statusCode).toBe(200);
        answer.resume();
      });
    });

    describe('upgrade', () => {
      it.each([
        ['json', [JSON_V1], JSON_V1],
        ['msgpack', [MSGPACK_V1], MSGPACK_V1],
        ['both, preferring ours', [MSGPACK_V1, JSON_V1], JSON_V1],
        ['a known one among others', ['v9', MSGPACK_V1], MSGPACK_V1],
      ])('agrees on a subprotocol: %s', async (_, offered, agreed) => {
        const rig = await rigFor(prefer);
        const client = await dial(rig, offered);
        expect(client.protocol).toBe(agreed);
        await until('open', () => rig.sockets.length === 1);
        expect(only(rig).protocol).toBe(agreed);
      });

      it('takes JSON where none is offered, and names none back', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        expect(client.protocol).toBe('');
        await until('open', () => rig.sockets.length === 1);
        expect(only(rig).protocol).toBe(JSON_V1);
      });

      it('refuses unknown subprotocols with a sentence', async () => {
        expect(await refusal(await rigFor(prefer), ['v8', 'v9'])).toEqual([
          400,
          `None of the offered subprotocols is known; offer ${JSON_V1} or ${MSGPACK_V1}.\n`,
        ]);
      });

      it('refuses another path with a sentence and does not ask the handler', async () => {
        const rig = await rigFor(prefer, { http: () => text(200, 'handler') });
        expect(await refusal(rig, [JSON_V1], '/v1/other')).toEqual([
          404,
          'There is no WebSocket here; connect to /v1/scan.\n',
        ]);
        expect(rig.sockets).toEqual([]);
      });

      it.each([
        ['another version', { 'Sec-WebSocket-Version': '8' }, 426],
        ['a short key', { 'Sec-WebSocket-Key': 'abc' }, 400],
      ])('refuses %s', async (_, wrong, status) => {
        const headers = {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          ...wrong,
        };
        const asked = httpRequest(url(await rigFor(prefer), '/v1/scan'), { headers }).end();
        const [answer] = (await once(asked, 'response')) as [IncomingMessage];
        expect(answer.statusCode).toBe(status);
        answer.resume();
      });

      it('names the peer and keeps its session', async () => {
        const seen: number[] = [];
        const rig = await rigFor(prefer, {
          message: (socket) => void seen.push(socket.data.number),
        });
        const [first, second] = [await dial(rig), await dial(rig)];
        second.send('x');
        await until('second', () => seen.length === 1);
        first.send('x');
        await until('first', () => seen.length === 2);
        expect(seen).toEqual([2, 1]);
        expect(rig.sockets.map((socket) => socket.remote)).toEqual(['127.0.0.1', '127.0.0.1']);
      });

      it('names an IPv4 peer the same way behind a dual-stack port', async ({ skip }) => {
        const rig = await rigFor(prefer, {}, { host: '::' }).catch(() => undefined);
        if (rig === undefined) return skip('no IPv6 here');
        await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        expect(only(rig).remote).toBe('127.0.0.1');
      });
    });

    describe('messages', () => {
      it.each([
        ['empty text', '', false],
        ['text', '{"n":1,"sku":"Grüße"}', false],
        ['empty bytes', '', true],
        ['bytes', '\x00\xff\x80', true],
        ['200 kB of text', 'x'.repeat(200_000), false],
        ['200 kB of bytes', '\xfe'.repeat(200_000), true],
      ])('come back as they went: %s', async (_, payload, binary) => {
        const client = await dial(await rigFor(prefer));
        const answer = messageOf(client);
        client.send(binary ? Buffer.from(payload, 'latin1') : payload, { binary });
        const expected = binary ? payload : Buffer.from(payload).toString('latin1');
        expect(await answer).toEqual([expected, binary]);
      });

      it('go out as strings and as bytes from the middle of a buffer', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        const string = messageOf(client);
        expect(only(rig).send('Grüße', false)).toBe('sent');
        expect(await string).toEqual([Buffer.from('Grüße').toString('latin1'), false]);
        const bytes = messageOf(client);
        expect(only(rig).send(new Uint8Array([9, 1, 2, 9]).subarray(1, 3), true)).toBe('sent');
        expect(await bytes).toEqual(['\x01\x02', true]);
        expect(only(rig).buffered()).toBe(0);
      });

      it('keep their order, 1,000 at once', async () => {
        const client = await dial(await rigFor(prefer));
        const got: number[] = [];
        client.on('message', (data) => got.push(Number(String(data))));
        for (let n = 0; n < 1_000; n++) client.send(String(n));
        await until('all back', () => got.length === 1_000);
        expect(got).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
      });

      it('may be as long as the limit, and in fragments', async () => {
        const client = await dial(await rigFor(prefer));
        const answer = messageOf(client);
        client.send('a'.repeat(MAX_FRAME / 2), { fin: false });
        client.send('b'.repeat(MAX_FRAME / 2), { fin: true });
        expect((await answer)[0]).toBe('a'.repeat(MAX_FRAME / 2) + 'b'.repeat(MAX_FRAME / 2));
      });

      it('over the limit close that connection with 1009 and no other', async () => {
        const rig = await rigFor(prefer);
        const [wide, calm] = [await dial(rig), await dial(rig)];
        const end = closeOf(wide);
        wide.send(Buffer.alloc(MAX_FRAME + 1));
        expect((await end)[0]).toBe(1009);
        await until('told', () => rig.log.length === 1);
        expect(rig.log).toEqual(['closed 1 1009']);
        const answer = messageOf(calm);
        calm.send('still here');
        expect(await answer).toEqual(['still here', false]);
      });

      it('far over the limit are told to the handler as 1009 too', async () => {
        const rig = await rigFor(prefer);
        const wide = await dial(rig);
        wide.send(Buffer.alloc(MAX_FRAME * 4));
        await until('told', () => rig.log.length === 1);
        expect(rig.log).toEqual(['closed 1 1009']);
      });

      it('of text that is no UTF-8 end the connection with 1007', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        client.send(Buffer.from([0xff, 0xff]), { binary: false });
        await until('told', () => rig.log.length === 1);
        expect(rig.log).toEqual(['closed 1 1007']);
      });
    });

    describe('a slow reader', () => {
      it('is told as queued, then once as writable with nothing left, and loses nothing', async () => {
        const left: number[] = [];
        const writable = (socket: Socket<Session>) => void left.push(socket.buffered());
        const rig = await rigFor(prefer, { writable }, { maxBufferedBytes: 256 * PAGE.byteLength });
        const client = await dial(rig);
        let bytes = 0;
        client.on('message', (data: Buffer) => {
          bytes += data.byteLength;
        });
        await until('open', () => rig.sockets.length === 1);
        client.pause();
        let sent = flood(only(rig), 'queued');
        // Far more than the kernel takes at once, so that it drains in several steps.
        for (; only(rig).send(PAGE, true) === 'queued'; sent++);
        expect(left).toEqual([]);
        client.resume();
        await until('all read', () => bytes === sent * PAGE.byteLength);
        await until('drained', () => left.length > 0);
        expect(only(rig).send('x', false)).toBe('sent');
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(left).toEqual([0]);
      });

      it('is dropped past the limit, and closing it needs no help from the peer', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        client.pause();
        flood(only(rig), 'dropped');
        const buffered = only(rig).buffered();
        expect(buffered).toBeGreaterThan(MAX_BUFFERED);
        expect(buffered).toBeLessThan(MAX_BUFFERED + PAGE.byteLength + 100);
        expect(only(rig).send('one more', false)).toBe('dropped');
        expect(only(rig).buffered()).toBe(buffered);
        only(rig).close(4008, 'too slow');
        expect(rig.log).toEqual(['closed 1 4008']);
        expect(only(rig).buffered()).toBe(0);
        // Still without reading: a cut connection resets who writes to it.
        await until('cut', () => {
          client.ping();
          return client.readyState === WebSocket.CLOSED;
        });
      });

      it('under the limit gets all that was queued, then the goodbye', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        let bytes = 0;
        client.on('message', (data: Buffer) => {
          bytes += data.byteLength;
        });
        await until('open', () => rig.sockets.length === 1);
        client.pause();
        const sent = flood(only(rig), 'queued');
        const end = closeOf(client);
        only(rig).close(4001, 'that was all');
        client.resume();
        expect(await end).toEqual([4001, 'that was all']);
        expect(bytes).toBe(sent * PAGE.byteLength);
      });

      it('does not delay another', async () => {
        const rig = await rigFor(prefer);
        const [slow, quick] = [await dial(rig), await dial(rig)];
        await until('open', () => rig.sockets.length === 2);
        slow.pause();
        flood(rig.sockets[0] as Socket<Session>, 'dropped');
        const answer = messageOf(quick);
        quick.send('hello');
        expect(await answer).toEqual(['hello', false]);
      });
    });

    describe('cork', () => {
      it('gathers several sends in order, and passes a long one on in pieces', async () => {
        const rig = await rigFor(prefer, {}, { maxBufferedBytes: 50_000 });
        const client = await dial(rig);
        const got: string[] = [];
        client.on('message', (data) => got.push(String(data)));
        await until('open', () => rig.sockets.length === 1);
        const answers = new Set<string>();
        only(rig).cork(() => {
          for (let n = 0; n < 200; n++) {
            answers.add(only(rig).send(`${n}:${'x'.repeat(1_000)}`, false));
          }
        });
        await until('all', () => got.length === 200);
        expect(answers).toEqual(new Set(['sent']));
        expect(got.map((line) => Number.parseInt(line, 10))).toEqual(got.map((_, n) => n));
      });

      it('may be nested, and used inside message', async () => {
        const rig = await rigFor(prefer, {
          message: (socket) => {
            socket.send('1', false);
            socket.cork(() => {
              socket.send('2', false);
              socket.cork(() => socket.send('3', false));
              socket.send('4', false);
            });
            socket.send('5', false);
          },
        });
        const client = await dial(rig);
        const got: string[] = [];
        client.on('message', (data) => got.push(String(data)));
        client.send('go');
        await until('all', () => got.length === 5);
        expect(got).toEqual(['1', '2', '3', '4', '5']);
      });

      it('sends what was gathered before a close inside it', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        const [answer, end] = [messageOf(client), closeOf(client)];
        const started = Date.now();
        only(rig).cork(() => {
          only(rig).send('last words', false);
          only(rig).close(4002, 'done');
        });
        expect(rig.log).toEqual(['closed 1 4002']);
        expect(await answer).toEqual(['last words', false]);
        expect(await end).toEqual([4002, 'done']);
        expect(Date.now() - started).toBeLessThan(1_000);
      });

      it('survives a destroy inside it, and runs on a closed socket', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        const end = closeOf(client);
        let ran = 0;
        only(rig).cork(() => only(rig).destroy());
        only(rig).cork(() => void ran++);
        expect(ran).toBe(1);
        expect((await end)[0]).toBe(1006);
        expect(rig.log).toEqual(['closed 1 1006']);
      });
    });

    describe('the end', () => {
      it('brings code and reason of the server to the client', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        const end = closeOf(client);
        only(rig).close(4003, 'token expired');
        expect(only(rig).open).toBe(false);
        expect(rig.log).toEqual(['closed 1 4003']);
        expect(await end).toEqual([4003, 'token expired']);
        expect(rig.log).toHaveLength(1);
      });

      it('can come from inside message and from inside open', async () => {
        let heard = 0;
        const message = (socket: Socket<Session>) => {
          heard++;
          socket.close(4004, 'no');
        };
        const rig = await rigFor(prefer, { message });
        const client = await dial(rig);
        const end = closeOf(client);
        client.send('a');
        client.send('b');
        expect(await end).toEqual([4004, 'no']);
        expect(heard).toBe(1);
        expect(rig.log).toEqual(['closed 1 4004']);

        const shut = await rigFor(prefer, {
          open: (socket) => {
            socket.data = { number: 7 };
            socket.close(1013, 'full');
          },
        });
        const refused = new WebSocket(`ws://127.0.0.1:${shut.door.port}/v1/scan`);
        expect(await closeOf(refused)).toEqual([1013, 'full']);
        expect(shut.log).toEqual(['closed 7 1013']);
      });

      it('by destroy is abrupt and told once', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        const end = closeOf(client);
        only(rig).destroy();
        only(rig).destroy();
        only(rig).close(4000, 'late');
        expect(rig.log).toEqual(['closed 1 1006']);
        expect((await end)[0]).toBe(1006);
      });

      it.each([
        ['with a code', (client: WebSocket) => client.close(4010, 'bye'), 4010],
        ['without a code', (client: WebSocket) => client.close(), 1005],
        ['abruptly', (client: WebSocket) => client.terminate(), 1006],
      ])('by the client %s is told once', async (_, leave, code) => {
        const rig = await rigFor(prefer);
        leave(await dial(rig));
        await until('told', () => rig.log.length > 0);
        await new Promise((resolve) => setTimeout(resolve, 30));
        expect(rig.log).toEqual([`closed 1 ${code}`]);
        expect(only(rig).open).toBe(false);
        expect(only(rig).send('x', false)).toBe('dropped');
        expect(only(rig).buffered()).toBe(0);
      });
    });

    describe('the port', () => {
      it('already taken by another program is EADDRINUSE', async () => {
        const other = createServer().listen(0, '127.0.0.1');
        await once(other, 'listening');
        const { port } = other.address() as { port: number };
        await expect(rigFor(prefer, {}, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
        other.close();
      });

      it.each(DOORS.filter((door) => door.missing === ''))(
        'already taken by the $prefer door is EADDRINUSE',
        async (first) => {
          const { port } = (await rigFor(first.prefer)).door;
          await expect(rigFor(prefer, {}, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
        },
      );

      it('at an address that is not ours is EADDRNOTAVAIL', async () => {
        const opening = rigFor(prefer, {}, { host: '192.0.2.1' });
        await expect(opening).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
      });

      it('is free again after close, which ends every connection', async () => {
        const rig = await rigFor(prefer, { http: () => new Promise<HttpAnswer>(() => {}) });
        const { port } = rig.door;
        const ends = [await dial(rig), await dial(rig)].map(closeOf);
        await until('open', () => rig.sockets.length === 2);
        const waiting = fetch(url(rig, '/never')).catch(() => 'cut');
        const idle: TcpSocket = connect(port, '127.0.0.1').on('error', () => {});
        await once(idle, 'connect');
        const idleEnd = new Promise((resolve) => idle.resume().on('close', resolve));
        await Promise.all([rig.door.close(), rig.door.close()]);
        expect(rig.log).toEqual(['closed 1 1001', 'closed 2 1001']);
        expect(await Promise.all(ends)).toEqual(ends.map(() => [1001, 'the server is going away']));
        expect(await waiting).toBe('cut');
        await idleEnd;
        expect((await rigFor(prefer, {}, { port })).door.port).toBe(port);
      });

      it('lets a peer that reads take what is queued before its goodbye', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        let bytes = 0;
        client.on('message', (data: Buffer) => {
          bytes += data.byteLength;
        });
        await until('open', () => rig.sockets.length === 1);
        client.pause();
        const sent = flood(only(rig), 'queued');
        const end = closeOf(client);
        const closing = rig.door.close();
        client.resume();
        expect(await end).toEqual([1001, 'the server is going away']);
        expect(bytes).toBe(sent * PAGE.byteLength);
        await closing;
      });

      it('closes in time though a peer has stopped reading', async () => {
        const rig = await rigFor(prefer);
        const client = await dial(rig);
        await until('open', () => rig.sockets.length === 1);
        client.pause();
        flood(only(rig), 'queued');
        const started = Date.now();
        await rig.door.close();
        expect(Date.now() - started).toBeLessThan(1_000);
        expect(rig.log).toEqual(['closed 1 1001']);
      });
    });
  });
}

describe('options', () => {
  it.each([
    ['an idle timeout that would abort the native process', { idleTimeoutSeconds: 7 }],
    ['a limit of nothing', { maxBufferedBytes: 0 }],
    ['a frame limit that is no whole number', { maxFrameBytes: Number.NaN }],
    ['a path with a pattern in it', { path: '/v1/*' }],
  ])('are refused: %s', async (_, wrong) => {
    await expect(rigFor('ws', {}, wrong)).rejects.toThrow(RangeError);
  });

  it('never take an imitation for the native module', () => {
    const imitation = { App() {}, us_listen_socket_close() {}, us_socket_local_port() {} };
    expect(isNative(imitation)).toBe(false);
    expect(isNative(undefined)).toBe(false);
    expect(loaded.ok ? isNative(loaded.uws) : false).toBe(loaded.ok);
  });
});

describe('the choice of a door', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    Object.defineProperty(process, 'arch', { value: ARCH });
  });

  it('is uWebSockets.js wherever its binary loads', async () => {
    vi.stubEnv('HOLDFAST_DOOR', '');
    expect((await rigFor(undefined)).door.kind).toBe(loaded.ok ? 'uWebSockets.js' : 'ws');
  });

  it('is ws where HOLDFAST_DOOR says so, and the option outranks it', async () => {
    vi.stubEnv('HOLDFAST_DOOR', 'ws');
    expect((await rigFor(undefined)).door.kind).toBe('ws');
    vi.stubEnv('HOLDFAST_DOOR', 'uws');
    expect((await rigFor('ws')).door.kind).toBe('ws');
  });

  it('is refused for a door that does not exist', async () => {
    vi.stubEnv('HOLDFAST_DOOR', 'wss');
    await expect(rigFor(undefined)).rejects.toThrow('HOLDFAST_DOOR is wss; it must be uws or ws');
  });

  it('falls to ws where no binary loads, and says why', async ({ skip }) => {
    if (loaded.ok && loaded.from === 'uWebSockets.js') skip('the official package is installed');
    Object.defineProperty(process, 'arch', { value: 'abacus' });
    const { door } = await rigFor('uws');
    expect(door.kind).toBe('ws');
    expect(door.note).toMatch(/^uws_\w+_abacus_\d+\.node does not load: .*Cannot find module/);
  });
});

describe('the idle timeout, on every door at once because it takes long', () => {
  it('keeps a silent peer that answers pings and cuts one that does not', async () => {
    const present = DOORS.filter((door) => door.missing === '');
    const logs = await Promise.all(present.map(({ prefer }) => liveAndDead(prefer)));
    expect(logs).toEqual(present.map(() => ['closed 2 1006']));
  }, 30_000);

  async function liveAndDead(prefer: Preference): Promise<string[]> {
    const rig = await rigFor(prefer, {}, { idleTimeoutSeconds: 8 });
    await dial(rig);
    await until('first', () => rig.sockets.length === 1);
    const dead = new WebSocket(`ws://127.0.0.1:${rig.door.port}/v1/scan`, { autoPong: false });
    clients.push(dead.on('error', () => {}));
    await until('cut', () => rig.log.length > 0, 20_000);
    return [...rig.log];
  }
});
