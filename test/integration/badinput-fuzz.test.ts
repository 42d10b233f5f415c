import { headers } from '@nats-io/transport-node';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonCodec, msgpackCodec } from '../../gateway/codec.ts';
import { TestNode } from '../support/node.ts';
import { JSON_V1, MSGPACK_V1, PROTOCOLS, type Told, Wire } from '../support/wire.ts';

const SEED = Number(process.env.HOLDFAST_SEED ?? 20_240_229);
const FUZZ_MS = 5_000;
/** Frames at least, on a busy machine. */
const ENOUGH = 1_000;
const W1 = { warehouse: 'W1' };

let node: TestNode;
beforeAll(async () => {
  node = await TestNode.start();
});
afterAll(() => node.stop());

const value = fc.oneof(
  fc.constantFrom<unknown>(1, 'A', 'h', 'W1', 'demo', 'strict', 'pending', true, 900_000),
  fc.constantFrom<unknown>(0, -1, 2 ** 53, 1e300, null, '', [], {}, { toString: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
);
const op = fc.constantFrom<unknown>(
  ...['receive', 'reserve', 'extend', 'harden', 'release', 'pick', 'pack', 'ship', 'cancel'],
  ...['putback', 'adjust', 'read', 'all', 'watch', 'unwatch', 'hello', 'expire', '__proto__', 7],
  ...[
    'announce',
    'withdraw',
    'block',
    'unblock',
    'requality',
    'safety',
    'move',
    'short',
    'outdate',
    'grant',
    'regain',
    'sell',
  ],
);
const names = ['sku', 'owner', 'warehouse', 'qty', 'delta', 'hold', 'doc', 'reason', 'quality'];
const others = ['ttlMs', 'partial', 'occurredAt', 'read', 'commands', 'ack', 'acked', 'token'];
const details = ['location', 'box', 'toBox', 'serials', 'policy', 'backorder', 'expiresAt', 'why'];
/** What is said of lots, mostly so that it is taken. */
const said = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc
    .subarray<[string, fc.Arbitrary<unknown>]>([
      ...['location', 'container', 'batch', 'fnsku', 'toLocation', 'toContainer', 'toFnsku'].map(
        (name): [string, fc.Arbitrary<unknown>] => [name, fc.constantFrom('', 'P1', 'P2')],
      ),
      ...['box', 'toBox'].map((name): [string, fc.Arbitrary<unknown>] => [
        name,
        fc.constantFrom(0, 1, 2),
      ]),
      ['serials', fc.uniqueArray(fc.constantFrom('S1', 'S2', 'S3', 'S4'), { maxLength: 2 })],
      ['policy', fc.constantFrom('fefo', 'fifo', 'lifo', 'fewest')],
      ['backorder', fc.boolean()],
      ...['startAt', 'expiresAt', 'sellUntil'].map((name): [string, fc.Arbitrary<unknown>] => [
        name,
        fc.constantFrom(1, 2 ** 41),
      ]),
    ])
    .chain((some) => fc.record(Object.fromEntries(some))),
);
const likely = {
  ...{ sku: 'A', ...W1, qty: 1, hold: 'h', delta: -1, reason: 'r', ttlMs: 60_000 },
  ...{ why: 'missing', toQuality: 'pending', level: 1, toLocation: 'P1' },
};
const command = fc
  .record({
    op,
    n: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 1_000_000 }) }, value),
    said,
    wrong: fc.dictionary(fc.constantFrom(...names, ...others, ...details), value, { maxKeys: 3 }),
  })
  .map(({ said: detail, wrong, ...rest }) => ({ ...likely, ...rest, ...detail, ...wrong }));
const nested = fc.oneof(
  { weight: 6, arbitrary: command },
  { weight: 2, arbitrary: fc.array(command, { maxLength: 20 }) },
  {
    weight: 2,
    arbitrary: fc
      .array(command, { maxLength: 5 })
      .map((commands) => ({ n: 7, op: 'all', ...W1, commands })),
  },
  { weight: 1, arbitrary: value },
);
/** What happens to a frame's bytes on the way: nothing, or a cut, a flip, a doubling. */
const harm = fc.record({
  kind: fc.constantFrom('none', 'none', 'none', 'cut', 'flip', 'flip', 'double', 'noise'),
  at: fc.nat(),
  byte: fc.nat({ max: 255 }),
});
const frame = fc.record({
  message: nested,
  harm,
  noise: fc.uint8Array({ maxLength: 80 }),
  isText: fc.boolean(),
});
interface Frame {
  readonly message: unknown;
  readonly harm: { readonly kind: string; readonly at: number; readonly byte: number };
  readonly noise: Uint8Array;
  readonly isText: boolean;
}

