import { errandOf } from './courier.ts';
import type { Lease } from './lease.ts';
import { type Recovered, takeOver } from './recovery.ts';
import { Shard } from './shard.ts';
import type { SlotContext } from './slot.ts';
import { SnapshotDuty } from './snapshots/duty.ts';
import { Trouble } from './trouble.ts';

/** Takes a shard over with its lease in hand, and opens it. */
export async function openShard(
  context: SlotContext,
  lease: Lease,
  held: () => boolean,
  closing: () => boolean,
): Promise<Shard> {
  const { shard, clock, journal, snapshots, centre, self, nonce, log, counters } = context;
  const begun = clock.monoMs();
  const trouble = new Trouble(clock, log, shard);
  const commit = {
    journal,
    clock,
    mayPublish: held,
    onRetry: (why: string) => {
      counters.retries++;
      trouble.goesOn(why);
      log.debug({ shard, why }, 'publish sent again');
    },
  };
  const recovered = await takeOver({
    ...commit,
    mayPublish: () => held() && !closing(),
    shard,
    snapshots,
    centre,
    node: self.node,
    nonce,
    hasHistory: context.history.has(),
    lineage: context.history.lineage?.() ?? 1,
    sellingPoints: context.sellingPoints ?? [],
  });
  await context.history.mark();
  counters.takeovers++;
  counters.takeoverMs = clock.monoMs() - begun;
  log.info(
    {
      shard,
      epoch: recovered.head.epoch,
      number: recovered.head.number,
      records: recovered.records,
      actors: recovered.state.stockroom.size,
      snapshot: recovered.snapshot?.name,
      ms: Math.round(counters.takeoverMs),
    },
    'shard taken over',
  );
  for (const [key, document] of recovered.state.documents.entries()) {
    const errand = errandOf(key, document);
    if (errand !== undefined) context.onErrand(errand);
  }
  return new Shard(
    {
      shard,
      commit,
      clock,
      lease,
      snapshots: dutyOf(context, recovered),
      isHeard: context.isHeard,
      onCommitted: context.onCommitted,
      onErrand: context.onErrand,
      onRights: context.onRights ?? (() => {}),
      onTurn: ({ commands, bytes }) => {
        trouble.over();
        counters.turns++;
        counters.commands += commands;
        counters.bytes += bytes;
      },
    },
    recovered,
  );
}

function dutyOf(context: SlotContext, recovered: Recovered): SnapshotDuty {
  const { shard, snapshots: store, journal, centre, nonce, log } = context;
  const { snapshotEveryRecords: every } = context;
  return new SnapshotDuty(
    {
      shard,
      store,
      journal,
      centre,
      nonce,
      warn: (what) => log.warn({ shard }, what),
      ...(every === undefined ? {} : { everyRecords: every }),
    },
    recovered.snapshot,
    recovered,
  );
}
