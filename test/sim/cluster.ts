import { SimCentre } from './centre.ts';
import { Client, type Granted } from './client.ts';
import { SnapshotFiles } from './disk.ts';
import type { Fault } from './faults.ts';
import { Nats } from './nats.ts';
import { Network } from './network.ts';
import { SimNode } from './node.ts';
import { Oracle } from './oracle.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

/** A connection is made again so long after its server is back. */
const RECONNECT_MS = 100;

/** Everything that runs in one simulation, and how to hurt and mend it. */
export class Cluster {
  readonly world: World;
  readonly oracle: Oracle;
  readonly network: Network;
  readonly nats: Nats;
  readonly centre: SimCentre;
  readonly nodes: readonly SimNode[];
  readonly clients: readonly Client[];
  readonly knowEachOther: boolean;
  /** Asks when all else is done. */
  readonly auditor: Client;
  /** Snapshots, by node (one for all where they are shared) and shard. */
  readonly #lazy: boolean;
  readonly #files: readonly (readonly SnapshotFiles[])[];

  constructor(plan: Plan, world: World, onGranted: (granted: Granted) => void) {
    const { seed, shape } = plan;
    const stream = (purpose: string): Random => new Random(seed, purpose);
    const { shards, store, snapshotEveryRecords } = shape;
    const forgets = shape.limits.sessionIdleMs !== undefined && shape.limits.sessionIdleMs < 1e8;
    this.world = world;
    this.#lazy = shape.sync === 'interval';
    this.oracle = new Oracle(shards, forgets || plan.faults.some((f) => f.kind === 'night'));
    this.network = new Network(world, stream('network'));
    this.nats = new Nats(world, stream('nats'), shards, shape.sync, (shard, stored, by) => {
      world.say(by, `stored ${shard}.${stored.seq} ${stored.id}`);
      this.oracle.stored(shard, stored, by);
    });
    this.nats.leasesHold = !shape.anarchy;
    this.oracle.leasesHeld = !shape.anarchy;
    const ownFiles = () => Array.from({ length: shards }, () => new SnapshotFiles());
    const shared = ownFiles();
    this.#files = store === 'shared' ? [shared] : shape.nodes.map(ownFiles);
    const random = stream('nodes');
    const { network, nats, oracle } = this;
    this.centre = new SimCentre({ world, network, nats, random: stream('centre'), oracle, shards });
    const { centre } = this;
    const parts = {
      world,
      network,
      nats,
      oracle,
      centre,
      random,
      shards,
      store,
      snapshotEveryRecords,
    };
    this.knowEachOther = shape.peers;
    const peers = shape.peers ? (): readonly SimNode[] => this.nodes : undefined;
    const trims = store === 'shared' || shape.nodes.length === 1;
    this.nodes = shape.nodes.map((skew, i) => {
      const files = this.#files[store === 'shared' ? 0 : i] as readonly SnapshotFiles[];
      return new SimNode(`n${i}`, { ...skew }, { ...parts, peers, files, trims });
    });
    const { nodes } = this;
    const client = (name: string): Client =>
      new Client(name, { world, network, random: stream(name), oracle, nodes, onGranted });
    this.clients = Array.from({ length: shape.clients }, (_, i) => client(`c${i}`));
    this.auditor = client('auditor');
  }

  start(): void {
    this.centre.start();
    for (const node of this.nodes) node.start();
  }

  look(): void {
    for (const node of this.nodes) node.look();
    this.centre.look();
  }

