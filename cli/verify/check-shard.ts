import { StockDigest } from '../../actors/digest.ts';
import { messageOfError } from '../../engine/errors.ts';
import type { Journal } from '../../engine/journal/journal.ts';
import type { SnapshotName } from '../../engine/record.ts';
import { type Loaded, loadSnapshot } from '../../engine/snapshots/snapshot.ts';
import type { SnapshotStore } from '../../engine/snapshots/store.ts';
import { ShardState } from '../../engine/state.ts';
import type { RegionSeen } from './centre-seen.ts';
import type { Damage, ShardReport } from './report.ts';
import { type Extent, type Walk, walk } from './walk.ts';

export interface ShardAtRest {
  readonly region: string;
  /** What `holdfast repair` has to be told beside the shard: its region, where there are several. */
  readonly option: string;
  readonly shard: number;
  readonly journal: Journal;
  readonly extent: Extent;
  readonly snapshots: SnapshotStore;
  /** True if a file, a snapshot or the centre says that there were records. */
  readonly hasHistory: boolean;
  /** Undefined where its store cannot be read. */
  readonly centre: RegionSeen | undefined;
}

/** Everything that a start would rest on, and more: every record, every snapshot, the centre. */
export async function checkShard(at: ShardAtRest): Promise<ShardReport> {
  const { shard, journal, centre } = at;
  const walked = await walk(shard, journal, at.extent);
  const seen = centre?.positions.get(shard);
  const snapshots = await checkSnapshots(at, walked);
  const damage = [...snapshots.damage];
  const used = at.hasHistory || walked.records > 0 || seen !== undefined;
  if (used && walked.first === undefined && walked.damage === undefined) damage.push(gone(at));
  if (walked.damage !== undefined) damage.push(broken(at, walked, snapshots.sound));
  damage.push(...againstCentre(at, walked));
  const base = snapshots.sound.at(-1);
  const state = await rebuild(at, walked, base);
  damage.push(...state.damage);
  return {
    region: at.region,
    shard,
    ok: damage.length === 0,
    used,
    records: walked.records,
    firstNumber: walked.first?.number ?? 0,
    lastNumber: walked.last?.number ?? 0,
    epoch: walked.last?.epoch ?? 0,
    actors: state.actors,
    snapshots: snapshots.sound.map((s) => s.name.name),
    centreNumber: centre === undefined ? undefined : (seen?.number ?? 0),
    damage,
  };
}

interface Sound {
  readonly name: SnapshotName;
  readonly loaded: Loaded;
}

/** Oldest first. One that no record names is a leftover: it is not used, so it is no damage. */
async function checkSnapshots(
  { option, shard, snapshots }: ShardAtRest,
  { named, chain }: Walk,
): Promise<{ sound: Sound[]; damage: Damage[] }> {
  const sound: Sound[] = [];
  const bad: { readonly name: string; readonly why: string }[] = [];
  for (const file of await snapshots.list()) {
    const name = named.find((n) => n.name === file);
    if (name === undefined) continue;
    try {
      const loaded = await loadSnapshot(snapshots, file, shard);
      if (loaded.digest !== name.digest) throw new Error('its digest is not what the journal says');
      if (chain.get(name.toNumber) !== name.toHash) throw new Error('it is of another chain');
      sound.push({ name, loaded });
    } catch (e) {
      bad.push({ name: file, why: messageOfError(e) });
    }
  }
  const [older] = sound;
  const begins = chain.has(0);
  return {
    sound,
    damage: bad.map(({ name, why }) => ({
      what: `snapshot ${name}: ${why}`,
      safe:
        older !== undefined
          ? `snapshot ${older.name.name} and the journal from record ${older.name.fromNumber + 1} on`
          : begins
            ? 'the journal from its first record on'
            : 'the journal, which no longer reaches back to its beginning',
      repair:
        older !== undefined || begins
          ? `holdfast repair${option} --shard ${shard} --drop-snapshot ${name}`
          : `restore shards/ from a backup: without this snapshot shard ${shard} cannot be rebuilt`,
    })),
  };
}

const RESTORE = 'restore nats/store from a backup';

const gone = ({ shard }: ShardAtRest): Damage => ({
  what: `the journal of shard ${shard} is gone, though it had one before`,
  safe: "the centre's ledger, as far as it had read",
  repair: RESTORE,
});

