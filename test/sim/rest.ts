import type { ActorKey } from '../../actors/ids.ts';
import { stepsOf } from '../../actors/stock/commands.ts';
import { slotOf } from '../../engine/subjects.ts';
import type { Granted } from './client.ts';
import type { Cluster } from './cluster.ts';
import { Failure } from './failure.ts';
import { contradictions, type Place, type Recorded } from './linear.ts';
import { sameAtCentre } from './merged.ts';
import type { Oracle } from './oracle.ts';
import { keyOf } from './sent.ts';
import type { Truth } from './truth.ts';

/** What still has to happen before all is quiet, or undefined. Throws nothing; a shard that may stop may stay stopped. */
export function atRest(cluster: Cluster): string | undefined {
  const { oracle, clients, nodes, centre } = cluster;
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
  for (const client of clients) {
    for (const { command } of client.unanswered()) {
      const shard = slotOf(command.warehouse, oracle.truths.length);
      const stopped = nodes.some((node) => node.slots[shard]?.state.kind === 'stopped');
      if (!stopped || !oracle.excuses.has(shard)) return `${client.name} waits for ${command.op}`;
    }
  }
  return undefined;
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
    const isLoose = command.op === 'read' && !command.strict && !oracle.leasesHeld;
    if (oracle.losses.has(truth.shard) || isLoose) continue;
    const { wish, caller, n, askedMs, answeredMs } = granted;
    const what = `${keyOf(caller, n)} ${wish.command.op}`;
    for (const [actor, places] of placesOf(granted, truth)) {
      recorded.push({ actor, what, askedMs, answeredMs, places });
    }
  }
  for (const { actor, why } of contradictions(recorded)) {
    throw new Failure('P9 linearizable', `${actor}: ${why}`);
  }
}

/** Where an operation may stand among the versions of each actor that it tells something about. */
function placesOf({ wish, caller, n, answer }: Granted, truth: Truth): Map<ActorKey, Place[]> {
  const { command } = wish;
  const places = new Map<ActorKey, Place[]>();
  const at = (seq: number): Place => ({ sees: seq, leaves: seq });
  if (command.op === 'read') {
    if (answer.ok && answer.kind === 'seen') places.set(command.key, [at(answer.seq)]);
    else places.set(command.key, versionsWithout(truth, command.key, command.hold).map(at));
    return places;
  }
  const told = truth.told.get(keyOf(caller, n));
  if (told === undefined) return places; // a refusal that is not about the actor
  const { outcome } = told.entry;
  if (!outcome.ok) {
    const line = stepsOf(command)[Math.max(0, outcome.line)];
    const seq = line && told.before.get(line.key);
    // Earlier lines of an `all` on the same actor make a version that nobody else sees.
    if (line !== undefined && seq !== undefined) places.set(line.key, [at(seq)]);
    return places;
  }
  for (const { key, seq } of outcome.changes) {
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
