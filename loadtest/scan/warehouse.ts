import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChildStack, type Ready } from '../../cli/child-stack.ts';
import { readKeys } from '../../cli/data.ts';
import { Client } from '../../client/client.ts';
import { type KeyPair, signToken } from '../../gateway/auth.ts';
import type { Opened } from '../opened.ts';
import type { Process } from '../processes.ts';
import type { NatsAddress } from '../throughput/nats-lane.ts';
import type { Address } from './greet.ts';

const NAME = 'W1';
/** One token for one warehouse, as scanners have, so that frames need not name it. */
const SCANNER = {
  client: 'bench',
  owners: ['demo'],
  warehouses: [NAME],
  roles: ['admin'],
} as const;
const TOKEN_MS = 24 * 3_600_000;
const UNITS = 1_000_000_000;
/** Lines of one `all`, and reads of one turn. */
const LINES = 500;

export const skuOf = (i: number): string => `SKU-${String(i).padStart(5, '0')}`;

/** Of the nats-server that has this folder. */
export const pidOf = async (natsDir: string): Promise<number> =>
  Number.parseInt(await readFile(join(natsDir, 'pid'), 'utf8'), 10);

/** A private Holdfast with one stocked warehouse to reserve from. */
export class Warehouse {
  readonly address: Address;
  readonly nats: NatsAddress;
  readonly skus: number;
  /** What `holdfast up` consists of. Its first thread answers; the centre is one of the others. */
  readonly processes: readonly Process[];
  readonly #client: Client;
  #units = 0;

  private constructor(
    address: Address,
    ready: Ready,
    natsPid: number,
    skus: number,
    client: Client,
  ) {
    this.address = address;
    this.nats = { servers: ready.nats, warehouse: NAME };
    this.skus = skus;
    this.processes = [
      { name: 'node', pid: ready.pid, threads: 'first' },
      { name: 'centre', pid: ready.pid, threads: 'others' },
      { name: 'nats-server', pid: natsPid },
    ];
    this.#client = client;
  }

  /** Starts `holdfast up` as a process of its own. `sync` is nats-server's; goods come in `receipts` times. */
  static async open(sync: string, skus: number, opened: Opened, receipts = 1): Promise<Warehouse> {
    const { stack, ready } = await ChildStack.start({ sync });
    opened.add(() => stack.stop());
    const address = { url: ready.ws, token: await scannerToken(await readKeys(ready.data)) };
    const client = await Client.connect({ ...address, client: 'clerk' });
    opened.add(async () => client.close());
    const natsPid = await pidOf(join(ready.data, 'nats'));
    const warehouse = new Warehouse(address, ready, natsPid, skus, client);
    for (let i = 0; i < receipts; i++) await warehouse.#receive();
    return warehouse;
  }

  /** Throws unless exactly `acknowledged` units are allocated, by reads behind the journal (C6). */
  async verify(acknowledged: number): Promise<void> {
    let allocated = 0;
    let onHand = 0;
    for (let from = 0; from < this.skus; from += LINES) {
      for (const stock of await Promise.all(this.#slice(from).map((sku) => this.#read(sku)))) {
        allocated += stock.allocated;
        onHand += stock.onHand;
      }
    }
    const isRight = allocated === acknowledged && onHand === this.#units;
    if (isRight) return;
    throw new Error(`${acknowledged} reservations acknowledged, ${allocated} units allocated`);
  }

  async #receive(): Promise<void> {
    for (let from = 0; from < this.skus; from += LINES) {
      const commands = this.#slice(from).map((sku) => {
        return { op: 'receive' as const, sku, qty: UNITS, doc: 'BENCH' };
      });
      const answer = await this.#client.send({ op: 'all', commands });
      if (!answer.ok) throw new Error(`the goods cannot be received: ${answer.message}`);
      this.#units += commands.length * UNITS;
    }
  }

  async #read(sku: string): Promise<{ allocated: number; onHand: number }> {
    const answer = await this.#client.send({ op: 'read', sku, read: 'strict' });
    if (!answer.ok || answer.stock === undefined) throw new Error(`${sku} cannot be read`);
    return answer.stock;
  }

  #slice(from: number): string[] {
    const count = Math.min(LINES, this.skus - from);
    return Array.from({ length: count }, (_, i) => skuOf(from + i));
  }
}

const scannerToken = (keys: KeyPair): Promise<string> =>
  signToken(keys, { ...SCANNER, owners: [...SCANNER.owners] }, TOKEN_MS);
