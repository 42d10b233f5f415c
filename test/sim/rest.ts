import { isRead, type ShardRead } from '../../actors/command.ts';
import type { DocumentKey } from '../../actors/documents/commands.ts';
import type { ActorKey, WarehouseId } from '../../actors/ids.ts';
import { stepsOf } from '../../actors/stock/commands.ts';
import { slotOf } from '../../engine/subjects.ts';
import type { Granted } from './client.ts';
import type { Cluster } from './cluster.ts';
import { Failure } from './failure.ts';
import { contradictions, type Place, type Recorded } from './linear.ts';
import { sameAtCentre } from './merged.ts';
import type { Oracle } from './oracle.ts';
import { keyOf, type Wanted } from './sent.ts';
import type { Told, Truth } from './truth.ts';
import { EPOCH_MS } from './world.ts';

/**
 * What still has to happen before all is quiet, or undefined. A shard that may stop may stay stopped.
 * `isFresh`: every node has just begun, so that its clock may be believed.
 */
export function atRest(cluster: Cluster, isFresh: boolean): Failure | undefined {
  const quiet = notServing(cluster) ?? unanswered(cluster);
  if (quiet !== undefined) return new Failure('liveness', quiet);
  const late = isFresh ? overdue(cluster) : undefined;
  if (late !== undefined) return new Failure('S10 kept', late);
  const untold = cluster.oracle.ways.untold((from, to) => canTell(cluster, from, to));
  return untold === undefined ? undefined : new Failure('D3 told', untold);
}

function notServing(cluster: Cluster): string | undefined {
  const { oracle, nodes, centre } = cluster;
  for (const { shard, last } of oracle.truths) {
    const serving = nodes.filter((node) => node.slots[shard]?.state.kind === 'serving');
    const stopped = nodes.some((node) => node.slots[shard]?.state.kind === 'stopped');
    const given = stopped && oracle.excuses.has(shard);
    if (serving.length > 1) return `${serving.map((n) => n.name)} all serve shard ${shard}`;
    if (serving.length === 0 && !given) return `nobody serves shard ${shard}`;
    if (oracle.excuses.has(shard)) continue;
    const number = last?.number ?? 0;
    if (centre.memory(shard)?.number !== number) return `the centre lags in shard ${shard}`;
    if (centre.durable(shard).number !== number) return `history lags in shard ${shard}`;
    oracle.check(() => sameAtCentre(cluster, shard));
  }
  return undefined;
}

function unanswered({ oracle, clients, nodes }: Cluster): string | undefined {
  for (const client of clients) {
    for (const { command } of client.unanswered()) {
      const shard = slotOf(command.warehouse, oracle.truths.length);
      const stopped = nodes.some((node) => node.slots[shard]?.state.kind === 'stopped');
      if (!stopped || !oracle.excuses.has(shard)) return `${client.name} waits for ${command.op}`;
    }
  }
  return undefined;
}

/** A batch that is for sale still, though by its node's clock its time has come. */
function overdue({ oracle, nodes, world }: Cluster): string | undefined {
  for (const { shard, state } of oracle.truths) {
    const node = nodes.find(({ slots }) => slots[shard]?.state.kind === 'serving');
    if (node === undefined || oracle.excuses.has(shard)) continue;
    const nowMs = EPOCH_MS + world.timeMs + node.skew.wallOffsetMs;
    for (const [key, { detail }] of state.stockroom.entries()) {
      for (const [name, { kept, sellUntilMs }] of detail?.batches ?? []) {
        if (kept === '' && sellUntilMs > 0 && sellUntilMs < nowMs) {
          return `batch ${name} of ${key} is for sale ${nowMs - sellUntilMs} ms after its time`;
        }
      }
    }
  }
  return undefined;
}

/** Nodes that know nothing of one another cannot carry from one to the other. */
function canTell({ oracle, nodes, knowEachOther }: Cluster, from: string, to: string): boolean {
  const shards = [from, to].map((name) => slotOf(name as WarehouseId, oracle.truths.length));
  if (shards.some((shard) => oracle.excuses.has(shard))) return false;
  if (knowEachOther) return true;
  return nodes.some(({ slots }) => shards.every((n) => slots[n]?.state.kind === 'serving'));
}

