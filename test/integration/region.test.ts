import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../../client/client.ts';
import type { AnswerMessage, Message } from '../../client/messages.ts';
import { rendezvous } from '../../engine/peers/members.ts';
import { contradictions, type Recorded } from '../sim/linear.ts';
import { type NatsServer, startNats } from '../support/nats.ts';
import { ownFolder, Program, type Ready } from '../support/up.ts';

type NodeReady = Ready & { readonly node: string };
interface Node {
  readonly program: Program;
  readonly ready: NodeReady;
}

const SHARDS = [0, 1, 2, 3];
const WAREHOUSES = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6'];

let nats: NatsServer;
let folder: Awaited<ReturnType<typeof ownFolder>>;
let programs: Program[];
let clients: Client[];

beforeEach(async () => {
  nats = await startNats({ sync: 'always' });
  folder = await ownFolder();
  programs = [];
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  for (const { child } of programs) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
  }
  await Promise.all(programs.map((p) => p.ended));
  await nats.stop();
  await folder.remove();
});

async function run(...args: string[]): Promise<Program> {
  const program = await Program.run([...args, '--nats', nats.url, '--json']);
  programs.push(program);
  return program;
}

/** The first one's key signs the tokens of all. */
async function node(name: string): Promise<Node> {
  const trust = name === 'a' ? [] : ['--trust', join(folder.dir, 'a', 'keys.json')];
  const data = join(folder.dir, name);
  const program = await run('node', '--data', data, '--port', '0', '--trust-nats', ...trust);
  return { program, ready: (await program.ready()) as NodeReady };
}

async function connect(
  nodes: readonly Node[],
  client: string,
  onEvent: (event: Record<string, unknown>) => void = () => {},
): Promise<Client> {
  const url = nodes.map(({ ready }) => ready.ws);
  const made = await Client.connect({
    onEvent,
    ...{ url, client, ordered: true, silentMs: 1_500 },
    token: nodes[0]?.ready.token as string,
  });
  clients.push(made);
  return made;
}

interface Shown {
  readonly shard: number;
  readonly state: string;
  readonly owner?: string;
}

async function shardsOf({ ready }: Node): Promise<readonly Shown[]> {
  const answer = await (await fetch(`${ready.http}/readyz`)).json();
  return (answer as { shards: Shown[] }).shards;
}

/** Where each shard is served: once, by the node that should. */
async function settled(nodes: readonly Node[]): Promise<void> {
  const live = nodes.map(({ ready }) => ({ node: ready.node, url: ready.ws }));
  const wanted = SHARDS.map((shard) => rendezvous(shard, live)?.url);
  await until(async () => {
    for (const one of nodes) {
      for (const { shard, state, owner } of await shardsOf(one)) {
        const at = state === 'serving' ? one.ready.ws : owner;
        if (at !== wanted[shard]) return false;
      }
    }
    return true;
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_500; i++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came to be so');
}

/** Receives one unit after another everywhere, from every client, and looks, until told to stop. */
class Load {
  /** P9: what was asked and answered when, and where in the actor's history that says it stands. */
  readonly history: Recorded[] = [];
  readonly answers: { readonly warehouse: string; readonly answer: AnswerMessage }[] = [];
  readonly #clients: readonly Client[];
  readonly #running: Promise<unknown>;
  #stopped = false;

  constructor(all: readonly Client[]) {
    this.#clients = all;
    this.#running = Promise.all(all.map((client) => this.#run(client)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Every command was carried out once: the n-th one of a SKU left n units. */
  verify(): void {
    const refused = this.answers.filter(({ answer }) => !answer.ok);
    expect(refused).toEqual([]);
    for (const warehouse of WAREHOUSES) {
      const seqs = this.answers
        .filter((a) => a.warehouse === warehouse)
        .map(({ answer }) => (answer as { seq?: number }).seq as number);
      expect(seqs.toSorted((a, b) => a - b)).toEqual(seqs.map((_, i) => i + 1));
    }
    expect(this.answers.length).toBeGreaterThan(this.#clients.length * WAREHOUSES.length);
  }

  async #run(client: Client): Promise<void> {
    while (!this.#stopped) {
      await Promise.all(
        WAREHOUSES.map(async (warehouse) => {
          const receive = { op: 'receive', warehouse, sku: 'MUG', qty: 1 } as const;
          const { answer, seq } = await this.#record(client, warehouse, receive);
          this.answers.push({ warehouse, answer });
          if (seq % 5 !== 0) return;
          await this.#record(client, warehouse, {
            op: 'read',
            warehouse,
            sku: 'MUG',
            read: 'strict',
          });
        }),
      );
    }
  }

  async #record(
    client: Client,
    actor: string,
    message: Message,
  ): Promise<{ answer: AnswerMessage; seq: number }> {
    const askedMs = performance.now();
    const answer = await client.send(message);
    const seq = (answer as { seq?: number }).seq ?? 0;
    const sees = message.op === 'read' ? seq : seq - 1;
    const answeredMs = performance.now();
    this.history.push({
      actor,
      what: message.op,
      askedMs,
      answeredMs,
      places: [{ sees, leaves: seq }],
    });
    return { answer, seq };
  }
}

