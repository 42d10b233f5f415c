import { Counter, Gauge, type Registry } from 'prom-client';
import type { Slot } from './slot.ts';

/** Plain numbers on the hot path; Prometheus reads them when it asks. */
export interface ShardCounters {
  commands: number;
  turns: number;
  bytes: number;
  retries: number;
  takeovers: number;
  /** How long the last one took. */
  takeoverMs: number;
}

export const newCounters = (): ShardCounters => ({
  commands: 0,
  turns: 0,
  bytes: 0,
  retries: 0,
  takeovers: 0,
  takeoverMs: 0,
});

const COUNTERS: readonly [Exclude<keyof ShardCounters, 'takeoverMs'>, string, string][] = [
  ['commands', 'holdfast_commands_committed_total', 'Commands in committed records'],
  ['turns', 'holdfast_turns_total', 'Journal records committed'],
  ['bytes', 'holdfast_journal_bytes_total', 'Bytes of committed records'],
  ['retries', 'holdfast_publish_retries_total', 'Publishes whose fate was not known at once'],
  ['takeovers', 'holdfast_takeovers_total', 'Times this node took a shard over'],
];

/** What a node tells of its shards, one series a shard. */
export function shardMetrics(
  registry: Registry,
  slots: readonly Slot[],
  counters: readonly ShardCounters[],
): void {
  for (const [field, name, help] of COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: ['shard'],
      registers: [registry],
      collect() {
        this.reset();
        counters.forEach((c, shard) => {
          this.inc({ shard }, c[field]);
        });
      },
    });
  }
  gauge(
    registry,
    slots,
    'holdfast_takeover_seconds',
    'From the lease to the first command served, last time',
    (s) => (counters[s.number]?.takeoverMs ?? 0) / 1_000,
  );
  gauge(registry, slots, 'holdfast_shard_serving', '1 while this node serves the shard', (s) =>
    s.state.kind === 'serving' ? 1 : 0,
  );
  gauge(registry, slots, 'holdfast_shard_stopped', '1 when its records are damaged', (s) =>
    s.state.kind === 'stopped' ? 1 : 0,
  );
  gauge(
    registry,
    slots,
    'holdfast_mailbox_waiting',
    'Commands waiting',
    (s) => s.shard?.waiting ?? 0,
  );
  gauge(
    registry,
    slots,
    'holdfast_actors',
    'Stock actors in memory',
    (s) => s.shard?.state.stockroom.size ?? 0,
  );
  gauge(
    registry,
    slots,
    'holdfast_record_number',
    'Number of the last committed record',
    (s) => s.shard?.head.number ?? 0,
  );
}

function gauge(
  registry: Registry,
  slots: readonly Slot[],
  name: string,
  help: string,
  read: (slot: Slot) => number,
): void {
  new Gauge({
    name,
    help,
    labelNames: ['shard'],
    registers: [registry],
    collect() {
      for (const slot of slots) this.set({ shard: slot.number }, read(slot));
    },
  });
}
