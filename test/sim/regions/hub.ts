import type { Watermark } from '../../../engine/centre.ts';
import { open } from '../../../engine/record.ts';
import { watermarkSubject } from '../../../engine/subjects.ts';
import type { Network, Proc } from '../network.ts';
import { Life, type World } from '../world.ts';
import type { Bus } from './bus.ts';
import type { Region } from './region.ts';

const ASK_MS = 1_000;
const NOTHING: Watermark = { epoch: 0, number: 0, hash: '', seq: 0 };

/** The centre as regions know it: how far it has durably read each journal, as its links allow. It never dies here. */
export class Hub implements Proc {
  readonly name = 'hub.centre';
  readonly life = new Life(this.name);
  readonly #world: World;
  readonly #network: Network;
  readonly #regions: readonly Region[];
  readonly #readsEveryMs: number;
  readonly #read = new Map<string, Watermark>();

  constructor(
    world: World,
    network: Network,
    bus: Bus,
    regions: readonly Region[],
    shards: number,
    readsEveryMs: number,
  ) {
    this.#world = world;
    this.#network = network;
    this.#regions = regions;
    this.#readsEveryMs = readsEveryMs;
    const nats = bus.connection(this.life);
    for (const { name } of regions) {
      for (let shard = 0; shard < shards; shard++) {
        nats.subscribe(watermarkSubject(name, shard), {
          callback: (_, message) => {
            message.respond(JSON.stringify(this.watermark(name, shard)));
          },
        });
        this.#readOn(name, shard);
      }
    }
  }

  watermark(region: string, shard: number): Watermark {
    return this.#read.get(`${region}.${shard}`) ?? NOTHING;
  }

  #readOn(region: string, shard: number): void {
    this.#world.after(this.#readsEveryMs, this.life, () => {
      void this.#look(region, shard).finally(() => this.#readOn(region, shard));
    });
  }

  async #look(region: string, shard: number): Promise<void> {
    const { nats } = this.#regions.find(({ name }) => name === region) as Region;
    const last = await this.#network
      .call(this.life, nats, ASK_MS, () => nats.lastOf(shard))
      .catch(() => undefined);
    if (last === undefined || last.seq <= this.watermark(region, shard).seq) return;
    const { epoch, number, hash } = open(last.bytes);
    this.#read.set(`${region}.${shard}`, { epoch, number, hash, seq: last.seq });
  }
}
