import { open } from '../../../engine/record.ts';
import { SnapshotFiles } from '../disk.ts';
import { Nats, type OnStored } from '../nats.ts';
import type { Random } from '../random.ts';
import type { Skew } from '../world.ts';
import { type NodeParts, SellingNode } from './node.ts';
import { Rulebook } from './rulebook.ts';

export interface RegionParts
  extends Omit<NodeParts, 'nats' | 'files' | 'lineages' | 'region' | 'plans'> {
  readonly name: string;
  readonly nodes: readonly Skew[];
  readonly shards: number;
  readonly natsRandom: Random;
  readonly onStored: OnStored;
}

/** One region: its server with journals and snapshots, and its nodes. */
export class Region {
  readonly name: string;
  readonly nats: Nats;
  readonly nodes: readonly SellingNode[];
  readonly rules = new Rulebook();
  readonly #lineages: number[];
  readonly #files: readonly SnapshotFiles[];

  constructor({ name, nodes, shards, natsRandom, onStored, ...parts }: RegionParts) {
    this.name = name;
    const { world } = parts;
    this.nats = new Nats(world, natsRandom, shards, 'always', onStored, `${name}.nats`);
    this.#lineages = Array.from({ length: shards }, () => 1);
    const files = Array.from({ length: shards }, () => new SnapshotFiles());
    this.#files = files;
    const told = { files, lineages: this.#lineages, plans: this.rules };
    const own = { ...parts, region: name, nats: this.nats, ...told };
    this.nodes = nodes.map((skew, i) => new SellingNode(`${name}.${i}`, { ...skew }, own));
  }

  start(): void {
    this.nats.start(false);
    for (const node of this.nodes) node.start();
  }

  /** The node that serves a shard. */
  owner(shard: number): SellingNode | undefined {
    return this.nodes.find((node) => node.serving(shard) !== undefined);
  }

  /**
   * The end of a journal is gone: a person moves away the snapshots that go beyond it, and whoever gives out
   * the lease counts on. Server and nodes have to be down.
   */
  loseTail(shard: number, last: number): void {
    const stream = this.nats.streams[shard] as Nats['streams'][number];
    stream.synced = last;
    stream.cutTail();
    this.#lineages[shard] = (this.#lineages[shard] as number) + 1;
    const { files } = this.#files[shard] as SnapshotFiles;
    const end = stream.records.at(-1);
    const left = end === undefined ? 0 : open(end.bytes).number;
    for (const name of files.keys()) if (Number.parseInt(name, 10) > left) files.delete(name);
  }
}
