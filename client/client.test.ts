import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Packr, Unpackr } from 'msgpackr';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Client, type ClientOptions, RefusedError } from './client.ts';
import type { AnswerMessage } from './messages.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });

interface Sent {
  readonly n: number;
  readonly op: string;
  readonly acked?: number;
  readonly token?: string;
  readonly incarnation?: string;
}

/** A server of which a test says what it answers. */
class FakeServer {
  readonly #server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly limits = { frameBytes: 1_000_000, batch: 1_000, inFlight: 1_000 };
  /** Frames after hello, over all connections. */
  readonly frames: (readonly Sent[])[] = [];
  readonly hellos: Sent[] = [];
  refuse: string | undefined;
  /** Where the owner is, as hello tells; undefined: here. */
  owner: string | undefined;
  onCommand: (sent: Sent) => object | undefined = ({ n }) => ({ n, ok: true, seq: n });
  #socket: WebSocket | undefined;

  async url(): Promise<string> {
    this.#server.on('connection', (socket) => this.#serve(socket));
    if (this.#server.address() === null) await once(this.#server, 'listening');
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  push(message: unknown): void {
    this.#socket?.send(packr.pack(message));
  }

  cut(code?: number): void {
    if (code === undefined) this.#socket?.terminate();
    else this.#socket?.close(code, 'go');
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: WebSocket): void {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const message = unpackr.unpack(data) as Sent | readonly Sent[];
      if (!Array.isArray(message) && (message as Sent).op === 'hello') {
        this.#greet(socket, message as Sent);
        return;
      }
      const sent = Array.isArray(message) ? (message as Sent[]) : [message as Sent];
      this.frames.push(sent);
      const answers = sent.map((s) => this.onCommand(s)).filter((a) => a !== undefined);
      if (answers.length > 0)
        socket.send(packr.pack(Array.isArray(message) ? answers : answers[0]));
    });
  }

