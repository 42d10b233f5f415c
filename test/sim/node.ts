import type { Logger } from 'pino';
import { isRead } from '../../actors/command.ts';
import type { DocumentCommand } from '../../actors/documents/commands.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import type { CentreLink, Watermark } from '../../engine/centre.ts';
import { Courier } from '../../engine/courier.ts';
import type { Ask } from '../../engine/mailbox.ts';
import { newCounters } from '../../engine/metrics.ts';
import type { Caller } from '../../engine/record.ts';
import { Router } from '../../engine/router.ts';
import type { Answer } from '../../engine/settled.ts';
import type { Shard } from '../../engine/shard.ts';
import { Slot } from '../../engine/slot.ts';
import { slotOf } from '../../engine/subjects.ts';
import { type Reach, SimSnapshots, type SnapshotFiles } from './disk.ts';
import { API_MS, SimJournal } from './journal.ts';
import { simLeases } from './leases.ts';
import type { Nats } from './nats.ts';
import type { Network, Proc } from './network.ts';
import { type Peer, SimPeers } from './peers.ts';
import type { Random } from './random.ts';
import type { Wanted } from './sent.ts';
import { Life, type Skew, type World } from './world.ts';

const ASK_CENTRE_MS = 500;

/** One command as it stands in a frame. */
export interface Framed {
  readonly caller: Caller;
  readonly n: number;
  readonly command: Wanted;
  readonly fingerprint: number;
  readonly acked: number;
  readonly decided: boolean;
  /** Which try of the client this is. */
  readonly attempt: number;
}

/** Who waits for a frame's answers. */
export interface Listener extends Proc {
  heard(n: number, attempt: number, answer: Answer, committed: boolean): void;
  fated(n: number, attempt: number, committed: boolean): void;
}

/** Who is told of all that nodes do. */
export interface Witness {
  arrived(life: string, shard: number, ask: Ask): void;
  answered(life: string, shard: number, ask: Ask, answer: Answer, committed: boolean): void;
  fated(life: string, shard: number, ask: Ask, answer: Answer, committed: boolean): void;
  carries(command: DocumentCommand): void;
  pushed(shard: number, changes: readonly Change[]): void;
  look(life: string, number: number, shard: Shard): void;
  stopped(life: string, shard: number, why: string): void;
}

/** Where snapshots lie: on each node's own disk, or at one place that all nodes reach. */
export type Store = 'local' | 'shared';

export interface NodeParts {
  readonly world: World;
  readonly network: Network;
  readonly random: Random;
  readonly nats: Nats;
  readonly oracle: Witness;
  readonly centre: Proc & { watermark(shard: number): Watermark };
  readonly shards: number;
  readonly store: Store;
  readonly snapshotEveryRecords: number;
  /** By shard; of this node, or of all. */
  readonly files: readonly SnapshotFiles[];
  /** All nodes of the region; undefined where they know nothing of one another. */
  readonly peers?: (() => readonly SimNode[]) | undefined;
  /** False where snapshots of one node cannot help another: then old records must stay. */
  readonly trims: boolean;
}

/** A region node: the engine's own slots and router over simulated ports. Its disk outlives its runs. */
export class SimNode implements Peer {
  readonly name: string;
  readonly skew: Skew;
  /** So much longer does its own disk take, ms. */
  diskSlowMs = 0;
  readonly #parts: NodeParts;
  readonly #marks = new Set<number>();
  #life: Life | undefined;
  #runs = 0;
  #peers: SimPeers | undefined;
  #slots: readonly Slot[] = [];
  #router = new Router([], 0);
  #courier: Courier | undefined;

  constructor(name: string, skew: Skew, parts: NodeParts) {
    this.name = name;
    this.skew = skew;
    this.#parts = parts;
  }

  get life(): Life | undefined {
    return this.#life?.dead === true ? undefined : this.#life;
  }

  get peers(): SimPeers | undefined {
    return this.life === undefined ? undefined : this.#peers;
  }

  get slots(): readonly Slot[] {
    return this.life === undefined ? [] : this.#slots;
  }

