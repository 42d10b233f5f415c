import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../engine/limits.ts';
import { signToken } from '../../gateway/auth.ts';
import { msgpackCodec } from '../../gateway/codec.ts';
import { DOORS, newKeys, TestNode } from '../support/node.ts';
import { JSON_V1, MSGPACK_V1, PROTOCOLS, type Told, Wire } from '../support/wire.ts';

const W1 = { warehouse: 'W1' };
const STOCKED = { ...W1, sku: 'A' };
const HELD = { ...STOCKED, hold: 'h' };
const MB = 1024 * 1024;

/** Frames that are refused, and how; each is sent with a fresh number where it has none. */
const REFUSED: readonly [string, Readonly<Record<string, unknown>>, string][] = [
  ['an op that is not known', { op: 'teleport', ...HELD }, 'unknown_op'],
  ['no op', { ...HELD }, 'unknown_op'],
  ['an op that is no text', { ...HELD, op: { toString: 1 } }, 'unknown_op'],
  ['an op of the shard’s own', { op: 'expire', ...HELD }, 'unknown_op'],
  ['no sku', { op: 'receive', ...W1, qty: 1 }, 'bad_field'],
  ['a sku that is a number', { op: 'receive', ...W1, sku: 7, qty: 1 }, 'bad_field'],
  ['a sku that is too long', { op: 'receive', ...W1, sku: 'x'.repeat(65), qty: 1 }, 'bad_field'],
  ['a warehouse with a dot', { op: 'read', sku: 'A', warehouse: 'W.1' }, 'bad_field'],
  ['a hold that is a list', { op: 'pick', ...STOCKED, hold: ['h'] }, 'bad_field'],
  ['a hold of another type', { op: 'receive', ...STOCKED, qty: 1, hold: {} }, 'bad_field'],
  ['no reason', { op: 'adjust', ...STOCKED, delta: 1 }, 'bad_field'],
  ['a quality there is not', { op: 'receive', ...STOCKED, qty: 1, quality: 'fair' }, 'bad_field'],
  ['a life of nothing', { op: 'reserve', ...HELD, qty: 1, ttlMs: 0 }, 'bad_field'],
  ['partly', { op: 'reserve', ...HELD, qty: 1, partial: 'yes' }, 'bad_field'],
  ['a number of 0', { n: 0, op: 'pick', ...HELD }, 'bad_field'],
  ['a number that is text', { n: '9', op: 'pick', ...HELD }, 'bad_field'],
  ['an ack of another kind', { op: 'pick', ...HELD, ack: 'maybe' }, 'bad_field'],
  ['an acked below 1', { op: 'pick', ...HELD, acked: -1 }, 'bad_field'],
  ['a watch of nothing', { op: 'watch', warehouse: 'W 1' }, 'bad_field'],
  ['0 units', { op: 'receive', ...STOCKED, qty: 0 }, 'bad_qty'],
  ['−1 units', { op: 'receive', ...STOCKED, qty: -1 }, 'bad_qty'],
  ['half a unit', { op: 'receive', ...STOCKED, qty: 0.5 }, 'bad_qty'],
  ['2^53 units', { op: 'receive', ...STOCKED, qty: 2 ** 53 }, 'bad_qty'],
  ['units in words', { op: 'receive', ...STOCKED, qty: '5' }, 'bad_qty'],
  ['no units', { op: 'reserve', ...STOCKED, hold: 'i' }, 'bad_qty'],
  ['a delta of 0', { op: 'adjust', ...STOCKED, delta: 0, reason: 'r' }, 'bad_qty'],
  ['a delta that breaks text', { op: 'pick', ...HELD, delta: { toString: 1 } }, 'bad_qty'],
  ['units that break text', { op: 'pick', ...HELD, qty: { toString: 1, valueOf: 1 } }, 'bad_qty'],
  ['another owner', { op: 'receive', ...STOCKED, owner: 'rival', qty: 1 }, 'forbidden'],
  ['another owner’s watch', { op: 'watch', ...STOCKED, owner: 'rival' }, 'forbidden'],
  ['a sku never received', { op: 'reserve', ...HELD, sku: 'nothing', qty: 1 }, 'unknown_sku'],
  ['a hold there is not', { op: 'pick', ...STOCKED, hold: 'nobody' }, 'unknown_hold'],
  ['a time to come', { op: 'pick', ...HELD, occurredAt: 2 ** 45 }, 'clock_ahead'],
  ['more than there is', { op: 'reserve', ...STOCKED, hold: 'j', qty: 99 }, 'insufficient'],
  ['beyond 2^53 in all', { op: 'receive', ...STOCKED, qty: 2 ** 53 - 1 }, 'qty_overflow'],
  ['an all of nothing', { op: 'all', ...W1, commands: [] }, 'bad_field'],
  ['an all of a list', { op: 'all', ...W1, commands: [[]] }, 'bad_field'],
  [
    'an all of two warehouses',
    {
      op: 'all',
      commands: ['W1', 'W2'].map((w) => ({ op: 'receive', sku: 'A', qty: 1, warehouse: w })),
    },
    'bad_field',
  ],
  [
    'an all that fails in its last line',
    {
      op: 'all',
      commands: [
        { op: 'receive', ...STOCKED, qty: 5 },
        { op: 'ship', ...HELD },
      ],
    },
    'not_packed',
  ],
  [
    'an all of too many',
    { op: 'all', commands: Array(LIMITS.allLines + 1).fill({ op: 'receive', ...STOCKED, qty: 1 }) },
    'too_large',
  ],
];

