import type { ShardCommand } from '../../actors/command.ts';
import type { Change } from '../../actors/stock/stockroom.ts';
import { MemoryJournal } from '../../engine/journal/memory.ts';
import { Lease } from '../../engine/lease.ts';
import { type Recovered, type RecoveryContext, takeOver } from '../../engine/recovery.ts';
import { Shard, type ShardEnd } from '../../engine/shard.ts';
import { SnapshotDuty } from '../../engine/snapshots/duty.ts';
import { MemorySnapshots } from '../../engine/snapshots/memory.ts';
import { rightsLines } from '../../engine/snapshots/rights-line.ts';
import type { ShardState } from '../../engine/state.ts';
import { Asked, drain, FakeCentre, FakeClock, FaultyJournal, MemoryLeases } from './engine.ts';

export const SHARD = 0;

/** All that outlives a node: one shard's journal, snapshots and lease, and the centre. */
export class World {
  readonly clock = new FakeClock();
  readonly leases = new MemoryLeases(this.clock);
  readonly centre = new FakeCentre();
  journal = new MemoryJournal();
  snapshots = new MemorySnapshots();
  hasHistory = false;
  /** How often its journal began anew after a loss. */
  lineage = 1;
  sellingPoints: readonly string[] = [];
  #nonce = 0;

  /** What a node needs to take the shard over by this way to the journal. */
  recovery(link = new FaultyJournal(this.journal), node = 'A'): RecoveryContext {
    const { clock, snapshots, centre, hasHistory, lineage, sellingPoints } = this;
    return {
      ...{ shard: SHARD, journal: link, clock, snapshots, centre, node, hasHistory },
      ...{ lineage, sellingPoints },
      nonce: () => this.nonce(),
      mayPublish: () => true,
    };
  }

  nonce = (): string => (++this.#nonce).toString(16).padStart(16, '0');

  /** A node that owns the shard from now on. */
  async reign(node = 'A', everyRecords = 1_000_000): Promise<Reign> {
    const link = new FaultyJournal(this.journal);
    const recovered = await this.clock.until(takeOver(this.recovery(link, node)));
    const lease = await Lease.acquire(this.leases, this.clock, SHARD, { node, url: '' }, () => {});
    if (lease === undefined) throw new Error(`${node} does not get the lease`);
    return new Reign(this, link, lease, recovered, everyRecords);
  }
}

/** A shard while one node owns it. */
export class Reign {
  readonly shard: Shard;
  readonly link: FaultyJournal;
  readonly lease: Lease;
  readonly end: Promise<ShardEnd>;
  /** What watchers were told, in order. */
  readonly told: Change[] = [];
  readonly warnings: string[] = [];
  mayPublish = true;
  isHeard = true;
  readonly #world: World;

  constructor(
    world: World,
    link: FaultyJournal,
    lease: Lease,
    recovered: Recovered,
    everyRecords: number,
  ) {
    const { clock, snapshots: store, centre, nonce } = world;
    this.#world = world;
    this.link = link;
    this.lease = lease;
    const warn = (what: string): unknown => this.warnings.push(what);
    const duty = { shard: SHARD, store, journal: link, centre, nonce, warn, everyRecords };
    this.shard = new Shard(
      {
        shard: SHARD,
        commit: { journal: link, clock, mayPublish: () => this.mayPublish },
        ...{ clock, lease, onTurn: () => {} },
        snapshots: new SnapshotDuty(duty, recovered.snapshot, recovered),
        onErrand: () => {},
        onRights: () => {},
        isHeard: () => this.isHeard,
        onCommitted: (changes) => this.told.push(...changes),
      },
      recovered,
    );
    this.end = this.shard.run();
    this.end.catch(() => {}); // a test that cares looks at it
  }

  /** Sends a command and does not wait. */
  send(command: ShardCommand, fields: ConstructorParameters<typeof Asked>[1] = {}): Asked {
    const asked = new Asked(command, fields);
    this.shard.submit(asked);
    return asked;
  }

  /** Sends a command and waits for what comes of it at once. */
  async ask(
    command: ShardCommand,
    fields: ConstructorParameters<typeof Asked>[1] = {},
  ): Promise<Asked> {
    const asked = this.send(command, fields);
    await drain();
    return asked;
  }

  /** Ends as when the node stops in order. */
  async close(): Promise<void> {
    this.shard.close();
    await this.#world.clock.until(this.end);
    await this.lease.release();
  }
}

/** All that a shard has in memory, in a form that can be compared. */
export function pictureOf(state: ShardState): unknown {
  const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
  const { stockroom, documents, rights, sessions } = state;
  return {
    actors: [...stockroom.entries()].sort(byKey),
    documents: [...documents.entries()].sort(byKey),
    rights: [...rightsLines(rights)],
    sessions: [...sessions.all()].map((s) => ({ ...s, outcomes: [...s.outcomes] })),
    outcomes: sessions.outcomes,
  };
}
