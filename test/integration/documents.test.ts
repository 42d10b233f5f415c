import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentSeen, Reply } from '../../gateway/schemas.ts';
import { TestNode } from '../support/node.ts';
import { type Told, Wire } from '../support/wire.ts';

/** What is told of a document. */
interface Document {
  readonly status: string;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

let names = 0;
const newName = (): string => `doc-${++names}`;
const PATIENCE_MS = 15_000;

describe('documents through the doors', () => {
  let node: TestNode;
  let wire: Wire;
  beforeAll(async () => {
    node = await TestNode.start();
    ({ wire } = await Wire.greet(node));
  });
  afterAll(async () => {
    await wire.end();
    await node.stop();
  });

  const ask = (message: object, warehouse = 'W1'): Promise<Told> =>
    wire.do({ warehouse, ...message });
  const stockOf = async (sku: string, warehouse = 'W1') =>
    (await ask({ op: 'read', sku, read: 'strict' }, warehouse)).stock;
  async function documentOf(kind: string, doc: string, warehouse = 'W1'): Promise<Document> {
    const told = await ask({ op: `${kind}.read`, doc, read: 'strict' }, warehouse);
    return DocumentSeen.parse(told).document as unknown as Document;
  }
  async function until(what: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await what())) {
      if (Date.now() > end) throw new Error('it did not come');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('take an order from its place to its shipment, and over a restart', async () => {
    const doc = newName();
    const [tea, mug] = [newName(), newName()];
    await ask({ op: 'receive', sku: tea, qty: 10, location: 'A-1', batch: 'L1' });
    await ask({ op: 'receive', sku: mug, qty: 3 });
    const lines = [
      { sku: tea, qty: 4 },
      { sku: mug, qty: 1 },
    ];
    const placed = { op: 'order.place', doc, lines };
    expect(await ask(placed)).toMatchObject({ ok: true, doc, status: 'allocated' });
    expect(await ask(placed)).toMatchObject({ ok: true, doc, results: [] });
    const other = { ...placed, lines: [{ sku: tea, qty: 5 }] };
    expect(await ask(other)).toMatchObject({ ok: false, code: 'doc_reused' });
    expect(await stockOf(tea)).toMatchObject({ onHand: 10, allocated: 4, available: 6 });

    expect(await ask({ op: 'order.pick', doc, lines: [{ line: '1', qty: 4 }] })).toMatchObject({
      code: 'wrong_state',
    });
    expect(await ask({ op: 'order.release', doc })).toMatchObject({ status: 'released' });
    await node.restart();
    ({ wire } = await Wire.greet(node));
    const wrong = { op: 'order.pick', doc, lines: [{ line: '1', qty: 4, location: 'B-2' }] };
    expect(await ask(wrong)).toMatchObject({ code: 'wrong_place', line: 0 });
    const right = { op: 'order.pick', doc, lines: [{ line: '1', qty: 4, location: 'A-1' }] };
    expect(await ask(right)).toMatchObject({ ok: true, status: 'picking' });
    expect(await ask({ op: 'order.pick', doc, lines: [{ line: '2' }] })).toMatchObject({
      status: 'picked',
    });
    expect(await ask({ op: 'order.pack', doc, carton: 'C1' })).toMatchObject({ status: 'packed' });
    const shipped = { op: 'order.ship', doc, carrier: 'DHL', tracking: 'T1' };
    expect(await ask(shipped)).toMatchObject({ status: 'shipped' });
    expect(await stockOf(tea)).toMatchObject({ onHand: 6, allocated: 0, available: 6 });
    expect(await ask({ op: 'order.cancel', doc })).toMatchObject({ code: 'wrong_state' });
  });

  it('are the same over NATS, with all of their lines or none', async () => {
    const doc = newName();
    const sku = newName();
    await ask({ op: 'receive', sku, qty: 2 });
    const body = {
      op: 'order.place',
      doc,
      lines: [
        { sku, qty: 2 },
        { sku: 'never-seen', qty: 1 },
      ],
    };
    const reply = await node.nats.request('inv.cmd.W1', JSON.stringify(body), { timeout: 5_000 });
    expect(Reply.parse(reply.json())).toMatchObject({ code: 'unknown_sku', line: 1 });
    expect(await stockOf(sku)).toMatchObject({ allocated: 0, available: 2 });
    expect(await ask({ op: 'order.read', doc })).toMatchObject({ code: 'unknown_document' });
  });

  it('say what bundles and pools could sell, as stock is now', async () => {
    const [tea, mug] = [newName(), newName()];
    await ask({ op: 'receive', sku: tea, qty: 10 });
    await ask({ op: 'receive', sku: mug, qty: 3 });
    const lines = [
      { sku: tea, qty: 2 },
      { sku: mug, qty: 1 },
    ];
    const [set, vip] = [newName(), newName()];
    expect(await ask({ op: 'bundle.define', doc: set, lines })).toMatchObject({ ok: true });
    expect(await documentOf('bundle', set)).toMatchObject({ available: 3 });
    const pool = { op: 'pool.define', doc: vip, lines: [{ sku: tea, qty: 6 }] };
    expect(await ask(pool)).toMatchObject({ ok: true, status: 'open' });
    expect(await documentOf('bundle', set)).toMatchObject({ available: 2 });
    const order = { op: 'order.place', doc: newName(), pool: vip, lines: [{ sku: tea, qty: 4 }] };
    expect(await ask(order)).toMatchObject({ status: 'allocated' });
    expect(await documentOf('pool', vip)).toMatchObject({ lines: [{ filled: 6, available: 2 }] });
    expect(await stockOf(tea)).toMatchObject({ onHand: 10, allocated: 6, available: 4 });
  });

  it('refuse what is not one, and say where', async () => {
    const lines = [
      { sku: 'a', qty: 1 },
      { sku: 'b', qty: -1 },
    ];
    expect(await ask({ op: 'order.place', doc: 'x', lines })).toMatchObject({
      ...{ code: 'bad_field', line: 1 },
      message: expect.stringContaining('lines.1.qty'),
    });
    expect(await ask({ op: 'order.place' })).toMatchObject({ code: 'bad_field' });
    expect(await ask({ op: 'order.fly', doc: 'x' })).toMatchObject({ code: 'unknown_op' });
    expect(await ask({ op: 'transfer.told', doc: 'x' })).toMatchObject({ code: 'unknown_op' });
    const { wire: shop } = await Wire.greet(node, { token: await node.token({ roles: ['shop'] }) });
    expect(await shop.do({ op: 'order.pick', doc: 'x', warehouse: 'W1' })).toMatchObject({
      code: 'forbidden',
    });
    await shop.end();
  });

  it('know an item by its codes, over a restart', async () => {
    const [sku, doc] = [newName(), newName()];
    const boxes = [{ code: '14006381333938', pieces: 12 }];
    const item = { op: 'item.set', sku, barcodes: ['4006381333931'], boxes, batchManaged: true };
    expect(await ask(item, 'W4')).toMatchObject({ ok: true, doc: sku, status: 'set' });
    await node.restart();
    ({ wire } = await Wire.greet(node));
    const receipt = { op: 'receive', code: '(01)14006381333938(10)L1', location: 'A-1' };
    expect(await ask(receipt, 'W4')).toMatchObject({ ok: true, qty: 12 });
    const bare = { op: 'receive', code: '4006381333931', qty: 1 };
    expect(await ask(bare, 'W4')).toMatchObject({ code: 'bad_field' });
    const lines = [{ code: '4006381333931', qty: 12 }];
    expect(await ask({ op: 'order.place', doc, lines }, 'W4')).toMatchObject({
      status: 'allocated',
    });
    await ask({ op: 'order.release', doc }, 'W4');
    const wrong = { op: 'order.pick', doc, lines: [{ line: '1', sku: 'another' }] };
    expect(await ask(wrong, 'W4')).toMatchObject({ code: 'unknown_line', line: 0 });
    const scan = { op: 'order.pick', doc, lines: [{ line: '1', code: '14006381333938' }] };
    expect(await ask(scan, 'W4')).toMatchObject({ ok: true, status: 'picked' });
    expect(await ask({ op: 'item.read', sku }, 'W4')).toMatchObject({ ok: true });
    expect(await stockOf(sku, 'W4')).toMatchObject({ onHand: 12, picked: 12 });
  });

  it('send two scanners through an order; what one leaves in silence the other gets', async () => {
    const [tea, mug, doc] = [newName(), newName(), newName()];
    const of = { warehouse: 'W6' };
    for (const sku of [tea, mug]) {
      await ask({ op: 'receive', sku, qty: 9, location: sku === tea ? 'A-1' : 'B-2', ...of });
    }
    const lines = [tea, mug, tea, mug].map((sku) => ({ sku, qty: 1 }));
    await ask({ op: 'order.place', doc, lines, ...of });
    await ask({ op: 'order.release', doc, ...of });
    const token = await node.token({ client: 'floor', roles: ['floor'] });
    const [{ wire: one }, { wire: two }] = await Promise.all([
      Wire.greet(node, { token, client: 'dock-1' }),
      Wire.greet(node, { token, client: 'dock-2' }),
    ]);
    const next = { op: 'task.next', kinds: ['pick'], leaseMs: 1_000, ...of };
    const scan = (line: string) => ({
      ...{ op: 'order.pick', doc, lines: [{ line, qty: 1 }], task: `pick/order/${doc}/${line}` },
      ...of,
    });
    const task = (line: string, location: string) => ({
      id: `pick/order/${doc}/${line}`,
      ...{ kind: 'pick', line, qty: 1, location },
    });
    expect(await one.do({ ...next, leaseMs: 60_000 })).toMatchObject({ task: task('1', 'A-1') });
    expect(await two.do(next)).toMatchObject({ ok: true, task: task('3', 'A-1') });
    expect(await one.do(scan('3'))).toMatchObject({
      code: 'not_the_task',
      message: expect.stringContaining(`pick 1 ${tea} at A-1, order ${doc} line 1`),
    });
    expect(await one.do(scan('1'))).toMatchObject({ status: 'picking', next: task('2', 'B-2') });
    const again = { n: 40, ...scan('2') };
    expect(await one.do(again)).toMatchObject({ ok: true, next: task('4', 'B-2') });
    expect(await one.do(again)).not.toHaveProperty('next'); // the number is answered, the task asked for
    expect(await one.do({ ...next, n: 41, leaseMs: 60_000 })).toMatchObject({
      task: task('4', 'B-2'),
    });
    const last = await one.do(scan('4'));
    expect(last).toMatchObject({ ok: true, status: 'picking' });
    expect(last).not.toHaveProperty('next'); // the other one has it, and is silent
    expect(await one.do(next)).toMatchObject({ code: 'no_task' });
    await until(async () => (await one.do(next)).ok === true);
    expect(await two.do(scan('3'))).toMatchObject({ code: 'not_the_task' });
    expect(await one.do(scan('3'))).toMatchObject({ ok: true, status: 'picked' });
    expect(await one.do(next)).toMatchObject({ code: 'no_task' });
    await Promise.all([one.end(), two.end()]);
  });

  it('send a scanner to fill up a pick place that a pick has emptied, over a restart', async () => {
    const sku = newName();
    const of = { warehouse: 'W8' };
    await ask({ op: 'item.set', sku, pickLocation: 'P-1', pickMin: 2, pickMax: 5, ...of });
    await ask({ op: 'receive', sku, qty: 3, location: 'P-1', ...of });
    await ask({ op: 'receive', sku, qty: 20, location: 'Z-9', ...of });
    const next = { op: 'task.next', kinds: ['replenish'], ...of };
    expect(await ask(next)).toMatchObject({ code: 'no_task' });
    await ask({ op: 'adjust', sku, delta: -2, reason: 'lost', location: 'P-1', ...of });
    await node.restart();
    ({ wire } = await Wire.greet(node));
    const id = `replenish/item/${sku}/P-1`;
    expect(await ask(next)).toMatchObject({ task: { id, qty: 4, location: 'Z-9', to: 'P-1' } });
    const move = { op: 'move', sku, qty: 4, location: 'Z-9', task: id, ...of };
    expect(await ask({ ...move, toLocation: 'P-2' })).toMatchObject({ code: 'not_the_task' });
    expect(await ask({ ...move, toLocation: 'P-1' })).toMatchObject({ ok: true, qty: 4 });
    expect(await ask(next)).toMatchObject({ code: 'no_task' });
  });

  it('D3 bring a transfer from one warehouse to another, and its sender hears of it', async () => {
    const doc = newName();
    const sku = newName();
    await ask({ op: 'receive', sku, qty: 10, location: 'A-1', batch: 'L1' });
    const placed = { op: 'transfer.place', doc, toWarehouse: 'W2', lines: [{ sku, qty: 6 }] };
    expect(await ask(placed)).toMatchObject({ ok: true, status: 'placed' });
    expect(await ask({ op: 'transfer.dispatch', doc })).toMatchObject({ status: 'dispatched' });
    expect(await stockOf(sku)).toMatchObject({ onHand: 4, allocated: 0, available: 4 });

    await until(async () => (await stockOf(sku, 'W2'))?.inTransit === 6);
    const from = { doc, fromWarehouse: 'W1' };
    const received = { op: 'transfer.receive', ...from, lines: [{ line: '1', qty: 5 }] };
    expect(await ask(received, 'W2')).toMatchObject({ ok: true, status: 'receiving' });
    expect(await ask({ op: 'transfer.read', ...from }, 'W2')).toMatchObject({ ok: true });
    expect(await ask({ op: 'transfer.close', ...from }, 'W2')).toMatchObject({ status: 'closed' });
    expect(await stockOf(sku, 'W2')).toMatchObject({ onHand: 5, inTransit: 0, available: 5 });
    await until(async () => (await documentOf('transfer', doc)).status === 'settled');
    const { parcels } = await documentOf('transfer', doc);
    expect(parcels).toMatchObject([{ qty: 6, received: 5, lost: 1 }]);
    expect(
      await ask({ op: 'transfer.receive', ...from, lines: [{ line: '1', qty: 1 }] }, 'W2'),
    ).toMatchObject({
      code: 'wrong_state',
    });
  });
});
