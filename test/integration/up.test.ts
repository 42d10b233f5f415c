import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client } from '../../client/client.ts';
import { ownFolder, Program, type Ready } from '../support/up.ts';

let folder: { dir: string; remove: () => Promise<void> };
const programs: Program[] = [];
const links: { close(): unknown }[] = [];

beforeEach(async () => {
  folder = await ownFolder();
});

afterEach(async () => {
  for (const link of links.splice(0)) await link.close();
  for (const program of programs.splice(0)) {
    if (program.child.exitCode === null && program.child.signalCode === null) {
      await program.kill('SIGTERM');
    }
  }
  await folder.remove();
});

async function start(...args: string[]): Promise<{ program: Program; ready: Ready }> {
  const program = await run('up', '--json', '--data', join(folder.dir, 'data'), ...args);
  return { program, ready: await program.ready() };
}

async function run(...args: string[]): Promise<Program> {
  const program = await Program.run(args);
  programs.push(program);
  return program;
}

async function scanner(ready: Ready, incarnation?: string): Promise<Client> {
  const { ws: url, token } = ready;
  const client = await Client.connect({ url, token, ...(incarnation ? { incarnation } : {}) });
  links.push(client);
  return client;
}

async function nats(ready: Ready): Promise<NatsConnection> {
  const link = await connect({ servers: ready.nats });
  links.push(link);
  return link;
}

/** Asks the centre until it has caught up with `available`. */
async function availability(
  link: NatsConnection,
  sku: string,
  available: number,
): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    const answer = await link.request('inv.oms.availability', JSON.stringify({ sku }), {
      timeout: 2_000,
    });
    const seen = answer.json<{ available: number }>();
    if (seen.available === available || attempt === 200) return seen;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Processes that it has started with `holdfast node`. */