  hurt(fault: Fault): void {
    const { world, network, nats, oracle } = this;
    world.say('fault', JSON.stringify(fault));
    switch (fault.kind) {
      case 'crash':
        return this.#restart(fault.node, fault.forMs);
      case 'crashSoon': {
        const node = this.#node(fault.node);
        node.life?.crashAfter(fault.effects, () => this.#restart(fault.node, fault.forMs));
        return;
      }
      case 'close':
        return void this.#close(this.#node(fault.node), fault.forMs);
      case 'freeze':
        return this.#freeze(fault.who, fault.forMs);
      case 'usurp':
        return this.#usurp(fault);
      case 'cut':
        return this.#cut(fault);
      case 'lossy':
        network.lose(fault.share);
        return this.#later(fault.forMs, () => network.lose(0));
      case 'slow':
        network.slow(fault.who, fault.byMs);
        return this.#later(fault.forMs, () => network.slow(fault.who, 0));
      case 'disk':
        this.#node(fault.node).diskSlowMs = fault.byMs;
        return this.#later(fault.forMs, () => {
          this.#node(fault.node).diskSlowMs = 0;
        });
      case 'jump':
        this.#node(fault.node).skew.wallOffsetMs += fault.byMs;
        return;
      case 'nats':
        nats.kill();
        return this.#later(fault.forMs, () => this.#startNats(fault.forgetsIds));
      case 'power':
        return this.#cutPower(fault.everything, fault.forMs);
      case 'night':
        this.#killAll();
        world.night(fault.hours * 3_600_000);
        return this.#later(fault.forMs, () => this.#startAll());
      case 'centre':
        return void this.#stopCentre(fault.how, fault.forMs);
      case 'store':
        this.centre.trouble = fault.how;
        return this.#later(fault.forMs, () => {
          this.centre.trouble = undefined;
        });
      case 'stale':
        nats.staleUntilMs = world.nowMs + fault.forMs;
        return;
      case 'ghosts':
        nats.ghostsUntilMs = world.nowMs + fault.forMs;
        for (const { shard } of oracle.truths) oracle.excuses.set(shard, 'ids without records');
        return this.#later(fault.forMs, () => nats.exorcise());
      case 'flip':
        return this.#flip(fault);
    }
  }

  /** All that is down comes up; all links work. Clocks and damage stay. */
  mend(): void {
    this.world.say('fault', 'mended');
    this.network.mendAll();
    this.nats.leasesHold = true;
    this.nats.exorcise();
    this.centre.trouble = undefined;
    for (const node of this.nodes) node.diskSlowMs = 0;
    this.#startAll();
  }

  restartNodes(): void {
    for (const node of this.nodes) node.kill();
    for (const node of this.nodes) node.start();
  }

  #node(i: number): SimNode {
    return this.nodes[i] as SimNode;
  }

  #later(ms: number, run: () => void): void {
    this.world.after(ms, undefined, run);
  }

  #restart(i: number, forMs: number): void {
    const node = this.#node(i);
    this.world.say(node.name, 'crashed');
    node.kill();
    this.#later(forMs, () => node.start());
  }

  async #close(node: SimNode, forMs: number): Promise<void> {
    await node.close();
    this.world.say(node.name, 'closed');
    this.#later(forMs, () => node.start());
  }

  async #stopCentre(how: 'kill' | 'close', forMs: number): Promise<void> {
    if (how === 'kill') this.centre.kill();
    else await this.centre.close();
    this.#later(forMs, () => this.centre.start());
  }

  #startNats(forgetsIds: boolean): void {
    this.nats.start(forgetsIds);
    this.#later(RECONNECT_MS, () => this.centre.reconnected());
  }

  #freeze(who: string, forMs: number): void {
    const proc = [this.nats, this.centre, ...this.nodes].find((p) => p.name === who);
    if (proc?.life === undefined) return;
    proc.life.frozenUntilMs = Math.max(proc.life.frozenUntilMs, this.world.nowMs + forMs);
  }

  #usurp({ shard, forMs, goesMs, how, isApart }: Extract<Fault, { kind: 'usurp' }>): void {
    const owner = this.#ownerOf(shard);
    if (owner === undefined) return;
    this.#freeze(owner.name, forMs);
    for (const client of isApart ? this.clients.slice(0, -1) : []) {
      this.network.cut(client.name, owner.name, 'drops');
      this.#later(forMs + 1_000, () => this.network.mend(client.name, owner.name));
    }
    if (how === 'stays') return;
    this.#later(goesMs, () => {
      const next = this.#ownerOf(shard);
      if (next === undefined || next === owner) return;
      if (how === 'close') void this.#close(next, forMs);
      else this.#restart(this.nodes.indexOf(next), forMs);
    });
  }

  /** Who wrote the newest owner record, if it still runs. */
  #ownerOf(shard: number): SimNode | undefined {
    const owner = this.oracle.truths[shard]?.owner;
    return this.nodes.find((node) => node.life?.id === owner);
  }

  #cut({ from, to, oneWay, how, forMs }: Extract<Fault, { kind: 'cut' }>): void {
    this.network.cut(from, to, how);
    if (!oneWay) this.network.cut(to, from, how);
    this.#later(forMs, () => {
      this.network.mend(from, to);
      this.network.mend(to, from);
    });
  }

  #cutPower(everything: boolean, forMs: number): void {
    if (everything) this.#killAll();
    if (this.#lazy) this.oracle.leasesHeld = false; // the server may have forgotten some
    for (const [shard, lost] of this.nats.cutPower().entries()) {
      const last = this.nats.streams[shard]?.last ?? 0;
      if (lost > 0) this.oracle.cutTail(shard, last, this.#whoSaw(shard, last));
    }
    this.#later(forMs, () => this.#startAll());
  }

  /** Process runs that know of records after `seq`. */
  #whoSaw(shard: number, seq: number): string[] {
    const saw = this.nodes.filter(({ slots }) => {
      const state = slots[shard]?.state;
      return state?.kind === 'serving' && state.shard.seq > seq;
    });
    const centre = this.centre.durable(shard).seq > seq ? ['centre'] : [];
    const memory = (this.centre.memory(shard)?.seq ?? 0) > seq ? [this.centre.life?.id ?? ''] : [];
    return [...centre, ...memory, ...saw.map((node) => node.life?.id ?? '')];
  }

  #killAll(): void {
    for (const node of this.nodes) node.kill();
    this.centre.kill();
    this.nats.kill();
  }

  #startAll(): void {
    this.#startNats(false);
    this.centre.start();
    for (const node of this.nodes) node.start();
  }

  #flip({ what, shard, place, bit }: Extract<Fault, { kind: 'flip' }>): void {
    const lists = this.#files.map((files) => files[shard]).filter((f) => f !== undefined);
    const stream = this.nats.streams[shard];
    const damaged = {
      journal: () => stream?.flip(place, bit),
      hole: () => stream?.lose(place, 1 + (bit % 3)),
      snapshot: () => lists[bit % lists.length]?.flip(place, bit),
    }[what]();
    if (damaged === undefined) return;
    this.world.say('fault', `damaged ${what} ${shard} ${damaged}`);
    this.oracle.excuses.set(shard, `${what} ${damaged} is damaged`);
  }
}
