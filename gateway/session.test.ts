import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Refused, refuse } from '../actors/outcomes.ts';
import { LIMITS } from '../engine/limits.ts';
import type { Ask } from '../engine/mailbox.ts';
import type { RegionNode } from '../engine/node.ts';
import type { Answer } from '../engine/settled.ts';
import { Watchers } from '../engine/watch.ts';
import type { Identity } from './auth.ts';
import type { Sent, Socket } from './door/door.ts';
import { CONNECTION_LIMITS } from './limits.ts';
import { CLOSE, ScanSession, type SessionContext } from './session.ts';

const DONE: Answer = {
  ok: true,
  kind: 'done',
  all: false,
  results: [{ seq: 1, qty: 1, after: [1, 0, 0, 0, 0, 0, 0], expiresAtMs: 0 }],
};

/** A socket that keeps what is sent, and fails on use after close as the native one would. */
class FakeSocket implements Socket<ScanSession | undefined> {
  readonly protocol = 'holdfast.v1.json';
  readonly remote = '127.0.0.1';
  data: ScanSession | undefined;
  open = true;
  sent: unknown[] = [];
  goodbye: string | undefined;
  answer: Sent = 'sent';

  send(data: string | Uint8Array): Sent {
    if (!this.open) throw new Error('sent after close');
    if (this.answer !== 'dropped') this.sent.push(JSON.parse(String(data)));
    return this.answer;
  }
  buffered(): number {
    return 0;
  }
  close(code: number, reason: string): void {
    if (!this.open) throw new Error('closed twice');
    this.open = false;
    this.goodbye = `${code} ${reason}`;
    this.data?.closed();
  }
  destroy(): void {
    this.close(1006, '');
  }
  cork(fn: () => void): void {
    fn();
  }
}

let asks: Ask[];
let failing: Error | undefined;
let isFar = false;
let who: Identity | Refused;
let ready: Promise<void>;
let log: string[];
let context: SessionContext;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  asks = [];
  failing = undefined;
  isFar = false;
  ready = Promise.resolve();
  log = [];
  who = {
    client: 'dock',
    owners: ['demo'],
    warehouses: ['W1', 'W2'],
    roles: ['floor'],
    expiresAtMs: Number.POSITIVE_INFINITY,
  };
  const router = {
    nextNumber: () => ready.then(() => 1),
    submit: (ask: Ask) => {
      if (failing !== undefined) throw failing;
      asks.push(ask);
    },
    elsewhere: (warehouse: string) =>
      warehouse === 'W2' && isFar ? refuse('other_region', 0, -1, 'region us has W2') : undefined,
  };
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    log.push(`${level} ${msg}`);
  };
  context = {
    node: { router, watchers: new Watchers() } as unknown as RegionNode,
    verifier: { verify: async () => who },
    log: pino({ level: 'info' }, { write }),
    version: '0',
    url: () => 'ws://here',
    nats: 'nats://here',
    nonce: () => 'nonce',
    open: new Map(),
    counters: { frames: 0, refused: 0, slowReaders: 0 },
    limits: { ...CONNECTION_LIMITS, inFlight: 4 },
  };
});
afterEach(() => vi.useRealTimers());