/** P3: what a lazy disk lost is told by someone who had seen it, if any of them is left. */
export function checkLosses({ oracle, nodes, centre }: Cluster): void {
  for (const [shard, { number, knew }] of oracle.losses) {
    // A node that lost its shard meanwhile has forgotten what it knew.
    const { owner } = oracle.truths[shard] as Truth;
    const ids = nodes.map((node) => node.life?.id).filter((id) => id === owner);
    const left = ['centre', centre.life?.id, ...ids];
    const witness = knew.find((who) => left.includes(who));
    if (witness === undefined || oracle.named.has(shard)) continue;
    throw new Failure(
      'P3 silent',
      `shard ${shard} lost record ${number}, ${witness} knew, nobody said so`,
    );
  }
}

/** P9, over all that clients asked and heard; S5 over all that they were promised. */
export function checkHistory(history: readonly Granted[], oracle: Oracle): void {
  const recorded: Recorded[] = [];
  for (const granted of history) {
    const truth = oracle.truths[
      slotOf(granted.wish.command.warehouse, oracle.truths.length)
    ] as Truth;
    const { command } = granted.wish;
    const isLoose = isRead(command) && !command.strict && !oracle.leasesHeld;
    if (oracle.losses.has(truth.shard) || isLoose) continue;
    const { caller, n, askedMs, answeredMs } = granted;
    const what = `${keyOf(caller, n)} ${command.op === 'document' ? command.act : command.op}`;
    for (const [actor, places] of placesOf(granted, truth)) {
      recorded.push({ actor, what, askedMs, answeredMs, places });
    }
  }
  for (const { actor, why } of contradictions(recorded)) {
    throw new Failure('P9 linearizable', `${actor}: ${why}`);
  }
}

type Places = Map<ActorKey | DocumentKey, Place[]>;

const at = (seq: number): Place => ({ sees: seq, leaves: seq });

/** Where an operation may stand among the versions of each actor or document that it tells something about. */
function placesOf({ wish, caller, n, answer }: Granted, truth: Truth): Places {
  const { command } = wish;
  if (command.op === 'read') {
    const places =
      answer.ok && answer.kind === 'seen'
        ? [at(answer.seq)]
        : versionsWithout(truth, command.key, command.hold).map(at);
    return new Map([[command.key, places]]);
  }
  if (command.op === 'readDocument') {
    const isThere = answer.ok && answer.kind === 'seenDocument';
    return new Map([[command.key, [at(isThere ? answer.document.seq : 0)]]]);
  }
  const told = truth.told.get(keyOf(caller, n));
  return told === undefined ? new Map() : changed(command, told); // else a refusal that is not about the actor
}

function changed(
  command: Exclude<Wanted, ShardRead>,
  { entry: { outcome }, before }: Told,
): Places {
  const places: Places = new Map();
  if (command.op === 'document') {
    const sees = before.get(command.key) ?? 0;
    const leaves = outcome.ok && 'document' in outcome ? outcome.document.seq : sees;
    places.set(command.key, [{ sees, leaves }]);
  } else if (!outcome.ok) {
    const line = stepsOf(command)[Math.max(0, outcome.line)];
    const seq = line && before.get(line.key);
    // Earlier lines of an `all` on the same actor make a version that nobody else sees.
    if (line !== undefined && seq !== undefined) places.set(line.key, [at(seq)]);
  }
  for (const { key, seq } of outcome.ok ? outcome.changes : []) {
    const first = places.get(key)?.[0]?.sees ?? seq - 1;
    places.set(key, [{ sees: first, leaves: seq }]);
  }
  return places;
}

/** Of an actor that is not there, or has no such open hold. */
function versionsWithout(truth: Truth, key: ActorKey, hold: string): number[] {
  const versions = truth.versions.get(key) ?? [];
  const found = [0];
  if (hold === '') return found;
  for (const [seq, version] of versions.entries()) {
    if (seq > 0 && ![...version.holds.keys()].some((id) => id === hold)) found.push(seq);
  }
  return found;
}