const UNREADABLE: readonly [string, string, Uint8Array | string][] = [
  ['text that is no JSON', JSON_V1, '{"op":'],
  ['nothing', JSON_V1, ''],
  ['a number', JSON_V1, '42'],
  ['null', JSON_V1, 'null'],
  ['msgpack to a JSON session', JSON_V1, new Uint8Array([0x81, 0xa1, 0x61, 1])],
  ['deep JSON', JSON_V1, '['.repeat(100_000)],
  ['no msgpack', MSGPACK_V1, new Uint8Array([0xc1])],
  ['half of a map', MSGPACK_V1, new Uint8Array([0x82, 0xa1, 0x61])],
  ['nothing', MSGPACK_V1, new Uint8Array(0)],
  ['nil', MSGPACK_V1, new Uint8Array([0xc0])],
  ['2^31 members in 5 bytes', MSGPACK_V1, new Uint8Array([0xdd, 0x80, 0, 0, 0])],
  ['30 million members in 5 bytes', MSGPACK_V1, new Uint8Array([0xdd, 0x01, 0xc9, 0xc3, 0x80])],
  ['deep msgpack', MSGPACK_V1, new Uint8Array(500_000).fill(0x91)],
  ['JSON to a msgpack session', MSGPACK_V1, '{"op":"read","sku":"A","n":1}'],
  ['a regular expression', MSGPACK_V1, new Uint8Array([0xd4, 0x78, 0, 0x92, 0xa1, 0x61, 0xa0])],
];

