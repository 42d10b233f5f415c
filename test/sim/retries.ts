import {
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import { isRetryable } from '../../actors/outcomes.ts';
import { ALLOCATED, get, onHand } from '../../actors/stock/balances.ts';
import { NO_MORE, type StockCommand } from '../../actors/stock/commands.ts';
import { type Caller, open } from '../../engine/record.ts';
import { newIncarnation } from '../../engine/sessions.ts';
import type { Answer } from '../../engine/settled.ts';
import { SnapshotFiles } from './disk.ts';
import { Nats } from './nats.ts';
import { Network } from './network.ts';
import { type Listener, SimNode } from './node.ts';
import { Random } from './random.ts';
import { fingerprintOf, keyOf } from './sent.ts';
import { EPOCH_MS, Life, World } from './world.ts';

/** What became of commands that were sent again and again. */
export interface Retried {
  /** Answers to commands that had been answered before. */
  readonly retries: number;
  /** Effects beyond one a command. */
  readonly doubled: number;
  /** Effects that are missing, and answers that are not the first one. */
  readonly lost: number;
  /** From the first command to the last retry, in simulated time. */
  readonly hours: number;
  readonly failovers: number;
}

/** Each command is sent again so often; everything is switched off for some hours before each time. */
const ROUNDS = 10;
const HOURS = [1, 9] as const;
const DEVICES = 10;
const FRAME = 400;
const SHARDS = 2;
const WAREHOUSES = ['W1', 'W2', 'W3', 'W4'];
const SKUS = ['A', 'B', 'C', 'D', 'E'];
const PATIENCE_MS = 1_500;
/** A round that takes longer never ends, ms. */
const STUCK_MS = 3_600_000;

/** P6: sends about so many retries, hours later and through failovers, and counts what they did. */
export async function runRetries(retries: number, seed = 1): Promise<Retried> {
  const run = new Retries(seed, Math.ceil(retries / ROUNDS / DEVICES));
  return run.finish();
}

class Retries {
  readonly #world = new World(false, Number.POSITIVE_INFINITY);
  readonly #random: Random;
  readonly #nats: Nats;
  readonly #nodes: readonly SimNode[];
  readonly #devices: readonly Device[];
  /** Entries of the journals by caller and number. */
  readonly #entries = new Map<string, number>();
  #owners = 0;

  constructor(seed: number, commands: number) {
    const world = this.#world;
    const stream = (purpose: string): Random => new Random(seed, purpose);
    this.#random = stream('retries');
    const network = new Network(world, stream('network'));
    this.#nats = new Nats(world, stream('nats'), SHARDS, 'always', (_, { bytes }) =>
      this.#stored(bytes),
    );
    const nowhere = (): never => {
      throw new Error('there is no centre');
    };
    const parts = {
      ...{ world, network, nats: this.#nats, random: stream('nodes'), shards: SHARDS },
      ...({ store: 'shared', snapshotEveryRecords: 5, trims: false } as const),
      centre: { name: 'centre', life: undefined, watermark: nowhere },
      oracle: { ...DEAF, stopped },
      files: Array.from({ length: SHARDS }, () => new SnapshotFiles()),
    };
    const skew = { rate: 1, wallOffsetMs: 0 };
    this.#nodes = [0, 1, 2].map((i) => new SimNode(`n${i}`, { ...skew }, parts));
    this.#devices = Array.from(
      { length: DEVICES },
      (_, i) => new Device(i, commands, world, network, this.#nodes, stream(`device ${i}`)),
    );
  }

  async finish(): Promise<Retried> {
    for (const node of this.#nodes) node.start();
    await this.#round();
    for (let round = 0; round < ROUNDS; round++) {
      this.#night();
      await this.#round();
    }
    const { doubled, lost } = this.#verdict();
    return {
      retries: sum(this.#devices.map((d) => d.retries)),
      doubled,
      lost: lost + sum(this.#devices.map((d) => d.otherwise)),
      hours: Math.round(this.#world.timeMs / 360_000) / 10,
      failovers: this.#owners - SHARDS,
    };
  }

  /** Every device sends all of its commands; meanwhile the owner of a shard is killed. */
  async #round(): Promise<void> {
    const world = this.#world;
    let isDone = false;
    void Promise.all(this.#devices.map((d) => d.sendAll())).then(() => {
      isDone = true;
    });
    world.after(this.#random.between(1_500, 3_000), undefined, () => this.#kill());
    await world.run(world.nowMs + STUCK_MS, () => isDone);
    if (!isDone) throw new Error('a round did not end');
  }

  #kill(): void {
    const shard = this.#random.whole(0, SHARDS - 1);
    const owner = this.#nodes.find((node) => node.slots[shard]?.state.kind === 'serving');
    owner?.kill();
    this.#world.after(5_000, undefined, () => owner?.start());
  }

  /** Everything is off for hours; the server forgets the message ids that it knew. */
  #night(): void {
    for (const node of this.#nodes) node.kill();
    this.#nats.kill();
    this.#world.night(this.#random.whole(...HOURS) * 3_600_000);
    this.#nats.start(true);
    for (const node of this.#nodes) node.start();
  }

  #stored(bytes: Uint8Array): void {
    const { body } = open(bytes);
    if (body.kind === 'owner') this.#owners++;
    if (body.kind !== 'batch') return;
    for (const { caller, n } of body.entries) {
      const key = keyOf(caller, n);
      this.#entries.set(key, (this.#entries.get(key) ?? 0) + 1);
    }
  }

  /** The journals, and what is in stock in the end, against what was answered. */
  #verdict(): { readonly doubled: number; readonly lost: number } {
    let doubled = 0;
    let lost = 0;
    const count = (is: number, should: number): void => {
      doubled += Math.max(0, is - should);
      lost += Math.max(0, should - is);
    };
    for (const device of this.#devices) {
      for (const key of device.keys()) count(this.#entries.get(key) ?? 0, 1);
    }
    const units = { received: 0, reserved: 0 };
    for (let shard = 0; shard < SHARDS; shard++) {
      for (const { slots } of this.#nodes) {
        const state = slots[shard]?.state;
        if (state?.kind !== 'serving') continue;
        for (const [, { b }] of state.shard.state.stockroom.entries()) {
          units.received += onHand(b, 0);
          units.reserved += get(b, 0, ALLOCATED);
        }
      }
    }
    count(units.received, sum(this.#devices.map((d) => d.accepted.receive)));
    count(units.reserved, sum(this.#devices.map((d) => d.accepted.reserve)));
    return { doubled, lost };
  }
}

/** Sends numbered commands until each is answered, and all of them again whenever it is told to. */
class Device implements Listener {
  readonly name: string;
  readonly life: Life;
  retries = 0;
  /** Retries that were not answered as the first try was. */
  otherwise = 0;
  readonly accepted = { receive: 0, reserve: 0 };
  readonly #caller: Caller;
  readonly #commands: readonly StockCommand[];
  readonly #fingerprints: readonly number[];
  readonly #world: World;
  readonly #network: Network;
  readonly #nodes: readonly SimNode[];
  readonly #random: Random;
  /** By number. */
  readonly #first = new Map<number, string>();
  #open = new Set<number>();
  #attempt = 0;
  #unheard = 0;
  #wake: () => void = () => {};

  constructor(
    index: number,
    commands: number,
    world: World,
    network: Network,
    nodes: readonly SimNode[],
    random: Random,
  ) {
    this.name = `d${index}`;
    this.life = new Life(this.name);
    this.#caller = { client: this.name, incarnation: newIncarnation(EPOCH_MS, random.hex(6)) };
    this.#commands = Array.from({ length: commands }, (_, i) => draw(random, `${this.name}-${i}`));
    this.#fingerprints = this.#commands.map(fingerprintOf);
    this.#world = world;
    this.#network = network;
    this.#nodes = nodes;
    this.#random = random;
  }

  *keys(): Iterable<string> {
    for (const n of this.#first.keys()) yield keyOf(this.#caller, n);
  }

  async sendAll(): Promise<void> {
    const last = this.#commands.length;
    for (let from = 1; from <= last; from += FRAME) {
      for (let n = from; n < Math.min(from + FRAME, last + 1); n++) this.#open.add(n);
      while (this.#open.size > 0) await this.#try();
    }
  }

  heard(n: number, attempt: number, answer: Answer): void {
    if (attempt === this.#attempt && --this.#unheard === 0) this.#wake();
    if (!this.#open.has(n) || (!answer.ok && isRetryable(answer.code))) return;
    this.#open.delete(n);
    const said = JSON.stringify(answer);
    const first = this.#first.get(n);
    if (first === undefined) return this.#settled(n, said, answer.ok);
    this.retries++;
    if (said !== first) this.otherwise++;
  }

  fated(): void {}

  #settled(n: number, said: string, ok: boolean): void {
    this.#first.set(n, said);
    const { op } = this.#commands[n - 1] as StockCommand;
    if (ok) this.accepted[op as 'receive' | 'reserve']++;
  }

  /** One frame to one node, and as long as it takes to be answered, or no longer believed in. */
  async #try(): Promise<void> {
    const attempt = ++this.#attempt;
    const frame = [...this.#open].map((n) => ({
      ...{ caller: this.#caller, n, attempt, acked: 0, decided: false },
      command: this.#commands[n - 1] as StockCommand,
      fingerprint: this.#fingerprints[n - 1] as number,
    }));
    this.#unheard = frame.length;
    const node = this.#random.pick(this.#nodes);
    this.#network.send(this.life, node, () => node.frame(frame, this));
    await new Promise<void>((resolve) => {
      const cancel = this.#world.after(PATIENCE_MS, this.life, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    if (this.#open.size > 0) await this.#pause(this.#random.between(20, 200));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.after(ms, this.life, resolve);
    });
  }
}

/** Goods that arrive, and orders for them; some of those are refused. */
function draw(random: Random, name: string): StockCommand {
  const owner = 'demo' as OwnerId;
  const sku = random.pick(SKUS) as SkuId;
  const warehouse = random.pick(WAREHOUSES) as WarehouseId;
  const key = actorKey(owner, sku, warehouse);
  const isReceipt = random.chance(0.5);
  return {
    ...{ op: isReceipt ? 'receive' : 'reserve', key, owner, sku, warehouse },
    hold: (isReceipt ? '' : name) as HoldId,
    ...{ qty: 1, delta: 0, doc: '', reason: '', quality: 0, ttlMs: 0 },
    ...{ partial: false, occurredAtMs: 0, more: NO_MORE },
  };
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** Nobody looks on: the journals tell. */
const DEAF = {
  arrived: () => {},
  answered: () => {},
  fated: () => {},
  carries: () => {},
  pushed: () => {},
  look: () => {},
};

function stopped(life: string, shard: number, why: string): void {
  throw new Error(`${life} stopped shard ${shard}: ${why}`);
}