function broken(
  { option, shard, centre }: ShardAtRest,
  walked: Walk,
  sound: readonly Sound[],
): Damage {
  const { first, last, damage = '' } = walked;
  const seen = centre?.positions.get(shard);
  const until = last?.number ?? 0;
  const base = sound.at(-1)?.name.name;
  const canDeclare = last !== undefined && (seen?.number ?? 0) <= until;
  return {
    what: damage,
    safe:
      last === undefined
        ? 'no record of the journal'
        : `records ${first?.number} to ${until}${base === undefined ? '' : `, and snapshot ${base}`}`,
    repair: canDeclare
      ? `${RESTORE}; or give up what comes after record ${until}: holdfast repair${option} --shard ${shard} --declare-loss`
      : `${RESTORE}; the centre has read up to record ${seen?.number ?? 0}, more than the journal can still prove`,
  };
}

/** The centre and the journal must tell the same story as far as both go. */
function againstCentre({ shard, centre }: ShardAtRest, walked: Walk): Damage[] {
  const seen = centre?.positions.get(shard);
  const { last, chain } = walked;
  if (seen === undefined || last === undefined) return [];
  if (seen.number > last.number && walked.damage === undefined) {
    return [
      {
        what: `the journal of shard ${shard} ends at record ${last.number}, the centre has read up to ${seen.number}: its tail was lost`,
        safe: `records up to ${last.number}, and the centre's ledger up to ${seen.number}`,
        repair: RESTORE,
      },
    ];
  }
  const hash = chain.get(seen.number);
  if (hash === undefined || hash === seen.hash) return [];
  return [
    {
      what: `record ${seen.number} of shard ${shard} is not the one that the centre has read`,
      safe: `nothing is known to be wrong with the journal itself`,
      repair: 'restore nats/store and centre/ from one and the same backup',
    },
  ];
}

/** C3, and R2 where the centre stands: replays what a start would, and compares balances. */
async function rebuild(
  { shard, journal, centre }: ShardAtRest,
  walked: Walk,
  base: Sound | undefined,
): Promise<{ actors: number | undefined; damage: Damage[] }> {
  if (walked.first === undefined) return { actors: undefined, damage: [] };
  if ((base?.name.fromNumber ?? 0) + 1 < walked.first.number) {
    return { actors: undefined, damage: [outOfReach(shard, walked.first.number)] };
  }
  const state = base?.loaded.state ?? new ShardState();
  const from = base?.name.fromNumber ?? 0;
  const settledAt = base?.name.toNumber ?? 0;
  const seen = centre?.positions.get(shard);
  const sound = { from: walked.first.seq, to: walked.last?.seq ?? 0 };
  let atCentre: string | undefined;
  const replayed = await walk(shard, journal, sound, (record) => {
    if (record.number > from) {
      try {
        state.apply(record);
      } catch (e) {
        throw new Error(`record ${record.number} of shard ${shard}: ${messageOfError(e)}`);
      }
    }
    if (record.number === seen?.number && record.number >= settledAt) atCentre = digestOf(state);
  });
  const actors = state.stockroom.size;
  if (replayed.damage !== undefined) {
    const safe = `records up to ${replayed.last?.number ?? from}`;
    return { actors: undefined, damage: [{ what: replayed.damage, safe, repair: RESTORE }] };
  }
  const told = centre?.digests.get(shard);
  if (atCentre === undefined || told === undefined || told === atCentre) {
    return { actors, damage: [] };
  }
  return {
    actors,
    damage: [
      {
        what: `the centre's balances of shard ${shard} at record ${seen?.number} are not the journal's`,
        safe: 'the journal: the region serves what is true',
        repair: 'restore centre/ from a backup; it reads on from there by itself',
      },
    ],
  };
}

const outOfReach = (shard: number, first: number): Damage => ({
  what: `the journal of shard ${shard} begins at record ${first}, and no snapshot that is whole reaches there`,
  safe: `records from ${first} on, but not the stock before them`,
  repair: 'restore shards/ from a backup',
});

function digestOf({ stockroom }: ShardState): string {
  const digest = new StockDigest();
  for (const [key, actor] of stockroom.entries()) digest.add(key, actor.seq, actor.b);
  return digest.toString();
}
