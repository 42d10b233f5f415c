import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotOf } from '../../engine/subjects.ts';
import { DOORS, REGION, TestNode } from '../support/node.ts';
import { PROTOCOLS, type Told, Wire } from '../support/wire.ts';

let skus = 0;
const newSku = (): string => `A${++skus}`;

describe.each(DOORS)('through the door %s', (door) => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start({ door });
  });
  afterAll(() => node.stop());

  describe.each(PROTOCOLS)('in %s', (protocol) => {
    const greet = async (hello: object = {}): Promise<Wire> =>
      (await Wire.greet(node, { ...hello }, protocol)).wire;
    const W1 = { warehouse: 'W1' };
    const receive = (sku: string, qty: number) => ({ op: 'receive', ...W1, sku, qty });
    const reserve = (sku: string, qty: number, hold: string) => ({
      ...{ op: 'reserve', ...W1, sku, qty, hold },
    });

    it('hello is answered with the session and the limits', async () => {
      const { wire, hello } = await Wire.greet(node, { client: 'dock-7' }, protocol);
      expect(hello).toMatchObject({
        ok: true,
        op: 'hello',
        version: '0.0.0-test',
        client: 'admin/dock-7',
        nextN: 1,
        node: node.url,
        nats: node.natsUrl,
        limits: { batch: 10_000, allLines: 1_000 },
      });
      await wire.end();
    });

    it('hello tells where NATS is only to administrators', async () => {
      const token = await node.token({ roles: ['floor'] });
      const { wire, hello } = await Wire.greet(node, { token }, protocol);
      expect(hello).not.toHaveProperty('nats');
      await wire.end();
    });

    it('frames that come before the hello reply wait for it', async () => {
      const sku = newSku();
      const wire = await Wire.dial(node, protocol);
      wire.send({ op: 'hello', token: await node.token() });
      wire.send({ n: 1, ...receive(sku, 5) });
      wire.send([{ n: 2, ...reserve(sku, 2, 'h') }]);
      expect(await wire.one()).toMatchObject({ op: 'hello', ok: true });
      expect(await wire.one()).toMatchObject({ n: 1, ok: true, qty: 5 });
      expect(await wire.list()).toMatchObject([{ n: 2, ok: true, stock: { available: 3 } }]);
      await wire.end();
    });

    it('a second hello is an op that is not known', async () => {
      const wire = await greet();
      expect(await wire.do({ op: 'hello', token: 'x' })).toMatchObject({ code: 'unknown_op' });
      expect(await wire.do(receive(newSku(), 1))).toMatchObject({ ok: true });
      await wire.end();
    });

    it('a scan changes stock, from receipt to shipment', async () => {
      const [wire, sku] = [await greet(), newSku()];
      const left = async (command: object): Promise<unknown> => {
        const { ok, stock } = await wire.do({ ...W1, sku, ...command });
        return { ok, ...stock };
      };
      expect(await left({ op: 'receive', qty: 10 })).toMatchObject({ onHand: 10, available: 10 });
      expect(await left({ op: 'reserve', qty: 4, hold: 'h' })).toMatchObject({ available: 6 });
      expect(await left({ op: 'pick', hold: 'h' })).toMatchObject({ picked: 4, allocated: 4 });
      expect(await left({ op: 'pack', hold: 'h', qty: 3 })).toMatchObject({ picked: 1, packed: 3 });
      expect(await left({ op: 'ship', hold: 'h' })).toMatchObject({ onHand: 7, allocated: 1 });
      expect(await left({ op: 'cancel', hold: 'h' })).toMatchObject({ available: 6, blocked: 1 });
      expect(await left({ op: 'putback', qty: 1 })).toMatchObject({ available: 7, blocked: 0 });
      expect(await left({ op: 'adjust', delta: -2, reason: 'count' })).toMatchObject({ onHand: 5 });
      await wire.end();
    });

    it('soft holds are extended, hardened, released, or run out', async () => {
      const [wire, sku] = [await greet(), newSku()];
      const run = (command: object): Promise<Told> => wire.do({ ...W1, sku, ...command });
      await run({ op: 'receive', qty: 10 });
      const soft = await run({ op: 'reserve', qty: 3, hold: 's', ttlMs: 60_000 });
      expect(soft.expiresAt).toBeGreaterThan(Date.now() + 50_000);
      const longer = await run({ op: 'extend', hold: 's', ttlMs: 120_000 });
      expect(longer.expiresAt).toBeGreaterThan(soft.expiresAt ?? 0);
      expect(await run({ op: 'harden', hold: 's', qty: 1 })).not.toHaveProperty('expiresAt');
      expect(await run({ op: 'release', hold: 's' })).toMatchObject({ stock: { available: 10 } });
      await run({ op: 'reserve', qty: 3, hold: 't', ttlMs: 20 });
      await sleep(150);
      expect(await run({ op: 'read', hold: 't' })).toMatchObject({ code: 'unknown_hold' });
      expect(await run({ op: 'read' })).toMatchObject({ stock: { available: 10 } });
      await wire.end();
    });

    it('a batch is answered as an array, in its order, refusals in their places', async () => {
      const [wire, sku] = [await greet(), newSku()];
      wire.send([
        { n: 1, ...receive(sku, 5) },
        { n: 2, ...reserve(sku, 9, 'x') },
        { n: 3, op: 'watch', ...W1, sku },
        { n: 4, op: 'nonsense' },
        'nonsense',
        { n: 6, ...receive(sku, 1), warehouse: 'W2' },
        { n: 5, ...reserve(sku, 2, 'y') },
      ]);
      let told = await wire.next();
      while (!Array.isArray(told)) told = await wire.next(); // a push may come first
      expect(told).toMatchObject([
        { n: 1, ok: true },
        { n: 2, ok: false, code: 'insufficient', available: 5 },
        { n: 3, ok: true, op: 'watch', watching: 1 },
        { n: 4, ok: false, code: 'unknown_op' },
        { ok: false, code: 'malformed' },
        { n: 6, ok: true },
        { n: 5, ok: true, stock: { available: 3 } },
      ]);
      await wire.end();
    });

    it('an empty batch is answered with an empty array', async () => {
      const wire = await greet();
      wire.send([]);
      expect(await wire.list()).toEqual([]);
      await wire.end();
    });

    it('a batch of the largest size is answered whole', async () => {
      const [wire, sku] = [await greet(), newSku()];
      const batch = Array.from({ length: 10_000 }, (_, i) => ({ n: i + 1, ...receive(sku, 1) }));
      wire.send(batch);
      const told = await wire.list();
      expect(told.map(({ n }) => n)).toEqual(batch.map(({ n }) => n));
      expect(told.at(-1)).toMatchObject({ ok: true, stock: { onHand: 10_000 } });
      wire.send([...batch, { n: 10_001, ...receive(sku, 1) }]);
      expect(await wire.one()).toMatchObject({ code: 'too_large' });
      expect(await wire.do({ op: 'read', ...W1, sku })).toMatchObject({
        stock: { onHand: 10_000 },
      });
      await wire.end();
    });

    it('all is done whole, or not at all', async () => {
      const [wire, a, b] = [await greet(), newSku(), newSku()];
      await wire.do(receive(a, 5));
      const all = (qty: number) => ({
        op: 'all',
        ...W1,
        commands: [
          { op: 'receive', sku: b, qty: 3 },
          { op: 'reserve', sku: a, qty, hold: 'o/1' },
          { op: 'reserve', sku: b, qty: 3, hold: 'o/2' },
        ],
      });
      expect(await wire.do(all(6))).toMatchObject({ code: 'insufficient', line: 1, available: 5 });
      expect(await wire.do({ op: 'read', ...W1, sku: b })).toMatchObject({ code: 'unknown_sku' });
      const done = await wire.do(all(5));
      expect(done.results).toMatchObject([
        { qty: 3, stock: { available: 3 } },
        { qty: 5, stock: { available: 0 } },
        { qty: 3, stock: { available: 0 } },
      ]);
      await wire.end();
    });

    it('a read tells stock and a hold, by lease or strictly', async () => {
      const [wire, sku] = [await greet(), newSku()];
      await wire.do(receive(sku, 5));
      await wire.do(reserve(sku, 2, 'h'));
      for (const read of ['lease', 'strict', undefined]) {
        const ask = { op: 'read', ...W1, sku, hold: 'h', ...(read ? { read } : {}) };
        expect(await wire.do(ask)).toMatchObject({
          ok: true,
          seq: 2,
          stock: { onHand: 5, available: 3 },
          hold: { qty: 2, picked: 0 },
        });
      }
      expect(await wire.do({ op: 'read', ...W1, sku: newSku() })).toMatchObject({
        code: 'unknown_sku',
      });
      await wire.end();
    });

    it('C1 ack decided: the answer says not committed yet, then its fate', async () => {
      const [wire, sku] = [await greet(), newSku()];
      await wire.do(receive(sku, 5));
      const told: unknown[] = [
        await wire.ask({ n: 7, ...reserve(sku, 2, 'h'), ack: 'decided' }),
        await wire.one(),
        await wire.ask({ n: 8, ...reserve(sku, 9, 'i'), ack: 'decided' }),
        await wire.one(),
        await wire.ask({ n: 7, ...reserve(sku, 2, 'h'), ack: 'decided' }),
        await wire.one(),
        await wire.ask({ n: 9, op: 'read', ...W1, sku, ack: 'decided' }),
      ];
      expect(told).toMatchObject([
        { n: 7, ok: true, committed: false, stock: { available: 3 } },
        { event: 'committed', n: 7 },
        { n: 8, ok: false, committed: false, code: 'insufficient' },
        { event: 'committed', n: 8 },
        { n: 7, ok: true, committed: false, stock: { available: 3 } },
        { event: 'committed', n: 7 },
        { n: 9, ok: true, stock: { available: 3 } },
      ]);
      expect(told[6]).not.toHaveProperty('committed');
      await wire.end();
    });

    it('watchers hear of committed changes, the last of a turn, until they unwatch', async () => {
      const [wire, watcher, sku] = [await greet(), await greet(), newSku()];
      expect(await watcher.do({ op: 'watch', ...W1, sku })).toMatchObject({ watching: 1 });
      wire.send([1, 2, 3, 4, 5].map((n) => ({ n, ...receive(sku, 1) })));
      const answers = await wire.list();
      const pushes: Told[] = [];
      while (pushes.at(-1)?.seq !== 5) pushes.push(await watcher.one());
      expect(pushes.length).toBeLessThan(5);
      expect(pushes.at(-1)).toEqual({
        event: 'stock',
        owner: 'demo',
        sku,
        warehouse: 'W1',
        seq: 5,
        stock: answers[4]?.stock,
      });
      expect(await watcher.do({ op: 'unwatch', ...W1, sku })).toMatchObject({ watching: 0 });
      await wire.ask({ n: 6, ...receive(sku, 1) });
      expect(await watcher.do({ op: 'read', ...W1, sku })).toMatchObject({ ok: true, seq: 6 });
      expect(watcher.waiting).toBe(0);
      await Promise.all([wire.end(), watcher.end()]);
    });

    it('a watcher of a warehouse hears of refusals nothing, and of other owners nothing', async () => {
      const warehouse = `WX${newSku()}`;
      const token = await node.token({ owners: ['demo', 'other'], warehouses: ['*'] });
      const wire = await greet({ token });
      const watcher = await greet();
      await watcher.do({ op: 'watch', warehouse });
      const go = (fields: object) =>
        wire.do({ op: 'receive', warehouse, sku: 'A', qty: 1, ...fields });
      await go({ owner: 'other' });
      await go({ op: 'reserve', owner: 'demo', hold: 'h' });
      await go({ owner: 'demo' });
      expect(await watcher.one()).toMatchObject({
        event: 'stock',
        owner: 'demo',
        warehouse,
        seq: 1,
      });
      expect(watcher.waiting).toBe(0);
      await Promise.all([wire.end(), watcher.end()]);
    });
  });

  it('commands of several sessions to one SKU never oversell it', async () => {
    const sku = newSku();
    const wires = await Promise.all(
      PROTOCOLS.flatMap((p) => [Wire.greet(node, {}, p), Wire.greet(node, {}, p)]),
    );
    const [first] = wires;
    await first?.wire.ask({ n: 1_000, op: 'receive', warehouse: 'W1', sku, qty: 100 });
    const answers = await Promise.all(
      wires.map(async ({ wire }, w) => {
        const command = { op: 'reserve', warehouse: 'W1', sku, qty: 1 };
        wire.send(
          Array.from({ length: 50 }, (_, i) => ({ n: i + 1, ...command, hold: `${w}/${i}` })),
        );
        return wire.list();
      }),
    );
    expect(answers.flat().filter(({ ok }) => ok)).toHaveLength(100);
    await Promise.all(wires.map(({ wire }) => wire.end()));
  });

  it('sessions leave nothing behind', async () => {
    const wires = await Promise.all(Array.from({ length: 30 }, () => Wire.greet(node)));
    for (const { wire } of wires) await wire.do({ op: 'watch', warehouse: 'W1' });
    const metric = async (): Promise<string> =>
      /^holdfast_sessions (\d+)$/m.exec(await (await fetch(`${node.http}/metrics`)).text())?.[1] ??
      '';
    expect(await metric()).toBe('30');
    for (const [i, { wire }] of wires.entries()) {
      if (i % 2 === 0) wire.socket.terminate();
      else await wire.end();
    }
    for (let i = 0; i < 100 && (await metric()) !== '0'; i++) await sleep(20);
    expect(await metric()).toBe('0');
  });

  describe('HTTP', () => {
    it('/healthz says what runs here', async () => {
      const response = await fetch(`${node.http}/healthz`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch('application/json');
      expect(await response.json()).toMatchObject({
        status: 'ok',
        version: '0.0.0-test',
        door: expect.stringMatching(door === 'ws' ? /^ws, / : /^uWebSockets\.js, /),
      });
    });

    it('/metrics is Prometheus text', async () => {
      const response = await fetch(`${node.http}/metrics`);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain.*version=0\.0\.4/);
      const { samples, unknown } = readPrometheus(await response.text());
      expect(unknown).toEqual([]);
      expect(samples.get('holdfast_frames_total')).toBeGreaterThan(10);
      expect(samples.get('holdfast_shard_serving{shard="0"}')).toBe(1);
      expect(samples.get('holdfast_slow_readers_total')).toBe(0);
    });

    it.each([
      ['/', 200],
      ['/nothing', 404],
      ['/v1/scan', 426],
      ['/../../etc/passwd', 404],
    ])('%s is %d', async (path, status) => {
      const response = await fetch(`${node.http}${path}`);
      expect(response.status).toBe(status);
      expect(await response.text()).not.toBe('');
    });

    it('takes no commands', async () => {
      const response = await fetch(`${node.http}/`, { method: 'POST', body: '{}' });
      expect(response.status).toBe(405);
    });

    it('/readyz is 503 as soon as a shard has stopped, which others do not feel', async () => {
      const ready = async (): Promise<[number, unknown]> => {
        const response = await fetch(`${node.http}/readyz`);
        return [response.status, await response.json()];
      };
      expect(await ready()).toMatchObject([200, { ready: true }]);
      await node.nats.request(`inv.log.${REGION}.${slotOf('W1', 4)}`, 'no record');
      const { wire } = await Wire.greet(node);
      const away = ['W2', 'W3', 'W4', 'W5'].find((w) => slotOf(w, 4) !== slotOf('W1', 4));
      const scan = (warehouse: unknown) =>
        wire.do({ op: 'receive', warehouse, sku: newSku(), qty: 1 });
      let told = await scan('W1');
      while (told.code === 'moved') told = await scan('W1'); // while it looks at what it found
      expect(told).toMatchObject({ ok: false, code: 'stopped', retry: true });
      expect(await scan(away)).toMatchObject({ ok: true });
      const [status, body] = await ready();
      expect(status).toBe(503);
      expect(body).toMatchObject({ ready: false });
      expect(JSON.stringify(body)).toMatch(/"stopped","why":"[^"]{10,}/);
      await wire.end();
    });
  });
});

/** Format 0.0.4: comments, empty lines, and `name{labels} value`. */
function readPrometheus(text: string): { samples: Map<string, number>; unknown: string[] } {
  const samples = new Map<string, number>();
  const unknown: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || /^# (?:HELP|TYPE) [a-z_:]+ /.test(line)) continue;
    const found = /^([a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/.exec(
      line,
    );
    if (found === null || Number.isNaN(Number(found[2]))) unknown.push(line);
    else samples.set(found[1] as string, Number(found[2]));
  }
  return { samples, unknown };
}