function connect(): FakeSocket {
  const socket = new FakeSocket();
  socket.data = new ScanSession(socket, context);
  return socket;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

async function say(socket: FakeSocket, ...messages: unknown[]): Promise<unknown[]> {
  const before = socket.sent.length;
  for (const message of messages) {
    if (!socket.open) break; // a door gives nothing more to a closed session
    socket.data?.frame(Buffer.from(JSON.stringify(message)));
  }
  await settle();
  return socket.sent.slice(before);
}

async function greeted(hello: object = {}): Promise<FakeSocket> {
  const socket = connect();
  const told = await say(socket, { op: 'hello', token: 't', incarnation: 'i', ...hello });
  expect(told).toMatchObject([{ ok: true, op: 'hello' }]);
  return socket;
}

const receive = (n: number, warehouse = 'W1') => ({
  ...{ n, op: 'receive', warehouse, sku: 'A', qty: 1 },
});
const timers = (): number => vi.getTimerCount();

describe('hello', () => {
  it('that does not come in time closes the connection', async () => {
    const socket = connect();
    vi.advanceTimersByTime(LIMITS.helloMs);
    expect(socket.goodbye).toBe('4410 no hello in time');
    expect(timers()).toBe(0);
  });

  it('that cannot be answered in time says that it is not the client’s fault', async () => {
    ready = new Promise(() => {});
    const socket = connect();
    await say(socket, { op: 'hello', token: 't' });
    vi.advanceTimersByTime(LIMITS.helloMs);
    expect(socket.goodbye).toBe('4410 the node is not ready');
  });

  it('that is answered after the peer has left changes nothing', async () => {
    let go: () => void = () => {};
    ready = new Promise((resolve) => {
      go = resolve;
    });
    const socket = connect();
    await say(socket, { op: 'hello', token: 't' }, receive(1));
    socket.destroy();
    go();
    await settle();
    expect([socket.sent, asks, context.open.size, timers()]).toEqual([[], [], 0, 0]);
  });

  it('keeps what comes before its reply, and no more than one frame’s worth', async () => {
    let go: () => void = () => {};
    ready = new Promise((resolve) => {
      go = resolve;
    });
    const [patient, greedy] = [connect(), connect()];
    await say(patient, { op: 'hello', token: 't' }, receive(1), [receive(2)]);
    const large = { ...receive(1), filler: 'x'.repeat(LIMITS.frameBytes / 2) };
    await say(greedy, { op: 'hello', token: 't' }, large, large, large);
    expect(greedy.goodbye).toBe('4413 too much before the hello reply');
    go();
    await settle();
    expect(asks.map(({ n }) => n)).toEqual([1, 2]);
  });

  it('that is refused is answered once, then the connection is closed', async () => {
    who = refuse('token_invalid');
    const socket = connect();
    expect(await say(socket, { op: 'hello', token: 't' }, receive(1))).toMatchObject([
      { ok: false, code: 'token_invalid' },
    ]);
    expect(socket.goodbye).toBe('4401 token_invalid');
    expect([asks, context.open.size, timers()]).toEqual([[], 0, 0]);
  });

  it('of the same session takes it over', async () => {
    const old = await greeted();
    const young = await greeted();
    expect([old.goodbye, young.open]).toEqual([expect.stringMatching(/^4409 /), true]);
    expect(context.open.size).toBe(1);
    young.destroy();
    expect([context.open.size, timers()]).toEqual([0, 0]);
  });
});

describe('a bug', () => {
  it('in a frame closes its session, and is logged once', async () => {
    const [socket, other] = [await greeted(), await greeted({ incarnation: 'j' })];
    failing = new Error('a bug');
    await say(socket, receive(1));
    expect(socket.goodbye).toMatch(`${CLOSE.bug} `);
    expect(log).toEqual(['50 a frame failed; its session is closed']);
    failing = undefined;
    await say(other, receive(1));
    expect(asks).toHaveLength(1);
  });

  it('in hello does the same', async () => {
    ready = Promise.reject(new Error('a bug'));
    const socket = connect();
    await say(socket, { op: 'hello', token: 't' });
    expect(socket.goodbye).toMatch(`${CLOSE.bug} `);
    expect(log).toHaveLength(1);
  });
});

describe('answers', () => {
  it('that come after the connection are not sent', async () => {
    const socket = await greeted();
    await say(socket, receive(1), [receive(2), receive(3)]);
    socket.destroy();
    for (const ask of asks) ask.answer(DONE, true);
    for (const ask of asks) ask.fate(true);
    await settle();
    expect(socket.sent).toHaveLength(1); // hello's
  });

  it('make room for others in flight, however they turn out', async () => {
    const socket = await greeted();
    await say(socket, ...[1, 2, 3, 4].map((n) => receive(n)));
    expect(await say(socket, receive(5))).toMatchObject([{ code: 'too_many_in_flight' }]);
    asks[0]?.answer(DONE, true);
    asks[1]?.answer(refuse('moved'), true);
    asks[2]?.answer(DONE, false);
    expect(await say(socket, ...[5, 6, 7, 8].map((n) => receive(n)))).toMatchObject([
      ...[{ n: 1 }, { n: 2 }, { n: 3 }],
      { n: 8, code: 'too_many_in_flight' },
    ]);
    expect(asks).toHaveLength(7);
  });

  it('that are not read close the connection, once', async () => {
    const socket = await greeted();
    socket.answer = 'dropped';
    await say(socket, ...[1, 2, 3].map((n) => ({ n, op: 'nonsense' })));
    expect(socket.goodbye).toMatch('4408 ');
    expect(context.counters.slowReaders).toBe(1);
    expect(log.filter((line) => line !== '40 refused')).toEqual([
      '40 slow reader closed; it may resume',
    ]);
  });

  it('to a batch leave in one piece when the last one is there', async () => {
    const socket = await greeted();
    expect(await say(socket, [receive(1), { n: 2, op: 'nonsense' }, receive(3)])).toEqual([]);
    asks[1]?.answer(DONE, true);
    await settle();
    expect(socket.sent).toHaveLength(1);
    asks[0]?.answer(DONE, true);
    await settle();
    expect(socket.sent[1]).toMatchObject([{ n: 1 }, { n: 2, ok: false }, { n: 3 }]);
  });
});

describe('a warehouse of another region', () => {
  it('cannot be watched here, which is said; what was watched may be left', async () => {
    isFar = true;
    const socket = await greeted();
    expect(await say(socket, { n: 1, op: 'watch', warehouse: 'W2' })).toMatchObject([
      { n: 1, ok: false, code: 'other_region', retry: false },
    ]);
    expect(await say(socket, { op: 'watch', warehouse: 'W1' })).toMatchObject([{ watching: 1 }]);
    expect(await say(socket, { op: 'unwatch', warehouse: 'W2' })).toMatchObject([{ watching: 1 }]);
  });
});

describe('an ordered session', () => {
  it('keeps its order after any refusal that may be sent again', async () => {
    for (const code of ['moved', 'overloaded', 'not_owned', 'stopped'] as const) {
      asks = [];
      const socket = await greeted({ ordered: true });
      await say(socket, receive(1), receive(2));
      asks[0]?.answer(refuse(code), true);
      asks[1]?.answer(DONE, true); // it cannot be; but what follows must wait all the same
      await settle();
      expect(await say(socket, receive(3), receive(4, 'W2'))).toMatchObject([{ code: 'moved' }]);
      expect(asks.map(({ n }) => n)).toEqual([1, 2, 4]);
      await say(socket, receive(1), receive(3));
      expect(asks.map(({ n }) => n)).toEqual([1, 2, 4, 1, 3]);
    }
  });

  it('keeps its order after too many were in flight', async () => {
    const socket = await greeted({ ordered: true });
    await say(socket, ...[1, 2, 3, 4, 5].map((n) => receive(n)));
    asks[0]?.answer(DONE, true);
    expect(await say(socket, receive(6))).toMatchObject([{ n: 1 }, { n: 6, code: 'moved' }]);
    await say(socket, receive(5));
    expect(asks.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps its order after a decision that was revoked', async () => {
    const socket = await greeted({ ordered: true });
    await say(socket, { ...receive(1), ack: 'decided' });
    asks[0]?.answer(DONE, false);
    asks[0]?.fate(false);
    expect(await say(socket, receive(2))).toMatchObject([
      { n: 1, committed: false },
      { event: 'revoked', n: 1 },
      { n: 2, code: 'moved' },
    ]);
    await say(socket, receive(1), receive(2));
    expect(asks.map(({ n }) => n)).toEqual([1, 1, 2]);
  });

  it('that never sends again what it must is closed, not remembered for ever', async () => {
    const socket = await greeted({ ordered: true });
    await say(socket, receive(1));
    asks[0]?.answer(refuse('moved'), true);
    for (let n = 2; socket.open && n < 3 * LIMITS.sessionWindow; n += 8_000) {
      await say(
        socket,
        Array.from({ length: 8_000 }, (_, i) => receive(n + i)),
      );
    }
    expect(socket.goodbye).toBe('4413 too many numbers to be sent again');
  });
});

describe('a token that runs out', () => {
  it('ends its session at that moment, though nothing is said', async () => {
    who = { ...(who as Identity), expiresAtMs: Date.now() + 60 * 24 * 3_600_000 };
    const socket = await greeted();
    vi.advanceTimersByTime(60 * 24 * 3_600_000 - 1);
    expect(socket.open).toBe(true);
    vi.advanceTimersByTime(1);
    expect(socket.sent[1]).toMatchObject({ ok: false, code: 'token_expired' });
    expect(socket.goodbye).toBe('4401 token_expired');
    expect(timers()).toBe(0);
  });

  it('ends it also where only the clock says so', async () => {
    who = { ...(who as Identity), expiresAtMs: Date.now() + 1_000 };
    const socket = await greeted();
    vi.setSystemTime(Date.now() + 1_000);
    expect(await say(socket, [receive(1), receive(2)])).toMatchObject([{ code: 'token_expired' }]);
    expect([asks, socket.goodbye]).toEqual([[], '4401 token_expired']);
  });
});