  #greet(socket: WebSocket, hello: Sent): void {
    this.hellos.push(hello);
    if (this.refuse !== undefined) {
      socket.send(packr.pack({ ok: false, code: this.refuse, message: 'no', retry: false }));
      socket.close(4401, this.refuse);
      return;
    }
    const { limits } = this;
    const here = `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const node = this.owner ?? here;
    const incarnation = hello.incarnation ?? 'made-here';
    socket.send(packr.pack({ ok: true, op: 'hello', incarnation, nextN: 5, node, limits }));
  }
}

const servers: FakeServer[] = [];
const clients: Client[] = [];

async function pair(
  more: Partial<ClientOptions> = {},
  adjust: (server: FakeServer) => void = () => {},
): Promise<{ server: FakeServer; client: Client }> {
  const server = new FakeServer();
  servers.push(server);
  adjust(server);
  const client = await Client.connect({ url: await server.url(), token: 't', ...more });
  clients.push(client);
  return { server, client };
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const message = { op: 'receive', sku: 'A', qty: 1 } as const;
const numbers = (frames: readonly (readonly Sent[])[]): number[][] =>
  frames.map((frame) => frame.map(({ n }) => n));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !holds(); ) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('the client', () => {
  it('goes on from the number that the server says', async () => {
    const { server, client } = await pair({ client: 'dock', ordered: true });
    expect(server.hellos).toEqual([{ op: 'hello', token: 't', client: 'dock', ordered: true }]);
    expect(client.incarnation).toBe('made-here');
    expect(await client.send(message)).toMatchObject({ n: 5, ok: true });
    expect(await client.send(message)).toMatchObject({ n: 6, ok: true });
  });

  it('sends the commands of one turn in one frame, and says what it has read', async () => {
    const { server, client } = await pair();
    await Promise.all([client.send(message), client.send(message)]);
    await client.send(message);
    expect(numbers(server.frames)).toEqual([[5, 6], [7]]);
    expect(server.frames.map(([first]) => first?.acked)).toEqual([5, 7]);
  });

  it('goes on to the owner where that is asked for, and comes back when the owner is gone', async () => {
    const owner = new FakeServer();
    servers.push(owner);
    const url = await owner.url();
    const { server, client } = await pair({ follow: true }, (s) => {
      s.owner = url;
    });
    await client.send(message);
    expect([server.frames.length, numbers(owner.frames)]).toEqual([0, [[5]]]);
    server.owner = undefined;
    await owner.close();
    expect(await client.send(message)).toMatchObject({ n: 6, ok: true });
    expect(numbers(server.frames)).toEqual([[6]]);
  });

  it('stays with the neighbour of an owner that cannot be reached', async () => {
    const { server, client } = await pair({ follow: true }, (s) => {
      s.owner = 'ws://127.0.0.1:1/v1/scan';
    });
    expect(await client.send(message)).toMatchObject({ n: 5, ok: true });
    expect(numbers(server.frames)).toEqual([[5]]);
  });

  it('never acks past an answer that is outstanding', async () => {
    const { server, client } = await pair({}, (s) => {
      s.onCommand = ({ n }) => (n === 5 ? undefined : { n, ok: true, seq: n });
    });
    const outstanding = client.send(message).catch(() => {});
    for (let i = 0; i < 3; i++) await client.send(message);
    expect(server.frames.map(([first]) => first?.acked)).toEqual([5, 5, 5]);
    client.close();
    await outstanding;
  });

  it('halves a frame that would be too large', async () => {
    const { server, client } = await pair({}, (s) => {
      s.limits.frameBytes = 200;
    });
    const told = await Promise.all(Array.from({ length: 20 }, () => client.send(message)));
    expect(told.every(({ ok }) => ok)).toBe(true);
    expect(server.frames.length).toBeGreaterThan(2);
    expect(server.frames.every((frame) => packr.pack(frame).length <= 201)).toBe(true);
    expect(numbers(server.frames).flat()).toEqual(told.map(({ n }) => n));
  });

  it('answers too_large itself where one command is more than a frame', async () => {
    const { server, client } = await pair({}, (s) => {
      s.limits.frameBytes = 200;
    });
    const large = client.send({ ...message, doc: 'x'.repeat(300) });
    const others = [client.send(message), client.send(message)];
    expect(await large).toMatchObject({ n: 5, ok: false, code: 'too_large', retry: false });
    expect(await Promise.all(others)).toMatchObject([{ n: 6 }, { n: 7 }]);
    expect(numbers(server.frames).flat()).toEqual([6, 7]);
  });

  it('has no more in flight than either side wants', async () => {
    for (const [own, told] of [
      [3, 1_000],
      [1_000, 3],
    ] as const) {
      let open = 0;
      let most = 0;
      const { server, client } = await pair({ inFlight: own }, (s) => {
        s.limits.inFlight = told;
        s.onCommand = ({ n }) => {
          most = Math.max(most, ++open);
          setTimeout(() => {
            open--;
            s.push({ n, ok: true, seq: n });
          }, 2);
          return undefined;
        };
      });
      await Promise.all(Array.from({ length: 20 }, () => client.send(message)));
      expect(most).toBe(3);
      expect(new Set(numbers(server.frames).flat()).size).toBe(20);
    }
  });

  it('sends again, under the same number, what was refused for the moment', async () => {
    let refusals = 2;
    const { server, client } = await pair({}, (s) => {
      s.onCommand = ({ n }) =>
        refusals-- > 0
          ? { n, ok: false, code: 'moved', message: '', retry: true }
          : { n, ok: true, seq: n };
    });
    expect(await client.send(message)).toMatchObject({ n: 5, ok: true });
    expect(numbers(server.frames)).toEqual([[5], [5], [5]]);
  });

  it('gives a refusal that stands to the caller', async () => {
    const refusal = { n: 5, ok: false, code: 'insufficient', message: 'no', retry: false };
    const { client } = await pair({}, (s) => {
      s.onCommand = () => refusal;
    });
    expect(await client.send(message)).toEqual(refusal);
  });

  it('connects again and sends what has no answer, in order, in the same session', async () => {
    const links: boolean[] = [];
    let deaf = true;
    const { server, client } = await pair({ onLink: (up) => links.push(up) }, (s) => {
      s.onCommand = ({ n }) => (deaf ? undefined : { n, ok: true, seq: n });
    });
    const answers = [1, 2, 3].map(() => client.send(message));
    await until('sent', () => server.frames.length > 0);
    deaf = false;
    server.cut();
    expect(await Promise.all(answers)).toMatchObject([{ n: 5 }, { n: 6 }, { n: 7 }]);
    expect(server.hellos.at(-1)).toMatchObject({ incarnation: 'made-here' });
    expect(numbers(server.frames)).toEqual([
      [5, 6, 7],
      [5, 6, 7],
    ]);
    expect(links).toEqual([true, false, true]);
  });

  it('goes on at the next of several nodes, in the same session, when one is gone', async () => {
    const other = new FakeServer();
    servers.push(other);
    const first = new FakeServer();
    servers.push(first);
    first.onCommand = () => undefined;
    const url = [await first.url(), await other.url()];
    const client = await Client.connect({ url, token: 't' });
    clients.push(client);
    const answer = client.send(message);
    await until('the first has it', () => first.frames.length === 1);
    await first.close();
    servers.splice(servers.indexOf(first), 1);
    expect(await answer).toMatchObject({ n: 5, ok: true });
    expect(other.hellos).toMatchObject([{ incarnation: 'made-here' }]);
    expect(numbers(other.frames)).toEqual([[5]]);
  });

  it('leaves a node that owes answers and says nothing', async () => {
    const { server, client } = await pair({ silentMs: 100 }, (s) => {
      s.onCommand = () => undefined;
    });
    const answer = client.send(message);
    await until('it is asked', () => server.frames.length === 1);
    await until('it is left', () => server.hellos.length === 2);
    server.onCommand = ({ n }) => ({ n, ok: true, seq: n });
    expect(await answer).toMatchObject({ n: 5, ok: true });
  });

  it('sends nothing twice where a refusal and a broken link meet', async () => {
    let first = true;
    const { server, client } = await pair({}, (s) => {
      s.onCommand = ({ n }) => {
        if (!first) return { n, ok: true, seq: n };
        first = false;
        setTimeout(() => s.cut(), 1);
        return { n, ok: false, code: 'moved', message: '', retry: true };
      };
    });
    await client.send(message);
    await new Promise((resolve) => setTimeout(resolve, 250)); // the retry's own timer
    await client.send(message);
    expect(numbers(server.frames)).toEqual([[5], [5], [6]]);
  });

  it.each([4401, 4409])(
    'ends when it is closed with %d, and rejects what it was asked',
    async (code) => {
      const { server, client } = await pair({}, (s) => {
        s.onCommand = () => undefined;
      });
      const asked = client.send(message);
      await until('sent', () => server.frames.length > 0);
      server.cut(code);
      await expect(asked).rejects.toThrow(RefusedError);
      await expect(client.send(message)).rejects.toThrow('closed');
      expect(server.hellos).toHaveLength(1);
    },
  );

  it('is refused with its token, and does not try again', async () => {
    const refused = pair({}, (s) => {
      s.refuse = 'token_invalid';
    });
    await expect(refused).rejects.toThrow(RefusedError);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(servers[0]?.hellos).toHaveLength(1);
  });

  it('tells of pushes', async () => {
    const events: unknown[] = [];
    const { server, client } = await pair({ onEvent: (event) => events.push(event) });
    server.push({ event: 'stock', sku: 'A', seq: 3 });
    await client.send(message);
    expect(events).toEqual([{ event: 'stock', sku: 'A', seq: 3 }]);
  });

  it('takes numbers of the caller’s own, as long as they rise', async () => {
    const { client } = await pair();
    expect(await client.sendAs(2, message)).toMatchObject({ n: 2 });
    await expect(client.sendAs(2, message)).rejects.toThrow('number 2 after 2');
    expect(await client.sendAs(9, message)).toMatchObject({ n: 9 });
    expect(await client.send(message)).toMatchObject({ n: 10 });
  });

  it('that is closed rejects what has no answer', async () => {
    const { client } = await pair({}, (s) => {
      s.onCommand = () => undefined;
    });
    const asked: Promise<AnswerMessage>[] = [client.send(message), client.send(message)];
    client.close();
    client.close();
    for (const one of asked) await expect(one).rejects.toThrow('this client was closed');
  });
});