describe.each(DOORS)('bad input through the door %s', (door) => {
  let node: TestNode;
  let numbers = 100;

  beforeAll(async () => {
    node = await TestNode.start({ door });
    const { wire } = await Wire.greet(node);
    await wire.do({ op: 'receive', ...STOCKED, qty: 10 });
    await wire.do({ op: 'reserve', ...HELD, qty: 2 });
    await wire.end();
  });
  afterAll(() => node.stop());

  /** Stock, records and log before and after: a refusal moves nothing and makes one line at most. */
  async function unmoved(wire: Wire, act: () => Promise<void>): Promise<void> {
    const look = (): Promise<Told> =>
      wire.ask({ n: ++numbers, op: 'read', ...STOCKED, hold: 'h', read: 'strict' });
    const { n: _before, ...before } = await look();
    const lines = node.log.length;
    await act();
    const added = node.log.slice(lines).filter(({ shard }) => shard === undefined);
    expect(added.length).toBeLessThanOrEqual(1);
    expect(node.problems).toEqual([]);
    const { n: _after, ...after } = await look();
    expect(after).toEqual(before);
    expect(after).toMatchObject({ ok: true, stock: { onHand: 10, available: 8 } });
  }

  describe.each(PROTOCOLS)('in %s', (protocol) => {
    const token = () => node.token({ warehouses: ['W1', 'W2'] });
    let wire: Wire;
    beforeAll(async () => {
      ({ wire } = await Wire.greet(node, { token: await token() }, protocol));
    });
    afterAll(() => wire.end());

    it.each(REFUSED)('%s is refused, and nothing changes', async (_, frame, code) => {
      await unmoved(wire, async () => {
        const n = ++numbers;
        const told = await wire.ask({ n, ...frame });
        expect(told).toMatchObject({ ok: false, code, retry: false });
        expect(told.message).toMatch(/^[A-Z].*[.)]$/);
        if (!('n' in frame)) expect(told.n).toBe(n);
      });
    });

    it('all of it in one batch is refused in its places', async () => {
      const frames = REFUSED.filter(([, , code]) => code !== 'too_large');
      wire.send(frames.map(([, frame]) => ({ n: ++numbers, ...frame })));
      expect((await wire.list()).map(({ code }) => code)).toEqual(frames.map(([, , code]) => code));
    });

    it('a command without a number is refused', async () => {
      expect(await wire.ask({ op: 'receive', ...STOCKED, qty: 1 })).toMatchObject({
        code: 'bad_field',
        message: expect.stringContaining('(n: '),
      });
    });

    it('a frame over the limit is too_large', async () => {
      await unmoved(wire, async () => {
        const filler = 'x'.repeat(LIMITS.frameBytes);
        const told = await wire.ask({ n: 1, op: 'receive', ...STOCKED, qty: 1, filler });
        expect(told).toMatchObject({ code: 'too_large' });
      });
    });

    it('a frame far over the limit ends its session, and no other', async () => {
      await unmoved(wire, async () => {
        const far = await Wire.greet(node, {}, protocol);
        far.wire.sendRaw(protocol === JSON_V1 ? 'x'.repeat(3 * MB) : new Uint8Array(3 * MB));
        expect((await far.wire.closed).code).toBe(1009);
      });
    });

    it('a warehouse or an op that the token does not cover is forbidden', async () => {
      const floor = await node.token({ warehouses: ['W2'], roles: ['shop'] });
      const { wire: shop } = await Wire.greet(node, { token: floor }, protocol);
      await unmoved(wire, async () => {
        const pick = { n: 1, op: 'pick', hold: 'h', sku: 'A' };
        expect(await shop.ask({ ...pick, ...W1 })).toMatchObject({ code: 'forbidden' });
      });
      await unmoved(wire, async () => {
        const pick = { n: 1, op: 'pick', hold: 'h', sku: 'A' };
        expect(await shop.ask(pick)).toMatchObject({ code: 'forbidden' });
      });
      await shop.end();
    });
  });

  it.each(UNREADABLE)('%s (%s) is malformed', async (_, protocol, data) => {
    const { wire } = await Wire.greet(node, {}, protocol);
    await unmoved(wire, async () => {
      wire.sendRaw(data);
      expect(await wire.one()).toMatchObject({ ok: false, code: 'malformed' });
    });
    await wire.end();
  });

  it('text that is no UTF-8 ends its session', async () => {
    const { wire } = await Wire.greet(node);
    wire.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect([1006, 1007]).toContain((await wire.closed).code); // one door cuts without a word
  });

  it('a few hundred bytes of msgpack never keep the node busy', async () => {
    const wire = await Wire.dial(node, MSGPACK_V1);
    const pointer = (id: number): number[] => [0xd6, 0x70, 0, 0, 0, id];
    const level = (id: number): number[] => {
      const inside = id === 0 ? [1, 1] : [...pointer(id - 1), ...pointer(id - 1)];
      return [0xd6, 0x69, 0, 0, 0, id, 0x92, ...inside];
    };
    const levels = Array.from({ length: 28 }, (_, id) => level(id)).flat();
    wire.sendRaw(new Uint8Array([0xdc, 0, 28, ...levels, 1]));
    const begun = Date.now();
    expect(await wire.one()).toMatchObject({ code: 'malformed' });
    expect(Date.now() - begun).toBeLessThan(8_000);
    await wire.end();
  });

  it.each(PROTOCOLS)('what is no hello closes its connection (%s)', async (protocol) => {
    for (const frame of [{ op: 'read', ...STOCKED, n: 1 }, [], 7, { op: 'hello' }]) {
      const wire = await Wire.dial(node, protocol);
      const code = (frame as { op?: string }).op === 'hello' ? 'bad_field' : 'hello_first';
      expect(await wire.ask(frame)).toMatchObject({ ok: false, code });
      expect(await wire.closed).toEqual({ code: 4401, reason: code });
    }
  });

  it('a token that is expired or foreign closes its connection', async () => {
    const who = { client: 'x', owners: ['demo'], warehouses: ['*'], roles: ['admin'] } as const;
    const tokens = [
      [await node.token({}, -5_000), 'token_expired'],
      [await signToken(await newKeys(), who, 60_000), 'token_invalid'],
      ['', 'token_invalid'],
    ];
    for (const [token, code] of tokens) {
      const wire = await Wire.dial(node);
      const lines = node.log.length;
      expect(await wire.ask({ op: 'hello', token })).toMatchObject({ ok: false, code });
      expect(await wire.closed).toEqual({ code: 4401, reason: code });
      expect(node.log.length - lines).toBeLessThanOrEqual(1);
    }
  });

  it('a token that runs out ends its session, watching or not', async () => {
    const token = await node.token({}, 4_000);
    const [watcher, scanner] = await Promise.all(
      ['watcher', 'scanner'].map((client) => Wire.greet(node, { token, client })),
    );
    if (watcher === undefined || scanner === undefined) throw new Error('unreachable');
    await watcher.wire.do({ op: 'watch', ...W1 });
    expect(await scanner.wire.ask({ n: 1, op: 'read', ...STOCKED })).toMatchObject({ ok: true });
    for (const { wire } of [watcher, scanner]) {
      expect(await wire.one()).toMatchObject({ ok: false, code: 'token_expired' });
      expect(await wire.closed).toEqual({ code: 4401, reason: 'token_expired' });
    }
  });

  it('bytes that are no HTTP, and half a handshake, trouble nobody', async () => {
    const { wire } = await Wire.greet(node);
    await unmoved(wire, async () => {
      const { port } = new URL(node.http);
      for (const said of ['\u0000\u0001\u0002\r\n\r\n', 'GET /v1/scan HTTP/1.1\r\nUpgrade: web']) {
        const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
        await once(socket, 'connect');
        socket.write(said);
        await sleep(20);
        socket.destroy();
      }
    });
    await wire.end();
  });
});