describe('several nodes in a region', { timeout: 120_000 }, () => {
  it('share the shards, serve every warehouse from each, and send scanners to the owner', async () => {
    const a = await node('a');
    await settled([a]);
    const b = await node('b');
    await settled([a, b]);
    for (const one of [a, b]) {
      const client = await connect([one], `at-${one.ready.node}`);
      for (const warehouse of WAREHOUSES) {
        const answer = await client.send({ op: 'receive', warehouse, sku: 'MUG', qty: 1 });
        expect(answer).toMatchObject({ ok: true });
        expect(await client.send({ op: 'read', warehouse, sku: 'MUG' })).toMatchObject({
          ok: true,
        });
      }
      const link = await nats.connect();
      for (const warehouse of WAREHOUSES) {
        const body = JSON.stringify({ op: 'receive', sku: 'MUG', qty: 1 });
        const said = await link.request(`inv.cmd.${warehouse}`, body, { timeout: 5_000 });
        expect(said.json()).toMatchObject({ ok: true });
      }
    }
    // Who watches at one node hears of what is done at the other.
    const heard: Record<string, unknown>[] = [];
    const watcher = await connect([b], 'watcher', (event) => heard.push(event));
    for (const warehouse of WAREHOUSES) await watcher.send({ op: 'watch', warehouse } as never);
    const doer = await connect([a], 'doer');
    for (const warehouse of WAREHOUSES) {
      await doer.send({ op: 'receive', warehouse, sku: 'CUP', qty: 7 });
    }
    await until(async () => heard.length >= WAREHOUSES.length);
    expect(heard.map((h) => h.warehouse).sort()).toEqual(WAREHOUSES);
    expect(heard).toMatchObject(heard.map(() => ({ event: 'stock', stock: { onHand: 7 } })));

    // A session that goes on at the other node counts on.
    const first = await connect([a], 'walker');
    await first.send({ op: 'receive', warehouse: 'W1', sku: 'MUG', qty: 1 });
    const again = await Client.connect({
      ...{ url: b.ready.ws, token: a.ready.token, client: 'walker' },
      incarnation: first.incarnation,
    });
    clients.push(again);
    expect(again.hello.nextN).toBe(2);
  });

  it('P9 hand shards over, fail over and restart one after the other under load: nothing lost, doubled, refused or out of order', async () => {
    const a = await node('a');
    const all = [a];
    const load = new Load([await connect(all, 'c1'), await connect(all, 'c2')]);
    const b = await node('b');
    all.push(b);
    await settled(all);
    const c = await node('c');
    all.push(c);
    await settled(all);
    await load.stop();
    load.verify();

    const spread = new Load([await connect([b, c], 'c3'), await connect([c, b], 'c4')]);
    await a.program.kill('SIGKILL');
    await settled([b, c]);
    c.program.child.kill('SIGSTOP');
    await settled([b]);
    c.program.child.kill('SIGCONT');
    await settled([b, c]);
    expect(await b.program.kill('SIGTERM')).toBe(0);
    await settled([c]);
    await spread.stop();
    expect(spread.answers.filter(({ answer }) => !answer.ok)).toEqual([]);

    const auditor = await connect([c], 'auditor');
    for (const warehouse of WAREHOUSES) {
      const done = [...load.answers, ...spread.answers].filter((x) => x.warehouse === warehouse);
      const read = await auditor.send({ op: 'read', warehouse, sku: 'MUG', read: 'strict' });
      expect(read).toMatchObject({ ok: true, stock: { onHand: done.length } });
    }
    expect(contradictions([...load.history, ...spread.history])).toEqual([]);
  });
});
