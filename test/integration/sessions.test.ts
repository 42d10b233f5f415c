import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../client/client.ts';
import { DOORS, TestNode } from '../support/node.ts';
import { type Told, Wire } from '../support/wire.ts';

let names = 0;
const newName = (): string => `s${++names}`;
const W1 = { warehouse: 'W1' };

describe.each(DOORS)('C5 sessions through the door %s', (door) => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start({ door });
  });
  afterAll(() => node.stop());

  const receive = (sku: string, qty = 1) => ({ op: 'receive', ...W1, sku, qty });
  const seqOf = async (wire: Wire, sku: string): Promise<number | undefined> =>
    (await wire.ask({ n: 1_000_000, op: 'read', ...W1, sku })).seq;

  it('a number sent again gets its first answer, and is applied once', async () => {
    const [{ wire }, sku] = [await Wire.greet(node), newName()];
    const first = await wire.ask({ n: 1, ...receive(sku, 5) });
    await wire.ask({ n: 2, ...receive(sku, 7) });
    expect(await wire.ask({ n: 1, ...receive(sku, 5) })).toEqual(first);
    expect(await seqOf(wire, sku)).toBe(2);
    await wire.end();
  });

  it('a refusal sent again is the same refusal, though it would do now', async () => {
    const [{ wire }, sku] = [await Wire.greet(node), newName()];
    await wire.ask({ n: 1, ...receive(sku, 5) });
    const reserve = { n: 2, op: 'reserve', ...W1, sku, qty: 9, hold: 'h' };
    const refused = await wire.ask(reserve);
    expect(refused).toMatchObject({ code: 'insufficient', available: 5 });
    await wire.ask({ n: 3, ...receive(sku, 5) });
    expect(await wire.ask(reserve)).toEqual(refused);
    await wire.end();
  });

  it('the same number within one batch is applied once', async () => {
    const [{ wire }, sku] = [await Wire.greet(node), newName()];
    wire.send([1, 1, 1].map((n) => ({ n, ...receive(sku, 5) })));
    const [first, ...others] = await wire.list();
    expect(first).toMatchObject({ ok: true, stock: { onHand: 5 } });
    expect(others).toEqual([first, first]);
    await wire.end();
  });

  it('S5 a number with other content is id_reused, and changes nothing', async () => {
    const [{ wire }, sku] = [await Wire.greet(node), newName()];
    await wire.ask({ n: 1, ...receive(sku, 5) });
    for (const other of [
      receive(sku, 6),
      receive(newName(), 5),
      { ...receive(sku, 5), doc: 'D' },
    ]) {
      const told = await wire.ask({ n: 1, ...other });
      expect(told).toMatchObject({ n: 1, code: 'id_reused', retry: false });
    }
    expect(await seqOf(wire, sku)).toBe(1);
    await wire.end();
  });

  it('what is acked is forgotten, and never applied again', async () => {
    const [{ wire }, sku] = [await Wire.greet(node), newName()];
    for (const n of [1, 2, 3]) await wire.ask({ n, ...receive(sku) });
    await wire.ask({ n: 4, ...receive(sku), acked: 3 });
    expect(await wire.ask({ n: 2, ...receive(sku) })).toMatchObject({ code: 'number_too_old' });
    expect(await wire.ask({ n: 3, ...receive(sku) })).toMatchObject({ ok: true, seq: 3 });
    expect(await seqOf(wire, sku)).toBe(4);
    await wire.end();
  });

  it('a session goes on in a new connection, by its incarnation', async () => {
    const sku = newName();
    const { wire, hello } = await Wire.greet(node, { client: 'dock-1' });
    const first = await wire.ask({ n: 1, ...receive(sku, 5) });
    wire.socket.terminate();
    await wire.closed;
    const again = await Wire.greet(node, { client: 'dock-1', incarnation: hello.incarnation });
    expect(again.hello).toMatchObject({ incarnation: hello.incarnation, nextN: 2 });
    expect(await again.wire.ask({ n: 1, ...receive(sku, 5) })).toEqual(first);
    await again.wire.end();
  });

  it('is another one with another incarnation, device or token', async () => {
    const [sku, incarnation] = [newName(), newName()];
    const other = await node.token({ client: 'somebody' });
    const sessions = [
      { incarnation },
      { incarnation: newName() },
      { incarnation, client: 'dock-1' },
      { incarnation, token: other },
      { incarnation, token: other, client: 'dock-1' },
    ];
    for (const [i, hello] of sessions.entries()) {
      const { wire, hello: told } = await Wire.greet(node, hello);
      expect(told.nextN).toBe(1);
      expect(await wire.ask({ n: 1, ...receive(sku) })).toMatchObject({ ok: true, seq: i + 1 });
      await wire.end();
    }
  });

  it('has one connection: the newest supersedes the one before', async () => {
    const [sku, incarnation] = [newName(), newName()];
    const old = await Wire.greet(node, { incarnation });
    await old.wire.ask({ n: 1, ...receive(sku) });
    const young = await Wire.greet(node, { incarnation });
    expect(await old.wire.closed).toMatchObject({ code: 4409 });
    expect(young.hello.nextN).toBe(2);
    expect(await young.wire.ask({ n: 2, ...receive(sku) })).toMatchObject({ ok: true, seq: 2 });
    const others = await Promise.all([1, 2, 3].map(() => Wire.greet(node, { incarnation })));
    expect(await young.wire.closed).toMatchObject({ code: 4409 });
    const left = others.filter(({ wire }) => wire.socket.readyState === wire.socket.OPEN);
    expect(left.length).toBeGreaterThan(0);
    for (const { wire } of others) wire.socket.terminate();
  });

  it('remembers across a restart of the node', async () => {
    const [sku, incarnation] = [newName(), newName()];
    const before = await Wire.greet(node, { incarnation });
    const answers: Told[] = [];
    for (const n of [1, 2, 3]) answers.push(await before.wire.ask({ n, ...receive(sku, n) }));
    const reserve = { op: 'reserve', ...W1, sku, qty: 99, hold: 'h' };
    answers.push(await before.wire.ask({ n: 4, ...reserve }));
    await before.wire.ask({ n: 5, ...receive(sku), acked: 2 });
    await node.restart();
    const { wire, hello } = await Wire.greet(node, { incarnation });
    expect(hello.nextN).toBe(6);
    expect(await wire.ask({ n: 1, ...receive(sku, 1) })).toMatchObject({ code: 'number_too_old' });
    expect(await wire.ask({ n: 2, ...receive(sku, 2) })).toEqual(answers[1]);
    expect(await wire.ask({ n: 3, ...receive(sku, 4) })).toMatchObject({ code: 'id_reused' });
    expect(await wire.ask({ n: 4, ...reserve })).toEqual(answers[3]);
    expect(await seqOf(wire, sku)).toBe(4);
    await wire.end();
  });

  it('the client gets every answer once, whatever becomes of node and link', async () => {
    const [url, token, sku] = [node.url, await node.token(), newName()];
    const links: boolean[] = [];
    const client = await Client.connect({ url, token, onLink: (up) => links.push(up) });
    const answers: Promise<unknown>[] = [];
    const sendSome = (): void => {
      for (let i = 0; i < 300; i++) {
        answers.push(client.send({ op: 'receive', ...W1, sku, qty: 1 }));
      }
    };
    sendSome();
    const restarted = node.restart();
    const timer = setInterval(sendSome, 20);
    await restarted;
    clearInterval(timer);
    sendSome();
    const told = (await Promise.all(answers)) as { ok: boolean; seq: number }[];
    expect(told.every(({ ok }) => ok)).toBe(true);
    expect(new Set(told.map(({ seq }) => seq)).size).toBe(answers.length);
    expect([links[0], links.includes(false), links.at(-1)]).toEqual([true, true, true]);
    const read = await client.send({ op: 'read', ...W1, sku });
    expect(read).toMatchObject({ seq: answers.length, stock: { onHand: answers.length } });
    client.close();
  });

  it('a client that is superseded or refused ends, and says so', async () => {
    const [url, incarnation] = [node.url, newName()];
    const token = await node.token();
    const old = await Client.connect({ url, token, incarnation });
    const young = await Client.connect({ url, token, incarnation });
    await expect(old.send(receive('A') as never)).rejects.toThrow();
    young.close();
    const bad = Client.connect({ url, token: 'none of ours' });
    await expect(bad).rejects.toMatchObject({ name: 'RefusedError' });
  });
});