describe.each(DOORS)('limits of a connection through the door %s', (door) => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start({
      door,
      limits: {
        helloMs: 1_000,
        inFlight: 8,
        commandsPerSecond: 1,
        commandsBurst: 50,
        socketBacklogBytes: 256 * 1024,
        watches: 3,
      },
    });
  });
  afterAll(() => node.stop());
  const receive = (n: number, more: object = {}) => ({
    ...{ n, op: 'receive', ...W1, sku: 'A', qty: 1 },
    ...more,
  });
  const tally = (told: readonly Told[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { ok, code } of told) counts[code ?? `${ok}`] = (counts[code ?? `${ok}`] ?? 0) + 1;
    return counts;
  };

  it('who says no hello is closed after a while', async () => {
    const wire = await Wire.dial(node);
    expect(await wire.closed).toEqual({ code: 4410, reason: 'no hello in time' });
    const odd = await Wire.dial(node);
    expect(await odd.ask('?')).toMatchObject({ code: 'hello_first' });
  });

  it('who said hello is not', async () => {
    const { wire } = await Wire.greet(node);
    await sleep(1_300);
    expect(await wire.ask(receive(1))).toMatchObject({ ok: true });
    await wire.end();
  });

  it('too many in flight are refused, and may be sent again', async () => {
    const { wire, hello } = await Wire.greet(node);
    expect(hello.limits).toMatchObject({ inFlight: 8, commandsPerSecond: 1 });
    const batch = Array.from({ length: 12 }, (_, i) => receive(i + 1, { sku: 'F' }));
    wire.send(batch);
    const told = await wire.list();
    expect(tally(told)).toEqual({ true: 8, too_many_in_flight: 4 });
    expect(told.at(-1)).toMatchObject({ n: 12, retry: true });
    wire.send(batch.slice(8));
    expect(tally(await wire.list())).toEqual({ true: 4 });
    await wire.end();
  });

  it('too many a second are refused, and may be sent again', async () => {
    const { wire } = await Wire.greet(node);
    wire.send(Array.from({ length: 60 }, (_, i) => ({ n: i + 1, op: 'nonsense' })));
    expect(tally(await wire.list())).toEqual({ unknown_op: 60 }); // S8: that comes first
    expect(await wire.ask(receive(61))).toMatchObject({ code: 'rate_limited', retry: true });
    expect(await wire.ask({ op: 'watch', ...W1 })).toMatchObject({ code: 'rate_limited' });
    await sleep(1_100);
    expect(await wire.ask(receive(61))).toMatchObject({ ok: true });
    await wire.end();
  });

  it('too many watches are refused', async () => {
    const { wire } = await Wire.greet(node);
    const watch = (sku: string) => wire.ask({ op: 'watch', ...W1, sku });
    for (const sku of ['A', 'B', 'C']) expect(await watch(sku)).toMatchObject({ ok: true });
    expect(await watch('D')).toMatchObject({ code: 'too_large' });
    await wire.end();
  });

  it('who stops reading is closed, and goes on where it was', async () => {
    const { wire, hello } = await Wire.greet(node);
    const slow = async (): Promise<number> => {
      const text = await (await fetch(`${node.http}/metrics`)).text();
      return Number(/^holdfast_slow_readers_total (\d+)$/m.exec(text)?.[1]);
    };
    expect(await wire.ask(receive(1, { sku: 'S' }))).toMatchObject({ ok: true, seq: 1 });
    wire.socket.pause();
    const lines = node.problems.length;
    const nonsense = Array.from({ length: 10_000 }, () => ({ op: 'nonsense' }));
    for (let i = 0; i < 200 && (await slow()) === 0; i++) wire.send(nonsense);
    expect(await slow()).toBe(1);
    expect(node.problems.slice(lines)).toMatchObject([
      { msg: expect.stringMatching('slow reader') },
    ]);
    wire.socket.resume();
    expect([1006, 4408]).toContain((await wire.closed).code);
    const again = await Wire.greet(node, { incarnation: hello.incarnation });
    expect(again.hello.nextN).toBe(2);
    expect(await again.wire.ask(receive(1, { sku: 'S' }))).toMatchObject({ ok: true, seq: 1 });
    await again.wire.end();
  });

  it('who watches and stops reading is closed in the middle of a turn, and nobody else', async () => {
    const { wire: watcher } = await Wire.greet(node);
    const { wire } = await Wire.greet(node);
    await watcher.ask({ op: 'watch', ...W1 });
    watcher.socket.pause();
    const lines = node.problems.length;
    const commands = Array.from({ length: 500 }, (_, i) => ({
      op: 'receive',
      sku: `P${i}`,
      qty: 1,
    }));
    for (let n = 1; n <= 40 && node.problems.length === lines; n++) {
      expect(await wire.ask({ n, op: 'all', ...W1, commands })).toMatchObject({ ok: true });
    }
    expect(node.problems.slice(lines)).toMatchObject([
      { msg: expect.stringMatching('slow reader') },
    ]);
    watcher.socket.resume();
    expect([1006, 4408]).toContain((await watcher.closed).code);
    await wire.end();
  });
});

it('what the tests send as msgpack is msgpack', () => {
  for (const [, frame] of REFUSED) {
    const data = msgpackCodec.encode(frame) as Uint8Array;
    expect(msgpackCodec.decode(new Uint8Array(data))).toEqual(JSON.parse(JSON.stringify(frame)));
  }
});
