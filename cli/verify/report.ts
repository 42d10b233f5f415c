/** One thing that is damaged: what and where, what is safe all the same, and what to do. */
export interface Damage {
  readonly what: string;
  readonly safe: string;
  readonly repair: string;
}

export interface ShardReport {
  readonly region: string;
  readonly shard: number;
  readonly ok: boolean;
  /** False where nothing was ever kept. */
  readonly used: boolean;
  /** Whole records in the journal, and the numbers of the first and the last of them. */
  readonly records: number;
  readonly firstNumber: number;
  readonly lastNumber: number;
  readonly epoch: number;
  /** Stock actors; undefined where the state cannot be rebuilt. */
  readonly actors: number | undefined;
  /** Snapshots that can be used, newest last. */
  readonly snapshots: readonly string[];
  /** Up to which record the centre has it on disk; undefined where its store cannot be read. */
  readonly centreNumber: number | undefined;
  readonly damage: readonly Damage[];
}

export interface Report {
  readonly data: string;
  readonly ok: boolean;
  readonly shards: readonly ShardReport[];
  /** Of what is not of one shard: the centre's store. */
  readonly damage: readonly Damage[];
}

/** One line a shard, and what is damaged beneath it. */
export function told({ shards, damage }: Report): string {
  const several = new Set(shards.map((s) => s.region)).size > 1;
  const lines = shards.flatMap((s) => [lineOf(s, several), ...s.damage.flatMap(linesOf)]);
  const centre = damage.length === 0 ? [] : ['centre   DAMAGED', ...damage.flatMap(linesOf)];
  return `${[...lines, ...centre].join('\n')}\n`;
}

function lineOf(s: ShardReport, several: boolean): string {
  const name = `${several ? `${s.region} ` : ''}shard ${s.shard}`;
  if (!s.used) return `${name}  ok       never used`;
  const state = s.ok ? 'ok     ' : 'DAMAGED';
  const records = `${s.records} records, ${s.firstNumber} to ${s.lastNumber}, epoch ${s.epoch}`;
  const actors = s.actors === undefined ? 'actors not known' : `${s.actors} actors`;
  const centre =
    s.centreNumber === undefined ? 'centre not readable' : `centre at ${s.centreNumber}`;
  return `${name}  ${state}  ${records}; ${actors}; ${s.snapshots.length} snapshots; ${centre}`;
}

const linesOf = ({ what, safe, repair }: Damage): string[] => [
  `  damaged  ${what}`,
  `  safe     ${safe}`,
  `  repair   ${repair}`,
];