describe('an ordered session', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start({ limits: { inFlight: 8 } });
  });
  afterAll(() => node.stop());

  const commands = (sku: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({
      ...{ n: from + i, op: 'receive', ...W1, sku, qty: 1, doc: `D${from + i}` },
    }));
  const codes = (told: readonly Told[]) =>
    told.map(({ n, ok, code }) => `${n} ${ok ? 'ok' : code}`);

  it('keeps later numbers back after one was refused for the moment', async () => {
    const sku = newName();
    const { wire } = await Wire.greet(node, { ordered: true });
    wire.send(commands(sku, 1, 12));
    expect(codes(await wire.list()).slice(8)).toEqual(
      [9, 10, 11, 12].map((n) => `${n} too_many_in_flight`),
    );
    wire.send(commands(sku, 13, 14)); // there is room again, but 9 has to come first
    expect(codes(await wire.list())).toEqual(['13 moved', '14 moved']);
    wire.send(commands(sku, 9, 14));
    const told = await wire.list();
    expect(codes(told)).toEqual([9, 10, 11, 12, 13, 14].map((n) => `${n} ok`));
    expect(told.map(({ seq }) => seq)).toEqual([9, 10, 11, 12, 13, 14]);
    await wire.end();
  });

  it('is not kept where nobody asked for it', async () => {
    const sku = newName();
    const { wire } = await Wire.greet(node);
    wire.send(commands(sku, 1, 12));
    await wire.list();
    wire.send(commands(sku, 13, 14));
    expect(codes(await wire.list())).toEqual(['13 ok', '14 ok']);
    await wire.end();
  });

  it('of a client applies everything in the order in which it was sent', async () => {
    const [url, token, sku] = [node.url, await node.token(), newName()];
    const client = await Client.connect({ url, token, ordered: true });
    const answers = Array.from({ length: 200 }, () =>
      client.send({ op: 'receive', ...W1, sku, qty: 1 }),
    );
    setTimeout(() => void node.restart(), 30);
    const seqs = (await Promise.all(answers)).map((a) => (a.ok ? a.seq : a.code));
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    client.close();
  });
});