  start(): void {
    if (this.life !== undefined) return;
    const life = new Life(this.name, ++this.#runs, this.skew);
    this.#life = life;
    const { world, network, peers } = this.#parts;
    this.#peers = peers && new SimPeers(world, network, life, peers);
    const slots: Slot[] = [];
    const router = new Router(slots, this.#parts.shards);
    const courier = this.#newCourier(life, router);
    for (let shard = 0; shard < this.#parts.shards; shard++) {
      slots.push(this.#slot(life, shard, courier));
    }
    this.#slots = slots;
    this.#router = router;
    this.#courier = courier;
    for (const slot of this.#slots) slot.start();
  }

  kill(): void {
    this.#life?.end();
  }

  /** As an operator stops it: what is in flight is finished and leases are given back. */
  async close(): Promise<void> {
    const life = this.#life;
    this.#courier?.close();
    await Promise.all(this.#slots.map((slot) => slot.close()));
    life?.end();
  }

  /** ① A frame from a client. */
  frame(commands: readonly Framed[], from: Listener): void {
    for (const one of commands) this.#router.submit(this.#ask(one, from));
  }

  /** ② A command that another node sends on: as from a client, and its answer goes back there. */
  forwarded(
    shard: number,
    { caller, n, command, fingerprint, acked }: Ask,
    hops: number,
  ): Promise<Answer> {
    return new Promise((resolve) => {
      const { oracle } = this.#parts;
      const life = this.#life as Life;
      const ask: Ask = {
        ...{ caller, n, command, fingerprint, acked, decided: false },
        answer: (answer) => {
          if (life.dead) return;
          if (n > 0) oracle.answered(life.id, shard, ask, answer, true);
          resolve(answer);
        },
        fate: () => {},
      };
      if (n > 0) oracle.arrived(life.id, shard, ask); // a courier has no numbers
      this.peers?.service(shard)?.submit(ask, hops);
    });
  }

  look(): void {
    const { oracle } = this.#parts;
    for (const { number, state } of this.slots) {
      if (state.kind === 'serving') oracle.look(this.#life?.id ?? '', number, state.shard);
    }
  }

  #ask(framed: Framed, from: Listener): Ask {
    const { network, oracle, shards } = this.#parts;
    const life = this.#life as Life;
    const { n, attempt, decided, command } = framed;
    const shard = slotOf(command.warehouse, shards);
    let said: Answer | undefined;
    const ask: Ask = {
      ...framed,
      decided: decided && !isRead(command),
      answer: (answer, committed) => {
        if (life.dead) return;
        said = answer;
        oracle.answered(life.id, shard, ask, answer, committed);
        network.send(life, from, () => from.heard(n, attempt, answer, committed));
      },
      fate: (committed) => {
        if (life.dead) return;
        oracle.fated(life.id, shard, ask, said as Answer, committed);
        network.send(life, from, () => from.fated(n, attempt, committed));
      },
    };
    oracle.arrived(life.id, shard, ask);
    return ask;
  }

  /** What it carries is looked at when it sets out. */
  #newCourier(life: Life, router: Router): Courier {
    const { world, oracle } = this.#parts;
    const submit = (ask: Ask): void => {
      if (life.dead) return;
      oracle.carries(ask.command as DocumentCommand);
      router.submit(ask);
    };
    const warn = (what: unknown): void => {
      if (!life.dead) world.say(life.id, `courier ${JSON.stringify(what)}`);
    };
    return new Courier(world.clock(life), submit, { warn } as unknown as Logger);
  }

  #slot(life: Life, shard: number, courier: Courier): Slot {
    const { world, network, nats, oracle, centre, random, snapshotEveryRecords } = this.#parts;
    const journal = new SimJournal(world, network, nats, life, shard);
    const { trims } = this.#parts;
    return new Slot({
      region: 'sim',
      shard,
      clock: world.clock(life),
      leases: simLeases(world, network, nats, life),
      self: { node: this.name, url: this.name },
      journal: trims ? journal : Object.assign(journal, { trim: () => Promise.resolve() }),
      snapshots: new SimSnapshots(this.#parts.files[shard] as SnapshotFiles, this.#reach(life)),
      centre: this.#centre(life, centre),
      history: this.#history(life, shard),
      nonce: () => random.hex(16),
      log: this.#log(life, shard),
      counters: newCounters(),
      onErrand: (errand) => courier.send(errand),
      isHeard: () => true,
      onCommitted: (changes) => {
        if (!life.dead) oracle.pushed(shard, changes);
      },
      snapshotEveryRecords,
      ...(this.#peers === undefined ? {} : { peers: this.#peers }),
    });
  }

  #reach(life: Life): Reach {
    const { network, nats, store } = this.#parts;
    if (store === 'shared') return (what) => network.call(life, nats, API_MS, what);
    return this.#ownDisk(life);
  }

  #ownDisk(life: Life): Reach {
    const { world, random } = this.#parts;
    return (what) =>
      new Promise((resolve) => {
        if (life.mayAct())
          world.after(this.diskSlowMs + random.between(0.05, 3), life, () => resolve(what()));
      });
  }

  #centre(life: Life, centre: NodeParts['centre']): CentreLink {
    const { network } = this.#parts;
    return {
      watermark: (shard) =>
        network
          .call(life, centre, ASK_CENTRE_MS, () => centre.watermark(shard))
          .catch(() => undefined),
    };
  }

  #history(life: Life, shard: number) {
    const reach = this.#ownDisk(life);
    return {
      has: () => this.#marks.has(shard),
      mark: () => reach(() => void this.#marks.add(shard)),
    };
  }

  #log(life: Life, shard: number): Logger {
    const { world, oracle } = this.#parts;
    const say = (what: unknown, words?: string): void => {
      const { why = '' } = what as { why?: string };
      if (!life.dead) world.say(life.id, `shard ${shard}: ${words ?? ''} ${why}`);
    };
    const fatal = (what: unknown, words: string): void => {
      say(what, words);
      if (!life.dead) oracle.stopped(life.id, shard, words);
    };
    return { debug: say, info: say, warn: say, error: say, fatal } as unknown as Logger;
  }
}
