import { headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../engine/limits.ts';
import { signToken } from '../../gateway/auth.ts';
import { jsonCodec, msgpackCodec } from '../../gateway/codec.ts';
import { BatchReply, Reply } from '../../gateway/schemas.ts';
import { newKeys, TestNode } from '../support/node.ts';
import { type Told, Wire } from '../support/wire.ts';

let names = 0;
const newName = (): string => `n${++names}`;

interface Ask {
  readonly warehouse?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Already encoded. */
  readonly raw?: Uint8Array | string;
}

/** One request and its answer, described by the schemas. */
async function ask(nats: NatsConnection, body: unknown, how: Ask = {}): Promise<Told> {
  const head = headers();
  for (const [name, value] of Object.entries(how.headers ?? {})) head.set(name, value);
  const isBinary = how.headers?.['Content-Type'] === 'application/msgpack';
  const codec = isBinary ? msgpackCodec : jsonCodec;
  const data = how.raw ?? codec.encode(body);
  const subject = `inv.cmd.${how.warehouse ?? 'W1'}`;
  const reply = await nats.request(subject, data, { timeout: 10_000, headers: head });
  expect(reply.headers?.get('Content-Type') ?? '').toBe(isBinary ? 'application/msgpack' : '');
  const told = codec.decode(reply.data);
  expect((Array.isArray(told) ? BatchReply : Reply).parse(told)).toEqual(told);
  return told as Told;
}

const asList = (told: Told): readonly Told[] => told as unknown as readonly Told[];

describe('commands over NATS', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(() => node.stop());

  const run = (body: unknown, how?: Ask): Promise<Told> => ask(node.nats, body, how);
  const receive = (sku: string, qty = 1) => ({ op: 'receive', sku, qty });

  it('are answered like those over WebSocket, in the warehouse of the subject', async () => {
    const sku = newName();
    expect(await run(receive(sku, 10))).toMatchObject({ ok: true, qty: 10 });
    const reserve = { op: 'reserve', sku, qty: 4, hold: 'SO-1/1', doc: 'SO-1' };
    expect(await run(reserve)).toMatchObject({ ok: true, stock: { available: 6 } });
    expect(await run({ op: 'read', sku }, { warehouse: 'W2' })).toMatchObject({
      code: 'unknown_sku',
    });
    const { wire } = await Wire.greet(node);
    expect(await wire.do({ op: 'read', sku, warehouse: 'W1', hold: 'SO-1/1' })).toMatchObject({
      stock: { available: 6 },
      hold: { doc: 'SO-1', qty: 4 },
    });
    await wire.end();
  });

  it('are JSON, or msgpack by header', async () => {
    const sku = newName();
    const how = { headers: { 'Content-Type': 'application/msgpack' } };
    expect(await run(receive(sku, 10), how)).toMatchObject({ ok: true });
    expect(await run([receive(sku), receive(sku)], how)).toMatchObject([{ ok: true }, { seq: 3 }]);
    expect(await run({}, { ...how, raw: '{"op":"read"}' })).toMatchObject({ code: 'malformed' });
    expect(await run({}, { raw: new Uint8Array([0x80]) })).toMatchObject({ code: 'malformed' });
  });

  it('in an array are answered as an array, in order', async () => {
    const sku = newName();
    const told = await run([
      { n: 7, ...receive(sku, 3) },
      { op: 'reserve', sku, qty: 4, hold: 'h' },
      { op: 'all', commands: [receive(sku), receive(sku)] },
      { op: 'read', sku, read: 'strict' },
      'nonsense',
      { op: 'watch', sku },
      { op: 'hello' },
    ]);
    expect(told).toMatchObject([
      { n: 7, ok: true },
      { code: 'insufficient' },
      { ok: true, results: [{ seq: 2 }, { seq: 3 }] },
      { ok: true, stock: { onHand: 5 } },
      { code: 'malformed' },
      { code: 'unknown_op' },
      { code: 'unknown_op' },
    ]);
    expect(await run([])).toEqual([]);
  });

  it('one that names another warehouse than its subject is refused', async () => {
    const sku = newName();
    const other = { ...receive(sku), warehouse: 'W2' };
    expect(await run(other)).toMatchObject({ code: 'bad_field' });
    expect(await run({ op: 'all', commands: [other] })).toMatchObject({ code: 'bad_field' });
    expect(await run({ op: 'read', sku }, { warehouse: 'W2' })).toMatchObject({
      code: 'unknown_sku',
    });
    expect(await run({ ...receive(sku), warehouse: 'W1' })).toMatchObject({ ok: true });
  });

  it('on a subject that is no warehouse are refused', async () => {
    expect(await run(receive('A'), { warehouse: 'W=1' })).toMatchObject({ code: 'bad_field' });
  });

  it.each([
    [{ op: 'receive', sku: 'A', qty: 0 }, 'bad_qty'],
    [{ op: 'receive', sku: 'A', qty: 1, delta: { toString: 1 } }, 'bad_qty'],
    [{ op: 'receive', sku: 'A', qty: 1, n: 0 }, 'bad_field'],
    [{ op: 'receive', sku: 'A', qty: 1, acked: 'x' }, 'bad_field'],
    [{ op: 'receive', sku: 'A', qty: 1, client: 7, n: 1 }, 'bad_field'],
    [{ op: 'receive', sku: 'A', qty: 1, incarnation: '', n: 1 }, 'bad_field'],
    [{ op: 'receive', sku: 'A', qty: 1, owner: 'rival' }, 'forbidden'],
    [null, 'malformed'],
    [7, 'malformed'],
  ])('%j is refused and logged once: %s', async (body, code) => {
    const lines = node.log.length;
    expect(await run(body)).toMatchObject({ ok: false, code });
    const added = node.log.slice(lines).filter(({ shard }) => shard === undefined);
    expect(added).toHaveLength(1);
    expect(node.problems).toEqual([]);
  });

  describe('C5 with a session', () => {
    const session = (incarnation: string, client?: string) => ({
      headers: {
        'Holdfast-Incarnation': incarnation,
        ...(client === undefined ? {} : { 'Holdfast-Client': client }),
      },
    });

    it('may be repeated: the first outcome is told again, across a restart too', async () => {
      const [sku, how] = [newName(), session(newName(), 'shop')];
      const first = await run({ n: 1, ...receive(sku, 5) }, how);
      expect(await run({ n: 1, ...receive(sku, 5) }, how)).toEqual(first);
      expect(await run({ n: 1, ...receive(sku, 6) }, how)).toMatchObject({ code: 'id_reused' });
      await node.restart();
      expect(await run({ n: 1, ...receive(sku, 5) }, how)).toEqual(first);
      expect(await run({ n: 2, ...receive(sku, 5), acked: 2 }, how)).toMatchObject({ seq: 2 });
      expect(await run({ n: 1, ...receive(sku, 5) }, how)).toMatchObject({
        code: 'number_too_old',
      });
    });

    it('is by client and incarnation, in headers or in the body', async () => {
      const [sku, incarnation] = [newName(), newName()];
      const seqs: unknown[] = [];
      for (const body of [
        {},
        { client: 'a' },
        { client: 'b' },
        { client: 'a', incarnation: 'x' },
      ]) {
        for (const _ of [1, 2]) {
          seqs.push((await run({ n: 1, ...receive(sku), ...body }, session(incarnation))).seq);
        }
      }
      expect(seqs).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
      const same = await run({ n: 1, ...receive(sku) }, session(incarnation, 'b'));
      expect(same.seq).toBe(3);
    });

    it('asks for a number, and without one is no session', async () => {
      const sku = newName();
      expect(await run(receive(sku), session('i'))).toMatchObject({ code: 'bad_field' });
      for (const seq of [1, 2]) {
        expect(await run({ n: 1, ...receive(sku) })).toMatchObject({ n: 1, seq });
      }
    });

    it('is the same one over WebSocket', async () => {
      const [sku, incarnation] = [newName(), newName()];
      const token = await node.token({ client: 'shop' });
      const how = { headers: { 'Holdfast-Token': token, 'Holdfast-Incarnation': incarnation } };
      const first = await run({ n: 1, ...receive(sku) }, how);
      const { wire, hello } = await Wire.greet(node, { token, incarnation });
      expect(hello).toMatchObject({ client: 'shop', nextN: 2 });
      expect(await wire.ask({ n: 1, ...receive(sku), warehouse: 'W1' })).toEqual(first);
      await wire.end();
    });
  });

  describe('with a token', () => {
    const withToken = (token: string) => ({ headers: { 'Holdfast-Token': token } });

    it('do what it covers, and nothing else', async () => {
      const sku = newName();
      const how = withToken(await node.token({ warehouses: ['W1'], roles: ['shop'] }));
      await run(receive(sku));
      expect(await run({ op: 'read', sku }, how)).toMatchObject({ ok: true });
      expect(await run(receive(sku), how)).toMatchObject({ code: 'forbidden' });
      expect(await run({ op: 'read', sku }, { ...how, warehouse: 'W2' })).toMatchObject({
        code: 'forbidden',
      });
      const other = withToken(await node.token({ owners: ['rival'] }));
      expect(await run({ op: 'read', sku }, other)).toMatchObject({ code: 'unknown_sku' });
      expect(await run({ op: 'read', sku, owner: 'demo' }, other)).toMatchObject({
        code: 'forbidden',
      });
    });

    it('that is expired, foreign or none are refused, whoever is trusted', async () => {
      const who = { client: 'x', owners: ['demo'], warehouses: ['*'], roles: ['admin'] } as const;
      const foreign = await signToken(await newKeys(), who, 60_000);
      expect(await run(receive('A'), withToken(foreign))).toMatchObject({ code: 'token_invalid' });
      expect(await run(receive('A'), withToken('x'))).toMatchObject({ code: 'token_invalid' });
      const old = withToken(await node.token({}, -5_000));
      expect(await run(receive('A'), old)).toMatchObject({ code: 'token_expired' });
    });
  });

  describe('of a size', () => {
    it('that no answer could hold are refused before anything is done', async () => {
      const sku = newName();
      const lines = (count: number): unknown[] => Array.from({ length: count }, () => receive(sku));
      expect(await run(lines(LIMITS.allLines + 1))).toMatchObject({ code: 'too_large' });
      const alls = [0, 1].map(() => ({ op: 'all', commands: lines(501) }));
      expect(await run(alls)).toMatchObject({ code: 'too_large' });
      expect(await run({ op: 'read', sku })).toMatchObject({ code: 'unknown_sku' });
    });

    it('that can be answered are', async () => {
      const sku = newName();
      const lines = Array.from({ length: LIMITS.allLines }, (_, i) => receive(`${sku}/${i}`));
      expect(asList(await run(lines))).toHaveLength(LIMITS.allLines);
      const { results } = await run({ op: 'all', commands: lines });
      expect(results?.at(-1)).toMatchObject({ seq: 2 });
    });

    it('whose answers turn out too large are told so, and can be asked again in parts', async () => {
      const sku = newName();
      const lines = Array.from({ length: 20 }, (_, i) => ({ n: i + 1, ...receive(sku) }));
      const how = { headers: { 'Holdfast-Incarnation': newName() } };
      const info = node.nats.info as { max_payload: number };
      const before = info.max_payload;
      info.max_payload = 3_000;
      try {
        expect(await run(lines, how)).toMatchObject({
          code: 'too_large',
          message: expect.stringContaining('done, but the answers fit no message'),
        });
        const parts = await Promise.all([0, 5, 10, 15].map((i) => run(lines.slice(i, i + 5), how)));
        expect(parts.flatMap(asList).map(({ seq }) => seq)).toEqual(lines.map(({ n }) => n));
        expect((await run({ op: 'read', sku })).seq).toBe(20);
      } finally {
        info.max_payload = before;
      }
    });
  });

  it('a message that nobody waits for is done, and harms nothing', async () => {
    const sku = newName();
    node.nats.publish('inv.cmd.W1', JSON.stringify(receive(sku)));
    node.nats.publish('inv.cmd.W1', '');
    expect(await run({ op: 'read', sku, read: 'strict' })).toMatchObject({ ok: true, seq: 1 });
    expect(node.problems).toEqual([]);
  });
});

describe('where nobody is trusted', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start({ trusted: 'nobody' });
  });
  afterAll(() => node.stop());

  it('a request without a token is refused, one with a token is not', async () => {
    const receive = { op: 'receive', sku: 'A', qty: 1 };
    expect(await ask(node.nats, receive)).toMatchObject({ code: 'hello_first' });
    expect(await ask(node.nats, [receive])).toMatchObject({ code: 'hello_first' });
    const empty = { headers: { 'Holdfast-Token': '' } };
    expect(await ask(node.nats, receive, empty)).toMatchObject({ code: 'hello_first' });
    const how = { headers: { 'Holdfast-Token': await node.token() } };
    expect(await ask(node.nats, receive, how)).toMatchObject({ ok: true, seq: 1 });
  });
});
