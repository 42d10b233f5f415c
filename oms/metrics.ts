import { Counter, Gauge, Registry } from 'prom-client';
import type { Aggregator } from './aggregator.ts';
import type { Changes } from './changes.ts';
import type { RegionLink } from './linked/region-link.ts';

type Read = (aggregator: Aggregator) => number;

const COUNTERS: readonly [string, string, Read][] = [
  ['holdfast_centre_records_total', 'Journal records merged', (a) => a.counts.records],
  ['holdfast_centre_changes_total', 'Stock changes merged', (a) => a.counts.changes],
  ['holdfast_centre_ledger_lines_total', 'Ledger lines written', (a) => a.history.counts.lines],
  ['holdfast_centre_chunks_total', 'SQL transactions', (a) => a.history.counts.chunks],
  ['holdfast_centre_write_seconds_total', 'Time in them', (a) => a.history.counts.seconds],
];

const GAUGES: readonly [string, string, Read][] = [
  ['holdfast_centre_merged_number', 'Last record merged', (a) => a.memory.number],
  ['holdfast_centre_durable_number', 'Last record in SQL', (a) => a.history.durable.number],
  [
    'holdfast_centre_following',
    '1 while it reads the journal',
    (a) => Number(a.state.kind === 'following'),
  ],
  [
    'holdfast_centre_broken',
    '1 when its records are damaged',
    (a) => Number(a.state.kind === 'broken'),
  ],
  [
    'holdfast_centre_trouble',
    '1 while SQL cannot be written',
    (a) => Number(a.history.trouble !== undefined),
  ],
];

/** What the centre tells of itself, one series a shard. Read when Prometheus asks. */
export function centreMetrics(
  aggregators: readonly Aggregator[],
  changes: Changes,
  links: readonly RegionLink[],
): Registry {
  const registry = new Registry();
  const common = { labelNames: ['region', 'shard'], registers: [registry] };
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      ...common,
      name,
      help,
      collect() {
        this.reset();
        for (const a of aggregators) this.inc({ region: a.region, shard: a.shard }, read(a));
      },
    });
  }
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      ...common,
      name,
      help,
      collect() {
        for (const a of aggregators) this.set({ region: a.region, shard: a.shard }, read(a));
      },
    });
  }
  new Gauge({
    name: 'holdfast_centre_events_waiting',
    help: 'Stock actors whose last change is not published yet',
    registers: [registry],
    collect() {
      this.set(changes.counts.waiting);
    },
  });
  new Gauge({
    name: 'holdfast_centre_linked',
    help: '1 while the region answers over its link',
    labelNames: ['region'],
    registers: [registry],
    collect() {
      for (const { region, isUp } of links) this.set({ region }, Number(isUp));
    },
  });
  return registry;
}