async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const found: number[] = [];
  for (const child of tasks.trim().split(' ').filter(Boolean).map(Number)) {
    const words = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    if (words.includes('main.js\0node\0')) found.push(child);
  }
  return found;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('holdfast up', () => {
  test('a reservation by WebSocket and one by NATS are seen at the centre', async () => {
    const { ready, program } = await start('--port', '0');
    expect(Object.keys(ready).sort()).toEqual(['data', 'http', 'nats', 'pid', 'token', 'ws']);
    expect(ready.pid).toBe(program.child.pid);
    const client = await scanner(ready);
    const byWs = await client.send({
      op: 'reserve',
      warehouse: 'W1',
      sku: 'MUG-WHITE',
      qty: 2,
      hold: 'A',
    });
    expect(byWs).toMatchObject({ ok: true, stock: { onHand: 45, allocated: 2, available: 43 } });
    const link = await nats(ready);
    const order = { op: 'reserve', sku: 'MUG-WHITE', qty: 3, hold: 'B' };
    const byNats = await link.request('inv.cmd.W1', JSON.stringify(order), { timeout: 2_000 });
    expect(byNats.json()).toMatchObject({ ok: true, stock: { allocated: 5, available: 40 } });
    expect(await availability(link, 'MUG-WHITE', 70)).toMatchObject({
      sku: 'MUG-WHITE',
      onHand: 75,
      allocated: 5,
      available: 70,
      warehouses: { W1: { available: 40 }, W2: { available: 30 } },
    });
    expect((await fetch(`${ready.http}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${ready.http}/healthz`)).json()).toMatchObject({ status: 'ok' });
  });

  test('it stops cleanly on SIGINT, and a second start has everything, the sample once', async () => {
    const first = await start('--port', '0');
    const client = await scanner(first.ready);
    await client.send({ op: 'reserve', warehouse: 'W1', sku: 'MUG-BLUE', qty: 5, hold: 'A' });
    expect(await first.program.kill('SIGINT')).toBe(0);
    const second = await start('--port', '0');
    const again = await scanner(second.ready);
    const read = await again.send({ op: 'read', warehouse: 'W1', sku: 'MUG-BLUE' });
    expect(read).toMatchObject({ stock: { onHand: 12, allocated: 5, available: 7 } });
  });

  test('several nodes share the shards, each a process; one that is killed is started again', async () => {
    const first = await start('--port', '0', '--no-sample', '--nodes', '3');
    const owners = async (): Promise<Set<string>> => {
      const { shards } = (await (await fetch(`${first.ready.http}/readyz`)).json()) as {
        shards: { state: string; owner?: string }[];
      };
      return new Set(shards.map(({ state, owner }) => (state === 'serving' ? 'here' : `${owner}`)));
    };
    await until(async () => !(await owners()).has('undefined') && (await owners()).size > 1);
    const client = await scanner(first.ready);
    const warehouses = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8'];
    const receive = (warehouse: string) =>
      client.send({ op: 'receive', warehouse, sku: 'A', qty: 5 });
    for (const answer of await Promise.all(warehouses.map(receive)))
      expect(answer).toMatchObject({ ok: true, stock: { onHand: 5 } });
    const [victim] = await childrenOf(first.program.child.pid as number);
    process.kill(victim as number, 'SIGKILL');
    for (const answer of await Promise.all(warehouses.map(receive)))
      expect(answer).toMatchObject({ ok: true, stock: { onHand: 10 } });
    await until(async () => (await childrenOf(first.program.child.pid as number)).length === 2);
    expect(await first.program.kill('SIGTERM')).toBe(0);
    // One node alone finds what three have left.
    const { ready } = await start('--port', '0', '--no-sample');
    const alone = await scanner(ready);
    for (const warehouse of warehouses) {
      const read = await alone.send({ op: 'read', warehouse, sku: 'A' });
      expect(read).toMatchObject({ stock: { onHand: 10 } });
    }
  });

  test('more nodes than shards are refused in words', async () => {
    const program = await run('up', '--data', join(folder.dir, 'data'), '--nodes', '9');
    expect(await program.ended).toBe(1);
    expect(program.errors.join()).toContain('--nodes 9: from 1 to 4');
  });

  test('without the sample nothing is known; without --json it prints addresses for people', async () => {
    const { ready } = await start('--port', '0', '--no-sample');
    const client = await scanner(ready);
    const answer = await client.send({
      op: 'reserve',
      warehouse: 'W1',
      sku: 'MUG-BLUE',
      qty: 1,
      hold: 'A',
    });
    expect(answer).toMatchObject({ ok: false, code: 'unknown_sku' });
  });

  test('C5 a killed node answers retries with the first outcome when it is back', async () => {
    const first = await start('--port', '0', '--no-sample');
    const port = new URL(first.ready.http).port;
    const client = await scanner(first.ready, 'shift-1');
    await client.send({ op: 'receive', warehouse: 'W1', sku: 'A', qty: 100 });
    for (let i = 0; i < 20; i++) {
      await client.send({ op: 'reserve', warehouse: 'W1', sku: 'A', qty: 1, hold: `H${i}` });
    }
    expect(await first.program.kill('SIGKILL')).toBeNull();
    const underWay = client.send({ op: 'reserve', warehouse: 'W1', sku: 'A', qty: 1, hold: 'H20' });
    const second = await start('--port', port, '--no-sample');
    const first20 = await underWay;
    expect(first20).toMatchObject({ n: 22, ok: true, stock: { allocated: 21 } });
    client.close();
    const again = await scanner(second.ready, 'shift-1');
    expect(again.hello.nextN).toBe(23);
    const old = await again.sendAs(21, {
      op: 'reserve',
      warehouse: 'W1',
      sku: 'A',
      qty: 1,
      hold: 'H19',
    });
    expect(old).toMatchObject({ ok: false, code: 'number_too_old' }); // the client has said that it read this answer
    const retry = await again.sendAs(22, {
      op: 'reserve',
      warehouse: 'W1',
      sku: 'A',
      qty: 1,
      hold: 'H20',
    });
    expect(retry).toEqual(first20);
    again.close();
    const third = await scanner(second.ready, 'shift-1');
    const other = await third.sendAs(22, {
      op: 'reserve',
      warehouse: 'W1',
      sku: 'A',
      qty: 2,
      hold: 'X',
    });
    expect(other).toMatchObject({ ok: false, code: 'id_reused' });
    const read = await third.send({ op: 'read', warehouse: 'W1', sku: 'A', read: 'strict' });
    expect(read).toMatchObject({ stock: { onHand: 100, allocated: 21 } });
  });

  test('C4 a killed nats-server is started again and nothing acknowledged is lost or doubled', async () => {
    const { ready } = await start('--port', '0', '--no-sample');
    const client = await scanner(ready);
    await client.send({ op: 'receive', warehouse: 'W1', sku: 'A', qty: 10_000 });
    const orders = [];
    for (let i = 0; i < 600; i++) {
      orders.push(client.send({ op: 'reserve', warehouse: 'W1', sku: 'A', qty: 1, hold: `H${i}` }));
      if (i === 200) process.kill(await natsPid(ready), 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const answers = await Promise.all(orders);
    expect(answers.filter((a) => !a.ok)).toEqual([]);
    const read = await client.send({ op: 'read', warehouse: 'W1', sku: 'A', read: 'strict' });
    expect(read).toMatchObject({ stock: { onHand: 10_000, allocated: 600, available: 9_400 } });
    expect(await availability(await nats(ready), 'A', 9_400)).toMatchObject({ allocated: 600 });
  });
});

const natsPid = async (ready: Ready): Promise<number> =>
  Number((await readFile(join(ready.data, 'nats', 'pid'), 'utf8')).split(' ')[0]);

describe('what is unusable gets one line that says what to do', () => {
  async function refusal(...args: string[]): Promise<string> {
    const program = await run('up', '--json', ...args);
    expect(await program.ended).toBe(1);
    expect(program.out).toEqual([]);
    expect(program.errors).toHaveLength(1);
    return program.errors[0] as string;
  }

  test('a port that is taken', async () => {
    const { ready } = await start('--port', '0', '--no-sample');
    const { port } = new URL(ready.http);
    expect(await refusal('--port', port, '--data', join(folder.dir, 'other'))).toMatch(
      /port \d+ is taken.*--port/,
    );
  });

  test('a data folder that is in use', async () => {
    const { ready } = await start('--port', '0', '--no-sample');
    expect(await refusal('--port', '0', '--data', ready.data)).toMatch(
      /in use by process \d+.*--data/,
    );
  });

  test('a data folder of another version', async () => {
    await writeFile(join(folder.dir, 'holdfast.json'), '{"format":99,"node":"x"}');
    expect(await refusal('--data', folder.dir)).toMatch(/another version.*--data/);
  });

  test('a folder with other files', async () => {
    await writeFile(join(folder.dir, 'letters.txt'), 'dear');
    expect(await refusal('--data', folder.dir)).toMatch(/other files.*--data/);
  });

  test('a nats-server that is too old', async () => {
    const old = join(folder.dir, 'nats-server');
    await writeFile(old, '#!/bin/sh\necho nats-server: v2.9.1\n');
    await chmod(old, 0o755);
    const program = await Program.run(['up', '--data', join(folder.dir, 'data')], {
      HOLDFAST_NATS_SERVER: old,
    });
    expect(await program.ended).toBe(1);
    expect(program.errors.join('\n')).toMatch(/2\.9\.1.*2\.12/);
  });
});