function bytesOf(
  { message, harm: { kind, at, byte }, noise }: Frame,
  protocol: string,
): Uint8Array {
  const codec = protocol === JSON_V1 ? jsonCodec : msgpackCodec;
  const bytes = Uint8Array.from(Buffer.from(codec.encode(message) as string));
  if (kind === 'cut') return bytes.subarray(0, at % (bytes.length + 1));
  if (kind === 'flip' && bytes.length > 0) return bytes.with(at % bytes.length, byte);
  if (kind === 'double') return Uint8Array.from([...bytes, ...bytes]);
  return kind === 'noise' ? noise : bytes;
}

/** Stays connected; whatever closes one of them, the next frame goes through a new one. */
class Fuzzer {
  readonly #protocol: string;
  #wire: Wire | undefined;

  constructor(protocol: string) {
    this.#protocol = protocol;
  }

  async send(one: Frame): Promise<void> {
    const wire = await this.#open();
    const bytes = bytesOf(one, this.#protocol);
    const isText = this.#protocol === JSON_V1 && one.isText;
    wire.socket.send(bytes, { binary: !isText });
  }

  async #open(): Promise<Wire> {
    if (this.#wire !== undefined && this.#wire.socket.readyState === this.#wire.socket.OPEN) {
      return this.#wire;
    }
    const hello = { client: 'fuzz', incarnation: this.#protocol };
    this.#wire = (await Wire.greet(node, hello, this.#protocol)).wire;
    return this.#wire;
  }

  end(): void {
    this.#wire?.socket.terminate();
  }

  /** Answers that no schema describes. */
  get odd(): readonly Error[] {
    return this.#wire?.odd ?? [];
  }
}

function publish(one: Frame, protocol: string): void {
  const head = headers();
  if (protocol === MSGPACK_V1) head.set('Content-Type', 'application/msgpack');
  node.nats.publish('inv.cmd.W1', bytesOf(one, protocol), { headers: head, reply: 'nowhere' });
}

it(`survives ${FUZZ_MS} ms of frames of any kind (HOLDFAST_SEED=${SEED})`, async () => {
  const { wire: honest } = await Wire.greet(node);
  await honest.do({ op: 'receive', ...W1, sku: 'A', qty: 1_000 });
  const fuzzers = PROTOCOLS.map((protocol) => new Fuzzer(protocol));
  const frames = fc.sample(frame, { seed: SEED, numRuns: 4_000 });
  const end = Date.now() + FUZZ_MS;
  let sent = 0;
  let scans = 0;
  while (Date.now() < end || sent < ENOUGH) {
    for (let i = 0; i < 100; i++) {
      const one = frames[sent++ % frames.length] as Frame;
      for (const fuzzer of fuzzers) await fuzzer.send(one);
      for (const protocol of PROTOCOLS) publish(one, protocol);
    }
    const mine = await honest.do({ op: 'receive', ...W1, sku: 'MINE', qty: 1 });
    expect(mine).toMatchObject({ ok: true, seq: ++scans, stock: { onHand: scans } });
  }
  for (const fuzzer of fuzzers) {
    fuzzer.end();
    expect(fuzzer.odd).toEqual([]);
  }
  expect(scans).toBeGreaterThan(5);
  expect(node.problems).toEqual([]);
  const before = await conserved(honest);
  expect(before.seq).toBeGreaterThan(20); // some of it was right
  await node.restart(); // and the journal says the same
  const { wire } = await Wire.greet(node);
  const after = await conserved(wire);
  expect(after.seq).toBeGreaterThanOrEqual(before.seq ?? 0); // a soft hold may have run out
  if (after.seq === before.seq) expect(after.stock).toEqual(before.stock);
  await wire.end();
}, 60_000);

/** S1, S2 of what was fuzzed; S4 is the journal's to show when it is replayed. */
async function conserved(wire: Wire): Promise<Told> {
  const told = await wire.do({ op: 'read', ...W1, sku: 'A', read: 'strict' });
  const { stock } = told;
  if (stock === undefined) throw new Error('no stock told');
  const of = (name: string): number => stock[name] ?? Number.NaN;
  const qualities = ['qualified', 'defective', 'pending', 'supplierReturn'];
  expect(of('onHand')).toBe(qualities.reduce((sum, name) => sum + of(name), 0));
  const used = ['available', 'allocated', 'granted', 'blocked', 'safetyHeld'];
  expect(of('qualified')).toBe(used.reduce((sum, name) => sum + of(name), 0));
  for (const [name, units] of Object.entries(stock)) {
    if (name !== 'qualities') expect(units).toBeGreaterThanOrEqual(0);
  }
  return told;
}
